"""Keep everything the site holds."""

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from education.management.backup import BackupError, write_backup
from education.management.scheduled_command import ScheduledCommand


class Command(ScheduledCommand):
    """Write a backup while the site serves, and say what is in it."""

    help = "Write everything to a new folder that either database takes back (restore)."
    late_after = datetime.timedelta(days=2)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("folder", type=Path, help="A new folder, or with --dated its parent.")
        parser.add_argument(
            "--dated", action="store_true", help="Name the folder after this moment, for a timer."
        )

    def handle(self, *args: Any, folder: Path, dated: bool, **options: Any) -> None:
        """Write it; exit 1 when that can't be done."""
        if dated:
            folder /= datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H%M%SZ")
        try:
            manifest = write_backup(folder)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        number = sum(told["rows"] for told in manifest["files"].values())
        self.stdout.write(f"{number} rows in {len(manifest['files'])} files: {folder}")
