"""
The content version: which content readers see now. Cached pages are pages of one version.

The last event that may change a page names it: every step of the work appends one in its own
transaction; saving a draft or printing a copy is no such event (``education.audit.operations``).
The name is the event's hash, which holds all events before it: a database that was put back from a
copy and went another way never has a version that it had before.

``DATA_DIR/shown`` is a symbolic link that is turned to a new name after every change. It is read
with each request, by us and by nginx, which has it in the key of its cache
(``docs/deploy/nginx.conf``): so every process of one machine, and nginx, hear of a change at once,
and processes of other machines within ``CHECK_EVERY``, when they next ask the database.
"""

import contextlib
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import Error, close_old_connections

from education.public.freshness import ContentState, content_state

# Seconds until the database is asked again, and after a failure: meanwhile it counts as away.
CHECK_EVERY = 1
CHECK_AFTER_FAILURE = 5
# Seconds that an old name of the link stays, for whoever is just following it.
_OLD_NAMES_STAY = 60

logger = logging.getLogger(__name__)


class DatabaseAwayError(Exception):
    """The database does not say which content is current."""


class ContentVersion:
    """The version that is current, as ``ask`` says it (``ask_database``)."""

    def __init__(self, ask: Callable[[float], ContentState]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._link, self._asked_at, self._good_until = "", 0.0, 0.0
        self._state: ContentState | None = None

    def __call__(self, now: float) -> ContentState:
        """The version at a moment. Raises ``DatabaseAwayError``."""
        link = ""
        with contextlib.suppress(OSError):
            link = os.readlink(settings.DATA_DIR / "shown")  # noqa: PTH115 - with each request
        with self._lock:
            if link != self._link or not self._asked_at <= now < self._good_until:
                self._link, self._asked_at, self._state = link, now, None
                self._good_until = now + CHECK_AFTER_FAILURE
                self._state = self._ask(now)
                self._good_until = min(now + CHECK_EVERY, self._state.changes_at)
                if not link.startswith(_link_name(self._state.version)):
                    turn_link(self._state.version)  # it was changed on another machine
            if self._state is None:
                raise DatabaseAwayError
            return self._state


def ask_database(now: float) -> ContentState:
    """The version by the database. Raises ``DatabaseAwayError``."""
    database = settings.DATABASES["default"]
    try:
        if database["ENGINE"].endswith("sqlite3"):
            Path(database["NAME"]).stat()  # a file that is open could be read after it is gone
        close_old_connections()
        return content_state(datetime.fromtimestamp(now, UTC))
    except (Error, OSError) as error:
        raise DatabaseAwayError from error


def turn_link(version: str = "") -> None:
    """Turn the link to a name that never was, if the disk can be written."""
    link = settings.DATA_DIR / "shown"
    name = _link_name(version) + secrets.token_hex(4)
    try:
        link.with_name(name).touch()
        new = link.with_name(f"{name}.link")
        new.symlink_to(name)
        new.replace(link)
    except OSError as error:
        logger.info("Caches may show a page for a minute more: %s", error.strerror)
        return
    for old in link.parent.glob("shown.*"):
        with contextlib.suppress(OSError):  # another process was faster
            if old.name != name and time.time() - old.lstat().st_mtime > _OLD_NAMES_STAY:
                old.unlink()


def _link_name(version: str) -> str:
    return f"shown.{version[:16]}."  # nginx reads it with every request: not the whole
