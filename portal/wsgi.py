"""The entry point of the web server: the site, behind a cache of readers' pages."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

site = get_wsgi_application()

from django.conf import settings  # noqa: E402 - the site is set up now
from django.db.backends.signals import connection_created  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402

from portal.cache.middleware import PageCache  # noqa: E402
from portal.cache.shared import SharedPages, release  # noqa: E402
from portal.cache.version import ContentVersion, ask_database, turn_link  # noqa: E402
from portal.database import limit_waiting  # noqa: E402

connection_created.connect(limit_waiting)  # commands wait as long as they need
turn_link()  # with other code, pages may be others

application = PageCache(
    site,
    version=ContentVersion(ask_database),
    unavailable=render_to_string("503.html").encode(),
    shared=SharedPages(release()) if settings.CACHE_URL else None,
)
