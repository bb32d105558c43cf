"""Prove that the record was not altered."""

import datetime
from typing import Any

from django.core.management.base import CommandError

from education.audit.models import Event
from education.audit.operations import events_dated_backwards
from education.management.broken_database import why_unreadable
from education.management.integrity import audit_problems
from education.management.scheduled_command import ScheduledCommand
from education.publishing.models import Publication


class Command(ScheduledCommand):
    """Check the chain of events, and every published copy against the hash it was frozen with."""

    late_after = datetime.timedelta(days=2)
    help = "Find every event or published copy that was altered, removed or put out of order."

    def handle(self, *args: Any, **options: Any) -> None:
        """Name each one; exit 1 when there is any. A clock that was set back is told, no fault."""
        if why := why_unreadable():  # reads a whole SQLite file
            raise CommandError(why)
        for warning in events_dated_backwards():
            self.stdout.write(warning)
        problems = list(audit_problems())
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} found.")
        self.stdout.write(
            f"{Event.objects.count()} events and {Publication.objects.count()} published copies "
            "are whole."
        )
