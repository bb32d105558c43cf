"""
The findings that ship with the project: a YAML file that maps keys of evidence items to details.

For each item it holds ``findings``, a list of mappings of ``Finding.PARTS``, and what else is known
of the people studied: ``ages`` in months from and to, ``gmfcs`` levels, which of the two hold for
``most`` of them only, ``registration``. Every number stands in the item's own record.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from education.errors import EditorialError

NAMES = ("ages", "gmfcs", "most", "registration", "findings")


class BadFindingsError(EditorialError):
    """A file of findings is not what it should be; says the file, the line and the reason."""


@dataclass(frozen=True)
class FindingEntry:
    """What a file says of one item, and on which line it begins to."""

    key: str
    line: int
    details: dict[str, Any]


def read_findings(path: Path) -> list[FindingEntry]:
    """
    Read the entries of a file, in order.

    Raises ``BadFindingsError`` with file, line and reason.
    """
    text = path.read_text(encoding="utf-8-sig")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadFindingsError(f"{path}, line {line}: {error.problem}.") from error
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise BadFindingsError(f"{path}, line 1: keys of evidence items are missing.")
    entries: list[FindingEntry] = []
    for name, _ in root.value:
        line = name.start_mark.line + 1
        if name.value in {entry.key for entry in entries}:
            raise BadFindingsError(f"{path}, line {line}: {name.value} is here twice.")
        try:
            details = _details(values[name.value])
        except (ValueError, KeyError) as error:
            raise BadFindingsError(f"{path}, line {line}, {name.value}: {error}.") from error
        entries.append(FindingEntry(name.value, line, details))
    return entries


def _details(given: Any) -> dict[str, Any]:
    """The details of an item that an entry gives, under the names of its columns."""
    if not isinstance(given, dict) or not set(given) <= set(NAMES):
        raise ValueError(f"an entry has {', '.join(NAMES)} and nothing else")
    details: dict[str, Any] = {}
    if "ages" in given:
        ages = given["ages"]
        if not isinstance(ages, list) or len(ages) != 2:
            raise ValueError("ages are two numbers of months, or null for one that is not given")
        details["age_from_months"], details["age_to_months"] = ages
    if "gmfcs" in given:
        details["gmfcs_levels"] = given["gmfcs"]
    for name, column in (("ages", "ages_of_most"), ("gmfcs", "levels_of_most")):
        if name in given.get("most", ()):
            details[column] = True
    if not set(given.get("most", ())) <= {"ages", "gmfcs"} & set(given):
        raise ValueError("most names ages or gmfcs, which the entry gives")
    if "registration" in given:
        details["registration"] = given["registration"]
    if "findings" in given:
        findings = given["findings"]
        if not isinstance(findings, list) or not all(
            isinstance(finding, dict) for finding in findings
        ):
            raise ValueError("findings are a list, each with named parts")
        details["findings"] = findings
    return details
