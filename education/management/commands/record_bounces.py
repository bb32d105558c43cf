"""Take reports of mail that did not arrive, as a mail server hands them over."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.people.bounces import MOST_BYTES, note_report, read_maildir


class Command(BaseCommand):
    """
    Read one delivery status notification (RFC 3464) from standard input, or those in a Maildir.

    Of each only address, day and code are kept, and only where it is an address of ours.
    ``send_mail_queue`` reads the Maildir in DATA_DIR by itself.
    """

    help = "Keep which of our addresses a report of undelivered mail names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A Maildir, if not standard input."""
        parser.add_argument("maildir", nargs="?", type=Path, help="A folder; else standard input.")

    def handle(self, *args: Any, maildir: Path | None, **options: Any) -> None:
        """Say how many addresses failed; a mail that is no report is no failure of ours."""
        if maildir is None:
            failed = note_report(sys.stdin.buffer.read(MOST_BYTES)) or 0
        else:
            try:
                failed = read_maildir(maildir)
            except OSError as error:
                raise CommandError(f"{maildir} could not be read: {error.strerror}.") from error
        self.stdout.write(f"{failed} of our addresses failed.")
