"""The parts of a text in its form: shown by their names, in an order of their own making."""

import lxml.html
import pytest
from django.urls import reverse

from education.articles.models import Article, Revision
from education.articles.operations import draft_of
from tests.factories import make_article, make_draft, make_revision, make_writer

pytestmark = pytest.mark.django_db
OPTIONS = [{"slug": "none", "name": "Nothing"}, {"slug": "fspr", "name": "Rhizotomy"}]


def make_rows(*questions):
    cell = {"text": "It helps.", "certainty": "low", "unknown": False}
    return [
        {"slug": question.lower(), "question": question, "cells": {"fspr": dict(cell)}}
        for question in questions
    ]


@pytest.fixture
def comparison(client):
    writer = make_writer()
    draft = make_draft(
        kind="comparison", options=OPTIONS, rows=make_rows("Walking", "Pain"), key_messages=[]
    )
    article = make_article(kind=Article.Kind.COMPARISON)
    client.force_login(writer)
    return make_revision(by=writer, article=article, draft=draft)


def form_of(client, revision):
    address = reverse("admin:education_revision_change", args=[revision.pk])
    page = lxml.html.fromstring(client.get(address).content.decode())
    return address, page, dict(page.get_element_by_id("revision_form").form_values())


def added_row(comparison, **fields):
    """What the form sends of a third row beside the two that are stored."""
    row = {
        "id": "",
        "revision": str(comparison.pk),
        "cell-fspr-certainty": "not_graded",
        "cell-none-certainty": "not_graded",
    } | fields
    named = {f"comparison_rows-2-{name}": value for name, value in row.items()}
    return {"comparison_rows-TOTAL_FORMS": "3"} | named


def test_each_question_is_folded_with_its_state_and_all_are_in_one_form(client, comparison):
    _, page, sent = form_of(client, comparison)

    folded = page.xpath("//*[@id='comparison_rows-group']//details[@name]")
    states = [" ".join(one.find("summary").text_content().split()) for one in folded]
    assert states == [
        "1 of 2 options answered: Walking",
        "1 of 2 options answered: Pain",
    ]
    # One of them is open at a time, also without script.
    assert len({one.get("name") for one in folded}) == 1
    assert sent["comparison_rows-1-cell-fspr-text"].strip() == "It helps."


def test_question_with_a_mistake_is_open_and_what_was_typed_in_others_stays(client, comparison):
    address, _, sent = form_of(client, comparison)
    sent |= {"comparison_rows-0-question": "", "comparison_rows-1-cell-none-text": "Typed."}

    page = lxml.html.fromstring(client.post(address, sent).content.decode())

    first, second = page.xpath("//*[@id='comparison_rows-group']//details")
    assert (first.get("open"), second.get("open")) == ("", None)
    assert "Typed." in second.text_content()


def test_part_added_by_mistake_that_holds_its_place_alone_is_no_part(client, comparison):
    address, _, sent = form_of(client, comparison)
    sent |= added_row(comparison, position="2")

    answer = client.post(address, sent)

    assert answer.status_code == 302
    assert len(draft_of(Revision.objects.get(pk=comparison.pk)).rows) == 2


def test_new_part_without_a_number_comes_last(client, comparison):
    address, _, sent = form_of(client, comparison)
    sent |= added_row(
        comparison,
        position="",
        question="Hips",
        **{"cell-fspr-text": "Not known.", "cell-none-text": ""},
    )

    answer = client.post(address, sent)

    assert answer.status_code == 302
    rows = draft_of(Revision.objects.get(pk=comparison.pk)).rows
    assert [row["slug"] for row in rows] == ["walking", "pain", "hips"]
