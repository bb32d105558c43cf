"""Write evidence items to a file that our import and reference managers read."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.evidence.exporting import exported
from education.evidence.formats import WRITERS
from education.evidence.models import EvidenceItem


class Command(BaseCommand):
    """Print every item, or some; CSL-JSON carries everything, the others the references."""

    help = "Print evidence items as CSL-JSON (everything), RIS or BibTeX (references)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which items, in which format."""
        parser.add_argument("keys", nargs="*", metavar="KEY", help="All when none is given.")
        parser.add_argument("--format", choices=sorted(WRITERS), default="csl")

    def handle(self, *args: Any, keys: list[str], **options: Any) -> None:
        """Print the items in the order of their keys."""
        items = EvidenceItem.objects.select_related("topic")
        if keys:
            items = items.filter(key__in=keys)
            missing = sorted(set(keys) - {item.key for item in items})
            if missing:
                raise CommandError(f"Not here: {', '.join(missing)}.")
        text = exported(items, options["format"], for_editors=True)
        self.stdout.write(text, ending="")
        self.stderr.write(f"{len(items)} evidence items written.")
