"""Load the evidence that ships with the project."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from education.errors import EditorialError
from education.evidence.findings import BadFindingsError, FindingEntry, read_findings
from education.evidence.formats.record import Csl
from education.evidence.models import EvidenceItem
from education.evidence.operations import change_item, enter_item
from education.evidence.shipped_changes import ShippedWorks, offer_corrections
from education.evidence.shipped_evidence import BadShippedRecordError, details_of, read_records
from education.topics.files import load_topics
from education.watch.files import load_questions

CONTENT = Path(__file__).resolve().parents[2] / "content"


class Command(BaseCommand):
    """
    Enter every shipped work that is not here yet, with what it found; a bad file loads nothing.

    What is here is never changed: corrections of it wait as an import until people confirm them.
    """

    help = (
        "Load the shipped topics and evidence items; corrections of those here wait as an import."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files of one's own may be given."""
        parser.add_argument("file", nargs="?", type=Path, default=CONTENT / "evidence.json")
        parser.add_argument(
            "--findings",
            type=Path,
            help="What the items found, as data. Default: findings.yaml beside the file, if any.",
        )

    def handle(self, *args: Any, file: Path, findings: Path | None, **options: Any) -> None:
        """Say each item; stop at the first bad one and leave nothing half loaded."""
        beside = file.with_name("findings.yaml")
        findings_file = findings or (beside if beside.is_file() else None)
        try:
            with transaction.atomic():
                self.load(file, findings_file)
        except (EditorialError, OSError) as error:
            raise CommandError(f"{error} Nothing was loaded.") from error

    def load(self, file: Path, findings: Path | None) -> None:
        """Enter the items; raises an error with file, line and reason."""
        load_topics(CONTENT / "topics.yaml")
        load_questions(CONTENT / "watch.yaml")
        records = list(read_records(file))
        works = ShippedWorks(record["id"] for _, record in records)
        entered: dict[str, EvidenceItem] = {}
        kept: dict[str, Csl] = {}
        elsewhere = set()
        for line, record in records:
            key = record["id"]
            try:
                here = works.key_here(record)
                if not here:
                    entered[key] = self.enter(record, works.new_key(record))
                elif here == key:
                    self.stdout.write(f"kept     {key}")
                    kept[key] = record
                else:
                    self.stdout.write(f"skipped  {key}: the work is here as {here}")
                    elsewhere.add(key)
            except (ValidationError, TypeError, AttributeError, ValueError, KeyError) as error:
                reason = "; ".join(error.messages) if isinstance(error, ValidationError) else error
                message = f"{file}, line {line}, {key}: {reason}"
                raise BadShippedRecordError(message) from error
        self.stdout.write(f"{len(entered)} evidence items entered, {len(kept)} kept.")
        if elsewhere:
            self.stdout.write(
                f"{len(elsewhere)} skipped, since they are here under another key; "
                "load_founding_content lets its texts cite that one."
            )
        entries = read_findings(findings) if findings else []
        for entry in entries:
            if entry.key not in {*entered, *kept, *elsewhere}:
                reason = "there is no such evidence item"
                raise BadFindingsError(f"{findings}, line {entry.line}, {entry.key}: {reason}.")
        given = sum(self.give(findings, entered[e.key], e) for e in entries if e.key in entered)
        self.stdout.write(f"{given} evidence items given what they found, as data.")
        details = {entry.key: entry.details for entry in entries}
        own = {*kept, *(key for key, item in entered.items() if item.key == key)}
        self.offer([_with(record, details) for _, record in records if record["id"] in own])

    def enter(self, record: Csl, key: str) -> EvidenceItem:
        """Enter one work under a key."""
        item = enter_item(details=details_of(record) | {"key": key}, by=None)
        note = "" if item.usable else f" (may not be cited: {item.unusable_reason})"
        if key != record["id"]:
            note += f"; another work is here as {record['id']}"
        self.stdout.write(f"entered  {key}, {item.get_dossier_level_display()}{note}")
        return item

    def give(self, file: Path | None, item: EvidenceItem, entry: FindingEntry) -> bool:
        """Change an item that was just entered to what an entry says; whether that changed it."""
        before = item.details_hash
        try:
            return change_item(item=item, details=entry.details, by=None).details_hash != before
        except (ValidationError, TypeError, ValueError) as error:
            reason = " ".join(error.messages) if isinstance(error, ValidationError) else error
            message = f"{file}, line {entry.line}, {entry.key}: {reason}"
            raise BadFindingsError(message) from error

    def offer(self, records: list[Csl]) -> None:
        """Let corrections of items that are here wait for people, and say which."""
        batch, keys = offer_corrections(records)
        for key in keys:
            self.stdout.write(f"differs  {key}")
        if batch:
            self.stdout.write(
                f"{len(keys)} items here are told differently by what ships. Nothing of them was "
                f"changed: look through “{batch.source}” under Imports of evidence at the desk."
            )


def _with(record: Csl, details: Mapping[str, Mapping[str, Any]]) -> Csl:
    """A record with what it found as data."""
    return record | {"custom": {**record.get("custom", {}), **details.get(record["id"], {})}}
