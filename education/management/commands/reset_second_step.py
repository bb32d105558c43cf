"""Let somebody in who lost telephone and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from education.accounts.operations import reset_second_step
from education.people.models import User


class Command(BaseCommand):
    """
    Take the second step from one account; the person sets it up again at the next sign-in.

    A command and no page: who can do this at the desk could take over a reviewer's account.
    """

    help = "Take telephone and recovery codes from an account. Make sure who asks for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Say whose was taken away."""
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is no account {username}.")
        reset_second_step(person=person, by=None)
        self.stdout.write(f"{username} sets up the second step at the next sign-in.")
