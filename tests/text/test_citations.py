"""Citations: their syntax, their numbers, and what each supports."""

import pytest

from education.text.rendering import Draft, Source, render
from education.text.tree import plain, walk

SOURCES = {key: Source(key=key, text=key) for key in ("a", "b", "c", "sun2017", "o-n_1")}


def rendered(body, **fields):
    return render(Draft(body=body, **fields), SOURCES)


def cites(result):
    return [
        [(item["key"], item["n"], item["locator"]) for item in node["items"]]
        for node in walk(result.tree["body"])
        if node["t"] == "cite"
    ]


def extents(nodes):
    """Every extent as its words and what supports them."""
    return [
        (plain(node["c"]), " ".join(node["evidence"]))
        for node in walk(nodes)
        if node["t"] == "supported"
    ]


@pytest.mark.parametrize(
    ("typed", "items"),
    [
        ("x [@sun2017].", [[("sun2017", 1, "")]]),
        ("x [@o-n_1].", [[("o-n_1", 1, "")]]),
        ("x [@a; @b, p. 3].", [[("a", 1, ""), ("b", 2, "p. 3")]]),
        ("x [@a;@b , pp.  3-5, table 2 ].", [[("a", 1, ""), ("b", 2, "pp. 3-5, table 2")]]),
        ("x [@a;\n  @b].", [[("a", 1, ""), ("b", 2, "")]]),
        ("x [@a][@b] [@a].", [[("a", 1, ""), ("b", 2, "")]]),
        ("x [@a] y [@b] z [@a].", [[("a", 1, "")], [("b", 2, "")], [("a", 1, "")]]),
        ("**x [@a]**", [[("a", 1, "")]]),
        ("[words [@a] more](/x/)", [[("a", 1, "")]]),
        ("`[@a]` \\[@a]", []),
        ("write to x@example.org [a@b.c]", []),
    ],
)
def test_citation_is_read_as_pandoc_writes_it(typed, items):
    assert cites(rendered(typed)) == items


@pytest.mark.parametrize(
    "typed",
    ["[@]", "[@a", "[@a, @b]", "[@a;]", "[see @a]", "[-@a]", "[@ä]", "[@a b]", "[@a; b]", "[@a.]"],
)
def test_malformed_citation_stays_as_typed_and_is_named(typed):
    result = rendered(f"x {typed} y")

    assert plain(result.tree["body"]) == f"x {typed} y"
    [problem] = result.problems
    assert (problem.code, problem.blocking) == ("malformed-citation", True)
    assert typed in problem.message


def test_unknown_citation_stays_as_typed_and_is_named():
    result = rendered("x [@nobody; @a].", key_messages=[{"text": "k [@nobody]."}])

    assert plain(result.tree["body"]) == "x[@nobody]."
    assert [(p.code, p.where) for p in result.problems if p.blocking] == [
        ("unknown-evidence", "key_messages.0"),
        ("unknown-evidence", "body"),
    ]
    assert [reference["key"] for reference in result.references] == ["a"]


def test_bare_key_is_pointed_out():
    assert [p.code for p in rendered("As @sun2017 found.").problems] == ["bare-citation"]


def test_numbers_follow_first_use_in_the_order_of_the_page():
    result = rendered(
        "Body [@c; @a].",
        short_answer="Answer [@b].",
        key_messages=[{"text": "Message [@c]."}],
        questions="Question [@sun2017]?",
    )

    assert [(r["n"], r["key"]) for r in result.references] == [
        (1, "b"), (2, "c"), (3, "a"), (4, "sun2017"),
    ]  # fmt: skip
    assert cites(result) == [[("c", 2, ""), ("a", 3, "")]]


