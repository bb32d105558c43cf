"""
Write a backup while others withdraw and print, each between two tables of it.

    python -m tests.management.amid_writes FOLDER

Says in JSON what was written meanwhile, and what the site held when the backup began.
"""

import json
import sys
import threading
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402

from education.audit.models import Event  # noqa: E402
from education.handouts.models import Clinic, PrintedCopy  # noqa: E402
from education.handouts.operations import print_copy  # noqa: E402
from education.management import backup  # noqa: E402
from education.people.models import User  # noqa: E402
from education.publishing.models import Publication  # noqa: E402
from education.publishing.operations import withdraw  # noqa: E402


def withdraw_one() -> None:
    publication = Publication.objects.current().get(slug="page")
    withdraw(publication=publication, by=User.objects.get(username="editor"), reason="A trial.")


def print_one() -> None:
    clinic = Clinic.objects.order_by("pk").first()
    print_copy(clinic=clinic, by=clinic.staff.first().person, slug="resting")


# Tables are written in the order of their names.
AFTER = {
    "education.Article": withdraw_one,
    "education.Event": print_one,
    "education.PrintedCopy": print_one,
}


def main(folder: Path) -> None:
    write_rows = backup._write_rows

    def and_meanwhile(path, model):  # type: ignore[no-untyped-def]
        told = write_rows(path, model)
        if step := AFTER.get(model._meta.label):
            other = threading.Thread(target=lambda: (step(), connection.close()))
            other.start()
            other.join()
        return told

    before = [Event.objects.count(), PrintedCopy.objects.count()]
    backup._write_rows = and_meanwhile
    backup.write_backup(folder)
    after = [Event.objects.count(), PrintedCopy.objects.count()]
    sys.stdout.write(json.dumps({"before": before, "after": after}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
