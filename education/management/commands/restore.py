"""Take a backup back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.management.backup import BackupError, read_manifest, restore


class Command(BaseCommand):
    """Verify a backup, then put it in place of what is here: all of it or nothing."""

    help = "Restore a folder that backup wrote, on SQLite or PostgreSQL. Stop the site first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which, and how."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="Lose what is here now.")
        parser.add_argument("--check", action="store_true", help="Only verify the backup.")

    def handle(self, *args: Any, folder: Path, replace: bool, check: bool, **options: Any) -> None:
        """Do it; exit 1, with nothing changed, when it can't be done."""
        try:
            manifest = read_manifest(folder) if check else restore(folder, replace=replace)
        except BackupError as error:
            raise CommandError(str(error)) from error
        end = manifest["head"]["sequence"] if manifest["head"] else 0
        done = "Whole" if check else "Restored"
        self.stdout.write(f"{done}: made {manifest['made_at']}, {end} events.")
