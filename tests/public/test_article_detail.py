"""The page of an article: what is public now, its versions, and what stands above the text."""

import datetime
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education.evidence.models import StatusEvent
from education.handouts.codes import format_code
from education.handouts.copy_check import public_code
from education.publishing.operations import publish, withdraw
from education.safety.operations import lift_status, record_status
from tests.factories import (
    make_approved_revision,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_topic,
)
from tests.public.reading import make_site, read

pytestmark = pytest.mark.django_db


def address(publication):
    return reverse("article-detail", args=[publication.slug])


def later(monkeypatch, *, days):
    moment = timezone.now() + datetime.timedelta(days=days)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def retract(item, status=StatusEvent.Status.RETRACTED):
    return record_status(
        item=item,
        status=status,
        occurred_on=timezone.localdate(),
        reason="The data could not be found.",
        by=make_editor(),
    )


def test_article_detail_shows_the_text_its_dates_and_its_reviewers(client):
    publication = make_publication(draft=make_draft(title="Does it help?"))

    page = read(client, address(publication))

    assert "Does it help?" in page.text
    assert "It may help a little" in page.text
    assert "Low certainty" in page.text
    assert "What we do not know" in page.text
    assert "Whether it lasts." in page.text
    assert (
        f"Last reviewed {publication.reviewed_on.day} {publication.reviewed_on:%B %Y}" in page.text
    )
    for reviewer in publication.reviewers:
        assert reviewer["name"] in page.text
        assert f"Interests: {reviewer['interests']}" in page.text


def test_article_detail_citations_lead_to_references_and_back(client):
    page = read(client, address(make_publication()))

    citations = [a for a in page.all("a") if a.get("role") == "doc-biblioref"]
    backlinks = [a for a in page.all("a") if a.get("role") == "doc-backlink"]
    assert citations
    assert {a["href"] for a in backlinks} == {f"#{a['id']}" for a in citations}
    assert all(a["href"].removeprefix("#") in page.ids for a in (*citations, *backlinks))


def test_article_detail_tells_machines_who_reviewed_it(client, settings):
    publication = make_publication()
    html = client.get(address(publication)).content.decode()
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    told = json.loads(block)
    assert told["@context"] == "https://schema.org"
    assert told["@type"] == "MedicalWebPage"
    assert told["lastReviewed"] == publication.reviewed_on.isoformat()
    assert [person["name"] for person in told["reviewedBy"]] == [
        person["name"] for person in publication.reviewers
    ]
    assert told["citation"]
    # What schema.org knows of a MedicalWebPage; a treatment is none of it.
    assert set(told) <= {
        "@context", "@type", "url", "name", "description", "inLanguage", "version",
        "datePublished", "lastReviewed", "reviewedBy", "publisher", "citation", "audience",
        "isAccessibleForFree", "about", "author", "dateModified", "license",
    }  # fmt: skip
    assert "possibleTreatment" not in html

    settings.DEMO = True
    assert "MedicalWebPage" not in client.get(address(publication)).content.decode()


def test_article_detail_tells_reference_managers_how_to_cite_it(client, settings):
    publication = make_publication(draft=make_draft(title="Does it help?"))
    page = read(client, address(publication))
    told = {tag["name"]: tag["content"] for tag in page.all("meta") if tag.get("name")}
    assert told["citation_title"] == "Does it help?"
    assert told["citation_author"] == publication.writers[0]["name"]
    assert told["citation_publication_date"] == f"{publication.goes_live_at:%Y/%m/%d}"
    assert told["citation_publisher"] == publication.publisher_name
    version = reverse("version-detail", args=[publication.slug, 1])
    assert told["citation_public_url"] == f"{settings.SITE_URL}{version}"


def test_article_detail_never_lets_a_title_end_the_block_for_machines(client):
    publication = make_publication(draft=make_draft(title="</script><script>alert(1)</script>"))
    html = client.get(address(publication)).content.decode()
    assert "<script>alert" not in html
    assert "\\u003c/script\\u003e" in html


