"""Settle what is held after a restore, where nobody at the desk can."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from education.accounts.invitations import mail_link, why_by_hand
from education.errors import EditorialError
from education.publishing.models import RestoreHold
from education.safety.restores import settle

Outcome = RestoreHold.Outcome


class Command(BaseCommand):
    """
    Bring back pages and accounts that a restore held; without a number, list them.

    A command and a page: where every editor-in-chief is held nobody could sign in. It is recorded,
    and everybody who looks after rights gets a mail.
    """

    help = "List or settle what a restore held. Make sure who asks; everybody concerned is told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which, and how."""
        parser.add_argument("numbers", nargs="*", type=int, help="As listed; none: list them.")
        parser.add_argument("--all-pages", action="store_true", help="Bring every page back.")
        parser.add_argument(
            "--keep-off", action="store_true", help="Leave these accounts switched off."
        )

    def handle(
        self, *args: Any, numbers: list[int], all_pages: bool, keep_off: bool, **options: Any
    ) -> None:
        """Settle each one; exit 1 at the first that can't be."""
        waiting = RestoreHold.objects.waiting().select_related("publication", "person")
        if not (numbers or all_pages):
            for hold in waiting:
                kind = "page" if hold.publication_id else "account"
                self.stdout.write(f"{hold.pk}: {kind} {hold}: {' '.join(hold.reasons)}")
            return
        if all_pages:
            numbers += waiting.filter(person=None).values_list("pk", flat=True)
        for number in numbers:
            chosen = waiting.filter(pk=number).first()
            if chosen is None:
                raise CommandError(f"Nothing with the number {number} is held.")
            self._settle(chosen, Outcome.KEPT_OFF if keep_off else Outcome.BROUGHT_BACK)

    def _settle(self, hold: RestoreHold, outcome: Outcome) -> None:
        try:
            path = settle(hold=hold, by=None, outcome=outcome)
        except EditorialError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{hold}: {outcome.label.lower()}.")
        if not path or hold.person is None:
            return
        link = f"{settings.SITE_URL}{path}"
        problem = why_by_hand(hold.person) or mail_link(hold.person, link)
        if problem:
            self.stdout.write(f"{problem} Give {hold.person.username} this link: {link}")
        else:
            self.stdout.write(f"A link to choose a new password went to {hold.person.email}.")
