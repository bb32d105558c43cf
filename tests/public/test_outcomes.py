"""What was found, outcome by outcome: the map, the plots, and what never shares an axis."""

import math
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education.evidence.models import Finding, StatusEvent
from education.evidence.operations import change_item
from education.public.drawings import LARGEST, draw_forest, draw_map
from education.public.outcomes import (
    OutcomeComparison,
    comparisons,
    evidence_map,
    standing_findings,
)
from education.safety.operations import record_status
from tests.factories import make_editor, make_item
from tests.public.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def result(effect="1.4", low="0.3", high="2.5", **parts):
    row = {
        "outcome": "movement",
        "option": "cells",
        "given": "Cord blood, donor",
        "measure": "gmfm-66",
        "contrast": "between",
        "effect": effect,
        "low": low,
        "high": high,
        "unit": "points",
        "time_point": "12 months",
        "number_analysed": 40,
        "as_reported": "It was more.",
    }
    return row | parts


def retract(item):
    record_status(
        item=item,
        status=StatusEvent.Status.RETRACTED,
        occurred_on=timezone.localdate(),
        reason="The data could not be found.",
        by=make_editor(),
    )


# Which results ------------------------------------------------------------------------------------


def test_only_results_of_verified_works_that_still_stand_are_used():
    make_item("good2020", findings=[result()])
    make_item("waiting2020", findings=[result()], verified=False)
    edited = make_item("edited2020", findings=[result()])
    change_item(item=edited, details={"findings": [result("9", "8", "10")]}, by=None)
    retract(make_item("fallen2020", findings=[result()]))

    assert [finding.item.key for finding in standing_findings()] == ["good2020"]


# One axis -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"measure": "gmfm-percent", "unit": "percentage points"},
        {"measure": "gmfm-percent"},
        {"unit": "points a year"},
        {"contrast": "within"},
        {"option": "rhizotomy"},
        {"outcome": "daily-life"},
    ],
)
def test_results_of_different_scales_never_share_an_axis(other):
    make_item(findings=[result(), result("3.3", "0.6", "5.9")])
    make_item(findings=[result(**other), result("7", "2", "12", **other)])
    found = standing_findings()

    with pytest.raises(ValueError, match="can't share an axis"):
        OutcomeComparison(found)
    for comparison in comparisons(found):
        assert len({(one.measure, one.unit, one.option) for one in comparison.findings}) == 1
    drawn = {(one.measure, one.option) for one in comparisons(found)}
    assert (Finding.Measure.GMFM_66, Finding.Option.CELLS) in drawn


def test_gmfm_66_and_the_older_percentage_are_two_drawings_on_the_page(client):
    older = {"measure": "gmfm-percent", "unit": "percentage points"}
    make_item("new2020", findings=[result(), result("3.3", "0.6", "5.9")])
    make_item("old1998", findings=[result(**older), result("7", "2", "12", **older)])

    page = read(client, reverse("outcome-detail", args=["movement"]))

    labels = [svg["aria-label"] for svg in page.all("svg") if svg.get("class") == "forest"]
    assert len(labels) == 2
    assert "GMFM-66" in labels[0] + labels[1]
    assert not any("GMFM-66" in label and "percentage" in label for label in labels)


@pytest.mark.parametrize("missing", [{"low": None, "high": None}, {"contrast": "within"}])
def test_results_without_an_interval_between_groups_are_not_drawn(missing):
    make_item(findings=[result(), result(**missing)])

    assert comparisons(standing_findings()) == []


# The forest plot ----------------------------------------------------------------------------------


def forest():
    [comparison] = comparisons(standing_findings())
    return draw_forest(comparison)


def test_a_forest_places_each_result_by_its_numbers():
    make_item("a2020", findings=[result("0", "-5", "5")])
    make_item("b2020", findings=[result("5", "0", "10")])

    drawn = forest()

    a, b = drawn.bars
    assert a.effect == drawn.zero == b.low
    assert a.high == b.effect
    assert math.isclose(a.effect - a.low, a.high - a.effect)
    ticks = {tick.label: tick.x for tick in drawn.ticks}
    assert ticks["0"] == drawn.zero
    assert all(0 <= place <= drawn.width for bar in drawn.bars for place in (bar.low, bar.high))


@pytest.mark.parametrize(
    ("pooled", "lines"),
    [
        ({}, 1),
        ({"given": "Cord-tissue cells, donor"}, 0),
        ({"time_point": "6 months"}, 0),
        ({"pooled": False}, 0),
    ],
)
def test_a_pooled_line_stands_only_beside_the_same_treatment_at_the_same_time(pooled, lines):
    make_item("trial2020", findings=[result("3.3", "0.6", "5.9")])
    make_item("review2025", findings=[result(**{"pooled": True} | pooled)])

    drawn = forest()

    assert len(drawn.pooled) == lines
    for line in drawn.pooled:
        [review] = [bar for bar in drawn.bars if bar.finding.pooled]
        assert line.x == review.effect