def test_article_detail_is_not_found_for_what_never_was(client):
    read(client, reverse("article-detail", args=["never-was"]), 404)


def test_article_detail_waits_for_the_moment_of_a_scheduled_publication(client, monkeypatch):
    revision = make_approved_revision()
    publication = publish(
        revision=revision,
        by=make_editor(),
        goes_live_at=timezone.now() + datetime.timedelta(days=2),
    )
    read(client, address(publication), 404)
    read(client, reverse("version-list", args=[publication.slug]), 404)
    read(client, reverse("version-detail", args=[publication.slug, 1]), 404)

    later(monkeypatch, days=3)
    read(client, address(publication))


def test_article_detail_shows_the_newest_version_and_keeps_the_old_ones(client):
    first = make_publication(draft=make_draft(title="Does it help?"))
    make_next_publication(first, title="Does it help at all?")

    page = read(client, address(first))
    assert "Does it help at all?" in page.text
    assert "This is an old version" not in page.text
    assert "We said it better." in page.text

    old = read(client, reverse("version-detail", args=[first.slug, 1]))
    assert "This is an old version" in old.text
    assert {"name": "robots", "content": "noindex"} in old.all("meta")
    canonical = next(tag["href"] for tag in old.all("link") if tag.get("rel") == "canonical")
    assert canonical.endswith(address(first))

    versions = read(client, reverse("version-list", args=[first.slug]))
    assert versions.text.count("Old version") == 1
    assert versions.text.count("The version to read") == 1
    read(client, reverse("version-detail", args=[first.slug, 3]), 404)
    read(client, reverse("version-detail", args=[first.slug, 0]), 404)


def test_article_detail_of_a_withdrawn_page_says_why_and_where_to_go(client):
    publication = make_publication(draft=make_draft(title="Does it help?"))
    withdraw(publication=publication, by=make_editor(), reason="Its main study fell.")

    page = read(client, address(publication), 410)
    assert "Its main study fell." in page.text
    assert "It may help a little" not in page.text
    assert reverse("topic-detail", args=["rhizotomy"]) in [a["href"] for a in page.all("a")]

    versions = read(client, reverse("version-list", args=[publication.slug]))
    assert "The version to read" not in versions.text
    old = read(client, reverse("version-detail", args=[publication.slug, 1]))
    assert "This page was withdrawn" in old.text
    assert "Its main study fell." in read(client, reverse("corrections")).text


def test_article_detail_masks_what_rests_on_a_retracted_work_and_gets_it_back(client):
    fallen, stands = make_item("fallen2020"), make_item("stands2021")
    publication = make_publication(draft=make_draft("fallen2020", "stands2021"))
    before = client.get(address(publication)).content

    event = retract(fallen)
    page = read(client, address(publication))
    assert "Statement about fallen2020" not in page.text
    assert "Statement about stands2021" in page.text
    assert "was retracted" in page.text
    assert "The data could not be found." in page.text
    description = next(m["content"] for m in page.all("meta") if m.get("name") == "description")
    assert "It may help a little" not in description
    for url in ("/", reverse("topic-list"), reverse("topic-detail", args=["rhizotomy"])):
        assert "It may help a little" not in read(client, url).text, url
    found = read(client, f"{reverse('search')}?q=fallen2020")
    assert "Statement about" not in found.text

    lift_status(event=event, by=make_medical_reviewer(), reason="It was another work.")
    assert client.get(address(publication)).content == before
    assert stands.is_verified()


def test_article_detail_shows_a_concern_above_the_text(client):
    item = make_item("doubted2020")
    publication = make_publication(draft=make_draft("doubted2020"))
    retract(item, StatusEvent.Status.CONCERN)

    page = read(client, address(publication))
    assert "expression of concern" in page.text
    assert "Statement about doubted2020" in page.text


