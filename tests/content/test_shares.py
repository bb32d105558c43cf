"""
Shares are told out of 100, as whole people; out of 1,000 where something is below one in a hundred.

One way in a row, table, picture or paragraph, never finer than the people counted, and the same on
every page. Nothing here needs a database.
"""

import re
from collections import defaultdict

import pytest

from education.text.tree import findings_of, plain
from tests.content.test_content import FILES, rendered
from tests.content.test_numbers import LEDGER, records

# One person of fewer than so many is more than two of a hundred: they are told as counted.
FEWEST_FOR_A_SHARE = 50
FEWEST_FOR_A_THOUSAND = 1_000
OF_100 = re.compile(r"\b(?:out of|of|in|in every|of every|for every) 100\b", re.IGNORECASE)
OF_1000 = re.compile(r"\b(?:out of|in|in every|of every|for every|per) 1,000\b", re.IGNORECASE)
# Of births in whole countries, where the part after the point is people.
OF_BIRTHS = re.compile(r"\d\.\d (?:for|in|of) (?:every )?1,000\b")
FRACTION = re.compile(
    r"\d\.\d+ ?(?:%|(?:out of|of|in|in every|of every|for every|per) 1(?:00|,000)\b)"
)
BELOW_ONE = re.compile(r"\b(?:fewer|less) than 1 (?:out of|of|in|in every|per) 100\b")


def units(tree):
    """Each paragraph, item, table, picture, cell, claim and row of findings, as words."""

    def of_blocks(blocks):
        for block in blocks:
            match block["t"]:
                case "list":
                    for item in block["items"]:
                        yield from of_blocks(item)
                case "callout":
                    yield from of_blocks(block["c"])
                case "code" | "rule":
                    pass
                case _:
                    yield plain([block])

    yield plain(tree["short_answer"])
    yield from (plain(message["c"]) for message in tree["key_messages"])
    yield from of_blocks([*tree["body"], *tree["unknowns"], *tree["questions"]])
    for row in (tree["comparison"] or {"rows": []})["rows"]:
        yield from (plain(cell["c"]) for cell in row["cells"])
    for claim in tree["claims"]:
        yield from of_blocks(claim["c"])
    yield from (plain(term["c"]) for term in tree["terms"])
    for outcome in findings_of(tree):
        for row in outcome["rows"]:
            yield f"{plain(row['c'])} {row['effect']}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_row_table_or_picture_counts_in_one_way_and_in_whole_people(path):
    wrong = []
    for unit in units(rendered(path).tree):
        if OF_100.search(unit) and OF_1000.search(unit):
            wrong.append(f"of 100 and of 1,000: {unit}")
        if BELOW_ONE.search(unit):
            wrong.append(f"below one of 100: {unit}")
        wrong += [
            f"a part of a person: {share[0]} in “{unit}”"
            for share in FRACTION.finditer(OF_BIRTHS.sub("", unit))
        ]
    assert wrong == []


def in_prose():
    """Each row of the ledger that counts people in words for readers, with its article."""
    return [
        (name, row)
        for name, rows in LEDGER.items()
        for row in rows
        if row.get("of") and not row["where"].startswith("findings.")
    ]


def people_in(row):
    """How many people the works of a row studied, as far as that is held."""
    held = [records()[key][0]["custom"].get("sample_size") for key in row.get("cites", ())]
    return max((size for size in held if size), default=None)


def test_no_share_is_finer_than_the_people_counted():
    finer = [
        (name, row["passage"])
        for name, row in in_prose()
        if (people := people_in(row)) is not None
        and "allows" not in row["passage"]  # how often something not seen may still happen
        and people < {"100": FEWEST_FOR_A_SHARE, "1000": FEWEST_FOR_A_THOUSAND}.get(row["of"], 0)
    ]
    assert finer == []


def test_a_share_that_a_work_gives_is_told_out_of_100_on_every_page():
    """Not "54 of the 95" here and "57 out of 100" there; few people are told as counted."""
    otherwise = [
        (name, row["passage"])
        for name, row in in_prose()
        if row.get("found") == "from a share"
        and row["of"] not in {"100", "1000"}
        and int(row["of"]) >= FEWEST_FOR_A_SHARE
    ]
    assert otherwise == []


def test_a_work_is_told_out_of_100_on_each_page_or_out_of_1000_on_each():
    told = defaultdict(set)
    for name, row in in_prose():
        for key in row.get("cites", ()):
            told[key, row["of"]].add((float(row["value"]), name))
    both = [
        (key, finer, coarser)
        for key, of in told
        if of == "1000"
        for finer in told[key, "1000"]
        for coarser in told.get((key, "100"), ())
        if round(finer[0] / 10) == coarser[0] > 0
    ]
    assert both == []
