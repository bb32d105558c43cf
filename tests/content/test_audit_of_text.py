"""``docs/audit-of-text.md`` shows how the shipped text was mended: it must quote what ships."""

import json
import re

import pytest

from education.text.figures import FIGURES

CONTENT = FIGURES.parent
TABLE = (CONTENT.parents[1] / "docs" / "audit-of-text.md").read_text(encoding="utf-8")
EVIDENCE = {
    item["id"]: item["custom"]
    for item in json.loads((CONTENT / "evidence.json").read_text(encoding="utf-8"))
}
NOTHING = "—"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.splitlines()
    if line.startswith("|") and not line.startswith(("| row", "|---"))
]


def words_alone(text: str) -> str:
    """A text without citations, emphasis, addresses of links and line breaks."""
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text.replace("**", ""))
    return re.sub(r"\s+", " ", text).strip()


def test_each_row_has_six_cells_and_there_are_some():
    assert len(ROWS) > 50
    assert [row for row in ROWS if len(row) != 6] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1].strip('`')}")
def test_new_sentence_stands_in_the_file_and_the_old_one_is_gone(row):
    _, file, old, new, _, _ = row
    text = words_alone((CONTENT / "articles" / f"{file.strip('`')}.md").read_text("utf-8"))

    assert new == NOTHING or new in text
    assert old == NOTHING or old in new or old not in text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1].strip('`')}")
def test_each_source_may_be_cited_and_was_read_as_the_table_says(row):
    *_, sources, verified = row
    for key in re.findall(r"`([\w-]+)`", sources):
        assert EVIDENCE[key]["usable_as_citation"], key
        assert EVIDENCE[key]["verified"]["level"] in verified, key


def test_every_row_that_was_wrong_is_told_to_sites_that_still_say_it():
    told = json.loads((CONTENT / "corrected.json").read_text(encoding="utf-8"))
    wrong = [
        {"row": row, "slug": file.strip("`"), "old": old, "new": "" if new == NOTHING else new}
        for row, file, old, new, *_ in ROWS
        if old != NOTHING and (row.isdigit() or row == "not in its record")
    ]

    assert len(wrong) > 100
    assert told == wrong
