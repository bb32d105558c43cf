"""
Keep a release for the tests: every row of every table of a site that holds something of everything.

    python -m tests.releases.keep RELEASE

Makes the demonstration in a database of its own, adds what that lacks, and writes what SQLite then
holds to ``tests/releases/RELEASE.json.xz``, as it stands there and without asking any model.
docs/releasing.md says when.
"""

import base64
import json
import lzma
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# Made anew by manage.py rebuild_search, and of another kind on each engine.
LEFT_OUT = ("sqlite_", "education_search_index", "education_desk_search")


def fill() -> None:
    """The demonstration, and a row in the tables that it leaves empty."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from education.management import demonstration
    from education.people.models import ConflictOfInterest
    from education.review.assignments import assign_reviewer
    from education.review.comments import add_comment
    from tests.accounts.test_signing_in import with_telephone
    from tests.factories import PASSWORD, make_editor, make_medical_reviewer
    from tests.operating import world

    call_command("migrate", verbosity=0)
    demonstration.load(password="only a demonstration", say=lambda _: None)
    for there in ("make_comparison", "make_claims", "make_glossary"):
        setattr(world, there, lambda: None)
    rows = world.World().rows
    editor, reviewer = make_editor(), make_medical_reviewer("Neurosurgery")
    assign_reviewer(
        revision=rows["revision"], reviewer=reviewer, reviewed_as="medical", by=editor,
        due_on=rows["publication"].review_due_on,
    )  # fmt: skip
    add_comment(revision=rows["revision"], by=reviewer, text="Is this so?")
    ConflictOfInterest.objects.create(
        person=editor, topic=rows["topic"], description="A grant for work on it."
    )
    with_telephone(editor)
    client = Client(headers={"Host": "localhost"})
    client.post("/admin/login/", {"username": editor.username, "password": PASSWORD})
    call_command("send_reminders", stdout=sys.stderr, stderr=sys.stderr)


def tables(database: sqlite3.Connection) -> dict[str, dict[str, list]]:
    """The columns and rows of each table, in the order they were put in."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    kept = {}
    for (name,) in database.execute(named).fetchall():
        if not name.startswith(LEFT_OUT):
            found = database.execute(f'SELECT * FROM "{name}" ORDER BY rowid')
            columns = [column[0] for column in found.description]
            kept[name] = {"columns": columns, "rows": [list(map(plain, row)) for row in found]}
    return kept


def plain(value: object) -> object:
    """A value of SQLite as JSON holds it; bytes as ``{"bytes": base64}``."""
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def main(release: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "db.sqlite3"
        os.environ["DATABASE_URL"] = f"sqlite:///{database}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        fill()
        with closing(sqlite3.connect(database)) as opened:
            kept = tables(opened)
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    file = FOLDER / f"{release}.json.xz"
    file.write_bytes(lzma.compress(text.encode(), preset=9))
    empty = [name for name, table in kept.items() if not table["rows"]]
    sys.stdout.write(f"{file.name}: {file.stat().st_size // 1000} kB. Empty: {', '.join(empty)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
