"""How far a study says something of a certain child."""

import pytest

from education.evidence.models import EvidenceItem
from education.evidence.people_studied import (
    AGE_BANDS,
    Child,
    ages_in_words,
    band_of,
    level_of,
    levels_in_words,
)


def studied(youngest=None, oldest=None, levels=()):
    return EvidenceItem(age_from_months=youngest, age_to_months=oldest, gmfcs_levels=list(levels))


def test_every_age_of_a_child_is_in_one_band():
    ages = [year for band in AGE_BANDS for year in range(band.youngest, band.oldest + 1)]
    assert ages == list(range(18))


@pytest.mark.parametrize(
    ("asked", "band"),
    [("4-5", "4-5"), ("4", "4-5"), ("0", "0-1"), ("17", "13-17"), ("18", None), ("", None),
     ("4-6", None), ("-4", None), ("٤", None), ("4" * 5000, None)],
)  # fmt: skip
def test_an_age_is_asked_for_by_band_or_by_year(asked, band):
    found = band_of(asked)
    assert (found.value if found else None) == band


@pytest.mark.parametrize(
    ("asked", "level"), [("2", 2), ("II", 2), ("iv", 4), ("0", None), ("6", None), ("x", None)]
)
def test_a_level_is_asked_for_in_either_way_of_writing(asked, level):
    assert level_of(asked) == level


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (studied(48, 168), "Included children of this age"),
        (studied(24, 60), "Included children of this age"),
        (studied(None, 228), "Included children of this age"),
        (studied(24, None), "Included children of this age"),
        (studied(60, 168), "Included some children of this age"),
        (studied(12, 48), "Included some children of this age"),
        (studied(72, 168), "Older children only"),
        (studied(12, 47), "Younger children only"),
        (studied(252, None), "Adults only"),
        (studied(), "Not reported"),
        (None, "Not reported"),
    ],
)
def test_ages_are_compared_with_those_studied(item, words):
    assert Child(age=band_of("4-5")).fit(item).words == words


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ([2, 3], "Included children at this movement level"),
        ([4, 5], "Only children who move less easily"),
        ([1], "Only children who move more easily"),
        ([1, 4], "Other movement levels only"),
        ([], "Not reported"),
    ],
)
def test_levels_are_compared_with_those_studied(levels, words):
    assert Child(level=2).fit(studied(levels=levels)).words == words


@pytest.mark.parametrize(
    ("item", "match", "words"),
    [
        (studied(36, 108, [2, 3]), "included", "Included children like yours"),
        (
            studied(36, 108),
            "partly",
            "Included children of this age; movement levels not reported",
        ),
        (
            studied(36, 108, [4, 5]),
            "others",
            "Included children of this age; only children who move less easily",
        ),
        (studied(72, 108), "others", "Older children only; movement levels not reported"),
        (studied(60, 108, [2]), "partly",
         "Included some children of this age; included children at this movement level"),
        (studied(), "unknown", "Not reported"),
    ],
)  # fmt: skip
def test_both_together_are_told_together(item, match, words):
    fit = Child(age=band_of("4-5"), level=2).fit(item)
    assert (fit.match, fit.words) == (match, words)


def test_a_statement_is_marked_where_its_studies_match_or_clearly_do_not():
    child = Child(age=band_of("4-5"), level=2)
    like, older, silent = studied(36, 108, [2]), studied(72, 108, [2]), studied()
    half = studied(36, 108)
    older_silent, walk_less = studied(72, 108), studied(36, 108, [4, 5])

    assert child.fit_of_all([like, like]).words == "Included children like yours"
    both = child.fit_of_all([silent, older, like])
    assert both.match == "included"
    assert both.words == "1 of 3 studies included children like yours"
    assert child.fit_of_all([older_silent]).words == "Older children only"
    assert child.fit_of_all([walk_less]).words == "Only children who move less easily"
    assert child.fit_of_all([older, walk_less]).words == "Other children only"
    for unclear in ([], [silent], [half], [silent, older], [half, walk_less]):
        assert child.fit_of_all(unclear) is None


def test_what_holds_for_most_rules_nobody_out():
    item = studied(None, 95, [2, 3])
    item.ages_of_most = item.levels_of_most = True

    assert Child(level=2).fit(item).match == "included"
    away = Child(age=band_of("9-12"), level=5).fit(item)
    assert (away.match, away.words) == (
        "partly", "Mostly younger children; mostly children who move more easily",
    )  # fmt: skip
    assert Child(level=5).fit_of_all([item]) is None
    assert ages_in_words(item) == "mostly up to 7 years 11 months"
    assert levels_in_words(item) == "mostly II, III"
