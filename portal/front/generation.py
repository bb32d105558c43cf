"""
Whether anything public may have changed: one name, asked for with each request.

Every step of the work appends to the record of events in its own transaction, so the last event
that may change a page changes with whatever the public sees, at the same moment, on every process.
Saving a draft or printing a copy is no such event (``education.audit.operations``). The name is the
event's hash, which holds all events before it: a database that was put back from a copy and went
another way never has a name that it had before.
"""

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection

from portal.postgresql.base import PATIENCE, Connection, first_answer

_LAST = """
    SELECT hash FROM education_event
    WHERE sequence = (SELECT last_seen_outside FROM education_eventhead WHERE id = 1)
"""


class UnknownGenerationError(Exception):
    """The database does not answer."""


def counter() -> Callable[[], str]:
    """How to ask, on the database in use. The answer raises ``UnknownGenerationError``."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return _OfFile(str(database["NAME"])).now
    return _OfServer().now


class _OfFile:
    """
    SQLite's own counter says in microseconds whether any process wrote; only then do we look.

    The connection is ours alone and never writes, so that every write is one of another's.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._of: tuple[int, int, int] = (0, 0, 0)  # this process; the file, which may be replaced
        self._version, self._last = -1, ""

    def now(self) -> str:
        try:
            with self._lock:
                return self._now()
        except (sqlite3.Error, OSError) as error:
            self._connection = None
            raise UnknownGenerationError from error

    def _now(self) -> str:
        file = Path(self._path).stat()
        mine = (os.getpid(), file.st_dev, file.st_ino)
        if self._connection is None or mine != self._of:
            address = f"file:{quote(self._path)}?mode=rw"
            self._connection = sqlite3.connect(
                address, uri=True, check_same_thread=False, isolation_level=None, timeout=1
            )
            self._of, self._version = mine, -1
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            row = self._connection.execute(_LAST).fetchone()
            self._last, self._version = (row[0] if row else ""), version
        return self._last


class _OfServer:
    """
    PostgreSQL is asked on a connection of our own, by one request after the other.

    Readers don't wait long for it (``portal.postgresql.base``).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def now(self) -> str:
        if not self._lock.acquire(timeout=PATIENCE):
            raise UnknownGenerationError
        try:
            try:
                return self._now()
            except psycopg.OperationalError:  # it may be the end of an old connection only
                return self._now()
        except (psycopg.Error, OSError) as error:
            raise UnknownGenerationError from error
        finally:
            self._lock.release()

    def _now(self) -> str:
        try:
            if self._connection is None:
                params = connection.get_connection_params()
                self._connection = Connection.connect(**params, autocommit=True)
                self._connection.patience = PATIENCE
            with first_answer():
                row = self._connection.execute(_LAST).fetchone()
        except psycopg.Error:
            if self._connection:
                self._connection.close()
            self._connection = None
            raise
        return str(row[0]) if row else ""
