"""Keep everything the site holds."""

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from education.management.backup import DATED, BackupError, delete_old, end_of, write_backup
from education.management.broken_database import why_unreadable
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

        parser.add_argument(
            "--keep",
            type=int,
            default=0,
            metavar="N",
            help="With --dated: then delete all dated backups but the newest N.",
        )

    def handle(self, *args: Any, folder: Path, dated: bool, keep: int, **options: Any) -> None:
        """Write it; exit 1 when that can't be done."""
        if keep and not dated:
            raise CommandError("--keep counts dated backups: say --dated too.")
        parent = folder
        if dated:
            folder /= datetime.datetime.now(datetime.UTC).strftime(DATED)
        try:
            manifest = write_backup(folder)
            gone = delete_old(parent, keep=keep) if keep else []
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(why_unreadable() or str(error)) from error
        number = sum(facts["rows"] for facts in manifest["files"].values())
        self.stdout.write(f"{number} rows in {len(manifest['files'])} files: {folder}")
        self.stdout.write(f"The record ends at {end_of(manifest)}")
        for name in gone:
            self.stdout.write(f"Deleted {name}.")
        self.stdout.write(
            "Not in it: the environment (SECRET_KEY, DATABASE_URL, EMAIL_URL and the rest), the "
            "certificate and the release. Keep these by themselves, elsewhere."
        )
