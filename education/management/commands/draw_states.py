"""Write the map of a revision's states."""

from typing import Any

from django.core.management.base import BaseCommand

from education.articles.states import drawing


class Command(BaseCommand):
    """Print ``docs/states.md`` as the code's table has it."""

    help = "Print the map of states: manage.py draw_states > docs/states.md"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(drawing(), ending="")
