"""
Both treatments are held to one rule in the comparison: ranges, harms of how many, who has a stake.

Counted in the grid, where a family reads them side by side. Nothing here needs a database.
"""

import re

import pytest

from tests.content.test_content import CONTENT, article, cited, rendered
from tests.content.test_numbers import records

PATH = CONTENT / "articles" / "stem-cells-or-fspr.md"
TREATMENTS = ("stem-cells", "rhizotomy")
EFFECTS = ("stiffness", "movement")
HARMS = ("side-effects", "serious-harms")
# "Likely range" is what readers are told a confidence interval is; that none is given is told too.
RANGE = re.compile(r"likely ranges?\b", re.IGNORECASE)
OF_HOW_MANY = re.compile(
    r"\b(?:\d[\d,]*|none) (?:people |children )?(?:out )?of \d[\d,]*", re.IGNORECASE
)
WITHOUT = re.compile(r"\*\*without:?\*\*", re.IGNORECASE)
STAKE = re.compile(
    r"\b(?:sell|sells|charges?|compan(?:y|ies)|do the operation|runs? the|those who ran|paid)\b"
)
# Told of one treatment twice as often as of the other is not the same rule any more.
MOST_TIMES = 2


def cell(row, option):
    (cells,) = (one["cells"] for one in article(PATH).draft.rows if one["slug"] == row)
    return cells[option]["text"]


def told(sign, rows, option):
    """How often a treatment's cells of these rows tell it."""
    return sum(len(sign.findall(" ".join(cell(row, option).split()))) for row in rows)


@pytest.mark.parametrize(
    ("sign", "rows", "least"),
    [
        (RANGE, EFFECTS, 1),
        (OF_HOW_MANY, HARMS, 3),
        (WITHOUT, HARMS, 2),
        (STAKE, (*EFFECTS, "available", "cost", "who-paid"), 2),
    ],
    ids=["ranges", "harms of how many", "harms without it", "who has a stake"],
)
def test_both_treatments_are_told_by_the_same_rule(sign, rows, least):
    counts = {option: told(sign, rows, option) for option in TREATMENTS}

    assert min(counts.values()) >= least, counts
    assert max(counts.values()) <= MOST_TIMES * min(counts.values()), counts


@pytest.mark.parametrize("option", TREATMENTS)
def test_who_paid_rests_on_works_whose_record_says_so(option):
    grid = rendered(PATH).tree["comparison"]
    (row,) = (row for row in grid["rows"] if row["slug"] == "who-paid")
    (answer,) = (part for part in row["cells"] if part["option"] == option)
    keys = cited([node for block in answer["c"] for node in block.get("c", [])])

    said = {key for key in keys if records()[key][0]["custom"].get("funding_or_conflicts")}

    assert len(said) >= 2, keys - said
