"""Pages in another language: every word given to translators, every address there, no dead end."""

import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.checks import run_checks
from django.urls import reverse

from education import languages
from education.articles.models import Article
from education.evidence.models import EvidenceItem, Finding
from education.feedback.models import Report
from education.people.models import User
from education.public.site_pages import site_pages
from education.publishing.models import Publication
from education.publishing.operations import withdraw
from education.topics.models import Topic
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_publication,
    make_writer,
)
from tests.public.reading import make_site, read

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
TEST = languages.TEST_LANGUAGE
# Addresses, codes, what was searched for; and the days and months of a language that Django does
# not know.
FIXED = re.compile(
    r"(https?://|localhost:)\S*|\b[A-Z0-9]{3}(-[A-Z0-9]{3}){2}\b|(\d{1,2} )?[A-Z][a-z]{2,8} \d{4}"
    r"|statement"
)
WORD = re.compile(r"[A-Za-z]{3,}")
# Names, codes and abbreviations that are the same in every language.
SAME = frozenset(
    """
    GMFCS GMFM FSPR SDR PDF RIS BibTeX CSL JSON DOI PMID PMCID ORCID ICD GRADE Letter English
    Medline MFM III
    """.split()  # noqa: SIM905 - shorter so
)


class Words(HTMLParser):
    """Every piece of text on a page, and every attribute that is read out."""

    READ_OUT = frozenset({"aria-label", "placeholder", "title", "alt", "data-label"})

    def __init__(self, html):
        super().__init__()
        self.pieces, self.inside = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.inside += [tag] if tag in {"script", "style"} else []
        self.pieces += [value for name, value in attrs if name in self.READ_OUT and value]
        named = dict(attrs)
        if tag == "meta" and named.get("name") == "description":
            self.pieces.append(named["content"])

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside and data.strip():
            self.pieces.append(" ".join(data.split()))


@pytest.fixture(autouse=True)
def _two_languages(settings):
    settings.LANGUAGES = [("en-gb", "English"), (TEST, "Ţéšţ")]


def values(part):
    """Every text in a tree of lists and dicts."""
    if isinstance(part, str):
        return [part]
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return [text for piece in inside for text in values(piece)]


def content():
    """Every word that editors and readers wrote, which no catalogue translates."""
    parts = [list(EvidenceItem.objects.values()), list(Finding.objects.values("as_reported")),
             list(Topic.objects.values("title", "summary")), list(User.objects.values()),
             list(Report.objects.values("words")),
             list(Publication.objects.values("content", "reviewers", "writers", "what_changed",
                                             "correction", "publisher_name"))]  # fmt: skip
    return set(WORD.findall(" ".join([*values(parts), site.SITE_NAME, site.PUBLISHER_NAME])))


@pytest.mark.slow
def test_every_word_of_every_page_was_given_to_translators(client):
    with languages.language_override(TEST):
        addresses = make_site()
    known, found = content() | SAME, []
    for address in addresses:
        assert address.startswith(f"/{TEST}/"), address
        response = client.get(address)
        assert response.status_code == 200, address
        assert response.headers["Content-Language"] == TEST
        for piece in Words(response.content.decode()).pieces:
            plain = [word for word in WORD.findall(FIXED.sub("", piece)) if word not in known]
            found += [f"{address}: {piece!r} has {plain}"] if plain else []
    assert not found, "\n".join(found)


def publish_in(language, article, title="Only in that language"):
    with languages.language_override(language):
        return make_publication(article=article, draft=make_draft(title=title))


def switch(page):
    """Where the page in each language is, by language."""
    return {link["hreflang"]: link["href"] for link in page.all("a") if link.get("hreflang")}


def alternates(page):
    return {
        link["hreflang"]: link["href"].removeprefix(site.SITE_URL)
        for link in page.all("link")
        if link.get("hreflang")
    }


@pytest.mark.slow
def test_the_switch_never_leads_to_a_missing_page(client):
    addresses = make_site()
    both = make_publication()
    publish_in(TEST, both.revision.article)
    addresses += [reverse("article-detail", args=[both.slug])]
    for address in addresses:
        page = read(client, address)
        offered = switch(page)
        assert set(offered) == {"en", TEST}, address
        for language, there in offered.items():
            other = client.get(there)
            assert other.status_code == 200, f"{address}: {there}"
            assert other.headers["Content-Language"] == language
    assert read(client, "/nothing-is-here/", 404)
    assert switch(read(client, "/nothing-is-here/", 404)) == {"en": "/", TEST: f"/{TEST}/"}


def test_each_language_names_the_other_as_the_same_page_only_where_there_is_one(client):
    alone, both = make_publication(), make_publication()
    publish_in(TEST, both.revision.article)
    english, other = f"/articles/{both.slug}/", f"/{TEST}/articles/{both.slug}/"
    expected = {"en": english, TEST: other}
    assert alternates(read(client, english)) == alternates(read(client, other)) == expected
    alone_there = f"/articles/{alone.slug}/"
    assert alternates(read(client, alone_there)) == {"en": alone_there}
    assert switch(read(client, alone_there))[TEST] == f"/{TEST}/"


