"""Long lists come a leaf at a time, and ask the database as much as short ones."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from education.public import paging
from tests.factories import make_article, make_draft, make_item, make_publication, make_topic
from tests.public.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def lists(monkeypatch):
    monkeypatch.setattr(paging, "LEAF", 2)
    topic, item = make_topic("rhizotomy"), make_item("cited2020")

    def fill(numbers):
        for number in numbers:
            make_publication(
                article=make_article(slug=f"page-{number}", topic=topic),
                draft=make_draft(item.key, title=f"Page number {number}"),
            )
        return [reverse("topic-detail", args=["rhizotomy"]), reverse("handout-list")]

    return fill


def test_each_page_is_on_one_leaf_and_leaves_lead_on(client, lists):
    for address in lists(range(5)):
        seen, here = [], ""
        while True:
            page = read(client, f"{address}{here}")
            seen += [number for number in range(5) if f"Page number {number}" in page.text]
            onward = [link["href"] for link in page.all("a") if link.get("rel") == "next"]
            if not onward:
                break
            here = onward[0]
        assert seen == list(range(5)), address


@pytest.mark.parametrize("asked", ["0", "99", "-1", "x", "9" * 300, "²"])
def test_a_leaf_that_is_not_there_gives_one_that_is(client, lists, asked):
    for address in lists(range(3)):
        assert "Page number" in read(client, f"{address}?page={asked}").text


def test_a_search_for_handouts_stays_when_leafing(client, lists):
    lists(range(5))
    page = read(client, f"{reverse('handout-list')}?q=number")
    assert "5 handouts with" in page.text
    onward = next(link["href"] for link in page.all("a") if link.get("rel") == "next")
    assert "q=number" in onward


def test_long_lists_ask_as_much_as_short_ones(client, lists):
    def asked(addresses):
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as questions:
                client.get(address)
            counts.append(len(questions))
        return counts

    few = asked(lists(range(3)))
    assert asked(lists(range(3, 9))) == few
