"""Long lists come a leaf at a time, and ask the database as much as short ones."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from education.public import paging, people
from education.public.views import machines
from education.publishing.models import Publication
from education.publishing.operations import withdraw
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
    make_topic,
)
from tests.public.reading import FOUND, make_claims, read

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


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


def leaves(client, address):
    """Every leaf of a list from the one at an address on, each of which says its number."""
    found = []
    while True:
        page = read(client, address)
        found.append(page)
        title = re.search("<title>(.*?)</title>", client.get(address).content.decode())[1]
        assert (f", page {len(found)} ·" in title) == (len(found) > 1), title
        onward = [link["href"] for link in page.all("a") if link.get("rel") == "next"]
        if not onward:
            return found
        address = f"{address.partition('?')[0]}{onward[0]}"


def test_each_page_is_on_one_leaf_and_leaves_lead_on(client, lists):
    for address in lists(range(5)):
        seen = [
            number
            for page in leaves(client, address)
            for number in range(5)
            if f"Page number {number}" in page.text
        ]
        assert seen == list(range(5)), address


def test_every_change_is_on_one_leaf_the_newest_first(client, lists):
    first = make_publication(draft=make_draft(title="Of quokkas"))
    for number in range(4):
        first = make_next_publication(first, what_changed=f"Reason number {number}.")
    withdraw(publication=first, by=make_editor(), reason="Reason number 4.")
    found = leaves(client, reverse("corrections"))
    said = [re.findall(r"Reason number (\d)\.", page.text) for page in found]
    assert said == [["4", "3"], ["2", "1"], ["0"]]


def test_every_result_is_on_one_leaf(client, lists):
    for option in ("rhizotomy", "cells"):
        for number in range(2):
            result = FOUND[0] | {"option": option, "as_reported": f"{option} {number}"}
            make_item(findings=[result])
    found = leaves(client, reverse("outcome-detail", args=["movement"]))
    said = [re.findall(r"As read: “(\w+ \d)”", page.text) for page in found]
    assert said == [["cells 0", "cells 1"], ["rhizotomy 0", "rhizotomy 1"]]


def test_everybody_is_on_one_leaf_and_leads_to_all_their_pages(client, lists, monkeypatch):
    monkeypatch.setattr(people, "MOST_PAGES", 2)
    lists(range(5))
    publications = Publication.objects.current()
    names = {one["name"] for copy in publications for one in [*copy.reviewers, *copy.writers]}
    found = leaves(client, reverse("people"))
    shown = [name for page in found for name in sorted(names) if name in page.text]
    assert shown == sorted(names)
    assert len(found) == math.ceil(len(names) / 2) > 1

    for name in names:
        theirs = [
            copy.title
            for copy in publications.order_by("title")
            if name in str([copy.reviewers, copy.writers])
        ]
        there = f"{reverse('people')}?{urlencode({'name': name})}"
        links = {link["href"] for page in found for link in page.all("a")}
        assert (there in links) == (len(theirs) > 2)
        titles = [t for page in leaves(client, there) for t in theirs if t in page.text]
        assert titles == theirs
    read(client, f"{reverse('people')}?name=Nobody", 404)


def test_a_sitemap_that_one_file_may_not_hold_is_an_index_of_files(client, lists, monkeypatch):
    lists(range(5))
    make_claims()

    def named(address):
        tree = ET.fromstring(client.get(address).content)
        return [place.text for place in tree.iter() if place.tag.endswith("}loc")]

    whole = named("/sitemap.xml")
    monkeypatch.setattr(machines, "MOST_PAGES", 2)
    parts = named("/sitemap.xml")
    assert [part.partition("?")[2] for part in parts] == ["part=1", "part=2", "part=3"]
    in_parts = [one for part in parts for one in named(part.removeprefix(settings.SITE_URL))]
    assert sorted(in_parts) == sorted(whole)
    assert client.get("/sitemap.xml?part=4").status_code == 404
    assert named("/sitemap.xml?part=0") == named("/sitemap.xml?part=1")


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
