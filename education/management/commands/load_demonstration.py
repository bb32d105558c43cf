"""Fill an empty database with the demonstration."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from education.errors import EditorialError
from education.management import demonstration


class Command(BaseCommand):
    """Make the demonstration's accounts and content; a database in use is left alone."""

    help = "Load the demonstration into an empty database (needs DEMO=on)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, print the accounts, and keep them in DATA_DIR for the next start."""
        if not settings.DEMO:
            raise CommandError("This is not a demonstration site: DEMO is not set.")
        if not demonstration.is_empty():
            self.stdout.write("The database is in use; the demonstration was not loaded.")
            return
        try:
            passwords = demonstration.load(
                password=settings.DEMO_PASSWORD, say=lambda text: self.stdout.write(f"  {text}")
            )
        except EditorialError as error:
            raise CommandError(str(error)) from error
        lines = [f"{username:22} {password}" for username, password in passwords.items()]
        path = settings.DATA_DIR / "demonstration-accounts.txt"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
        self.stdout.write("Demonstration accounts:")
        for line in lines:
            self.stdout.write(f"  {line}")
