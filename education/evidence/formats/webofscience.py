"""
Web of Science's tagged format (``.ciw``, and its "plain text"). Read, never written.

Two letters, a blank, a value; lines below that begin with blanks go on with it, one name a line.
``PT`` begins a record, ``ER`` ends it.
Tags: https://webofscience.help.clarivate.com/en-us/Content/wos-core-collection/woscc-field-tags.html
"""

import re
from typing import Any

from education.evidence.formats.record import (
    Record,
    decoded,
    failure,
    limited,
    line_of_text,
    result,
    too_large,
)
from education.evidence.formats.tagged import (
    TaggedRecord,
    Tags,
    date_of,
    first_of_each,
    not_taken_over,
    person,
    tagged_records,
)
from education.evidence.identifiers import normalise_pmid

_LINE = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|\s*)")
_TEXTS = {
    "TI": "title", "SO": "container-title", "JI": "container-title-short", "VL": "volume",
    "IS": "issue", "AR": "number", "PU": "publisher", "PI": "publisher-place", "LA": "language",
    "DI": "DOI", "D2": "DOI",
}  # fmt: skip
_USED = {
    *_TEXTS, "PT", "AU", "AF", "BA", "BF", "CA", "GP", "BE", "ED", "BP", "EP", "PD", "PY", "EA",
    "PM", "DT", "SU",
}  # fmt: skip
_NAMES = {
    "AB": "abstract", "DE": "keywords", "ID": "keywords",
    "C1": "affiliations", "C3": "affiliations",
    "RP": "affiliations", "EM": "addresses of authors", "RI": "identifiers of authors",
    "OI": "identifiers of authors", "FU": "grants", "FX": "grants", "FP": "grants",
    "CR": "what it cites", "SE": "the series", "BS": "the series", "CT": "the conference",
    "CY": "the conference", "CL": "the conference", "SP": "the conference", "HO": "the conference",
    "SI": "that it is a special issue", "PN": "the part", "MA": "number of the meeting abstract",
    "SN": "ISSN", "EI": "ISSN", "BN": "ISBN", "WC": "subjects", "SC": "subjects",
    **dict.fromkeys(
        ("J9", "PA", "NR", "TC", "Z9", "Z8", "ZB", "U1", "U2", "PG", "GA", "UT", "OA", "HC", "HP",
         "DA", "FN", "VR", "WE", "EF"), ""
    ),
}  # fmt: skip
_TYPES = {"J": "article-journal", "B": "book", "S": "chapter", "P": "patent"}


def parse(data: bytes) -> list[Record]:
    """Read ``.ciw``; never raises."""
    return too_large(data) or limited(
        _record(tagged) for tagged in tagged_records(decoded(data), _LINE, begins="PT", ends="ER")
    )


def _record(tagged: TaggedRecord) -> Record:
    first = first_of_each(tagged.tags)
    if not tagged.is_ended:
        reason = "it has no ER line; the file may be cut short."
        name = line_of_text(first.get("TI"))
        return failure(reason, position=tagged.position, line=tagged.line, name=name)
    note = not_taken_over(tagged.tags, _USED, _NAMES)
    return result(_csl(tagged.tags, first), position=tagged.position, line=tagged.line, note=note)


def _csl(tags: Tags, first: dict[str, str]) -> dict[str, Any]:
    """Return the raw CSL fields of one record."""
    csl: dict[str, Any] = {"type": _type(first)}
    for tag, field in _TEXTS.items():
        if tag in first:
            csl.setdefault(field, line_of_text(first[tag]))
    if csl["type"] == "book":
        csl.pop("container-title", None)
    # Full names where the database has them.
    written = next((first[tag] for tag in ("AF", "AU", "BF", "BA") if tag in first), "")
    csl["author"] = [person(name) for name in written.split("\n") if name]
    groups = "\n".join(first.get(tag, "") for tag in ("CA", "GP"))
    csl["author"] += [{"literal": name} for name in groups.split("\n") if name]
    editors = first.get("BE") or first.get("ED") or ""
    csl["editor"] = [person(name) for name in re.split(r"[\n;]", editors) if name.strip()]
    if supplement := first.get("SU"):
        csl["issue"] = f"{csl.get('issue', '')} Suppl {supplement}".strip()
    csl["page"] = "-".join(dict.fromkeys(filter(None, (first.get("BP"), first.get("EP")))))
    csl["issued"] = date_of(f"{first.get('PD', '')} {first.get('PY', '')}") or date_of(
        first.get("EA", "")
    )
    csl["PMID"] = normalise_pmid(first.get("PM", ""))
    kinds = {kind.strip().lower() for kind in line_of_text(first.get("DT")).split(";")}
    if kinds & {"retracted publication", "withdrawn publication"}:
        csl["updated-by"] = [{"type": "retraction", "DOI": ""}]
    return csl


def _type(first: dict[str, str]) -> str:
    kinds = line_of_text(first.get("DT")).lower()
    if "proceedings paper" in kinds and "article" not in kinds.split("; "):
        return "paper-conference"
    if "book chapter" in kinds or ("SE" in first and first.get("PT") == "B" and "SO" in first):
        return "chapter"
    return _TYPES.get(first.get("PT", ""), "document")
