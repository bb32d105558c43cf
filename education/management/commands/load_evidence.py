"""Load the evidence that ships with the project."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from education.errors import EditorialError
from education.evidence.findings import BadFindingsError, FindingEntry, read_findings
from education.evidence.models import EvidenceItem
from education.evidence.operations import change_item, enter_item
from education.evidence.shipped_evidence import BadShippedRecordError, details_of, read_records
from education.topics.files import load_topics

CONTENT = Path(__file__).resolve().parents[2] / "content"


class Command(BaseCommand):
    """Enter every shipped evidence item that is not here yet, with what it found, all or none."""

    help = "Load the shipped topics and evidence items; those that are here already are kept."

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
        try:
            with transaction.atomic():
                self.load(file)
                if findings or beside.is_file():
                    self.load_findings(findings or beside)
        except (EditorialError, OSError) as error:
            raise CommandError(f"{error} Nothing was loaded.") from error

    def load(self, file: Path) -> None:
        """Enter the items; raises ``BadRecordError`` with file, line and reason."""
        load_topics(CONTENT / "topics.yaml")
        entered = kept = 0
        for line, record in read_records(file):
            if EvidenceItem.objects.filter(key=record["id"]).exists():
                self.stdout.write(f"kept     {record['id']}")
                kept += 1
                continue
            try:
                item = enter_item(details=details_of(record), by=None)
            except (ValidationError, TypeError, AttributeError, ValueError) as error:
                reason = "; ".join(error.messages) if isinstance(error, ValidationError) else error
                message = f"{file}, line {line}, {record['id']}: {reason}"
                raise BadShippedRecordError(message) from error
            note = "" if item.usable else f" (may not be cited: {item.unusable_reason})"
            self.stdout.write(f"entered  {item.key}, {item.get_dossier_level_display()}{note}")
            entered += 1
        self.stdout.write(f"{entered} evidence items entered, {kept} kept.")

    def load_findings(self, file: Path) -> None:
        """
        Give items the findings of a file; raises ``BadFindingsError`` with file, line and reason.

        An item that has findings or that somebody has verified is left as it is.
        """
        given = 0
        for entry in read_findings(file):
            item = EvidenceItem.objects.filter(key=entry.key).first()
            if item is None:
                reason = "there is no such evidence item"
                raise BadFindingsError(f"{file}, line {entry.line}, {entry.key}: {reason}.")
            if not item.findings and not item.verifications.exists():
                given += self.give(file, item, entry)
        self.stdout.write(f"{given} evidence items given what they found, as data.")

    def give(self, file: Path, item: EvidenceItem, entry: FindingEntry) -> bool:
        """Change one item to what an entry says of it; whether that changed anything."""
        before = item.details_hash
        try:
            return change_item(item=item, details=entry.details, by=None).details_hash != before
        except (ValidationError, TypeError, ValueError) as error:
            reason = " ".join(error.messages) if isinstance(error, ValidationError) else error
            message = f"{file}, line {entry.line}, {entry.key}: {reason}"
            raise BadFindingsError(message) from error
