"""The entry point of the web server: the site, behind a store of readers' pages."""

import os
from datetime import UTC, datetime

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

site = get_wsgi_application()

from django.template.loader import render_to_string  # noqa: E402 - the site is set up now

from education.public.freshness import next_change  # noqa: E402
from portal.front.generation import counter  # noqa: E402
from portal.front.store import Store  # noqa: E402

application = Store(
    site,
    generation=counter(),
    next_change=lambda at: next_change(datetime.fromtimestamp(at, UTC)).timestamp(),
    away=render_to_string("503.html").encode(),
)
