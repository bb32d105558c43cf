"""Prove that the data is sound."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.management.broken_database import why_unreadable
from education.management.integrity import integrity_problems


class Command(BaseCommand):
    """Look at the record, the published copies, rows that point to nothing, and guards."""

    help = "Find whatever is altered, missing or unguarded in the database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Name each fault; exit 1 when there is any."""
        if why := why_unreadable():
            raise CommandError(why)
        problems = list(integrity_problems())
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} found.")
        self.stdout.write("The data is sound.")
