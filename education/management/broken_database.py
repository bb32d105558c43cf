"""A database that can't be read: in words, with a way out."""

import datetime
from pathlib import Path

from django.db import DatabaseError, connection

# SQLite keeps what was written last in files beside the database.
BESIDE = ("", "-wal", "-shm")


def why_unreadable() -> str:
    """Why the database can't be read, as sentences for an operator; empty when it can."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA quick_check(1)")
                (answer,) = cursor.fetchone()
                return "" if answer == "ok" else _broken(answer)
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        if connection.vendor == "sqlite":
            return _broken(str(error))
        first = str(error).strip().partition("\n")[0]
        return f"The database does not answer: {first}"
    return ""


def _broken(detail: str) -> str:
    name, first = connection.settings_dict["NAME"], detail.strip().splitlines()[0]
    return (
        f"The database file {name} is broken ({first}). "
        "Stop the site, keep a copy of the file, and restore the last backup: manage.py restore "
        "FOLDER --replace moves the broken file aside."
    )


def move_aside() -> Path:
    """Give a broken SQLite file, and those beside it, another name; returns it."""
    connection.close()
    name = Path(str(connection.settings_dict["NAME"]))
    moment = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H%M%SZ")
    for ending in BESIDE:
        file = name.with_name(name.name + ending)
        if file.exists():
            file.rename(name.with_name(f"{name.name}.broken-{moment}{ending}"))
    return name.with_name(f"{name.name}.broken-{moment}")
