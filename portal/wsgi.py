"""The entry point of the web server: the site, behind a store of readers' pages."""

import os
from datetime import UTC, datetime

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

site = get_wsgi_application()

from django.db import DatabaseError  # noqa: E402 - the site is set up now
from django.template.loader import render_to_string  # noqa: E402

from education.public.freshness import changes_around  # noqa: E402
from portal.front.generation import UnknownGenerationError, counter  # noqa: E402
from portal.front.shared import shared_pages  # noqa: E402
from portal.front.shown import name_anew, see  # noqa: E402
from portal.front.store import Store  # noqa: E402
from portal.postgresql.base import Connection  # noqa: E402

# Seconds that a thread waits for one answer of PostgreSQL: longer than that waits for a lock of
# others (settings), shorter than a proxy waits for us. Commands wait as long as they need.
Connection.patience = 30

started = datetime.now(UTC)  # with other code, pages may be others
name_anew()


def changes(generation: str, at: float) -> tuple[float, float]:
    """When a page last may have changed, and when a date will change one next."""
    see(generation)  # it may have changed on another machine
    moment = datetime.fromtimestamp(at, UTC)
    try:
        last, following = changes_around(moment)
    except DatabaseError as error:
        raise UnknownGenerationError from error
    return max(last, started).timestamp(), following.timestamp()


application = Store(
    site,
    generation=counter(),
    changes=changes,
    away=render_to_string("503.html").encode(),
    shared=shared_pages(),
)
