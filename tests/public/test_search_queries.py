"""The shared list of queries gives the same first three on either database."""

from pathlib import Path

import pytest
from django.core.management import call_command

from education.public.site_search import find

QUERIES = Path(__file__).with_name("queries.txt")

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def lines():
    found = [line for line in QUERIES.read_text(encoding="utf-8").splitlines() if "|" in line]
    return [
        (query.strip(), places.split()) for query, _, places in (x.partition("|") for x in found)
    ]


def test_find_gives_the_first_three_of_the_shared_list(settings, tmp_path):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    call_command("load_demonstration")
    expected = dict(lines())
    assert len(expected) == 60
    assert {query: [hit.url for hit in find(query).hits[:3]] for query in expected} == expected
    call_command("rebuild_search")
    again = {query: [hit.url for hit in find(query).hits[:3]] for query in expected}
    assert again == expected
