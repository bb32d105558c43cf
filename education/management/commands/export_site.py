"""Write the whole public site as files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from education.management.static_export import ExportError, check_copy, export_site


class Command(BaseCommand):
    """Make a copy of the public site that a plain web server can serve, or check one."""

    help = (
        "Write the public site to a folder: pages, feeds, handouts and a small search. An older "
        "copy there is replaced when the new one is whole."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder, and whether to look at a copy instead of making one."""
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--check", action="store_true", help="say whether a copy is whole and unaltered"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it or check it."""
        folder: Path = options["folder"]
        if options["check"]:
            if problems := check_copy(folder):
                raise CommandError("\n".join(problems))
            self.stdout.write(f"{folder} is whole.")
            return
        try:
            count = export_site(folder.absolute(), say=self.stdout.write)
        except ExportError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} files in {folder}")
