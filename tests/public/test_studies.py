"""The evidence library: filtered, ordered, a page at a time, all by address."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education.evidence.models import EvidenceItem, Verification
from education.public.studies import MOST, PAGE, StudyList
from tests.factories import make_item, make_medical_reviewer, make_topic
from tests.public.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

GRADED = {
    "outcome": "movement",
    "option": "cells",
    "measure": "gmfm-66",
    "contrast": "between",
    "certainty": "low",
    "as_reported": "It was low.",
}


def keys(query):
    return [study.item.key for study in StudyList(QueryDict(query)).studies]


def make_many(number, **fields):
    """Verified items, more than the operations make in a moment."""
    start = EvidenceItem.objects.count()
    people = [make_medical_reviewer(), make_medical_reviewer()]
    items = EvidenceItem.objects.bulk_create(
        EvidenceItem(
            **{"key": f"many{n:05}", "title": f"Work {n}", "details_hash": f"{n:064}"} | fields
        )
        for n in range(start, start + number)
    )
    Verification.objects.bulk_create(
        Verification(
            item=item, by=by, as_medical_reviewer=True, level="abstract",
            details_hash=item.details_hash, at=timezone.now(),
        )
        for item in items
        for by in people
    )  # fmt: skip


@pytest.fixture
def shelf():
    cells, surgery = make_topic("stem-cell-therapy"), make_topic("rhizotomy")
    below = make_topic("long-term", parent=surgery)
    make_item("a1998", issued_year=1998, sample_size=43, topic=surgery, design="cohort")
    make_item(
        "b2015",
        issued_year=2015,
        sample_size=18,
        topic=below,
        design="cohort",
        age_from_months=36,
        age_to_months=108,
        gmfcs_levels=[2, 3],
    )
    make_item(
        "c2020",
        issued_year=2020,
        sample_size=None,
        topic=cells,
        findings=[GRADED],
        age_from_months=144,
        age_to_months=None,
        gmfcs_levels=[4, 5],
    )
    make_item("d", issued_year=None, sample_size=7, topic=cells)  # fmt: skip
    make_item("waiting2021", issued_year=2021, verified=False)


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["c2020", "b2015", "a1998", "d"]),
        ("sort=people", ["a1998", "b2015", "d", "c2020"]),
        ("sort=author", ["a1998", "b2015", "c2020", "d"]),
        ("sort=luck&topic=luck&design=luck&year=luck&page=luck", ["c2020", "b2015", "a1998", "d"]),
        ("topic=stem-cell-therapy", ["c2020", "d"]),
        ("topic=rhizotomy", ["b2015", "a1998"]),
        ("topic=long-term", ["b2015"]),
        ("design=cohort", ["b2015", "a1998"]),
        ("year=2015", ["c2020", "b2015"]),
        ("year=2015&topic=stem-cell-therapy", ["c2020"]),
        ("certainty=low", ["c2020"]),
        ("certainty=high", []),
        ("age=4-5", ["c2020", "b2015", "a1998", "d"]),
        ("age=4-5&only=1", ["b2015"]),
        ("age=9-12&only=1", ["c2020", "b2015"]),
        ("gmfcs=4&only=1", ["c2020"]),
        ("gmfcs=II&only=1", ["b2015"]),
        ("age=13-17&gmfcs=2&only=1", []),
        ("only=1", ["c2020", "b2015", "a1998", "d"]),
        ("age=-1&gmfcs=9&page=-4", ["c2020", "b2015", "a1998", "d"]),
        ("page=99999999999999999999", ["c2020", "b2015", "a1998", "d"]),
    ],
)
def test_the_library_shows_what_an_address_asks_for(query, found):
    assert keys(query) == found


@pytest.mark.usefixtures("shelf")
def test_only_is_what_is_said_to_include_such_children():
    for age in ("0-1", "2-3", "4-5", "6-8", "9-12", "13-17"):
        for level in ("", "1", "2", "3", "4", "5"):
            every = StudyList(QueryDict(f"age={age}&gmfcs={level}")).studies
            included = {
                study.item.key for study in every if study.fit.match in {"included", "partly"}
            }
            told = set(keys(f"age={age}&gmfcs={level}&only=1"))
            # A study that doesn't report the levels may be told of, but is not picked out.
            assert told <= included if level else told == included


def test_a_page_leads_to_the_next_with_everything_that_was_asked(client):
    make_topic("rhizotomy")
    make_many(2 * PAGE + 1, topic=make_topic("rhizotomy"))
    address = reverse("evidence-list")

    seen, query, pages = [], "?topic=rhizotomy&sort=author&age=4-5", 0
    while query:
        page = read(client, f"{address}{query}")
        seen += [a["href"] for a in page.all("a") if (a["href"] or "").startswith(f"{address}many")]
        onward = [a["href"] for a in page.all("a") if a.get("rel") == "next"]
        query = onward[0] if onward else ""
        pages += 1
        assert not query or {"topic=rhizotomy", "sort=author", "age=4-5"} <= set(
            query[1:].split("&")
        )

    assert pages == 3
    assert len(seen) == len(set(seen)) == 2 * PAGE + 1
    assert all(href.endswith("?age=4-5") for href in seen)


def test_every_page_takes_the_same_few_questions_with_ten_thousand_items(client):
    make_many(30, issued_year=2020, sample_size=9)
    address = reverse("evidence-list")
    queries = [
        "", "page=2", "sort=people", "sort=author", "design=other&year=2015", "certainty=low",
        "age=4-5&gmfcs=2", "age=4-5&gmfcs=2&only=1", "topic=rhizotomy",
    ]  # fmt: skip

    def asked():
        counts = []
        for query in queries:
            with CaptureQueriesContext(connection) as questions:
                read(client, f"{address}?{query}")
            counts.append(len(questions))
        return counts

    few = asked()
    make_many(9_970, issued_year=2020, sample_size=9)
    many = asked()

    assert all(after <= before <= 4 for before, after in zip(few, many, strict=True))
    page = read(client, address)
    assert f"More than {MOST} studies" in page.text
    assert "Page 1" in page.text


@pytest.mark.usefixtures("shelf")
def test_the_form_shows_what_was_chosen_and_how_to_begin_again(client):
    page = read(client, f"{reverse('evidence-list')}?design=cohort&age=5&gmfcs=III&only=1")

    chosen = {option["value"] for option in page.all("option") if "selected" in option}
    assert {"cohort", "4-5", "3", "newest"} <= chosen
    assert any("checked" in box for box in page.all("input") if box.get("name") == "only")
    assert "4 to 5 years, GMFCS level III" in page.text
    assert "Included children like yours" in page.text
    assert "Show all" in page.text


@pytest.mark.usefixtures("shelf")
def test_nothing_found_says_what_to_try(client):
    assert "No study matches" in read(client, f"{reverse('evidence-list')}?certainty=high").text


def test_an_empty_library_says_why(client):
    assert "No study is shown yet" in read(client, reverse("evidence-list")).text
