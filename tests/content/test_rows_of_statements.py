"""
Shipped texts say of an effect what its row of the shipped table of findings says, or less.

So the same statement has the same certainty and direction in every text. Nothing here needs a
database.
"""

from functools import cache

import pytest

from education.text.findings import GRADES
from education.text.named_rows import graded_parts, name_rows
from education.text.tree import findings_of
from tests.content.test_content import CONTENT, FILES, article, rendered

TABLE = CONTENT / "articles" / "table-of-findings.md"
TEXTS = [path for path in FILES if article(path).draft.kind != "findings"]
# Graded statements that are about no effect on a child: how common cerebral palsy is, what sellers
# say, cells in a dish or in another disease, prices, whom a guideline means, whether to wait.
WITHOUT_ROW = {
    "claims-you-may-hear": {
        "cerebral-palsy-is-common", "cerebral-palsy-brings-other-difficulties",
        "stem-cells-as-a-miracle", "hundred-billion-nerve-cells",
        "new-nerve-cells-would-heal-the-brain", "do-new-nerve-cells-survive",
        "few-stem-cells-become-nerve-cells", "batches-of-cells-differ",
        "nerves-grow-a-millimetre-a-day", "trials-were-not-well-controlled",
        "stem-cells-cost-tens-of-thousands", "fspr-is-cheaper",
        "not-even-the-laboratory-has-results", "wait-and-the-chance-is-lost",
        "first-choice-for-every-child", "fspr-beats-ordinary-rhizotomy",
    },
    "glossary": {"key_messages.1"},
    "stem-cells-or-fspr": {
        "what-is-it-for.stem-cells", "who-might-it-suit.rhizotomy", "waiting.rhizotomy",
        "waiting.standard-care", "child-who-does-not-walk.stem-cells",
    },
}  # fmt: skip


@cache
def rows():
    """The rows of the table that ships, by their ids."""
    tree = rendered(TABLE).tree
    return {row["slug"]: row for outcome in findings_of(tree) for row in outcome["rows"]}


def name_of(tree, where):
    """A claim by its slug, a cell by row and option, a key message by its path."""
    kind, _, place = where.partition(".")
    if kind == "claims":
        return tree["claims"][int(place)]["slug"]
    if kind == "rows":
        number, _, option = place.partition(".")
        return f"{tree['comparison']['rows'][int(number)]['slug']}.{option}"
    return where


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_no_statement_says_more_than_its_row_or_another_direction(path):
    tree = rendered(path).tree

    problems = name_rows(tree, rows())

    assert [problem.message for problem in problems if problem.code != "row-missing"] == []
    without = {name_of(tree, p.where) for p in problems if p.code == "row-missing"}
    assert without == WITHOUT_ROW.get(path.stem, set())


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_statement_has_the_label_of_its_row(path):
    named = [part for _, _, part in graded_parts(rendered(path).tree) if part.get("finding")]

    other = [
        (part["finding"], part["certainty"], rows()[part["finding"]]["certainty"])
        for part in named
        if part["certainty"] != rows()[part["finding"]]["certainty"]
    ]
    assert other == []


def test_a_statement_rests_on_a_work_of_its_row():
    """A statement and its row cite at least one work in common, or it is about something else."""
    apart = []
    for path in TEXTS:
        tree = rendered(path).tree
        for where, _, part in graded_parts(tree):
            if part.get("finding") and part["certainty"] in GRADES:
                keys = set(_cited(part["c"]))
                if not keys & set(rows()[part["finding"]]["evidence"]):
                    apart.append((path.stem, name_of(tree, where), part["finding"]))
    assert apart == []


def _cited(nodes):
    for node in nodes:
        if node["t"] == "cite":
            yield from (item["key"] for item in node["items"])
        for group in (node.get("c", []), *node.get("items", [])):
            if isinstance(group, list):
                yield from _cited(group)
