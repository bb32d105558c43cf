"""Topics, people, corrections and error pages."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from education.public.views import topics
from tests.factories import (
    make_article,
    make_draft,
    make_next_publication,
    make_publication,
    make_topic,
)
from tests.public.reading import Reader, read

pytestmark = pytest.mark.django_db


def test_topic_list_shows_topics_with_public_pages_and_no_others(client):
    above = make_topic("treatments", title="Treatments")
    below = make_topic("surgery", title="Surgery", parent=above)
    make_topic("nothing-here", title="Nothing here")
    make_publication(article=make_article(topic=below), draft=make_draft(title="Does it help?"))

    page = read(client, reverse("topic-list"))
    assert "Treatments" in page.text
    assert "Surgery" in page.text
    assert "Does it help?" in page.text
    assert "Nothing here" not in page.text


def test_topic_detail_shows_what_is_below_it_too(client):
    above = make_topic("treatments", title="Treatments")
    below = make_topic("surgery", title="Surgery", parent=above)
    make_publication(article=make_article(topic=below), draft=make_draft(title="Does it help?"))

    assert "Does it help?" in read(client, reverse("topic-detail", args=["treatments"])).text
    page = read(client, reverse("topic-detail", args=["surgery"]))
    assert reverse("topic-detail", args=["treatments"]) in [a["href"] for a in page.all("a")]


def test_topic_detail_without_pages_says_so(client):
    make_topic("nothing-here")
    page = read(client, reverse("topic-detail", args=["nothing-here"]))
    assert "Nothing has been published on this topic yet" in page.text
    read(client, reverse("topic-detail", args=["no-such-topic"]), 404)


def test_people_are_named_with_their_part_interests_and_pages(client):
    publication = make_publication()
    page = read(client, reverse("people"))
    for person in (*publication.reviewers, *publication.writers):
        assert person["name"] in page.text
    assert "Medical reviewer (Paediatric neurology)" in page.text
    assert publication.title in page.text


def test_corrections_show_what_changed_newest_first(client):
    first = make_publication(draft=make_draft(title="Does it help?"))
    make_next_publication(first, what_changed="A number was wrong.")
    make_next_publication(first, what_changed="A study was added.")
    page = read(client, reverse("corrections"))
    assert page.text.index("A study was added.") < page.text.index("A number was wrong.")


def test_topic_list_shows_the_first_titles_of_a_topic_and_leads_on(client, monkeypatch):
    monkeypatch.setattr(topics, "TITLES", 2)
    for number in range(3):
        make_publication(draft=make_draft(title=f"Page number {number}"))
    page = read(client, reverse("topic-list"))
    assert [number for number in range(4) if f"Page number {number}" in page.text] == [0, 1]
    assert "All pages on Rhizotomy" in page.text


def test_page_not_found_offers_the_nearest_pages(client):
    publication = make_publication(
        article=make_article(slug="what-is-rhizotomy"), draft=make_draft(title="What is rhizotomy?")
    )
    page = read(client, "/articles/what-is-rizotomy/", 404)
    assert reverse("article-detail", args=[publication.slug]) in [a["href"] for a in page.all("a")]
    assert "What is rhizotomy?" not in read(client, "/xq/", 404).text


@pytest.mark.parametrize("path", ["/%00/", "/articles/" + "a" * 3000 + "/", "/脑瘫/", "/a.php"])
def test_page_not_found_for_any_address(client, path):
    assert "We can’t find that page" in read(client, path, 404).text


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_pages_for_faults_need_nothing(name, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = Reader(render_to_string(name))
    assert len(page.all("h1")) == 1
    assert page.all("html")[0]["lang"] == "en"


@pytest.mark.parametrize("name", ["400.html", "403.html"])
def test_pages_for_refusals_have_a_way_on(name, rf):
    page = Reader(render_to_string(name, request=rf.get("/")))
    assert len(page.all("h1")) == 1
    assert reverse("home") in [a["href"] for a in page.all("a")]
