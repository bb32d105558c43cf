"""Identifiers and titles in the form in which duplicates are found."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.evidence.identifiers import (
    clean_doi,
    normalise_doi,
    normalise_pmcid,
    normalise_pmid,
    normalised_title,
)


@pytest.mark.parametrize(
    "written",
    [
        "10.1016/S0140-6736(00)04054-X",
        "doi:10.1016/s0140-6736(00)04054-x",
        "DOI: 10.1016/S0140-6736(00)04054-X.",
        "https://doi.org/10.1016/S0140-6736(00)04054-X",
        "http://dx.doi.org/10.1016/S0140-6736%2800%2904054-X",
    ],
)
def test_normalise_doi_brings_every_spelling_to_one(written):
    assert normalise_doi(written) == "10.1016/s0140-6736(00)04054-x"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "11.1000/1",
        "10.1000",
        "10.1000/",
        "https://example.org/10.1000/1",
        "10.1000/a b",
        "https://[",
    ],
)
def test_normalise_doi_refuses_what_is_none(written):
    assert normalise_doi(written) == ""


def test_clean_doi_keeps_the_case():
    assert clean_doi("doi:10.1097/BPB.0000000000001055") == "10.1097/BPB.0000000000001055"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("35952356", "35952356"),
        (35952356, "35952356"),
        ("PMID: 0035952356", "35952356"),
        ("https://pubmed.ncbi.nlm.nih.gov/35952356/", "35952356"),
        ("http://www.ncbi.nlm.nih.gov/pubmed/35952356?dopt=x", "35952356"),
        ("0", ""),
        ("12 34", ""),
        ("PMC123", ""),
        ("12345678901", ""),
        ("１２３", ""),
    ],
)
def test_normalise_pmid_returns_the_digits_or_nothing(written, digits):
    assert normalise_pmid(written) == digits


@pytest.mark.parametrize(
    ("written", "expected"),
    [("PMC5324263", "PMC5324263"), ("PMCID: pmc05324263.2", "PMC5324263"), ("5324263", "")],
)
def test_normalise_pmcid_returns_the_id_or_nothing(written, expected):
    assert normalise_pmcid(written) == expected


def test_normalised_title_ignores_case_accents_punctuation_and_width():
    assert normalised_title("Spasticity in under‐19s: Management.") == normalised_title(
        "Spasticity in under 19s - management"
    )
    assert normalised_title("Kernicterus naïf") == normalised_title("KERNICTERUS NAIF")
    assert normalised_title("ＳＤＲ术治疗") == normalised_title("SDR术治疗")
    assert normalised_title("“三分法”单椎板") == normalised_title('"三分法"单椎板')


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text())
def test_helpers_survive_any_text_and_are_stable(text):
    for helper in (normalise_doi, normalise_pmid, normalise_pmcid, normalised_title):
        once = helper(text)
        assert helper(once) == once
