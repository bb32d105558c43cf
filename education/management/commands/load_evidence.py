"""Load the evidence that ships with the project."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from education.errors import EditorialError
from education.evidence.dossier import BadRecordError, details_of, read_records
from education.evidence.models import EvidenceItem
from education.evidence.operations import enter_item
from education.topics.files import load_topics

CONTENT = Path(__file__).resolve().parents[2] / "content"


class Command(BaseCommand):
    """Enter every shipped evidence item that is not here yet; all of them or none."""

    help = "Load the shipped topics and evidence items; those that are here already are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A file of one's own may be given."""
        parser.add_argument("file", nargs="?", type=Path, default=CONTENT / "evidence.json")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Say each item; stop at the first bad one and leave nothing half loaded."""
        try:
            with transaction.atomic():
                self.load(file)
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
                raise BadRecordError(message) from error
            note = "" if item.usable else f" (may not be cited: {item.unusable_reason})"
            self.stdout.write(f"entered  {item.key}, {item.get_dossier_level_display()}{note}")
            entered += 1
        self.stdout.write(f"{entered} evidence items entered, {kept} kept.")
