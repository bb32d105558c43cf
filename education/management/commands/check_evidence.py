"""Ask registries what became of the works we cite."""

import datetime
import time
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet
from django.utils import timezone

from education.errors import EditorialError
from education.evidence.identifiers import normalise_doi, normalise_pmid
from education.evidence.models import EvidenceItem
from education.evidence.web import EvidenceImportError, TooManyRequestsError, UnknownWorkError
from education.management.scheduled_command import ScheduledCommand
from education.safety.models import RegistryCheck
from education.safety.operations import report_news
from education.safety.registry import Update, ask_crossref, retraction_watch

# A service that asks for more than this is asked again by the next run.
LONGEST_PAUSE = 120
FAILURES_BEFORE_GIVING_UP = 3


class Command(ScheduledCommand):
    """
    Compare every cited work with Crossref, or with a downloaded Retraction Watch file.

    Only reports: what is new becomes a task for the editors, who record it or dismiss it. Works
    that were asked about lately are passed over, so a run that was stopped goes on where it was.
    """

    late_after = datetime.timedelta(days=14)
    help = (
        "Ask Crossref about every cited work, one by one, and report what became of it as tasks "
        "for the editors. With --retraction-watch FILE nothing is asked; the file is read instead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where to look, and how often."""
        parser.add_argument(
            "--retraction-watch",
            type=Path,
            metavar="FILE",
            help="A file downloaded from Crossref's copy of the Retraction Watch database.",
        )
        parser.add_argument("--all", action="store_true", help="Also works that no text cites.")
        parser.add_argument(
            "--again-after",
            type=float,
            default=20,
            metavar="HOURS",
            help="Ask again about works last asked about longer ago (default 20).",
        )
        parser.add_argument(
            "--pause",
            type=float,
            default=0.5,
            metavar="SECONDS",
            help="Wait between two questions (default 0.5).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through the works; exit 1 when some could not be asked about."""
        items = EvidenceItem.objects.order_by("key")
        if not options["all"]:
            items = items.filter(citations__isnull=False).distinct()
        if options["retraction_watch"]:
            self.read(items, options["retraction_watch"])
        else:
            self.ask(items.exclude(doi=""), options["again_after"], options["pause"])

    def read(self, items: QuerySet[EvidenceItem], path: Path) -> None:
        """Compare the works with a file."""
        by_identifier = {
            identifier: item
            for item in items
            for identifier in (normalise_doi(item.doi), normalise_pmid(item.pmid))
            if identifier
        }
        updates_by_item: dict[EvidenceItem, list[Update]] = defaultdict(list)
        rows = 0
        try:
            for update in retraction_watch(path):
                rows += 1
                item = by_identifier.get(update.doi) or by_identifier.get(update.pmid)
                if item is not None:
                    updates_by_item[item].append(update)
        except EditorialError as error:
            raise CommandError(f"{error} Nothing was reported.") from error
        reported = sum(self.report(item, updates) for item, updates in updates_by_item.items())
        self.stdout.write(
            f"{rows} entries read and compared with {len(items)} works: "
            f"{len(updates_by_item)} listed, {reported} new."
        )

    def ask(self, items: QuerySet[EvidenceItem], again_after: float, pause: float) -> None:
        """Ask Crossref about each work that was not asked about lately."""
        now = timezone.now()
        since = now - datetime.timedelta(hours=again_after)
        waiting = list(items.exclude(registry_check__asked_at__range=(since, now)))
        passed_over = items.count() - len(waiting)
        reported = checked = failures = 0
        failed: list[str] = []
        for number, item in enumerate(waiting, 1):
            self.stdout.write(f"{number}/{len(waiting)}  {item.key}  {item.doi}")
            try:
                updates = self.updates_of(item, pause if number > 1 else 0)
            except EvidenceImportError as error:
                self.stderr.write(f"  {error}")
                failed.append(item.key)
                failures += 1
                if failures >= FAILURES_BEFORE_GIVING_UP or isinstance(error, TooManyRequestsError):
                    self.stderr.write("  Stopped asking.")
                    break
                continue
            failures = 0
            checked += 1
            reported += self.report(item, updates)
            RegistryCheck.objects.update_or_create(item=item, defaults={"asked_at": timezone.now()})
        self.stdout.write(
            f"{checked} works asked about, {passed_over} asked about lately: "
            f"{reported} new reports."
        )
        left = len(waiting) - checked
        if left:
            raise CommandError(f"{left} works are still to be asked about. Run it again.")

    def updates_of(self, item: EvidenceItem, pause: float) -> list[Update]:
        """What Crossref says of one work; waits when asked to, and asks once more."""
        time.sleep(pause)
        try:
            return ask_crossref(item.doi)
        except UnknownWorkError as error:
            self.stdout.write(f"  {error}")
            return []
        except TooManyRequestsError as error:
            if error.retry_after is None or error.retry_after > LONGEST_PAUSE:
                raise
            self.stderr.write(f"  {error}")
            time.sleep(error.retry_after)
            return ask_crossref(item.doi)

    def report(self, item: EvidenceItem, updates: list[Update]) -> int:
        """Make a task of each new update and say so; how many there were."""
        tasks = report_news(item, updates)
        for task in tasks:
            self.stdout.write(f"  {item.key}: to check by {task.due_on}. {task.report}")
        return len(tasks)
