"""
An item's details as CSL-JSON with ``custom``, there and back.

``custom`` holds what CSL has no fields for: what was studied, what was found, how it was read. The
evidence that ships with the project has this shape, and so has an item that is exported.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from education.errors import EditorialError
from education.evidence.models import EvidenceItem
from education.topics.models import Topic

# The dossier's subjects, and the topics readers know them by.
TOPIC_OF = {
    "cerebral-palsy": "cerebral-palsy",
    "stem-cell": "stem-cell-therapy",
    "fspr-sdr": "rhizotomy",
    "alternatives": "standard-care",
    "regulation": "making-a-decision",
}

COLUMN_OF = {
    "type": "csl_type",
    "title": "title",
    "author": "authors",
    "container-title": "container_title",
    "publisher": "publisher",
    "volume": "volume",
    "issue": "issue",
    "page": "page",
    "number": "number",
    "DOI": "doi",
    "PMID": "pmid",
    "PMCID": "pmcid",
    "URL": "url",
    "language": "language",
}

SUBJECT_OF = {slug: subject for subject, slug in TOPIC_OF.items()}

# What ``custom`` says of a study, under the names of an item's columns.
APPRAISAL = (
    "design", "population", "age_from_months", "age_to_months", "ages_of_most", "gmfcs_levels",
    "levels_of_most", "sample_size", "intervention",
    "comparator", "follow_up", "finding", "limitations", "funding_or_conflicts",
    "registration", "findings",
)  # fmt: skip

NOT_BIBLIOGRAPHIC = {"id", "issued", "custom", "authors_complete", *COLUMN_OF}


class BadShippedRecordError(EditorialError):
    """A record can't become an evidence item; says where and why."""


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """
    Yield each record of a JSON array with the line it begins on.

    Raises ``BadRecordError`` with file, line and reason where the file is not what it should be.
    """
    text = path.read_text(encoding="utf-8-sig")
    decoder = json.JSONDecoder()
    position = text.find("[") + 1
    if not position:
        raise BadShippedRecordError(f"{path}, line 1: this is not a list of records.")
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        line = text.count("\n", 0, position) + 1
        if position >= len(text):
            raise BadShippedRecordError(f"{path}, line {line}: the list does not end.")
        if text[position] == "]":
            return
        try:
            record, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise BadShippedRecordError(f"{path}, line {error.lineno}: {error.msg}.") from error
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            raise BadShippedRecordError(f"{path}, line {line}: a record needs an id.")
        yield line, record


def details_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an evidence item that a dossier record fills in."""
    custom = record.get("custom", {})
    verified = custom.get("verified", {})
    date = (record.get("issued", {}).get("date-parts") or [[]])[0]
    year, month, day = [*date, None, None, None][:3]
    usable = custom.get("usable_as_citation", False)
    details = {
        column: record.get(name, [] if column == "authors" else "")
        for name, column in COLUMN_OF.items()
    }
    reason = custom.get("usable_reason", "")
    return details | {
        "key": record["id"],
        "authors_complete": record.get("authors_complete", custom.get("authors_complete", True)),
        "issued_year": year,
        "issued_month": month,
        "issued_day": day,
        "csl_extra": {
            name: value for name, value in record.items() if name not in NOT_BIBLIOGRAPHIC
        },
        "design": custom.get("design", EvidenceItem.Design.OTHER),
        "topic": _topic(custom.get("topic", "")),
        "population": custom.get("population") or "",
        "age_from_months": custom.get("age_from_months"),
        "age_to_months": custom.get("age_to_months"),
        "ages_of_most": custom.get("ages_of_most", False),
        "gmfcs_levels": custom.get("gmfcs_levels") or [],
        "levels_of_most": custom.get("levels_of_most", False),
        "sample_size": custom.get("sample_size"),
        "intervention": custom.get("intervention") or "",
        "comparator": custom.get("comparator") or "",
        "follow_up": custom.get("follow_up") or "",
        "finding": custom.get("finding") or "",
        "limitations": custom.get("limitations") or "",
        "funding_or_conflicts": custom.get("funding_or_conflicts") or "",
        "registration": custom.get("registration") or "",
        "findings": custom.get("findings") or [],
        "dossier_level": verified.get("level", EvidenceItem.Level.MEMORY),
        "dossier_note": verified.get("note", ""),
        "seen_at": verified.get("seen_at", []),
        "usable": usable,
        "unusable_reason": "" if usable else reason or "not read by anyone yet",
    }


def record_of(item: EvidenceItem) -> dict[str, Any]:
    """The whole item as one record: ``details_of`` gives the same details back."""
    # A switch that is off says nothing.
    appraisal = {name: value for name in APPRAISAL if (value := getattr(item, name)) is not False}
    topic = item.topic.slug if item.topic else ""
    custom = appraisal | {
        "topic": SUBJECT_OF.get(topic, topic),
        "verified": {
            "level": item.dossier_level,
            "seen_at": item.seen_at,
            "note": item.dossier_note,
        },
        "usable_as_citation": item.usable,
        "usable_reason": item.unusable_reason,
    }
    return item.csl() | {
        "custom": {name: value for name, value in custom.items() if value not in (None, "", [])}
    }


def _topic(subject: str) -> Topic | None:
    """The topic of a subject of the dossier, or of a slug; looked up only when one is named."""
    slug = TOPIC_OF.get(subject, subject)
    return Topic.objects.filter(slug=slug).first() if slug else None
