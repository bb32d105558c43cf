"""What is said of a text's language."""

import pytest

from education.text.lint import certainty_wording, hype_words, long_sentences, outdated_terms
from education.text.rendering import Draft, Source, render

SOURCES = {key: Source(key=key, text=f"Reference {key}") for key in ("a", "b")}


def _codes(**fields):
    return [problem.code for problem in render(Draft(**fields), SOURCES).problems]


def _problems(code, **fields):
    return [p for p in render(Draft(**fields), SOURCES).problems if p.code == code]


@pytest.mark.parametrize(
    "text",
    [
        "This is a cure.",
        "Cured in weeks",
        "a Miracle",
        "a breakthrough, at last",
        "revolutionary cells",
        "results are guaranteed",
        "it eradicates spasticity",
    ],
)
def test_hype_words_finds_what_sells(text):
    assert len(hype_words(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "secure and procured",
        "Clinics say “cure” and “miracle”.",
        'They promise "a breakthrough".',
        "a sure step, an obscure manicure",
    ],
)
def test_hype_words_passes_quotations_and_other_words(text):
    assert hype_words(text) == []


def test_hype_words_knows_chinese():
    assert hype_words("干细胞可以根治脑瘫，这是奇迹。", "zh") == ["根治", "奇迹"]
    assert hype_words("“根治”是宣传用语。", "zh") == []


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("mental retardation", "intellectual disability"),
        ("He suffers from spasticity.", "has or with"),
        ("a CP child", "child with cerebral palsy"),
        ("cerebral palsy children", "child with cerebral palsy"),
        ("wheelchair-bound", "uses a wheelchair"),
        ("normal children", "without cerebral palsy"),
        ("a handicapped boy", "disabled"),
    ],
)
def test_outdated_terms_says_what_to_write_instead(text, instead):
    [(_, suggestion)] = outdated_terms(text)
    assert instead in suggestion


@pytest.mark.parametrize(
    "text",
    ["a child with cerebral palsy", "a spastic muscle", "near normal tone", "“a CP child”",
     "disabled children", "an epileptic fit"],
)  # fmt: skip
def test_outdated_terms_passes_what_is_fair(text):
    assert outdated_terms(text) == []


def test_long_sentences_counts_more_than_25_words():
    assert long_sentences(f"{'word ' * 25}. Short.") == []
    [(sentence, count)] = long_sentences(f"{'word ' * 26}. Short.")
    assert count == 26
    assert sentence.startswith("word word")


@pytest.mark.parametrize(
    "body",
    [
        "It fell by 1.4 points.",
        "About 12 out of 100 children had pain.",
        "It fell [@a]. It rose by 3 points.",
        "- Two\n- 15 of 20 children improved",
        "| Pain |\n|---|\n| 12 of 100 |",
        "脑瘫儿童约占千分之二。",
        "**Strong: 5 children.**",
    ],
)
def test_check_finds_numbers_without_a_citation(body):
    assert _codes(body=body).count("uncited-number") == 1


@pytest.mark.parametrize(
    "body",
    [
        "It fell by 1.4 points [@a].",
        "It fell by 1.4 points. [@a]",
        "- It fell by 3. So did this by 4 [@a].",
        "Could it fall by 5 points?",
        "The GMFM-66 and code G80.1 are names.",
        "## In 2017",
        "They walk.",
        "1. Ask\n2. Wait",
    ],
)
def test_check_passes_numbers_that_are_cited_or_state_nothing(body):
    assert "uncited-number" not in _codes(body=body)


def test_check_lets_the_policy_and_questions_count_without_a_source():
    assert "uncited-number" not in _codes(kind="policy", body="We check it every 12 months.")
    assert "uncited-number" not in _codes(questions="- Name the 3 steps.")


def test_check_names_the_place_in_words_and_as_a_path():
    [problem] = _problems(
        "uncited-number",
        options=[{"slug": "x", "name": "Option X"}],
        rows=[{"slug": "r", "question": "Safe?", "cells": {"x": {"text": "In 5 children."}}}],
    )

    assert problem.where == "rows.0.x"
    assert problem.message.startswith("“Safe?”, Option X: ")
    assert not problem.blocking


@pytest.mark.parametrize(
    ("text", "certainty", "fits"),
    [
        ("It lowers stiffness.", "high", True),
        ("It probably lowers stiffness.", "high", False),
        ("It may lower stiffness.", "high", False),
        ("It was banned on 1 May 2026.", "high", True),
        ("It probably lowers stiffness.", "moderate", True),
        ("It lowers stiffness.", "moderate", False),
        ("It may lower stiffness.", "low", True),
        ("May help a little.", "low", True),
        ("It lowers stiffness. Since May 2020.", "low", False),
        ("We are very uncertain whether it helps.", "very_low", True),
        ("It may help.", "very_low", False),
        ("An operation on the back.", "not_graded", True),
        ("", "low", True),
    ],
)
def test_certainty_wording_binds_the_verb_to_the_grade(text, certainty, fits):
    assert (certainty_wording(text, certainty) == "") is fits


def test_check_looks_at_certainty_in_messages_cells_and_claims():
    found = _problems(
        "certainty-word",
        key_messages=[{"text": "It helps.", "certainty": "low"}],
        options=[{"slug": "x", "name": "X"}, {"slug": "y", "name": "Y"}],
        rows=[
            {
                "slug": "r",
                "question": "Q?",
                "cells": {
                    "x": {"text": "It helps.", "certainty": "moderate"},
                    "y": {"text": "No study.", "certainty": "low", "unknown": True},
                },
            }
        ],
        claims=[{"slug": "c", "said": "S", "answer": "It helps.", "certainty": "very_low"}],
    )

    assert [problem.where for problem in found] == ["key_messages.0", "rows.0.x", "claims.0"]


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("## One\n\n### Two\n\n## Three", []),
        ("## One\n\n#### Three", ["heading-order"]),
        ("### Too deep", ["heading-order"]),
        ("# Title", ["heading-level"]),
        ("##\n", ["heading-empty"]),
    ],
)
def test_check_follows_the_order_of_headings(body, codes):
    problems = [p for p in render(Draft(body=body), {}).problems if p.code.startswith("heading")]
    assert [problem.code for problem in problems] == codes
    assert all(problem.blocking for problem in problems)


def test_check_warns_of_a_hard_text_once_it_is_long_enough():
    hard = "Multidisciplinary rehabilitation necessitates longitudinal coordination. "

    assert "reading-grade" not in _codes(body=hard * 5)
    [problem] = _problems("reading-grade", body=hard * 30)
    assert "too hard" in problem.message
    assert not problem.blocking


def test_check_counts_warnings():
    warning = "::: warning Stop\nWords.\n:::\n\n"
    assert "many-warnings" not in _codes(body=warning * 2)
    assert "many-warnings" in _codes(body=warning * 3)


def test_check_leaves_quotations_alone():
    assert _codes(body="> This miracle suffers from hype.") == []
