"""The option grid: which options and questions a reader chose."""

import pytest
from django.urls import reverse

from tests.public.reading import make_comparison, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("article-detail", args=[make_comparison().slug])


def test_grid_asks_every_question_of_every_option(client, address):
    page = read(client, address)
    for question in ("What is it?", "Can it be undone?"):
        for option in ("Stem cell therapy", "Rhizotomy", "No change in treatment"):
            assert f"{question} {option} answers" in page.text
    assert len(page.all("td")) == 6


def test_grid_names_the_option_in_each_cell(client, address):
    page = read(client, address)
    assert page.text.count("Stem cell therapy") >= 1 + 1 + 2 * 2
    assert [th.get("scope") for th in page.all("th")].count("col") == 3


def test_grid_shows_only_what_was_chosen(client, address):
    page = read(client, f"{address}?option=cells&option=surgery&question=undone")
    assert "Can it be undone? Rhizotomy answers" in page.text
    assert "What is it? Rhizotomy answers" not in page.text
    assert "No change in treatment answers" not in page.text
    assert "Showing 2 of 3 options and 1 of 2 questions." in page.text


@pytest.mark.parametrize("query", ["?option=nothing", "?question=%00&option=", "?option[]=x"])
def test_grid_shows_everything_when_nothing_known_was_asked(client, address, query):
    assert len(read(client, address + query).all("td")) == 6


def test_grid_ways_back_to_answers_left_out_lead_to_the_whole_page(client, address):
    page = read(client, f"{address}?question=undone")
    backlinks = [a["href"] for a in page.all("a") if a.get("role") == "doc-backlink"]
    assert any(href.startswith(f"{address}#cite-") for href in backlinks)
    assert all(href.startswith(address) or href[1:] in page.ids for href in backlinks)
