"""Send again the mails that failed, and what clinics' own systems did not take; read bounces."""

import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from education.handouts.webhooks import deliver_due, queue_by_the_clock
from education.management.scheduled_command import ScheduledCommand
from education.people.bounces import read_maildir
from education.people.mail import deliver_waiting
from education.publishing.passages import ask_for_confirmation


class Command(ScheduledCommand):
    """Ask again for what waits for a second person, then try every mail; safe to run twice."""

    late_after = datetime.timedelta(hours=1)
    help = "Send every mail that has not been sent; for a timer."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many went out and how many still wait."""
        ask_for_confirmation()
        sent, waiting = deliver_waiting()
        queue_by_the_clock()
        taken, left = deliver_due()
        webhooks = f" Webhooks: {taken} taken, {left} waiting." if taken or left else ""
        self.stdout.write(f"{sent} sent, {waiting} waiting.{webhooks}")
        self.read_reports()

    def read_reports(self) -> None:
        """Read reports of mail that did not arrive, where a mail server puts them in DATA_DIR."""
        folder = settings.DATA_DIR / "Maildir"
        if not folder.is_dir():
            return
        try:
            failed = read_maildir(folder)
        except OSError as error:
            raise CommandError(f"{folder} could not be read: {error.strerror}.") from error
        if failed:
            self.stdout.write(f"Mail to {failed} addresses came back; the desk names them.")
