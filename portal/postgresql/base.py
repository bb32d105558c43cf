"""
PostgreSQL as Django knows it, for a server that may take connections and say nothing.

Where its machine stands still or the network lost it, no connection ends by itself: whoever asked
would wait for ever. Here the first answer of a connection, and of a request, is waited for shortly;
then the server counts as away and is left alone for a while. In web processes every later answer
has a limit too.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Self, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

Result = TypeVar("Result")

# Seconds for the first answer; ``connect_timeout`` of the settings is the same for connecting.
PATIENCE = 3
# Seconds that a server which said nothing is left alone: nobody waits for it meanwhile.
PAUSE = 5


class SilentError(psycopg.OperationalError):
    """The server said nothing in time. The connection is closed, so its transaction is undone."""


class UnsureError(psycopg.OperationalError):
    """The connection ended while the server was asked to commit: it may have done so."""


class Connection(psycopg.Connection[Any]):
    """A connection that waits for each answer ``patience`` seconds, where that is set."""

    patience: float | None = None

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Self:
        """Connect, unless the server said nothing a moment ago."""
        with first_answer():
            return super().connect(*args, **kwargs)

    def wait(
        self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None
    ) -> Result:
        """Wait for one answer. Raises ``SilentError``."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError as error:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.close()
            raise SilentError("The database said nothing in time.") from error

    def commit(self) -> None:
        """Commit. Raises ``UnsureError`` where nobody knows whether that was done."""
        try:
            super().commit()
        except psycopg.OperationalError as error:
            if self.closed:
                raise UnsureError("The database did not say whether it was done.") from error
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, on such connections."""

    # The driver as it is, but for how to connect.
    Database = SimpleNamespace(  # type: ignore[assignment]
        **{**vars(psycopg), "connect": Connection.connect}
    )

    def is_usable(self) -> bool:
        """Whether the server answers: Django asks before the first statement of each request."""
        if self.connection is None:
            return False
        usual, self.connection.patience = self.connection.patience, PATIENCE
        try:
            with first_answer():
                self.connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        finally:
            self.connection.patience = usual
        return True


_lock = threading.Lock()
_left_alone_until = 0.0


@contextmanager
def first_answer() -> Iterator[None]:
    """
    Around asking the server first. Raises ``SilentError`` at once where it said nothing lately.

    After the pause one asks again, and the others are refused until it was answered.
    """
    global _left_alone_until  # noqa: PLW0603 - of the whole process
    with _lock:
        now = time.monotonic()
        if now < _left_alone_until:
            raise SilentError("The database said nothing a moment ago.")
        if _left_alone_until:
            _left_alone_until = now + PAUSE
    until = 0.0
    try:
        yield
    except (SilentError, psycopg.errors.ConnectionTimeout):
        until = time.monotonic() + PAUSE
        raise
    finally:
        _left_alone_until = until
