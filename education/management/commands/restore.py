"""Take a backup back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.management.backup import BackupError, end_of, is_signed, read_manifest, restore


class Command(BaseCommand):
    """Verify a backup, then put it in place of what is here: all of it or nothing."""

    help = "Restore a folder that backup wrote, on SQLite or PostgreSQL. Stop the site first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which, and how."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="Lose what is here now.")
        parser.add_argument("--check", action="store_true", help="Only verify the backup.")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Say what would come back and who would be administrator; change nothing.",
        )
        parser.add_argument(
            "--move",
            default="",
            metavar="END",
            help="The backup is the last word of a site that was stopped: its record ends at END, "
            "as backup printed it. Then nothing is held.",
        )
        parser.add_argument(
            "--unsigned",
            action="store_true",
            help="Take a backup that this site’s key did not sign. Its administrators are held.",
        )

    def handle(
        self,
        *args: Any,
        folder: Path,
        replace: bool,
        check: bool,
        dry_run: bool,
        move: str,
        unsigned: bool,
        **options: Any,
    ) -> None:
        """Do it; exit 1, with nothing changed, when it can't be done."""
        try:
            if check:
                self._check(folder)
                return
            report = restore(
                folder, replace=replace, end_expected=move, unsigned=unsigned, dry_run=dry_run
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        manifest = report.manifest
        end = manifest["head"]["sequence"] if manifest["head"] else 0
        done = "Would restore" if dry_run else "Restored"
        self.stdout.write(f"{done}: made {manifest['made_at']}, {end} events.")
        self.stdout.write(f"Administrators: {', '.join(report.administrators) or 'none'}.")
        for line in report.held:
            self.stdout.write(f"Held: {line}")
        for line in report.carried_over:
            self.stdout.write(f"As before the restore: {line}")
        if report.held:
            self.stdout.write(
                f"{len(report.held)} held. An editor-in-chief settles them at the desk, under "
                "“Held after a restore”; where none can sign in, manage.py confirm_restore does."
            )

    def _check(self, folder: Path) -> None:
        manifest = read_manifest(folder)
        end = manifest["head"]["sequence"] if manifest["head"] else 0
        signed = "signed by this site" if is_signed(folder) else "not signed by this site"
        self.stdout.write(
            f"Whole: made {manifest['made_at']}, {end} events, {signed}. End: {end_of(manifest)}"
        )
