"""What an approval is bound to: words, structure, links, citations and certainties."""

from copy import deepcopy
from dataclasses import replace

import pytest

from education.text.rendering import Draft, Source, Term, render
from education.text.wording import wording

DRAFT = Draft(
    language="en",
    kind="comparison",
    title="Does it help?",
    short_answer="It may help [@sun2017].",
    key_messages=[{"text": "It may help [@sun2017].", "certainty": "low"}],
    body=(
        "## What was found\n\nThe *tone* fell [@sun2017, p. 3]. See [the page](/about/).\n\n"
        "- One [@sun2017].\n- Two.\n\n"
        "| A | B |\n|---|---|\n| 1 | 2 |\n\n"
        "::: warning Take care\nIt is new.\n:::\n\n"
        "```icons\ncount: 2\nof: 10\ntext: 2 in 10.\n```\n\n---\n"
    ),
    unknowns="- Whether it lasts.",
    questions="- How do you know?",
    funding="Nobody paid.",
    options=[{"slug": "cells", "name": "Cells"}],
    rows=[
        {
            "slug": "what",
            "question": "What is it?",
            "cells": {"cells": {"text": "", "certainty": "not_graded", "unknown": True}},
        }
    ],
    claims=[{"slug": "it", "said": "It works.", "verdict": "overstated", "answer": "It may."}],
    terms=[{"slug": "t", "term": "Tone", "also": ["stiff", "stiffness"], "definition": "Tight."}],
)
SOURCES = {key: Source(key=key, text=key) for key in ("sun2017", "novak2016")}


def tree_of(draft=DRAFT, **terms):
    return render(draft, SOURCES, terms=terms).tree


def changed(path, value):
    """The tree with something at a path that the renderer might make of the same Markdown."""
    tree = deepcopy(tree_of())
    *way, last = path
    inside = tree
    for step in way:
        inside = inside[step]
    inside[last] = value
    return tree


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("body", 0, "id"), "another-place"),
        (("schema",), 2),
        (("references", 0, "text"), "Another way to write it."),
        (("contents",), []),
        (("body", 1, "new_property"), ""),
        (("drawings",), []),
    ],
)
def test_layout_and_what_says_nothing_is_no_wording(path, value):
    assert wording(changed(path, value)) == wording(tree_of())


def test_neither_the_extent_of_support_nor_an_explained_term_is_wording():
    explained = tree_of(tone=Term("tone", "tone", "Tightness."))
    assert explained != tree_of()
    unmarked = deepcopy(tree_of())
    (supported,) = unmarked["short_answer"]
    unmarked["short_answer"] = supported["c"]

    assert wording(explained) == wording(tree_of())
    assert wording(unmarked) == wording(tree_of())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("title",), "Another"),
        (("body", 0, "level"), 3),
        (("body", 0, "c", 0, "text"), "What was not found"),
        (("body", 3, "rows", 0, 1), []),
        (("body", 4, "kind"), "note"),
        (("body", 5, "count"), 3),
        (("body", 1, "new_property"), "which says something"),
        (("drawings",), ["brain"]),
        (("comparison", "rows", 0, "cells", 0, "unknown"), False),
        (("key_messages", 0, "certainty"), "high"),
        (("claims", 0, "verdict"), "supported"),
        (("terms", 0, "also"), ["stiffstiffness"]),
    ],
)
def test_what_a_reader_meets_is_wording(path, value):
    assert wording(changed(path, value)) != wording(tree_of())


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("[@sun2017, p. 3]", "[@novak2016, p. 3]"),
        ("[@sun2017, p. 3]", "[@sun2017, p. 4]"),
        ("(/about/)", "(/people/)"),
        ("- One [@sun2017].\n- Two.", "1. One [@sun2017].\n2. Two."),
        ("*tone*", "\\*tone\\*"),
    ],
)
def test_another_text_has_another_wording(was, becomes):
    assert was in DRAFT.body
    other = replace(DRAFT, body=DRAFT.body.replace(was, becomes))

    assert wording(tree_of(other)) != wording(tree_of())
