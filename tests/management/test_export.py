"""A copy of the public site as files: whole, checked, and plain about its age."""

import datetime
import functools
import html
import http.server
import json
import re
import threading
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.core.signals import request_finished
from django.db import close_old_connections
from playwright.sync_api import expect

from education.management.static_export import MANIFEST, check_copy
from education.public import studies
from education.publishing.operations import withdraw
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
    make_revision,
)
from tests.web.checkers import html_errors, violations

pytestmark = pytest.mark.django_db


def export(folder: Path) -> str:
    said = StringIO()
    call_command("export_site", str(folder), stdout=said)
    return said.getvalue()


@pytest.fixture(autouse=True)
def open_connection():
    """The end of a request closes the connection, as for a web server; the test's must stay."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def site(settings):
    settings.SITE_URL = "http://localhost:8000"
    item = make_item("study2020")
    first = make_publication(
        article=make_article(slug="does-it-help"), draft=make_draft(item.key, title="Does it help?")
    )
    make_next_publication(first)
    gone = make_publication(article=make_article(slug="gone"))
    withdraw(publication=gone, by=make_editor(), reason="It was wrong.")
    make_revision(article=make_article(slug="secret-draft"))


ADDRESSES = re.compile(r'(?<=\s)(?:href|src|action|formaction|data-suggest)="([^"]*)"')


@pytest.mark.slow
def test_every_page_and_every_link_of_it_is_in_the_copy_as_a_browser_finds_it_on_a_disk(
    site, tmp_path
):
    folder = tmp_path / "copy"
    export(folder)

    pages = list(folder.rglob("*.html"))
    assert folder / "articles/does-it-help/versions/1/index.html" in pages
    assert folder / "evidence/study2020/index.html" in pages
    for page in pages:
        for address in map(html.unescape, ADDRESSES.findall(page.read_text("utf-8"))):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or address.startswith("#"):
                continue
            there = page.parent / unquote(parts.path)
            assert not address.startswith("/"), f"{address} in {page}"
            assert there.is_file(), f"{address} in {page}"
            assert not parts.query, f"{address} in {page}: a file answers no question"
            if parts.fragment:
                assert f'id="{parts.fragment}"' in there.read_text("utf-8"), address


@pytest.mark.slow
def test_styles_and_scripts_of_a_copy_load_from_a_disk(site, tmp_path):
    folder = tmp_path / "copy"
    export(folder)

    for page in folder.rglob("*.html"):
        assert 'type="module"' not in page.read_text("utf-8"), page
    for script in folder.rglob("*.js"):
        text = script.read_text("utf-8")
        assert not re.search(r"^\s*(?:import|export)\b|\bfetch\(\"", text, re.MULTILINE), script
    for sheet in folder.rglob("*.css"):
        for address in re.findall(r"url\([\"']?([^\"')]+)", sheet.read_text("utf-8")):
            assert (sheet.parent / address).is_file(), f"{address} in {sheet}"


@pytest.mark.slow
def test_what_only_the_site_can_answer_leads_there(site, tmp_path):
    folder = tmp_path / "copy"
    export(folder)

    handout = (folder / "handouts/does-it-help/index.html").read_text("utf-8")
    assert 'href="../does-it-help.pdf"' in handout
    assert (folder / "handouts/does-it-help.pdf").read_bytes().startswith(b"%PDF")
    # None of the variants that are no files: paper, letters, length.
    assert 'name="paper"' not in handout
    assert 'href="http://localhost:8000/handouts/does-it-help/"' in handout
    assert 'href="http://localhost:8000/v/' in handout
    for page in folder.rglob("*.html"):
        for form in re.findall(r"<form[^>]*>", page.read_text("utf-8")):
            assert re.search(r'action="(?:\.\./)*(?:search/)?index\.html"', form), (
                f"{form} in {page}"
            )


@pytest.mark.slow
def test_a_long_list_is_in_the_copy_with_all_its_pages(site, tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "PAGE", 1)
    make_publication(
        article=make_article(slug="another"), draft=make_draft(make_item("other2021").key)
    )
    folder = tmp_path / "copy"
    export(folder)

    assert 'href="page-2/index.html"' in (folder / "evidence/index.html").read_text("utf-8")
    second = (folder / "evidence/page-2/index.html").read_text("utf-8")
    assert 'href="../index.html" rel="prev"' in second


@pytest.mark.slow
def test_the_index_of_the_search_has_words_and_titles_as_readers_write_them(site, tmp_path):
    make_publication(article=make_article(slug="quoted"), draft=make_draft(title='What "CP" means'))
    folder = tmp_path / "copy"
    export(folder)

    index = (folder / "search/index.js").read_text("utf-8")
    words = json.loads(index.removeprefix("const PAGES_OF_COPY = ").removesuffix(";\n"))
    page = (folder / "search/index.html").read_text("utf-8")
    listed = re.search(r'id="copy-pages">(.*?)</ul>', page, re.DOTALL)[1]
    titles = [html.unescape(title) for title in re.findall(r"<a [^>]*>(.*?)</a>", listed)]
    # Its handout has the same title and words: the search leads to the article alone.
    assert titles.count('What "CP" means') == 1
    assert all(entry.startswith(title.lower()) for entry, title in zip(words, titles, strict=True))
    assert "&" not in "".join(words)
    assert " cp " in words[titles.index('What "CP" means')]


def test_a_copy_holds_what_readers_see_and_nothing_else(site, tmp_path):
    folder = tmp_path / "copy"
    export(folder)

    everything = "".join(page.read_text("utf-8") for page in folder.rglob("*.html"))
    assert "secret-draft" not in everything
    assert "It may help a little" in (folder / "articles/does-it-help/index.html").read_text(
        "utf-8"
    )
    assert "It was wrong." in everything
    assert "csrfmiddlewaretoken" not in everything
    assert not (folder / "admin").exists()


@pytest.mark.slow
def test_each_page_says_when_it_was_made_and_where_the_site_is(site, tmp_path):
    folder = tmp_path / "copy"
    export(folder)

    page = (folder / "articles/does-it-help/index.html").read_text("utf-8")
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    assert "This is a copy made on" in page
    assert 'href="http://localhost:8000/articles/does-it-help/"' in page
    assert f'data-good-until="{manifest["good_until"]}"' in page


@pytest.mark.slow
def test_a_copy_is_good_for_a_month_and_no_longer_than_its_first_review(site, tmp_path):
    from education.publishing.models import Publication

    export(tmp_path / "copy")

    manifest = json.loads((tmp_path / "copy" / MANIFEST).read_text("utf-8"))
    good_until = datetime.date.fromisoformat(manifest["good_until"])
    made = datetime.datetime.fromisoformat(manifest["made_at"]).date()
    assert good_until - made <= datetime.timedelta(days=31)
    assert all(text.due_on >= good_until for text in Publication.objects.current())


@pytest.mark.slow
def test_a_copy_that_was_touched_is_found_out(site, tmp_path):
    folder = tmp_path / "copy"
    export(folder)
    assert check_copy(folder) == []

    (folder / "index.html").write_text("Miracles for sale", encoding="utf-8")
    (folder / "extra.html").write_text("More miracles", encoding="utf-8")
    (folder / "robots.txt").unlink()

    assert check_copy(folder) == [
        "robots.txt is missing.",
        "extra.html is not of this copy.",
        "index.html was altered.",
    ]
    with pytest.raises(CommandError, match="was altered"):
        call_command("export_site", str(folder), "--check")


@pytest.mark.slow
def test_a_folder_with_something_else_in_it_is_left_alone(site, tmp_path):
    (tmp_path / "thesis.txt").write_text("Years of work", encoding="utf-8")

    with pytest.raises(CommandError, match="not a copy of this site"):
        export(tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_a_broken_link_is_named_and_the_old_copy_stays(site, tmp_path):
    folder = tmp_path / "copy"
    export(folder)
    before = (folder / MANIFEST).read_bytes()
    body = "## More\n\nSee [this](/articles/never-written/). It is so [@study2020].\n"
    make_publication(article=make_article(slug="broken"), draft=make_draft("study2020", body=body))

    with pytest.raises(CommandError, match=r"/articles/never-written/ \(from /articles/broken/\)"):
        export(folder)

    assert (folder / MANIFEST).read_bytes() == before
    assert check_copy(folder) == []
    assert [file.name for file in tmp_path.iterdir()] == ["copy"]


@pytest.mark.slow
def test_a_new_copy_takes_the_place_of_an_old_one(site, tmp_path):
    folder = tmp_path / "copy"
    export(folder)
    make_publication(article=make_article(slug="newer"))

    said = export(folder)

    assert (folder / "articles/newer/index.html").is_file()
    assert "files in" in said


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def copy(site, tmp_path):
    """The copy as a browser opens it from a disk."""
    export(tmp_path / "copy")
    return (tmp_path / "copy").as_uri()


@pytest.fixture
def served(copy, tmp_path):
    """The same on a plain web server, below a folder."""
    handler = functools.partial(Quiet, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/copy"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.journeys
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["copy", "served"])
def test_a_copy_is_read_and_searched_in_a_browser(where, request, page):
    page.goto(f"{request.getfixturevalue(where)}/index.html")
    page.get_by_role("searchbox", name="Search this site").fill("helping")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("have these words")
    page.get_by_role("link", name="Does it help?", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Does it help?")
    page.wait_for_load_state()  # until its scripts came, the link leads down the page
    page.locator("a[href='#ref-1']").first.click()
    expect(page.get_by_role("dialog", name="Reference 1")).to_contain_text("A study of")


@pytest.mark.journeys
@pytest.mark.django_db(transaction=True)
def test_every_page_of_a_copy_is_accessible(served, page, tmp_path):
    for file in sorted((tmp_path / "copy").rglob("*.html")):
        page.goto(f"{served}/{file.relative_to(tmp_path / 'copy').as_posix()}")
        assert violations(page) == [], file


@pytest.mark.journeys
def test_every_page_of_a_copy_is_valid_html(site, web_tools, tmp_path):
    export(tmp_path / "copy")

    assert html_errors(web_tools, (tmp_path / "copy").rglob("*.html")) == []


@pytest.mark.journeys
@pytest.mark.django_db(transaction=True)
def test_a_copy_past_its_day_says_so_loudly(copy, page):
    page.clock.set_fixed_time(datetime.datetime(2036, 1, 1, tzinfo=datetime.UTC))

    page.goto(f"{copy}/articles/does-it-help/index.html")

    expect(page.get_by_role("alert")).to_contain_text("out of date")
