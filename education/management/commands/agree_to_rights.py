"""Give rights that were proposed, where nobody at the desk may agree."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.errors import EditorialError
from education.people.models import RightsProposal
from education.people.operations import agree_on_server


class Command(BaseCommand):
    """
    Agree to one proposal of rights; without a number, list those that wait.

    A site whose second administrator or editor-in-chief is gone needs this; all who look after
    rights are told by mail.
    """

    help = "Agree to proposed rights. Make sure who asks for it; everybody concerned gets a mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which."""
        parser.add_argument("number", nargs="?", type=int)

    def handle(self, *args: Any, number: int | None, **options: Any) -> None:
        """Say what was given."""
        waiting = RightsProposal.objects.filter(decided_at=None).select_related("person", "by")
        if number is None:
            for proposal in waiting:
                self.stdout.write(f"{proposal.pk}: {proposal}, proposed by {proposal.by}")
            return
        change = waiting.filter(pk=number).first()
        if change is None:
            raise CommandError(f"No proposal {number} waits.")
        try:
            agree_on_server(proposal=change)
        except EditorialError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{change.person} has now: {change.in_words}.")
