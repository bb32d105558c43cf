"""
Whether anything public may have changed: one name, asked for with each request.

Every step of the work appends to the record of events in its own transaction, so the last event
that may change a page changes with whatever the public sees, at the same moment, on every process.
Saving a draft or printing a copy is no such event (``education.audit.operations``). The name is the
event's hash, which holds all events before it: a database that was put back from a copy and went
another way never has a name that it had before.
"""

import os
import selectors
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

# Seconds that a reader waits for PostgreSQL to say whether anything changed.
PATIENCE = 3
# Seconds until it is asked again after it said nothing.
PAUSE = 5

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

    Readers don't wait long for it: a server that says nothing, since its machine stands still or
    the network lost it, counts as away, and is left alone for a while.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._again = 0.0

    def now(self) -> str:
        if time.monotonic() < self._again or not self._lock.acquire(timeout=PATIENCE):
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
                self._connection = psycopg.connect(**connection.get_connection_params())
            return self._asked(self._connection.pgconn)
        except (TimeoutError, psycopg.errors.ConnectionTimeout) as error:
            self._again = time.monotonic() + PAUSE
            self._close()
            raise TimeoutError from error
        except psycopg.Error:
            self._close()
            raise

    def _asked(self, server: PGconn) -> str:
        """The answer to one question, waited for no longer than ``PATIENCE``."""
        server.send_query(_LAST.encode())
        server.flush()
        until = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as answers:
            answers.register(server.socket, selectors.EVENT_READ)
            while server.is_busy():
                if not answers.select(max(0, until - time.monotonic())):
                    raise TimeoutError
                server.consume_input()
        result = server.get_result()
        if result is None or result.status != ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(server.get_error_message())
        while server.get_result():
            pass
        name = result.get_value(0, 0) if result.ntuples else None
        return bytes(name).decode() if name else ""

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None
