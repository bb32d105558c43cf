"""Make sure that mail arrives."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from education.accounts.invitations import CONSOLE
from education.errors import EditorialError
from education.people.mail_check import confirm_test_mail, send_test_mail


class Command(BaseCommand):
    """Send a mail with a code, or take the code; ``status`` says whether it arrived."""

    help = "Send a test mail with a code; with --arrived, say that it arrived."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """An address, or the code that arrived there."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("address", nargs="?", help="Where the mail goes.")
        what.add_argument("--arrived", metavar="CODE", help="The code that stood in the mail.")

    def handle(self, *args: Any, address: str | None, arrived: str | None, **options: Any) -> None:
        """Do one of them; a mail that a server refused is a failure."""
        if arrived is not None:
            try:
                test = confirm_test_mail(arrived)
            except EditorialError as refusal:
                raise CommandError(str(refusal)) from refusal
            self.stdout.write(f"Mail to {test.address} arrives.")
            return
        if settings.EMAIL_BACKEND == CONSOLE:
            raise CommandError("Mail is only printed here: set EMAIL_URL and DEFAULT_FROM_EMAIL.")
        test = send_test_mail(str(address))
        if test.error:
            raise CommandError(f"The mail was not sent. {test.error}")
        self.stdout.write(
            f"A mail went to {test.address}. Say that it arrived with its code, under “Start the "
            "site” at the desk or with send_test_mail --arrived CODE."
        )
