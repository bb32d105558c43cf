"""Try whether a backup comes back, on a database of its own."""

import datetime
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from education.management.backup import BackupError, end_of, is_signed, newest_in, read_manifest
from education.management.scheduled_command import ScheduledCommand


class Command(ScheduledCommand):
    """
    Restore a backup beside the site, look whether all of it is sound, and throw it away.

    On a SQLite file that is deleted afterwards, or on an empty database that is named. The site is
    not touched, and nobody gets a mail.
    """

    help = "Restore the newest backup of a folder on a database of its own, and say how it went."
    late_after = datetime.timedelta(days=120)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which, and where."""
        parser.add_argument("folder", type=Path, help="A backup, or the folder that holds them.")
        parser.add_argument(
            "--database-url", default="", help="An empty database; not said: a SQLite file."
        )

    def handle(self, *args: Any, folder: Path, database_url: str, **options: Any) -> None:
        """Say what was restored and how long it took; exit 1 when anything is not sound."""
        try:
            backup = newest_in(folder)
            manifest = read_manifest(backup)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        began = time.monotonic()
        with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix="rehearsal-") as data:
            env = {
                **os.environ,
                "DATA_DIR": data,
                "DATABASE_URL": database_url or f"sqlite:///{data}/db.sqlite3",
                "SECRET_KEY": settings.SECRET_KEY,
                "SECRET_KEY_FALLBACKS": ",".join(settings.SECRET_KEY_FALLBACKS),
                "EMAIL_URL": "dummymail://",  # restores tell people; a rehearsal is none of theirs
                "CACHE_URL": "",
                "PURGE_URL": "",
            }
            unsigned = [] if is_signed(backup) else ["--unsigned"]
            for step in (
                ["migrate", "--verbosity=0"],
                ["restore", str(backup), "--move", end_of(manifest), *unsigned],
                ["check_integrity"],
            ):
                self._run(step, env)
        rows = sum(facts["rows"] for facts in manifest["files"].values())
        events = end_of(manifest).partition(":")[0]
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{backup} comes back: {rows} rows, {events} events, sound, in {seconds:.0f} seconds."
        )
        if unsigned:
            self.stdout.write(
                "It is not signed with this site’s key: restoring it needs --unsigned."
            )

    def _run(self, step: list[str], env: dict[str, str]) -> None:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *step]
        done = subprocess.run(  # noqa: S603 - our own command with a folder that exists
            command, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]
            raise CommandError(f"{step[0]}: {last}")
