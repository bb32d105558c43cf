"""The option grid: which options and questions a reader chose."""

import re

import pytest
from django.urls import reverse

from tests.public.reading import make_comparison, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("article-detail", args=[make_comparison().slug])


def answers(page):
    """How many answers stand below the questions; the first sentences stand at a glance too."""
    return sum(p.get("class") == "cell-option" for p in page.all("p"))


def test_grid_asks_every_question_of_every_option(client, address):
    page = read(client, address)
    for question in ("What is it?", "Can it be undone?"):
        for option in ("Stem cell therapy", "Rhizotomy", "No change in treatment"):
            assert f"{question} {option} answers" in page.text
    assert answers(page) == 6


def test_grid_opens_with_the_first_sentence_of_each_answer_and_a_way_to_all_of_it(client):
    rows = {"one": "The first one", "two": "The second one"}
    address = reverse("article-detail", args=[make_comparison(rows=rows).slug])
    html = client.get(address).content.decode()
    brief = html[html.index('id="in-brief"') : html.index('id="grid"')]

    assert "The second one Rhizotomy answers.</td>" in brief
    for slug in rows:
        assert f'href="#row-{slug}"' in brief
        assert html.count(f'id="row-{slug}"') == 1
        assert f'<h3 id="question-{slug}">' in html


def test_each_question_is_named_once_to_who_hears_the_page(client, address):
    page = read(client, address)

    for slug in ("what-is-it", "undone"):
        [summary] = [each for each in page.all("summary") if each.get("id") == f"answers-{slug}"]
        # Twenty times "The answers" would tell nothing in a list of buttons.
        assert summary["aria-labelledby"] == f"answers-{slug} question-{slug}"
    # A heading is enough: twenty landmarks hide the few that lead anywhere.
    assert all(not part.get("aria-labelledby", "").startswith("question-")
               for part in page.all("section"))  # fmt: skip


def test_questions_are_closed_until_some_are_chosen(client, address):
    def opened(query):
        html = client.get(address + query).content.decode()
        html = html.replace(' name="answers"', "")
        return re.findall(r"<details( open)?>\s*<summary[^>]*>The answers", html)

    assert opened("") == ["", ""]
    assert opened("?option=cells") == ["", ""]
    assert opened("?question=undone") == [" open"]


def test_what_living_with_an_option_is_like_stands_open(client):
    rows = {"undo": "Can it be undone?", "what-is-it-like": "What is it like to live through?"}
    html = client.get(reverse("article-detail", args=[make_comparison(rows=rows).slug])).content
    folded, unfolded = (
        re.search(rf'id="question-{slug}">.*?<details([^>]*)>', html.decode(), re.DOTALL)[1]
        for slug in rows
    )

    assert folded.strip() == 'name="answers"'
    assert unfolded.strip() == "open"


def test_presets_show_their_questions_and_keep_what_else_was_asked(client):
    rows = {"undo": "Can it be undone?", "movement": "Does it help movement?", "x": "Else?"}
    address = reverse("article-detail", args=[make_comparison(rows=rows).slug])
    page = read(client, f"{address}?option=cells&age=4-5")
    links = [a["href"] for a in page.all("a") if a.get("href", "").endswith("#grid")]
    (preset,) = [href for href in links if "question=movement" in href]

    chosen = read(client, preset)
    assert preset == f"{address}?age=4-5&option=cells&question=movement&question=undo#grid"
    assert "Showing 1 of 3 options and 2 of 3 questions." in chosen.text
    shown = [a["href"] for a in chosen.all("a") if a.get("aria-current") == "true"]
    assert shown == [preset]


def test_all_of_the_comparison_is_on_the_page_though_most_is_folded(client, address):
    page = read(client, address)
    places = {a["href"][1:] for a in page.all("a") if a.get("href", "").startswith("#")}
    assert places <= set(page.ids)
    assert {"references", "grid"} <= set(page.ids)


def test_grid_names_the_option_in_each_cell(client, address):
    page = read(client, address)
    assert page.text.count("Stem cell therapy") >= 1 + 1 + 2 * 2
    # At a glance with its questions, and a table for each of the two questions.
    assert [th.get("scope") for th in page.all("th")].count("col") == (1 + 3) + 2 * 3


def test_grid_shows_only_what_was_chosen(client, address):
    page = read(client, f"{address}?option=cells&option=surgery&question=undone")
    assert "Can it be undone? Rhizotomy answers" in page.text
    assert "What is it? Rhizotomy answers" not in page.text
    assert "No change in treatment answers" not in page.text
    assert "Showing 2 of 3 options and 1 of 2 questions." in page.text


@pytest.mark.parametrize("query", ["?option=nothing", "?question=%00&option=", "?option[]=x"])
def test_grid_shows_everything_when_nothing_known_was_asked(client, address, query):
    assert answers(read(client, address + query)) == 6


def test_grid_ways_back_to_answers_left_out_lead_to_the_whole_page(client, address):
    page = read(client, f"{address}?question=undone")
    backlinks = [a["href"] for a in page.all("a") if a.get("role") == "doc-backlink"]
    assert any(href.startswith(f"{address}#cite-") for href in backlinks)
    assert all(href.startswith(address) or href[1:] in page.ids for href in backlinks)
