"""Lists of queries: the same first three on either database, and the page that answers first."""

from pathlib import Path

import pytest
from django.core.management import call_command

from education.public.site_search import find

QUERIES = Path(__file__).with_name("queries.txt")
# What parents ask, and the pages that answer: how many of a hundred have one of those first, and
# among the first three.
QUESTIONS = {"questions.txt": (80, 95), "questions_more.txt": (72, 90)}

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def lines(path=QUERIES):
    found = [line for line in path.read_text(encoding="utf-8").splitlines() if "|" in line]
    return [
        (query.strip(), places.split()) for query, _, places in (x.partition("|") for x in found)
    ]


def place_of_an_answer(question, right):
    """At which place the first page is found that answers; a section counts as its page."""
    addresses = [hit.url for hit in find(question).hits]
    return next((place for place, url in enumerate(addresses) if url in right), len(addresses) + 99)


def test_find_gives_the_first_three_of_the_shared_list(settings, tmp_path):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    call_command("load_demonstration")
    for name, (first, among_three) in QUESTIONS.items():
        questions = lines(QUERIES.with_name(name))
        assert len(questions) == 60
        places = [place_of_an_answer(question, right) for question, right in questions]
        assert 100 * places.count(0) / 60 >= first, name
        assert 100 * sum(place < 3 for place in places) / 60 >= among_three, name
    expected = dict(lines())
    assert len(expected) == 60
    assert {query: [hit.url for hit in find(query).hits[:3]] for query in expected} == expected
    call_command("rebuild_search")
    again = {query: [hit.url for hit in find(query).hits[:3]] for query in expected}
    assert again == expected
