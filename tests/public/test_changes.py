"""What changed between two versions of a page, as readers see it."""

import pytest
from django.urls import reverse

from education.evidence.models import EvidenceItem
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


@pytest.fixture
def first():
    return make_publication(draft=make_draft(make_item("cited2020").key, title="Does it help?"))


def address(slug, old, new):
    return reverse("version-changes", args=[slug, old, new])


def pieces(client, url, tag):
    """What a page marks as come or gone, by the brackets for those who don't see lines."""
    page = read(client, url)
    word = {"ins": "added", "del": "removed"}[tag]
    # The key at the top shows one of each.
    return [part.partition("]")[0] for part in page.text.split(f"[{word}: ")[2:]]


def test_version_changes_shows_words_that_came_and_went(client, first):
    make_next_publication(first, title="Does it help at all?", unknowns="- Whether it stays.")

    url = address(first.slug, 1, 2)

    page = read(client, url)
    assert "We said it better." in page.text
    assert pieces(client, url, "del") == ["help?", "lasts."]
    assert pieces(client, url, "ins") == ["help at all?", "stays."]
    assert "Both of these are old" not in page.text
    assert {"name": "robots", "content": "noindex"} in page.all("meta")


def test_version_changes_compares_any_two_and_marks_old_ones(client, first):
    second = make_next_publication(first, title="Second title?", what_changed="Reason two.")
    make_next_publication(second, title="Third title?", what_changed="Reason three.")

    page = read(client, address(first.slug, 1, 2))
    assert "Both of these are old versions" in page.text
    assert "Reason two." in page.text
    assert "Reason three." not in page.text

    page = read(client, address(first.slug, 1, 3))
    assert "Both of these are old versions" not in page.text
    assert page.text.index("Reason three.") < page.text.index("Reason two.")
    assert "Third" in page.text
    assert "Second" not in page.text


def test_version_changes_has_one_address_for_two_versions(client, first):
    make_next_publication(first)

    turned = client.get(address(first.slug, 2, 1))
    assert (turned.status_code, turned["Location"]) == (301, address(first.slug, 1, 2))
    for old, new in ((1, 1), (0, 1), (1, 3), (1, 10**30)):
        read(client, address(first.slug, old, new), 404)
    read(client, address("never-was", 1, 2), 404)


def test_version_changes_says_when_no_word_changed(client, first):
    make_next_publication(first)

    assert "No word of the text changed." in read(client, address(first.slug, 1, 2)).text


def test_version_changes_never_shows_what_rests_on_a_retracted_work(client, first):
    make_next_publication(first, body="## What was found\n\nOther statement [@cited2020].\n")
    assert "statement" in read(client, address(first.slug, 1, 2)).text

    retract(EvidenceItem.objects.get(key="cited2020"))

    page = read(client, address(first.slug, 1, 2))
    assert "tatement about" not in page.text
    assert "Other statement" not in page.text
    assert "was retracted" in page.text


def test_version_changes_of_a_withdrawn_page_says_so_first(client, first):
    second = make_next_publication(first, title="Other?")
    withdraw(publication=second, by=make_editor(), reason="Its main study fell.")

    page = read(client, address(first.slug, 1, 2))
    assert "This page was withdrawn" in page.text
    assert "Its main study fell." in page.text


def test_version_changes_keeps_back_what_is_not_shown_for_its_age(client, first, monkeypatch):
    make_next_publication(first, title="Quite another?")
    later(monkeypatch, days=365 + 200)

    page = read(client, address(first.slug, 1, 2))
    assert "has not been checked for too long" in page.text
    assert "What changed in the text" not in page.text


def test_version_changes_escapes_what_an_editor_wrote(client, first):
    make_next_publication(first, title="<script>alert(1)</script>")

    html = client.get(address(first.slug, 1, 2)).content.decode()
    assert "<script>alert" not in html


def test_version_list_leads_to_what_changed(client, first):
    second = make_next_publication(first)
    assert "Compare any two" in read(client, reverse("version-list", args=[first.slug])).text
    make_next_publication(second)

    page = read(client, reverse("version-list", args=[first.slug]))
    links = {a["href"] for a in page.all("a")}
    assert {address(first.slug, 1, 2), address(first.slug, 2, 3)} <= links
    old = read(client, reverse("version-detail", args=[first.slug, 1]))
    assert address(first.slug, 1, 3) in {a["href"] for a in old.all("a")}


def test_version_list_of_one_version_has_nothing_to_compare(client, first):
    page = read(client, reverse("version-list", args=[first.slug]))
    assert "Compare any two" not in page.text


@pytest.mark.parametrize(
    ("query", "leads_to"),
    [
        ("from=1&to=3", "changes/1-3/"),
        ("from=3&to=1", "changes/1-3/"),
        ("from=2&to=2", "versions/#compare"),
        ("from=&to=x", "versions/#compare"),
        ("from=%EF%BC%91&to=2", "versions/#compare"),
        ("from=-1&to=2", "versions/#compare"),
        ("", "versions/#compare"),
    ],
)
def test_choose_changes_leads_to_the_comparison_or_back(client, query, leads_to):
    response = client.get(f"{reverse('choose-changes', args=['a-page'])}?{query}")

    assert response.status_code == 302
    assert response["Location"] == f"/articles/a-page/{leads_to}"
