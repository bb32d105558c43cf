"""The worksheet of a comparison: the comparison's own words, and nothing of it sent."""

from collections import Counter

import pytest
from django.urls import reverse

from education.articles.files import read_article
from education.handouts.worksheet import worksheet_of
from education.publishing.operations import withdraw
from education.text.figures import FIGURES
from education.text.rendering import render
from tests.factories import make_editor, make_publication
from tests.handouts.paper import needs_poppler, read_pages, read_text
from tests.public.reading import make_comparison, read

pytestmark = pytest.mark.django_db


def sheet(client, publication, query="", status=200):
    return read(client, reverse("worksheet", args=[publication.slug]) + query, status)


def test_it_asks_what_matters_in_the_words_of_the_comparison(client):
    publication = make_comparison()
    page = sheet(client, publication)

    content = publication.content
    for option in content["comparison"]["options"]:
        assert option["name"] in page.text
    for row in content["comparison"]["rows"]:
        assert row["question"] in page.text
    for message in content["key_messages"]:
        assert message["text"] in page.text
    assert "Gone when you close this page" in page.text
    for word in ("score is", "we recommend", "best option"):
        assert word not in page.text.lower()


def test_it_states_the_decision_and_weighs_harms_beside_gains():
    """Read from the comparison that ships: its sentence, and its rows of harm and of gain."""
    article = read_article(FIGURES.parent / "articles" / "stem-cells-or-fspr.md")
    tree = render(article.draft, {}).tree
    questions = {row["slug"]: row["question"] for row in tree["comparison"]["rows"]}

    worksheet = worksheet_of(tree)

    assert worksheet.decision.startswith("The decision is: stem cells, the operation called FSPR")
    assert worksheet.decision.endswith("cerebral palsy and stiff muscles.")
    for slug in ("stiffness", "movement", "daily-life", "side-effects", "serious-harms", "undo"):
        assert questions[slug] in worksheet.questions


def test_the_decision_stands_on_the_page_and_none_where_the_text_states_none(client):
    publication = make_comparison(body="**The decision is:** one or the other. More follows.\n")
    section = sheet(client, publication).text
    assert "The decision is: one or the other." in section
    assert "More follows" not in section

    assert worksheet_of(make_comparison("another").content).decision == ""


def test_nothing_on_it_can_be_sent_or_remembered(client):
    page = sheet(client, make_comparison())

    for name, attributes in page.elements:
        if name in {"input", "textarea"} and attributes.get("type") != "search":
            # The name of a mark joins those of its row; it stands in no form.
            assert "name" not in attributes or attributes["type"] == "radio"
            # HTML knows no such attribute of a mark.
            is_mark = attributes.get("type") in {"checkbox", "radio"}
            assert is_mark or attributes["autocomplete"] == "off"
    assert {form.get("role") or form.get("action") for form in page.all("form")} <= {
        "search",
        reverse("search"),
    }
    response = client.get(reverse("worksheet", args=["compared"]))
    assert not response.cookies


def test_a_row_takes_one_mark_and_gives_it_back_without_script(client):
    publication = make_comparison()
    page = sheet(client, publication)
    rows = Counter(
        attributes["name"] for attributes in page.all("input") if attributes.get("type") == "radio"
    )
    worksheet = worksheet_of(publication.content)

    each_row = [len(worksheet.scale) + 1] * len(worksheet.questions)  # and "No mark"
    each_row += [len(worksheet.yes_or_no) + 1] * len(worksheet.ready)
    assert list(rows.values()) == each_row
    marked = [attributes["name"] for attributes in page.all("input") if "checked" in attributes]
    assert marked == list(rows)


def test_chosen_questions_are_asked_and_no_others(client):
    publication = make_comparison()
    first, *others = publication.content["comparison"]["rows"]
    page = sheet(client, publication, f"?question={first['slug']}")

    legends = page.text
    assert first["question"] in legends
    assert all(row["question"] not in legends for row in others)


def test_what_was_chosen_on_the_comparison_is_on_the_worksheet_and_on_its_paper(client):
    publication = make_comparison()
    first, second, *_ = publication.content["comparison"]["options"]
    row, *others = publication.content["comparison"]["rows"]
    query = f"?option={first['slug']}&question={row['slug']}"
    page = read(client, reverse("article-detail", args=[publication.slug]) + query)
    [address] = {link["href"] for link in page.all("a") if "/worksheet/" in (link["href"] or "")}

    page = read(client, address)
    words = page.text
    assert first["name"] in words
    assert second["name"] not in words
    assert row["question"] in words
    assert all(other["question"] not in words for other in others)
    assert any(
        f"option={first['slug']}" in (link["href"] or "")
        for link in page.all("a")
        if "worksheet" in (link["href"] or "")
    )


@needs_poppler
def test_on_paper_it_is_two_sides_with_empty_boxes_and_the_comparisons_code(client):
    publication = make_comparison()
    address = reverse("worksheet-pdf", args=[publication.slug])
    for size in ("clear", "large"):
        response = client.get(address, {"size": size})
        assert response["Content-Type"] == "application/pdf"
        words = read_text(response.content)
        assert "What matters to us" in words
        assert "We need more time" in words
        if size == "clear":
            assert len(read_pages(response.content)) <= 2


def test_there_is_none_where_nothing_is_compared_or_the_text_is_gone(client):
    sheet(client, make_publication(), status=404)
    publication = make_comparison()
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    sheet(client, publication, status=404)
    response = client.get(reverse("worksheet-pdf", args=[publication.slug]))
    assert response.status_code == 410


def test_the_comparison_and_its_handout_lead_to_it(client):
    publication = make_comparison()
    for name in ("article-detail", "handout-detail"):
        page = read(client, reverse(name, args=[publication.slug]))
        links = {link.get("href") for link in page.all("a")}
        assert reverse("worksheet", args=[publication.slug]) in links