def test_pooled_results_alone_have_no_line():
    make_item("review2022", findings=[result(pooled=True)])
    make_item("review2025", findings=[result(pooled=True)])

    assert forest().pooled == []


@pytest.mark.parametrize(("measure", "right"), [("gmfm-66", "with it"), ("ashworth", "without")])
def test_a_forest_says_which_side_is_better(measure, right):
    make_item(findings=[result(measure=measure), result(measure=measure)])

    assert forest().right == f"Better {right}"


# The map ------------------------------------------------------------------------------------------


def test_the_map_counts_works_and_shows_the_largest_and_the_lowest_grade():
    make_item("a2020", findings=[result(certainty="moderate"), result(certainty="low")])
    make_item("b2021", findings=[result(number_analysed=90)])
    make_item("c2022", findings=[result(outcome="pain", option="rhizotomy", number_analysed=None)])
    make_item("d2023", findings=[result(outcome="cost", option="other")])

    options, rows = evidence_map(standing_findings())

    assert options == [Finding.Option.CELLS, Finding.Option.RHIZOTOMY]
    assert [row.outcome for row in rows] == [Finding.Outcome.MOVEMENT, Finding.Outcome.PAIN]
    spot = rows[0].spots[0]
    assert [item.key for item in spot.items] == ["a2020", "b2021"]
    assert (spot.people, spot.certainty) == (90, "low")
    assert rows[0].spots[1].findings == []
    assert (rows[1].spots[1].people, rows[1].spots[1].certainty) == (0, "not_graded")


def test_the_areas_of_bubbles_are_as_the_numbers_of_people():
    make_item(findings=[result(number_analysed=400), result(outcome="pain", number_analysed=100)])

    options, rows = evidence_map(standing_findings())
    drawing = draw_map([option.label for option in options], rows)

    first, second = (band.bubbles[0] for band in drawing.bands)
    assert (first.r, second.r) == (LARGEST, LARGEST / 2)
    assert (first.number, second.number) == ("400", "100")


def test_the_table_says_all_that_the_map_shows(client):
    make_item("a2020", findings=[result(number_analysed=1474, certainty="low")])
    make_item("b2020", findings=[result(outcome="pain", option="rhizotomy")])

    page = read(client, reverse("outcome-list"))

    assert "Gross motor function 1 study, with 1,474 people" in page.text
    assert "Pain No result here 1 study, with 40 people" in page.text
    [drawing] = [svg for svg in page.all("svg") if svg.get("class") == "evidence-map"]
    assert drawing["role"] == "img"
    assert "table" in drawing["aria-label"]
    assert reverse("outcome-detail", args=["pain"]) in [a["href"] for a in page.all("a")]


def test_the_forests_table_has_every_number_of_the_drawing(client):
    make_item("a2020", findings=[result("3.3", "0.6", "5.9"), result("-1", "-2", "0")])

    page = read(client, reverse("evidence-detail", args=["a2020"]))

    assert page.text.count("3.3 (0.6 to 5.9)") == 1
    assert "3.3 points (95% CI 0.6 to 5.9)" in page.text
    assert "−1 points (95% CI −2 to 0)" in page.text


# Pages --------------------------------------------------------------------------------------------


def test_pages_of_outcomes_take_the_same_few_questions_however_much_was_found(client):
    addresses = [reverse("outcome-list"), reverse("outcome-detail", args=["movement"])]
    make_item(findings=[result()])

    def asked():
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as questions:
                read(client, address)
            counts.append(len(questions))
        return counts

    few = asked()
    for _ in range(5):
        make_item(findings=[result(), result(option="rhizotomy")])

    assert asked() == few
    assert max(few) <= 3


def test_outcomes_without_a_result_say_so(client):
    assert "No result is shown yet" in read(client, reverse("outcome-list")).text
    page = read(client, reverse("outcome-detail", args=["pain"]))
    assert "No study we hold has a result" in page.text
    read(client, reverse("outcome-detail", args=["luck"]), 404)


def test_names_in_drawings_are_escaped(client):
    make_item(
        "odd2020",
        authors=[{"literal": "<b>&amp;"}],
        findings=[result(given="<script>, x"), result(given="<script>, x")],
    )

    html = client.get(reverse("outcome-detail", args=["movement"])).content.decode()

    assert not re.search(r"<b>&amp;|<script>,", html)
    assert "&lt;script&gt;" in html