def test_citation_stands_close_to_its_word():
    [paragraph] = rendered("Stiffness falls [@a].").tree["body"]
    assert [node.get("text") for node in paragraph["c"][0]["c"]] == ["Stiffness falls", None, "."]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("It fell [@a]. It rose.", [("It fell.", "a")]),
        ("It fell by e.g. 1.4 points [@a]. Next.", [("It fell by e.g. 1.4 points.", "a")]),
        ("Before. It fell [@a]. After.", [("It fell.", "a")]),
        ("It fell [@a] and rose [@b]. So.", [("It fell and rose.", "a b")]),
        ("It fell. [@a] It rose [@b].", [("It fell.", "a"), ("It rose.", "b")]),
        ("It fell.[@a] It rose.", [("It fell.", "a")]),
        ("[@a] found it. More.", [(" found it.", "a")]),
        ("**It fell [@a]. It** rose [@b].", [("It fell.", "a"), ("It rose.", "b")]),
        ("*Sun [@a] said.* Next.", [("Sun said.", "a")]),
        ("See [It fell. It rose.](/x/) now [@a]. So.", [("See It fell. It rose. now.", "a")]),
        ("“It fell.” [@a] Next.", [("“It fell.”", "a")]),
        ("痉挛减轻[@a]。效果不持久[@b]。未知。", [("痉挛减轻。", "a"), ("效果不持久。", "b")]),
        ("痉挛减轻。[@a]效果不持久。", [("痉挛减轻。", "a")]),
        ("Does it [@a]? Yes.", [("Does it?", "a")]),
        ("No citation. At all.", []),
    ],
)
def test_citation_supports_its_whole_sentence_and_no_other(typed, expected):
    assert extents(rendered(typed).tree["body"]) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("- It fell. It rose [@a].", [("It fell. It rose.", "a")]),
        ("- It fell [@a]. It rose [@b].", [("It fell.", "a"), ("It rose.", "b")]),
        ("- First. It fell [@a]. It rose [@b].",
         [("First.", "a b"), ("It fell.", "a"), ("It rose.", "b")]),
        ("- One.\n\n  Two [@a].", [("One.", "a"), ("Two.", "a")]),
        ("- Harms [@a]:\n  - pain\n  - fever [@b]",
         [("Harms:", "a"), ("pain", "a"), ("fever", "b")]),
        ("- Plain:\n  - pain [@a]", [("pain", "a")]),
        ("| A |\n|---|\n| 5. So [@a] |", [("5. So", "a")]),
        ("```icons\ncount: 1\nof: 2\ntext: 1 out of 2. So [@a].\n```",
         [("1 out of 2. So.", "a")]),
        ("::: note\nIt fell. It rose [@a].\n:::", [("It rose.", "a")]),
    ],
)  # fmt: skip
def test_citation_supports_the_whole_item_or_cell(typed, expected):
    assert extents(rendered(typed).tree["body"]) == expected


def test_citation_supports_key_messages_cells_and_the_short_answer_as_wholes():
    result = rendered(
        "",
        short_answer="Yes. Perhaps [@a].",
        key_messages=[{"text": "It may. It does [@a]."}],
        options=[{"slug": "x", "name": "X"}],
        rows=[{"slug": "r", "question": "Q", "cells": {"x": {"text": "One.\n\nTwo [@b]."}}}],
        claims=[{"slug": "c", "said": "S", "answer": "One. Two [@c]."}],
    )
    tree = result.tree

    assert extents(tree["short_answer"]) == [("Yes. Perhaps.", "a")]
    assert extents(tree["key_messages"][0]["c"]) == [("It may. It does.", "a")]
    assert extents(tree["comparison"]["rows"][0]["cells"][0]["c"]) == [("One.", "b"), ("Two.", "b")]
    assert extents(tree["claims"][0]["c"]) == [("Two.", "c")]


def test_extents_change_no_word():
    typed = "One **two [@a]. Three** four. *Five* [six. Seven](/x/) [@b]. Eight\\\nnine."
    assert plain(rendered(typed).tree["body"]) == (
        "One two. Three four. Five six. Seven. Eight nine."
    )
