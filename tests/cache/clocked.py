"""
The site as the web server runs it, with a clock that a test sets: seconds in a file, ahead.

``PATIENCE`` is how many seconds a thread waits for one answer of PostgreSQL.
"""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

AHEAD = Path(os.environ["CLOCK_AHEAD"])


def ahead() -> int:
    """Seconds."""
    return int(AHEAD.read_text("utf-8"))


_seconds, _now = time.time, timezone.now
time.time = lambda: _seconds() + ahead()
timezone.now = lambda: _now() + timedelta(seconds=ahead())

from portal.database import LimitedConnection  # noqa: E402
from portal.wsgi import application  # noqa: E402, F401 - with this clock

LimitedConnection.seconds = float(os.environ.get("PATIENCE", "30"))
settings.DEBUG = False  # it let static files do without their list; errors are shown as to readers
