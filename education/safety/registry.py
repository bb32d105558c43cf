"""
What registries say became of a work: Crossref's answers and the Retraction Watch file.

Only reading and comparing. A registry can be wrong, so what is found is reported to the editors,
and nothing else follows until a person records it.
"""

import csv
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from education.errors import EditorialError
from education.evidence.client import CROSSREF
from education.evidence.identifiers import normalise_doi, normalise_pmid
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.web import WrongAnswerError, get_json

Status = StatusEvent.Status

# Crossref's kinds of update (Crossref, "Crossmark: Updates", and its REST API's ``update-type``).
# A kind that is not here, such as "addendum", changes nothing that is said of the work.
STATUS_OF_UPDATE: dict[str, StatusEvent.Status] = {
    "retraction": Status.RETRACTED,
    "partial_retraction": Status.RETRACTED,
    "removal": Status.RETRACTED,
    "withdrawal": Status.RETRACTED,
    "expression_of_concern": Status.CONCERN,
    "clarification": Status.CORRECTED,
    "correction": Status.CORRECTED,
    "corrigendum": Status.CORRECTED,
    "erratum": Status.CORRECTED,
    "new_edition": Status.SUPERSEDED,
    "new_version": Status.SUPERSEDED,
}

# The file's column ``RetractionNature``; "Reinstatement" takes a status back, which people decide.
STATUS_OF_NATURE: dict[str, StatusEvent.Status] = {
    "retraction": Status.RETRACTED,
    "expression of concern": Status.CONCERN,
    "correction": Status.CORRECTED,
}

COLUMNS = frozenset({"OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature"})

# The longest field seen in the file is a list of reasons of some kilobytes.
csv.field_size_limit(1_000_000)


class BadRegistryFileError(EditorialError):
    """The file is not a Retraction Watch file, or can't be read."""


@dataclass(frozen=True)
class Update:
    """Something a registry says became of a work."""

    status: StatusEvent.Status
    kind: str
    source: str
    doi: str = ""
    pmid: str = ""
    on: datetime.date | None = None
    notice_doi: str = ""
    details: str = ""

    @property
    def reference(self) -> str:
        """One name for one change, whichever registry reports it: its status and its notice."""
        return f"{self.status.value} {self.notice_doi or self.on or self.kind}"[:300]

    @property
    def report(self) -> str:
        """What is said, in sentences for an editor."""
        sentence = f"{self.source} reports: {self.kind}"
        if self.on:
            sentence += f" of {self.on.isoformat()}"
        if self.notice_doi:
            sentence += f", https://doi.org/{self.notice_doi}"
        return f"{sentence}. {self.details}".strip()


def ask_crossref(doi: str) -> list[Update]:
    """
    Ask Crossref what became of a work.

    Raises ``EvidenceImportError`` naming the DOI when there is no answer, ``UnknownWorkError`` when
    the DOI was registered elsewhere.
    """
    subject = f"DOI {doi}"
    path = f"/v1/works/{quote(doi, safe='')}"
    answer = get_json(CROSSREF, path, subject=subject, accept="application/json")
    message = answer.get("message") if isinstance(answer, Mapping) else None
    if not isinstance(message, Mapping):
        raise WrongAnswerError(f"Crossref answered about {subject} without a record.")
    if normalise_doi(str(message.get("DOI") or "")) != normalise_doi(doi):
        raise WrongAnswerError(f"Crossref answered about another work than {subject}.")
    return updates_in(message)


def updates_in(message: Mapping[str, Any]) -> list[Update]:
    """
    What Crossref's record of a work says became of it.

    ``message`` is the ``message`` of an answer to ``works/{doi}``. Its ``updated-by`` names what
    updates this work; ``update-to`` stands in notices and names what they update, so it is not
    about the work that was asked for. Entries of another shape are passed over.
    """
    entries = message.get("updated-by")
    updates = []
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict):
            continue
        kind = str(entry.get("type") or "").strip().lower().replace("-", "_").replace(" ", "_")
        if kind not in STATUS_OF_UPDATE:
            continue
        source = "Retraction Watch" if entry.get("source") == "retraction-watch" else "Crossref"
        updates.append(
            Update(
                status=STATUS_OF_UPDATE[kind],
                kind=kind.replace("_", " "),
                source=source,
                doi=normalise_doi(str(message.get("DOI") or "")),
                on=_crossref_date(entry.get("updated")),
                notice_doi=normalise_doi(str(entry.get("DOI") or "")),
            )
        )
    return list({update.reference: update for update in updates}.values())


def retraction_watch(path: Path) -> Iterator[Update]:
    """
    Yield what a downloaded Retraction Watch file says, row by row.

    The file is as Crossref offers it: comma-separated with a heading, months before days, and not
    always clean UTF-8. Raises ``BadFileError`` where it is something else.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.DictReader(file)
            if not set(rows.fieldnames or ()) >= COLUMNS:
                wanted = ", ".join(sorted(COLUMNS))
                raise BadRegistryFileError(
                    f"{path}: this is no Retraction Watch file; it needs {wanted}."
                )
            for row in rows:
                update = _update_of_row(row)
                if update is not None:
                    yield update
    except OSError as error:
        raise BadRegistryFileError(f"{path}: {error.strerror}.") from error
    except csv.Error as error:
        raise BadRegistryFileError(f"{path}, line {rows.line_num}: {error}.") from error


def is_news(item: EvidenceItem, update: Update) -> bool:
    """
    Whether nothing recorded of the item covers the update yet.

    A status of that kind covers every report up to its date, lifted or not: people have judged it.
    """
    events = item.status_events.filter(status=update.status, lifts=None)
    if update.on:
        events = events.filter(occurred_on__gte=update.on)
    return not events.exists()


def _update_of_row(row: Mapping[str, Any]) -> Update | None:
    nature = _cell(row, "RetractionNature").lower()
    doi = normalise_doi(_cell(row, "OriginalPaperDOI"))
    pmid = normalise_pmid(_cell(row, "OriginalPaperPubMedID"))
    if nature not in STATUS_OF_NATURE or not (doi or pmid):
        return None
    reasons = "; ".join(
        reason.strip().lstrip("+") for reason in _cell(row, "Reason").split(";") if reason.strip()
    )
    return Update(
        status=STATUS_OF_NATURE[nature],
        kind=nature,
        source="Retraction Watch",
        doi=doi,
        pmid=pmid,
        on=_us_date(_cell(row, "RetractionDate")),
        notice_doi=normalise_doi(_cell(row, "RetractionDOI")),
        details=f"Reasons given: {reasons}." if reasons else "",
    )


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def _crossref_date(value: Any) -> datetime.date | None:
    """The day of Crossref's ``{"date-parts": [[2021, 3, 4]]}``; the first of what is missing."""
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    if not isinstance(first, Sequence) or not all(isinstance(part, int) for part in first):
        return None
    try:
        return datetime.date(*[*first, 1, 1][:3]) if first else None
    except (ValueError, OverflowError):
        return None


def _us_date(value: str) -> datetime.date | None:
    """The day of ``8/16/2023 0:00``, or of an ISO date; None for anything else."""
    day = value.partition(" ")[0]
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.datetime.strptime(day, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
