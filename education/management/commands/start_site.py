"""Begin a site of one's own in a new database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from education.accounts.first_administrator import make_first_administrator
from education.accounts.invitations import link_for, mail_link, why_by_hand
from education.errors import EditorialError

# With a row in one of these, somebody has worked here. Asked by name: a database of an earlier
# release is refused before anything of it is changed.
WORK = {
    "education_user": "people",
    "education_article": "articles",
    "education_evidenceitem": "evidence items",
    "education_publication": "published pages",
    "education_event": "events in the record",
}


class Command(BaseCommand):
    """
    Make the tables, the first administrator, and copies of the shipped evidence and drafts.

    A database that holds work is refused. Nothing is public afterwards: what is copied waits for
    this site's own people to verify and review it.
    """

    help = "Begin a site in a new, empty database: first administrator, evidence, drafts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who looks after the site, and what is copied."""
        parser.add_argument("username", help="The first administrator's name to sign in with.")
        parser.add_argument("email", help="Where the link to choose a password goes.")
        parser.add_argument("--name", default="", help="The administrator's name.")
        parser.add_argument(
            "--evidence", action="store_true", help="Copy the shipped evidence, to be verified."
        )
        parser.add_argument(
            "--drafts",
            nargs="*",
            metavar="ARTICLE",
            help="Copy the shipped evidence and drafts: those named by their address, or all.",
        )

    def handle(
        self,
        *args: Any,
        username: str,
        email: str,
        name: str,
        evidence: bool,
        drafts: list[str] | None,
        **options: Any,
    ) -> None:
        """Do it, and say what is next."""
        self.refuse_work()
        call_command("migrate", verbosity=0)
        try:
            person = make_first_administrator(username=username, email=email, name=name)
        except EditorialError as refusal:
            raise CommandError(str(refusal)) from refusal
        if evidence or drafts is not None:
            call_command("load_evidence", stdout=self.stdout)
        if drafts is not None:
            call_command("load_founding_content", only=drafts, stdout=self.stdout)
        link, by_hand = link_for(person), why_by_hand(person)
        failure = by_hand or mail_link(person, link)
        if failure:
            self.stdout.write(f"{failure} {person} chooses a password here, once, within 3 days:")
            self.stdout.write(link)
        else:
            self.stdout.write(f"A link to choose a password went to {person.email}.")
        self.stdout.write("After signing in, “Start the site” says what is still missing.")

    def refuse_work(self) -> None:
        """Raise ``CommandError`` where the database holds anything somebody made."""
        tables = set(connection.introspection.table_names())
        with connection.cursor() as cursor:
            for table in (table for table in WORK if table in tables):
                cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - a name from above
                if cursor.fetchone():
                    raise CommandError(
                        f"This database holds {WORK[table]}. A site begins in a new one: let "
                        "DATABASE_URL or DATA_DIR name an empty database. Nothing was changed."
                    )