def test_an_article_is_public_in_the_languages_it_was_reviewed_in_alone(client):
    publication = make_publication(draft=make_draft(title="In English"))
    there = f"/{TEST}/articles/{publication.slug}/"
    assert client.get(there).status_code == 404
    assert client.get(f"/{TEST}/handouts/{publication.slug}.pdf").status_code == 404
    other = publish_in(TEST, publication.revision.article)
    assert read(client, there).all("html")[0]["lang"] == TEST
    assert "In English" in read(client, f"/articles/{publication.slug}/").text
    withdraw(publication=other, by=make_editor(), reason="It was translated wrongly.")
    assert client.get(there).status_code == 410
    assert client.get(f"/articles/{publication.slug}/").status_code == 200


def test_the_address_alone_chooses_the_language(client):
    client.cookies["django_language"] = TEST
    page = client.get("/about/", headers={"Accept-Language": TEST})
    assert page.headers["Content-Language"] == "en"
    assert "Accept-Language" not in page.headers.get("Vary", "")
    assert [client.get(path).status_code for path in ("/en/", "/en-gb/", "/fr/", "/fr/about/")] == [
        404
    ] * 4


def test_lists_search_feeds_and_the_map_keep_to_their_language(client):
    publication = make_publication(draft=make_draft(title="Zebra in English"))
    publish_in(TEST, make_article(), title="Zebra elsewhere")
    english, other = "Zebra in English", "Zebra elsewhere"
    for path in ("topics/", "handouts/", "search/?q=zebra", "feeds/new.xml"):
        here = client.get(f"/{path}").content.decode()
        there = client.get(f"/{TEST}/{path}").content.decode()
        shown = [[title in page for title in (english, other)] for page in (here, there)]
        # A search marks what it found.
        here, there = (re.sub("</?mark>", "", page) for page in (here, there))
        shown = [[title in page for title in (english, other)] for page in (here, there)]
        assert shown == [[True, False], [False, True]], path
    assert f'xml:lang="{TEST}"' in client.get(f"/{TEST}/feeds/new.xml").content.decode()
    sitemap = client.get("/sitemap.xml").content.decode()
    assert f"/articles/{publication.slug}/</loc>" in sitemap
    assert f"/{TEST}/about/</loc>" in sitemap
    assert client.get(f"/{TEST}/sitemap.xml").status_code == 404


def test_pages_of_the_site_are_found_at_their_address_in_the_language_of_the_reader():
    addresses = {}
    for language in (TEST, languages.ENGLISH):
        with languages.language_override(language):
            addresses[language] = {page.view: page.url for page, _ in site_pages()}

    assert addresses[TEST]["privacy"] == f"/{TEST}/privacy/"
    assert addresses[languages.ENGLISH]["privacy"] == "/privacy/"


def test_with_one_language_nothing_tells_of_others(client, settings):
    settings.LANGUAGES = [("en-gb", "English")]
    for address in ("/", f"/articles/{make_publication().slug}/"):
        page = read(client, address)
        assert not switch(page)
        assert not alternates(page)
    assert client.get(f"/{TEST}/").status_code == 404


def test_a_writer_begins_a_text_in_another_language(client):
    publication = make_publication()
    article = publication.revision.article
    client.force_login(make_writer())
    address = reverse("admin:education_article_start_revision", args=[article.pk])
    page = client.get(reverse("admin:education_article_change", args=[article.pk]))
    assert "Start the next revision in Ţéšţ" in page.content.decode()
    client.post(address, {"language": "fr"})
    assert article.revisions.count() == 1
    client.post(address, {"language": TEST})
    begun = article.revisions.get(language=TEST)
    assert (begun.number, begun.title, begun.state) == (1, publication.title, "draft")
    client.post(address, {"language": TEST})
    assert article.revisions.filter(language=TEST).count() == 1
    assert Article.objects.get(pk=article.pk).revisions.filter(language="en").count() == 1


def problems(settings, code, folder, **approved):
    settings.READER_LANGUAGES = [code]
    if approved:
        (folder / "approved.json").write_text(json.dumps(approved), "utf-8")
    return [found.msg for found in run_checks(tags=["translation"]) if found.id == "education.E006"]


def test_a_language_is_offered_only_as_a_reader_approved_it(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    folder = tmp_path / "fr" / "LC_MESSAGES"
    assert problems(settings, "fr", folder) == ["There is no catalogue of the language fr."]
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text('msgid "Yes"\nmsgstr "Oui"\n', "utf-8")
    assert "No qualified reader has approved" in problems(settings, "fr", folder)[0]
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert problems(settings, "fr", folder, sha256=digest) == []
    source.write_text('msgid "Yes"\nmsgstr "Non"\n', "utf-8")
    assert "is not what was approved" in problems(settings, "fr", folder)[0]


def test_the_test_language_is_for_demonstrations_alone(settings):
    settings.DEMO = settings.DEBUG = False
    assert problems(settings, TEST, None)
    settings.DEMO = True
    assert not problems(settings, TEST, None)


def test_the_catalogues_hold_exactly_the_words_of_the_code():
    command = [sys.executable, str(ROOT / "docs" / "messages.py"), "--check"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
