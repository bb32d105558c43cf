"""What feed readers and browsers' search bars take from the site."""

import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from education.publishing.operations import withdraw
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
)
from tests.public.reading import read
from tests.public.test_article_detail import later, retract

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://portal.example"


def feed(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/atom+xml")
    assert "Set-Cookie" not in response
    return ET.fromstring(response.content)


def entries(tree):
    """Each entry as a dict of its texts, with the addresses of its links by their kind."""
    return [
        {child.tag.removeprefix(ATOM): child.text or child.get("href") for child in entry}
        for entry in tree.findall(f"{ATOM}entry")
    ]


@pytest.mark.parametrize("name", ["feed-new", "feed-corrections"])
def test_feeds_have_all_that_atom_requires(client, name):
    first = make_publication()
    make_next_publication(first, correction="We said ten; it is twelve.")
    tree = feed(client, name)

    # RFC 4287: 4.1.1 of the feed, 4.1.2 of an entry, each once; 4.2.6 ids are addresses.
    for element in (tree, *tree.findall(f"{ATOM}entry")):
        for child in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{child}")) == 1, child
        assert urlsplit(element.find(f"{ATOM}id").text).scheme in {"https", "tag"}
    assert tree.find(f"{ATOM}author/{ATOM}name").text
    links = {link.get("rel"): link.get("href") for link in tree.findall(f"{ATOM}link")}
    assert links["self"] == f"https://portal.example{reverse(name)}"
    assert len(entries(tree)) == 1


@pytest.mark.parametrize("name", ["feed-new", "feed-corrections"])
def test_feeds_of_an_empty_site_are_feeds(client, name):
    tree = feed(client, name)
    assert tree.find(f"{ATOM}updated").text
    assert entries(tree) == []


def test_new_feed_names_every_version_by_an_id_of_its_own(client):
    first = make_publication(draft=make_draft(title="Does it help?"))
    (before,) = entries(feed(client, "feed-new"))
    make_next_publication(first, title="Does it help at all?")

    (after,) = entries(feed(client, "feed-new"))

    assert before["id"] == f"tag:portal.example,2026:en:{first.slug}:1"
    assert after["id"] == f"tag:portal.example,2026:en:{first.slug}:2"
    assert after["title"] == "Does it help at all?"
    assert "<p>What changed: We said it better.</p>" in after["summary"]
    assert after["link"] == f"https://portal.example/articles/{first.slug}/"


def test_new_feed_shows_newest_first(client):
    first, second = make_publication(), make_publication()
    make_next_publication(first)

    links = [entry["link"] for entry in entries(feed(client, "feed-new"))]

    assert [urlsplit(link).path for link in links] == [
        reverse("article-detail", args=[one.slug]) for one in (first, second)
    ]


def test_new_feed_never_shows_what_rests_on_a_retracted_work(client, monkeypatch):
    item = make_item("fallen2020")
    make_publication(draft=make_draft(item.key))
    assert "It may help a little" in entries(feed(client, "feed-new"))[0]["summary"]

    retract(item)

    assert "It may help a little" not in entries(feed(client, "feed-new"))[0]["summary"]


def test_new_feed_keeps_back_what_is_not_shown_for_its_age(client, monkeypatch):
    make_publication()
    later(monkeypatch, days=365 + 200)

    assert "It may help a little" not in entries(feed(client, "feed-new"))[0]["summary"]


def test_corrections_feed_tells_corrections_and_withdrawals_and_no_other_change(client):
    first = make_publication(draft=make_draft(title="Does it help?"))
    second = make_next_publication(first)
    third = make_next_publication(second, correction="We said ten; it is twelve.")
    withdraw(publication=third, by=make_editor(), reason="Its main study fell.")

    gone, put_right = entries(feed(client, "feed-corrections"))

    assert gone["title"] == "Withdrawn: Does it help?"
    assert gone["summary"] == "<p>Its main study fell.</p>"
    assert put_right["title"] == "Correction: Does it help?"
    assert put_right["summary"] == "<p>We said ten; it is twelve.</p>"
    assert put_right["link"].endswith(f"/articles/{first.slug}/changes/2-3/")
    assert len({gone["id"], put_right["id"]}) == 2
    assert entries(feed(client, "feed-new")) == []


def test_corrections_page_leads_to_the_words_that_changed(client):
    first = make_publication()
    make_next_publication(first, correction="We said ten; it is twelve.")

    links = {a["href"] for a in read(client, reverse("corrections")).all("a")}

    assert reverse("version-changes", args=[first.slug, 1, 2]) in links
    assert reverse("feed-corrections") in links


def test_feeds_hold_any_words(client):
    words = "<b>5 & 6</b> \x08 “quoted”"
    first = make_publication(draft=make_draft(title="A <b>bold</b> & plain title"))
    second = make_next_publication(first, correction=words)
    withdraw(publication=second, by=make_editor(), reason=words)

    assert [entry["title"] for entry in entries(feed(client, "feed-corrections"))] == [
        "Withdrawn: A <b>bold</b> & plain title",
        "Correction: A <b>bold</b> & plain title",
    ]
    summary = entries(feed(client, "feed-corrections"))[0]["summary"]
    assert summary == "<p>&lt;b&gt;5 &amp; 6&lt;/b&gt; \ufffd “quoted”</p>"


def test_feeds_of_a_demonstration_say_so(client, settings):
    settings.DEMO = True
    make_publication()

    assert "has not been reviewed by a clinician" in entries(feed(client, "feed-new"))[0]["summary"]


def test_every_page_leads_to_the_feeds_and_to_the_search(client):
    links = read(client, reverse("about")).all("link")

    assert {
        (link["type"], urlsplit(link["href"]).path)
        for link in links
        if link["rel"] in {"alternate", "search"}
    } == {
        ("application/atom+xml", reverse("feed-new")),
        ("application/atom+xml", reverse("feed-corrections")),
        ("application/opensearchdescription+xml", reverse("opensearch")),
    }


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Stem cells or rhizotomy?", "Stem cells or"),
        ("Ours & yours", "Ours & yours"),
        ("Averylongnamewithoutblanks", "Averylongnamewit"),
    ],
)
def test_opensearch_describes_the_search(client, settings, name, short):
    settings.SITE_NAME = name
    response = client.get(reverse("opensearch"))
    tree = ET.fromstring(response.content)

    assert response["Content-Type"] == "application/opensearchdescription+xml"
    # OpenSearch 1.1: at most 16 characters, no markup.
    assert tree.find(f"{SEARCH}ShortName").text == short
    template = tree.find(f"{SEARCH}Url").get("template")
    assert template == "https://portal.example/search/?q={searchTerms}"
