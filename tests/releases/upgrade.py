"""
Bring a released database to this version, as an upgrade does, and use it.

    python -m tests.releases.upgrade FILE

Expects an empty database in ``DATABASE_URL``; says in JSON what was lost and what was seen. A
process of its own, since it makes the tables of another time.
"""

import itertools
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from education.people.models import Role, User  # noqa: E402
from education.publishing.models import Publication  # noqa: E402
from education.publishing.operations import withdraw  # noqa: E402
from tests import factories  # noqa: E402
from tests.releases.restore import Kept, load, make_tables_of, read  # noqa: E402

Rows = dict[tuple, dict[str, Any]]
# Django's own notes of what it migrated and what there is; written anew by every migrate.
DJANGOS = ("django_migrations", "django_content_type", "auth_permission")
# What a migration changes on purpose: {("table", "column")}, each with its reason.
CHANGED: set[tuple[str, str]] = set()


def rows_of(release: Kept) -> dict[str, Rows]:
    """What the database says each row of these tables is, by its first column."""
    found: dict[str, Rows] = {}
    with connection.cursor() as cursor:
        for name in release:
            cursor.execute(f'SELECT * FROM "{name}"')
            columns = [column[0] for column in cursor.description]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            found[name] = {row[release[name]["columns"][0]]: row for row in rows}
    return found


def lost(before: dict[str, Rows], after: dict[str, Rows]) -> list[str]:
    """Every row, and every value of it, that is not there any more as it was."""
    return [
        f"{table} {key}: {column}"
        for table, rows in before.items()
        if table not in DJANGOS
        for key, row in rows.items()
        for column, value in row.items()
        if (table, column) not in CHANGED and after[table].get(key, {}).get(column, "gone") != value
    ]


def seen_by_readers() -> dict[str, int]:
    """The answer for each address that readers had."""
    client = Client(headers={"Host": "localhost"})
    slugs = set(Publication.objects.values_list("revision__article__slug", flat=True))
    paths = [f"/articles/{slug}/" for slug in sorted(slugs)]
    paths += ["/", "/evidence/", "/glossary/", "/corrections/", "/search/?q=rhizotomy"]
    return {path: client.get(path, follow=True).status_code for path in paths}


def work_goes_on() -> None:
    """An editor reads the desk, withdraws what was public, and sees something new published."""
    editor = User.objects.filter(groups__name=Role.EDITOR_IN_CHIEF.label).first()
    client = Client(headers={"Host": "localhost"})
    client.force_login(editor)
    assert client.get("/admin/education/revision/").status_code == 200
    withdraw(publication=Publication.objects.current().first(), by=editor, reason="A trial.")
    factories._numbers = itertools.count(1000)  # lower ones are in use in what was kept
    factories.make_publication()


def sound() -> None:
    """Both proofs; they end the process where something is wrong."""
    for command in ("verify_audit", "check_integrity"):
        call_command(command, stdout=StringIO())


def main(file: Path) -> None:
    release = read(file)
    since = make_tables_of(release)
    load(release)
    before = rows_of(release)
    call_command("migrate", verbosity=0)
    told = {"migrations": since, "rows": sum(map(len, before.values()))}
    told["lost"] = lost(before, rows_of(release))
    call_command("rebuild_search", stdout=StringIO())
    sound()
    told["pages"] = seen_by_readers()
    work_goes_on()
    sound()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
