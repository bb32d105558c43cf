"""``docs/certification.md`` quotes what ships and claims nothing that others must make true."""

import re
from functools import cache

import pytest
import yaml

from education.text.figures import FIGURES

CONTENT = FIGURES.parent
SHEETS = (CONTENT.parents[1] / "docs" / "certification.md").read_text(encoding="utf-8")
TEXTS = {
    "the comparison": "stem-cells-or-fspr",
    "the answer to the founding article": "is-stem-cell-therapy-feasible",
}
STATES = {"met", "partly", "not met", "waits", "does not apply"}
ITEMS = {
    "IPDAS": [*(f"Q{n}" for n in range(1, 7)), *(f"C{n}" for n in range(1, 7)),
              *(f"L{n}" for n in range(1, 24))],
    "DISCERN": [f"D{n}" for n in range(1, 17)],
    "PEMAT": [f"P{n}" for n in (*range(1, 13), *range(15, 27))],
}  # fmt: skip
# Only families, clinicians, the publisher or an outside assessor can make these true.
OTHERS = {"C6", "L12", "L13", "L14", "L15", "L16", "L17", "L20", "L22", "L23", "D16"}
WHO = ("families", "clinicians", "the publisher", "an outside assessor")
QUOTED = re.compile(r"“([^”]+)”")


def sheets() -> list[tuple[str, str, list[list[str]]]]:
    """Each sheet: its instrument, its text, its rows."""
    found = []
    for part in re.split(r"^## ", SHEETS, flags=re.MULTILINE)[1:]:
        instrument, _, text = part.splitlines()[0].partition(", ")
        if instrument in ITEMS:
            rows = [
                [cell.strip() for cell in line.strip("|").split("|")]
                for line in part.splitlines()
                if re.match(r"\| [A-Z]\d", line)
            ]
            found.append((instrument, TEXTS[text], rows))
    return found


@cache
def shipped(slug: str) -> str:
    """A text's words without citations, emphasis, addresses of links and line breaks."""
    text = (CONTENT / "articles" / f"{slug}.md").read_text(encoding="utf-8")
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text.replace("**", ""))
    return re.sub(r"\s+", " ", text)


def test_there_are_five_sheets_and_each_answers_every_item_once():
    assert [(instrument, slug) for instrument, slug, _ in sheets()] == [
        ("IPDAS", "stem-cells-or-fspr"),
        ("DISCERN", "stem-cells-or-fspr"),
        ("PEMAT", "stem-cells-or-fspr"),
        ("DISCERN", "is-stem-cell-therapy-feasible"),
        ("PEMAT", "is-stem-cell-therapy-feasible"),
    ]
    for instrument, _, rows in sheets():
        assert [row[0] for row in rows] == ITEMS[instrument]
        assert {row[2] for row in rows} <= STATES
        assert all(len(row) == 4 and row[3] for row in rows)


@pytest.mark.parametrize(("instrument", "slug", "rows"), sheets())
def test_every_passage_and_row_named_stands_in_the_text(instrument, slug, rows):
    text = shipped(slug)
    head = (CONTENT / "articles" / f"{slug}.md").read_text(encoding="utf-8").split("---\n")[1]
    fields = yaml.safe_load(head)
    places = {row["slug"] for row in fields.get("rows", [])}
    places |= {option["slug"] for option in fields.get("options", [])}
    for item, _, _, where in rows:
        for passage in QUOTED.findall(where):
            assert passage in text, f"{instrument} {item}: {passage}"
        for place in re.findall(r"`([\w-]+)`", where):
            assert place in places, f"{instrument} {item}: {place}"


def test_what_others_must_make_true_is_never_claimed():
    for _, _, rows in sheets():
        for item, _, state, where in rows:
            assert (state == "waits") == (item in OTHERS), item
            if state == "waits":
                assert any(who in where for who in WHO), item
