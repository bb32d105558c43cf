"""People with and without an option beside each other: drawn from the counts of a row, in words."""

import re

import pytest

from education.handouts.printable import Printer
from education.public.outcomes import glance
from education.text.rendering import Source, render
from education.text.tree import plain
from tests.findings_table import make_row, make_table

SOURCES = {"a2020": Source(key="a2020", text="A. 2020.")}
BOTH = {"with_option": 19, "without_option": 41, "comparator": "a pump"}


def table(**fields):
    return render(make_table(make_row("a2020", **fields), key="a2020"), SOURCES)


def pair_on_the_map(tree):
    """The words above each drawing, its name for who hears the page, filled and empty people."""
    (result,) = glance(tree)[0].results
    name = re.compile(r'aria-label="(.*?)"')
    people = re.compile(r'<path d="(M[^"]*v3[^"]*)"')
    return [
        (words, name.findall(svg)[0], *(bodies.count("v3") for bodies in people.findall(svg)))
        for words, svg in result.sides
    ]


def pair_on_paper(tree):
    printer = Printer(
        tree, size=11, short=False, references="full", black_and_white=False, site="", listed_at=""
    )
    cells = [cell for block in printer.blocks() for cell in block.get("cells", [])]
    pairs = [block for cell in cells for block in cell["c"] if block["t"] == "icons-pair"]
    return [[(plain(side["c"]), side["alt"]) for side in pair["sides"]] for pair in pairs]


def test_a_row_that_counts_both_is_drawn_side_by_side_words_first():
    result = table(**BOTH)

    assert pair_on_the_map(result.tree) == [
        ("With it: 19 of 100", "With it: 19 of 100", 19, 81),
        ("Without it (a pump): 41 of 100", "Without it (a pump): 41 of 100", 41, 59),
    ]
    assert pair_on_paper(result.tree) == [
        [
            ("With it: 19 of 100", "A drawing of 100 people, 19 of them filled in."),
            ("Without it (a pump): 41 of 100", "A drawing of 100 people, 41 of them filled in."),
        ]
    ]


def test_a_thousand_people_and_a_row_that_names_no_comparator():
    result = table(**BOTH | {"frame": 1000, "comparator": "", "without_option": 0})

    assert pair_on_the_map(result.tree) == [
        ("With it: 19 of 1,000", "With it: 19 of 1,000", 19, 981),
        ("Without it: 0 of 1,000", "Without it: 0 of 1,000", 1000),
    ]


@pytest.mark.parametrize(
    "missing",
    [{"without_option": None}, {"with_option": None, "without_option": None, "frame": None}],
    ids=["one side", "none"],
)
def test_a_row_that_counts_one_side_or_none_draws_nobody(missing):
    result = table(**BOTH | missing)

    assert pair_on_the_map(result.tree) == []
    assert pair_on_paper(result.tree) == []
