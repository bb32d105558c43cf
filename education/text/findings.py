"""What a row of a table of findings says beside its plain words, for pages, paper and versions."""

import re
from collections.abc import Mapping
from typing import Any

# From the surest to the least sure.
GRADES = ("high", "moderate", "low", "very_low")
# What a row says beside its words, its certainty and its works.
FINDING_DETAILS = (
    "about", "people", "who", "comparator", "time", "effect", "direction_words", "source_grade",
)  # fmt: skip


def shows_certainty(part: Mapping[str, Any]) -> bool:
    """
    Whether a key message, cell or claim is shown with its certainty.

    A fact has none: "not graded" beside it reads as a warning. It stays beside a statement that
    names a row which nobody graded.
    """
    return not part.get("masked") and (part["certainty"] in GRADES or "row" in part)


def direction_label(row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Which way the outcome went; the row's own words behind it where it has them."""
    if not row["direction"]:  # masked
        return ""
    unknown = row["direction"] == "not_known"
    label = labels["not_known_direction" if unknown else row["direction"]]
    return f"{label} ({row['direction_words']})" if row["direction_words"] else label


def counted(row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """How many people of 100 or 1,000, with and without the option; empty where none is counted."""
    if row["with_option"] is None:
        return ""
    with_it = labels["with_it"].format(of=f"{row['frame']:,}", count=row["with_option"])
    if row["without_option"] is None:
        return f"{with_it}; {labels['without_not_known']}"
    return f"{with_it}, {labels['without_it'].format(count=row['without_option'])}"


def counted_sides(row: Mapping[str, Any], labels: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """
    Both sides of a comparison of people, to draw beside each other: words, how many, of how many.

    Empty unless the row counts people with and without the option of the same number.
    """
    if row["with_option"] is None or row["without_option"] is None:
        return []
    of = row["frame"]
    compared = labels["people_compared" if row["comparator"] else "people_without"]
    sides = ((labels["people_with"], row["with_option"]), (compared, row["without_option"]))
    return [
        (words.format(count=count, of=f"{of:,}", comparator=row["comparator"]), count, of)
        for words, count in sides
    ]


def studied(row: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """Who was studied, what they were compared with and for how long, a line each."""
    lines = [
        row["people"],
        row["who"],
        labels["compared_with"].format(row["comparator"]) if row["comparator"] else "",
        labels["time"].format(row["time"]) if row["time"] else "",
    ]
    return [line for line in lines if line]


def effects(row: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """The effect as the sources give it, and in people."""
    return [line for line in (row["effect"], counted(row, labels)) if line]


def reasons(row: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """Why the certainty is what it is, and the grade that a source gave itself."""
    own = labels["source_grade"].format(row["source_grade"]) if row["source_grade"] else ""
    return [*row["grading"], *([own] if own else [])]


def grade_by_steps(grading: str) -> str:
    """
    The certainty that the reasons add up to: from where they start, less each step down.

    Empty where they don't tell one start and steps, as for a grade that a rule caps.
    """
    lines = grading.splitlines()
    start = re.fullmatch(r"(?:.*[:,] )?start (high|low)(?: \(.*\))?", lines[0]) if lines else None
    # A step stands at the beginning of its line; what follows may tell of another product.
    named = [re.match(r"[A-Za-z ]+ -(\d)\b", line) for line in lines[1:]]
    steps = [int(step[1]) for step in named if step]
    if not start:
        return ""
    place = GRADES.index(start[1]) + sum(steps)
    return GRADES[min(place, len(GRADES) - 1)]


def finding_lines(row: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """All of it in lines, in the order of the page."""
    direction = direction_label(row, labels)
    lines = [direction, *effects(row, labels), *studied(row, labels), *reasons(row, labels)]
    return [line for line in lines if line]
