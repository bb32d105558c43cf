"""
Importing evidence: fetch or read, look through, confirm.

Fetching and reading change nothing; what came in waits as an ``EvidenceImport``. Only confirming
writes, in one transaction, and a record that is refused leaves nothing of itself behind.
"""

import datetime
import re
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from education.audit.operations import operation, record
from education.errors import EditorialError, StaleError
from education.evidence import client
from education.evidence.client import (
    EvidenceImportError,
    NoAnswerError,
    TooManyRequestsError,
)
from education.evidence.formats import parse
from education.evidence.formats.record import Record, failure, line_of_text
from education.evidence.identifiers import clean_doi, normalise_pmcid, normalise_pmid
from education.evidence.import_preview import ImportPreview, Proposal, ProposalKind, plan
from education.evidence.models import EvidenceImport, EvidenceItem
from education.evidence.operations import change_item, enter_item
from education.people.models import User

# NCBI allows three questions a second.
SECONDS_BETWEEN = 0.4
# A preview that nobody confirmed is dropped after this.
KEPT_FOR = datetime.timedelta(days=7)
# Begins the source of an import of what ships and differs; which it is, a digest behind it says.
CORRECTIONS = "Corrections of the shipped evidence"
# Begins the source of an import of a work that the evidence watch brought and a person accepted.
WATCH = "Evidence watch"


class AlreadyConfirmedError(EditorialError):
    """The import was confirmed before; pressing twice writes once."""


@dataclass
class Outcome:
    """What a confirmed import did: keys entered and changed, and what was refused, in words."""

    entered: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    # What records say became of a work: its key, and the parts of ``withdrawn.News``.
    news: list[list[str]] = field(default_factory=list)


# What comes in


def identifiers_in(text: str) -> list[str]:
    """The DOIs and PubMed ids of a text, each once; what is neither comes back too, to be named."""
    identifiers: list[str] = []
    for line in map(str.strip, text.splitlines()):
        whole = clean_doi(line) or normalise_pmid(line)
        identifiers += [line] if whole else filter(None, re.split(r"[\s,;]+", line))
    return list(dict.fromkeys(identifiers))


def fetched(identifiers: Iterable[str], *, within: float | None = None) -> list[Record]:
    """
    Ask Crossref or PubMed about each identifier; a failure is a record that says why.

    A service that asks us to wait, or gives no answer, is not asked again; nor is anybody
    ``within`` seconds later. Never called while a page is drawn, nor inside a transaction.
    """
    end = None if within is None else time.monotonic() + within
    silent: dict[bool, EvidenceImportError] = {}
    records: list[Record] = []
    for position, identifier in enumerate(identifiers, start=1):
        is_doi = bool(clean_doi(identifier))
        csl, error = None, ""
        if is_doi in silent:
            error = f"{line_of_text(identifier)[:200]} was not asked for. {silent[is_doi]}"
        elif end is not None and time.monotonic() > end:
            error = f"{line_of_text(identifier)[:200]} was not asked for: it took too long already."
        else:
            if position > 1:
                time.sleep(SECONDS_BETWEEN)
            try:
                csl = client.fetch(identifier)
            except EvidenceImportError as problem:
                error = str(problem)
                if isinstance(problem, TooManyRequestsError | NoAnswerError):
                    silent[is_doi] = problem
        records.append(Record(position, 0, csl, error))
    return records


def read(data: bytes, file_format: str = "") -> list[Record]:
    """Read a file; never raises, whatever it holds."""
    try:
        return parse(data, file_format)
    except RecursionError:
        return [failure("The file is nested too deeply.")]


