"""
Statements that name a row of the published table of findings, and whether they fit it.

A key message, grid cell or claim names a row by its id (``finding``) and says which way it goes
(``direction``). The tree carries the row as it was then (``row``), so that copies keep it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from education.text.findings import GRADES
from education.text.lint import Problem
from education.text.tree import Tree, plain

# What a statement keeps of its row beside its words; approvals are bound to all of it.
KEPT = ("slug", "certainty", "direction", "direction_words")

Row = Mapping[str, Any]


def graded_parts(tree: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every statement with a certainty: the path of its field, what it is called, the part."""
    for index, message in enumerate(tree["key_messages"]):
        yield f"key_messages.{index}", f"Key message {index + 1}", message
    grid = tree["comparison"] or {"options": [], "rows": []}
    names = {option["slug"]: option["name"] for option in grid["options"]}
    for index, row in enumerate(grid["rows"]):
        for cell in row["cells"]:
            label = f"“{row['question']}”, {names[cell['option']]}"
            yield f"rows.{index}.{cell['option']}", label, cell
    for index, claim in enumerate(tree["claims"]):
        yield f"claims.{index}", f"Claim “{claim['said']}”", claim


def named_rows(tree: Mapping[str, Any]) -> list[Row]:
    """The rows that a text carries as they were when it was rendered."""
    return [part["row"] for _, _, part in graded_parts(tree) if "row" in part]


def name_rows(tree: Tree, rows: Mapping[str, Row]) -> list[Problem]:
    """
    Put beside each statement the row that it names, and say what does not fit.

    ``rows`` are those of the published table by their ids. The tree is changed in place: it was
    made for this and nothing else has seen it. What a row does not allow blocks review and
    publication; a statement with a certainty and no row is advice.
    """
    problems: list[Problem] = []
    for where, label, part in graded_parts(tree):
        slug = part.get("finding", "")
        if not slug:
            if part["certainty"] in GRADES:
                message = "no row of the table of findings is named for this certainty."
                problems.append(Problem("row-missing", f"{label}: {message}", where))
            continue
        row = rows.get(slug)
        if row is None:
            message = f"the table of findings has no row {slug}."
            problems.append(Problem("row-unknown", f"{label}: {message}", where, blocking=True))
            continue
        words = plain(row["c"], one_line=True)
        part["row"] = {"words": words} | {name: row[name] for name in KEPT}
        problems += [
            Problem(code, f"{label}: {message}", where, blocking=blocking)
            for code, message, blocking in _misfits(part, row)
        ]
    return problems


def _misfits(part: Mapping[str, Any], row: Row) -> Iterator[tuple[str, str, bool]]:
    if _rank(part["certainty"]) < _rank(row["certainty"]):
        graded, said = _words(row["certainty"]), _words(part["certainty"])
        message = f"row {row['slug']} is {graded}, and the text is surer: {said}."
        yield "row-certainty", message, True
    direction, of_row = part.get("direction", ""), _words(row["direction"])
    if not direction:
        message = f"say which way it goes; row {row['slug']} says {of_row}."
        yield "row-direction-missing", message, False
    elif direction != row["direction"]:
        message = f"row {row['slug']} says {of_row}, and the text {_words(direction)}."
        yield "row-direction", message, True


def _rank(certainty: str) -> int:
    """From 0 for the surest; what is not graded is the least sure."""
    return GRADES.index(certainty) if certainty in GRADES else len(GRADES)


def _words(name: str) -> str:
    return name.replace("_", " ")
