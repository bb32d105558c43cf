"""
PostgreSQL that takes a connection and then says nothing.

libpq limits connecting, and notices a network that is gone (``connect_timeout``, keepalives and
``tcp_user_timeout`` in the settings). Where the server's machine stands still its kernel may answer
those probes all the same; so in web processes each answer has a limit too.
"""

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

Result = TypeVar("Result")


class UnsureError(psycopg.OperationalError):
    """The connection ended while the server was asked to commit: it may have done so."""


class LimitedConnection(psycopg.Connection[Any]):
    """A connection that waits for each answer so many seconds, and is closed after that."""

    # Longer than who waits for a lock of others (settings), shorter than a proxy waits for us.
    seconds = 30.0
    # For whether it still answers: Django asks so before the first statement of a request.
    seconds_of_health_check = 3.0

    def wait(
        self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None
    ) -> Result:
        """Wait for one answer. Closed, its transaction is undone."""
        try:
            return super().wait(gen, interval, timeout or self.seconds)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
        """Django's check of the connection; its statements are executed by cursors."""
        self.seconds = self.seconds_of_health_check
        try:
            return super().execute(*args, **kwargs)
        finally:
            del self.seconds

    def commit(self) -> None:
        """Commit. Raises ``UnsureError`` where nobody knows whether that was done."""
        try:
            super().commit()
        except psycopg.OperationalError as error:
            if self.closed:
                raise UnsureError("The database did not say whether it was done.") from error
            raise


def limit_waiting(sender: object, connection: Any, **_: Any) -> None:
    """Receiver of Django's ``connection_created``: no answer of PostgreSQL is waited for longer."""
    if connection.vendor == "postgresql":
        connection.connection.__class__ = LimitedConnection  # no setting of Django chooses it