@pytest.mark.parametrize(
    ("days", "overdue", "shown"), [(-1, False, True), (1, True, True), (181, True, False)]
)
def test_article_detail_grows_old_by_the_clock_alone(client, monkeypatch, days, overdue, shown):
    publication = make_publication(article=make_article(review_every_months=12))
    due_in = (publication.review_due_on - timezone.localdate()).days
    later(monkeypatch, days=due_in + days)

    page = read(client, address(publication))
    assert ("overdue" in page.text) == overdue
    assert ("It may help a little" in page.text) == shown
    assert ("has not been checked for too long" in page.text) != shown
    for url in (reverse("topic-detail", args=["rhizotomy"]), f"{reverse('search')}?q=little"):
        assert ("It may help a little" in read(client, url).text) == shown, url


def test_article_detail_escapes_everything_an_editor_wrote(client):
    publication = make_publication(
        draft=make_draft(title="<b>Bold</b> & “quoted”", funding="<img src=x onerror=alert(1)>")
    )
    html = client.get(address(publication)).content.decode()
    assert "<b>Bold" not in html
    assert "<img" not in html


def test_no_page_reads_the_html_that_a_copy_was_frozen_with(client):
    """It is sealed for its hash: pages, handouts, data and feeds are printed from the tree."""
    addresses = make_site()
    article = make_publication(draft=make_draft()).slug
    addresses += [f"/api/v1/articles/{article}/", f"/embed/{article}/", "/api/v1/claims/"]
    addresses += [f"/handouts/{article}.pdf", "/feeds/new.xml"]
    with CaptureQueriesContext(connection) as asked:
        for address in addresses:
            assert client.get(address, follow=True).status_code == 200, address

    read_html = '"education_publication"."html"'
    assert not [query["sql"] for query in asked if read_html in query["sql"]]


def test_a_page_in_chinese_says_how_long_its_characters_take(client):
    publication = make_publication(draft=make_draft(body="干细胞治疗是一种方法。" * 150))

    assert "Reading time 6 min" in read(client, address(publication)).text


# On paper


def test_what_a_browser_prints_of_a_page_is_a_copy_that_can_be_checked(client):
    publication = make_publication()
    address = reverse("article-detail", args=[publication.slug])

    page = read(client, address)

    assert format_code(public_code(publication)) in page.text
    assert "Do not use after" in page.text
    assert "sheet-qr" in client.get(address).content.decode()


def test_an_older_version_and_what_may_not_be_printed_are_no_copies(client):
    first = make_publication()
    make_next_publication(first)
    old = reverse("version-detail", args=[first.slug, first.number])

    assert "Do not use after" not in read(client, old).text


@pytest.mark.parametrize(("certainty", "stands"), [("low", True), ("not_graded", False)])
def test_the_dots_are_explained_only_where_a_statement_bears_them(client, certainty, stands):
    make_item("known2020")
    message = {"text": "It may be so [@known2020].", "certainty": certainty}
    publication = make_publication(draft=make_draft("known2020", key_messages=[message]))

    html = client.get(reverse("article-detail", args=[publication.slug])).content.decode()

    assert ("What the dots mean" in html) is stands


def test_the_menu_leads_to_the_check_of_a_printed_copy(client):
    html = client.get(reverse("search")).content.decode()
    menu = html[html.index('<nav class="menu"') :]

    assert f'<a href="{reverse("check")}">' in menu[: menu.index("</nav>")]


def test_a_page_for_children_begins_with_its_text_and_ends_with_who_reviewed_it(client):
    topic = make_topic("for-children")
    publication = make_publication(article=make_article(topic=topic))
    html = client.get(reverse("article-detail", args=[publication.slug])).content.decode()

    text = html.index('<div class="text">')
    assert text < html.index('id="key-messages"') < html.index("Last reviewed")
    assert text < html.index('class="like-mine')
