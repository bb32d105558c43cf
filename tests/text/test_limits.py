"""Hostile and mistaken input ends in bounded work, a drawn text and a clear problem."""

import pytest

from education.text import rendering as limits
from education.text.markdown import LONGEST_PARAGRAPH, MOST_PROBLEMS
from education.text.rendering import Draft, Source, cited_keys, render
from education.text.tree import children, plain

MEGABYTE = 1_000_000
SOURCES = {"a": Source(key="a", text="A")}


def codes(draft):
    return {problem.code for problem in render(draft, SOURCES).problems if problem.blocking}


def depth(nodes):
    return max(
        (1 + max((depth(group) for group in children(node)), default=0) for node in nodes),
        default=0,
    )


@pytest.mark.parametrize(
    "typed",
    [
        "[" * 10 * MEGABYTE,
        "[@a] " * 2 * MEGABYTE,
        "> " * MEGABYTE,
        "*a **b " * MEGABYTE,
        "x" * MEGABYTE,
    ],
    ids=["brackets", "citations", "quotes", "emphasis", "one word"],
)
def test_text_of_megabytes_is_cut_and_said_so(typed):
    result = render(Draft(body=typed), SOURCES)

    assert "too-long" in {problem.code for problem in result.problems if problem.blocking}
    assert len(result.text) <= limits.LONGEST_BODY


def test_all_fields_together_are_bounded():
    parts = [{"text": "x" * limits.LONGEST_FIELD}] * limits.MOST_PARTS
    result = render(Draft(key_messages=parts), {})
    assert len(result.text) <= limits.LONGEST_TEXT + limits.MOST_PARTS


def test_more_parts_than_a_page_can_hold_are_cut():
    draft = Draft(
        options=[{"slug": str(n), "name": str(n)} for n in range(1000)],
        rows=[{"slug": str(n), "question": "Q", "cells": {}} for n in range(1000)],
    )
    tree = render(draft, {}).tree
    assert len(tree["comparison"]["options"]) == limits.MOST_OPTIONS
    assert len(tree["comparison"]["rows"]) == limits.MOST_PARTS
    assert "too-long" in codes(draft)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("> " * 200 + "deep", "too-deep"),
        ("".join("  " * n + "- x\n" for n in range(200)), "too-deep"),
        ("".join(":" * (300 - n) + " note\n" for n in range(200)), "too-deep"),
        ("*a **b " * 200 + "b** a*" * 200, "too-deep"),
        ("x" * (LONGEST_PARAGRAPH + 1), "too-long"),
        ("|a" * 300 + "|\n" + "|-" * 300 + "|\n" + "a\n" * 300, "too-long"),
        ("a|b\n-|-\n" * 3000, "too-long"),
    ],
)
def test_deep_or_wide_text_is_drawn_flat_and_said_so(typed, code):
    result = render(Draft(body=typed), {})

    assert code in {problem.code for problem in result.problems if problem.blocking}
    assert depth(result.tree["body"]) < 60


def test_a_paragraph_too_long_to_parse_is_shown_as_typed():
    typed = "word [@a] " * (LONGEST_PARAGRAPH // 8)
    assert plain(render(Draft(body=typed), SOURCES).tree["body"]) == typed.strip()


@pytest.mark.parametrize(
    "typed",
    ["![" * 20_000, "[a](" * 20_000, "_a__b" * 15_000, "<a " * 30_000, "&#x;" * 25_000,
     "::: note\n" * 10_000, "A. " * 10_000, "“" * 90_000, "- A. B [@a]. C.\n" * 2_000,
     "```icons\n" * 10_000, "\\" * 90_000, "".join("`" * n + "x" for n in range(1, 400))],
)  # fmt: skip
def test_patterns_that_trouble_parsers_are_drawn(typed):
    assert render(Draft(body=typed), SOURCES).tree["body"]
    cited_keys(Draft(body=typed))


def test_problems_are_bounded_and_said_once():
    many = render(Draft(body="\n\n".join(f"x [@k{n}]." for n in range(2_000))), {})
    same = render(Draft(body="x [@k].\n\n" * 100), {})

    assert len(many.problems) == MOST_PROBLEMS
    assert len(same.problems) == 1


@pytest.mark.parametrize("value", [None, 5, "", [], {}])
def test_parts_may_lack_what_an_unfinished_form_lacks(value):
    draft = Draft(
        short_answer=value,
        key_messages=[{"text": value}, {}],
        options=[{"slug": "x", "name": value}],
        rows=[{"slug": value, "question": value, "cells": None}, {"cells": {"x": {"text": value}}}],
        claims=[{"said": value}],
        terms=[{"term": value, "also": None}],
    )
    assert render(draft, {}).tree["key_messages"][1]["certainty"] == "not_graded"
