"""
Telling other caches that pages changed: a POST to ``PURGE_URL`` after a step of the work.

    {"urls": ["https://portal.example.org/*"]}

It names every page of the site: nearly each tells something of others (terms, claims, studies,
notices, lists), and a page that were missing from a choice of them would stay as it was. Nobody
waits for it. What can't be told is let go all the same within a minute and a half, as
``Cache-Control`` says; the moments that a date brings are in there too, so nothing has to be told
of them.
"""

import http.client
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from education.audit.models import Event
from education.http_client import ask

# Seconds to wait before the second try and the third.
PAUSES = (1, 5)

_is_waiting = threading.Event()  # what changes until the thread begins is told with it
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="purge")  # ended at exit, when done

logger = logging.getLogger(__name__)


def purge(_event: Event) -> None:
    """Tell of a step that changed pages; several at once are told together."""
    if settings.PURGE_URL and not _is_waiting.is_set():
        _is_waiting.set()
        _thread.submit(_tell)


def _tell() -> None:
    _is_waiting.clear()
    body = json.dumps({"urls": [f"{settings.SITE_URL.rstrip('/')}/*"]})
    token = {"Authorization": f"Bearer {settings.PURGE_TOKEN}"} if settings.PURGE_TOKEN else {}
    headers = {"Content-Type": "application/json", **token}
    for pause in (0, *PAUSES):
        time.sleep(pause)
        try:
            status = ask(settings.PURGE_URL, method="POST", headers=headers, body=body).status
            failure = str(status)
        except (OSError, http.client.HTTPException) as error:
            status, failure = 0, type(error).__name__
        if 200 <= status < 300:
            return
    logger.warning("PURGE_URL was not told that pages changed: %s", failure)
