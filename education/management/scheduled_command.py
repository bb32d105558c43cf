"""Commands that timers run: the status page says when each last came to its end."""

import datetime
from typing import Any

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from education.audit.models import JobRun
from education.audit.operations import record_job_run
from education.management.broken_database import why_unreadable

# A site that stood still for so long is rare; a clock that leapt so far would do harm.
LEAP = datetime.timedelta(days=30)


class ScheduledCommand(BaseCommand):
    """
    A command for a timer.

    ``late_after`` is how long after one run the next is missed: twice the interval that
    ``docs/operate.md`` gives, so that one run may fail without alarm.
    """

    late_after: datetime.timedelta
    # What it does hangs on today's date and can't be taken back.
    goes_by_the_date = False

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Whoever knows that the clock is right can say so."""
        parser = super().create_parser(*args, **kwargs)
        if self.goes_by_the_date:
            parser.add_argument(
                "--the-clock-is-right",
                action="store_true",
                help=f"Run though the last run was more than {LEAP.days} days ago.",
            )
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run, and note the end or why there was none."""
        try:
            if self.goes_by_the_date and not options.get("the_clock_is_right"):
                self._refuse_after_a_leap()
            output = super().execute(*args, **options)
        except CommandError as error:
            self._note(str(error))
            raise
        except DatabaseError as error:
            why = why_unreadable()
            if not why:
                raise
            self._note(why)
            raise CommandError(why) from error
        self._note()
        return output

    def _refuse_after_a_leap(self) -> None:
        """A clock that is a year ahead would have us forget a year of what must be kept."""
        run = JobRun.objects.filter(name=self._name).first()
        if run and timezone.now() - run.ended_at > LEAP:
            raise CommandError(
                f"It last ran {run.ended_at:%Y-%m-%d}. If the clock is right, run it once with "
                "--the-clock-is-right."
            )

    @property
    def _name(self) -> str:
        return type(self).__module__.rpartition(".")[2]

    def _note(self, failure: str = "") -> None:
        try:
            record_job_run(self._name, failure=failure)
        except DatabaseError as error:  # a copy that can only be read may still be verified
            first = str(error).strip().partition("\n")[0]
            self.stderr.write(f"The run could not be noted: {first}")


def late_after() -> dict[str, datetime.timedelta]:
    """Every command for a timer, and how long after one run the next is missed."""
    ours = (name for name, app in get_commands().items() if app == "education")
    commands = {name: load_command_class("education", name) for name in sorted(ours)}
    return {
        name: command.late_after
        for name, command in commands.items()
        if isinstance(command, ScheduledCommand)
    }
