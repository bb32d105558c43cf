"""Commands that timers run: the status page says when each last came to its end."""

import datetime
from typing import Any

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from education.audit.operations import note_run


class TimedCommand(BaseCommand):
    """
    A command for a timer.

    ``late_after`` is how long after one run the next is missed: twice the interval that
    ``docs/operate.md`` gives, so that one run may fail without alarm.
    """

    late_after: datetime.timedelta

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run, and note the end or why there was none."""
        try:
            said = super().execute(*args, **options)
        except CommandError as error:
            self._note(str(error))
            raise
        self._note()
        return said

    def _note(self, failure: str = "") -> None:
        try:
            note_run(type(self).__module__.rpartition(".")[2], failure=failure)
        except DatabaseError as error:  # a copy that can only be read may still be verified
            self.stderr.write(f"The run could not be noted: {error}")


def late_after() -> dict[str, datetime.timedelta]:
    """Every command for a timer, and how long after one run the next is missed."""
    ours = (name for name, app in get_commands().items() if app == "education")
    commands = {name: load_command_class("education", name) for name in sorted(ours)}
    return {
        name: command.late_after
        for name, command in commands.items()
        if isinstance(command, TimedCommand)
    }
