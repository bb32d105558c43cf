"""Ask registers what is new about each topic, and whether the pages of web sources still stand."""

import datetime
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from education.evidence.web import EvidenceImportError
from education.evidence.web_sources import check_pages
from education.management.scheduled_command import ScheduledCommand
from education.watch.models import WatchQuestion
from education.watch.operations import IntakeCounts, ask_question


class Command(ScheduledCommand):
    """
    Ask every saved question and list what is new for the editors to decide on; then ask for the
    page of every web source and list what somebody should look at.

    Changes no evidence. A question without an answer keeps the reason and is asked again next time.
    """

    late_after = datetime.timedelta(days=14)
    help = (
        "Ask PubMed, Crossref and ClinicalTrials.gov each saved question of the evidence watch; "
        "what is new becomes a candidate that editors accept, dismiss or put off. Then ask for the "
        "pages of web sources: what is dead, has another title or is due stands in My work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How often."""
        parser.add_argument(
            "--pause",
            type=float,
            default=1.0,
            metavar="SECONDS",
            help="Wait between two questions and between two pages (default 1).",
        )

    def handle(self, *args: Any, pause: float, **options: Any) -> None:
        """Go through questions and pages; exit 1 when some question had no answer."""
        failed = []
        questions = WatchQuestion.objects.filter(active=True).select_related("topic")
        for number, question in enumerate(questions):
            time.sleep(pause if number else 0)
            try:
                taken = ask_question(question)
            except EvidenceImportError as problem:
                self.stderr.write(f"{question}: {problem}")
                failed.append(str(question))
            else:
                self.stdout.write(f"{question}: {in_words(taken)}")
        states = check_pages(pause)
        for state in states:
            for sentence in state.what_is_wrong:
                self.stdout.write(f"{state.item.key}: {sentence}")
        self.stdout.write(f"Web sources: {len(states)}.")
        if failed:
            raise CommandError(f"No answer to {len(failed)}: {', '.join(failed)}.")


def in_words(taken: IntakeCounts) -> str:
    """What became of an answer, in a line."""
    words = f"{taken.new} new, {taken.known} listed before, {taken.held} held already"
    if taken.unusable:
        words += f", {taken.unusable} that can’t be used"
    read = taken.new + taken.known + taken.held + taken.unusable
    if taken.total > read:
        words += f"; {taken.total - read} more were not read: narrow the question"
    return f"{words}."
