"""Django's migrate, which also installs the database triggers."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from education.audit import triggers


class Command(migrate.Command):
    """
    Migrate, then install every trigger anew.

    Here and not in a migration, because SQLite loses a table's triggers whenever a later migration
    rebuilds the table.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command; install the triggers when all of it was applied."""
        super().handle(*args, **options)
        whole = not options.get("app_label") and not options.get("plan")
        if whole and not options.get("check_unapplied"):
            triggers.install(connections[options["database"]])
