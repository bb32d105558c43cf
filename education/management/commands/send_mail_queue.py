"""Send again the mails that failed."""

from typing import Any

from django.core.management.base import BaseCommand

from education.people.mail import deliver_waiting


class Command(BaseCommand):
    """Try every mail that still waits; safe to run twice."""

    help = "Send every mail that has not been sent; for a timer."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many went out and how many still wait."""
        sent, waiting = deliver_waiting()
        self.stdout.write(f"{sent} sent, {waiting} waiting.")