def stored(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Records as JSON; messages without the signs that no database takes."""
    return [asdict(record) | {"error": line_of_text(record.error)} for record in records]


def identifiers_to_mend() -> list[Record]:
    """
    A record of each item that holds an identifier in another form than it is compared in.

    It says nothing but the identifiers: a person confirms each as they confirm any import.
    """
    records: list[Record] = []
    rows = EvidenceItem.objects.order_by("key").values_list("key", "title", "doi", "pmid", "pmcid")
    for key, title, doi, pmid, pmcid in rows.iterator():
        held = {"DOI": doi, "PMID": pmid, "PMCID": pmcid}
        plain = {
            "DOI": clean_doi(doi), "PMID": normalise_pmid(pmid), "PMCID": normalise_pmcid(pmcid)
        }  # fmt: skip
        if any(plain[name] and plain[name] != held[name] for name in held):
            details = {name: value for name, value in plain.items() if value}
            csl = {"id": key, "type": "document", "title": title, **details}
            records.append(Record(len(records) + 1, 0, csl))
    return records


def plan_of(batch: EvidenceImport) -> ImportPreview:
    """What confirming an import would do now."""
    return plan(Record(**record) for record in batch.records)


# The steps


@operation
def start_import(*, source: str, records: Iterable[Record], by: User | None) -> EvidenceImport:
    """
    Keep what came in until somebody has looked through it. Drops what nobody confirmed.

    Corrections of what ships, and accepted candidates of the watch, wait until somebody has.
    """
    now = timezone.now()
    dropped = EvidenceImport.objects.filter(confirmed_at=None, at__lt=now - KEPT_FOR)
    kept = Q(source__startswith=CORRECTIONS) | Q(source__startswith=f"{WATCH}: ")
    dropped.exclude(kept).delete()
    return EvidenceImport.objects.create(
        source=line_of_text(source)[:300] or "unnamed", records=stored(records), by=by, at=now
    )


@operation
def confirm_import(
    *,
    batch: EvidenceImport,
    by: User | None,
    take: Mapping[int, Collection[str]] | None = None,
    leave_out: Collection[int] = (),
    seen: str = "",
) -> Outcome:
    """
    Enter the new works of an import and take the record's word where ``take`` says so.

    ``take`` maps the number of a record to the fields in which it is right and our item is not;
    everything else stays as it is. A changed item waits for verification again, and approvals that
    rest on it lapse. ``seen`` is ``Plan.seen`` of what the person looked at; if it is something
    else by now, ``StaleError`` is raised and nothing is done.
    """
    batch = EvidenceImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.confirmed_at:
        raise AlreadyConfirmedError(f"The import from {batch.source} was confirmed already.")
    now_planned = plan_of(batch)
    if seen and seen != now_planned.seen:
        raise StaleError("Something changed since you looked. Here is how it is now; look again.")
    outcome = Outcome(refused=[refused.error for refused in now_planned.of(ProposalKind.REFUSED)])
    for proposal in now_planned.proposals:
        outcome.news += [[key, *news] for key, news in proposal.news]
        if proposal.number not in leave_out:
            _carry_out(proposal, (take or {}).get(proposal.number, ()), by, outcome)
    batch.records, batch.outcome = [], asdict(outcome)
    batch.confirmed_by, batch.confirmed_at = by, timezone.now()
    batch.save()
    record(
        "evidence_import.confirmed",
        batch,
        by=by,
        entered=outcome.entered,
        changed=outcome.changed,
        refused=len(outcome.refused),
    )
    return outcome


def _carry_out(
    proposal: Proposal, take: Collection[str], by: User | None, outcome: Outcome
) -> None:
    """Do what becomes of one record, all of it or nothing."""
    fields = [difference.field for difference in proposal.differences if difference.field in take]
    try:
        with transaction.atomic():
            if proposal.kind == ProposalKind.NEW:
                enter_item(details=proposal.details(), by=by)
                outcome.entered.append(proposal.key)
            elif proposal.item and fields:
                change_item(item=proposal.item, details=proposal.details_with(fields), by=by)
                outcome.changed.append(proposal.key)
    except (ValidationError, IntegrityError, EditorialError) as problem:
        message = (
            " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
        )
        if isinstance(problem, IntegrityError):
            message = "the database refused it; it may be here already."
        outcome.refused.append(f"Record {proposal.number} ({proposal.key}): {message}")
