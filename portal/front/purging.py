"""
Telling stores on the way which pages to let go: a POST to ``PURGE_URL`` after a step of the work.

    {"urls": ["https://portal.example.org/articles/one/*", "https://portal.example.org/"]}

An address that ends in ``*`` stands for all that begin so. Nobody waits for it. What can't be told
is let go all the same within a minute and a half, as ``Cache-Control`` says; the moments that a
date brings are in there too, so nothing has to be told of them.
"""

import http.client
import json
import logging
import threading
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from education import languages
from education.articles.models import Article
from education.audit.models import Event

# Seconds: how long one try may take, and how long to wait before the next ones.
PATIENCE = 5
PAUSES = (1, 5)
# Where one text shows beside its own pages. Other texts' pages don't look at it.
_LISTS = (
    "", "?*", "topics/*", "compare/*", "claims/*", "evidence/*", "outcomes/*", "glossary/*",
    "handouts/*", "how-we-review/", "people/*", "corrections/*", "about/", "feeds/*", "search/*",
)  # fmt: skip
_OF_MACHINES = ("api/*", "connect/*", "sitemap.xml*")

logger = logging.getLogger(__name__)


def addresses(event: Event) -> list[str]:
    """The pages that a step may have changed, as whole addresses."""
    site = settings.SITE_URL.rstrip("/")
    article = Article.objects.filter(pk=event.article_id or 0).first()
    # Terms and claims may show on any page; so may a study, a topic, a person.
    if article is None or article.kind not in {Article.Kind.ARTICLE, Article.Kind.COMPARISON}:
        return [f"{site}/*"]
    paths = [f"embed/{article.slug}/", *_OF_MACHINES]
    for language in languages.offered_languages():
        start = "" if language == languages.ENGLISH else f"{language}/"
        paths += [f"{start}{path}" for path in (f"articles/{article.slug}/*", *_LISTS)]
    return [f"{site}/{path}" for path in paths]


def purge(event: Event) -> None:
    """Tell of one step; several at once are told together."""
    if settings.PURGE_URL:
        _teller.tell(addresses(event))


class _Teller:
    """One thread at a time, while there is something to tell; the process ends after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._is_telling = False

    def tell(self, urls: Iterable[str]) -> None:
        with self._lock:
            self._waiting.update(urls)
            if self._is_telling:
                return
            self._is_telling = True
        threading.Thread(target=self._tell_all, name="purge").start()

    def _tell_all(self) -> None:
        while True:
            with self._lock:
                urls, self._waiting = sorted(self._waiting), set()
                if not urls:
                    self._is_telling = False
                    return
            _try(urls)


def _try(urls: list[str]) -> None:
    for pause in (*PAUSES, None):
        try:
            status = _post(urls)
        except (OSError, http.client.HTTPException) as error:
            failure = type(error).__name__
        else:
            if status < 300:
                return
            failure = str(status)
        if pause is not None:
            time.sleep(pause)
    logger.warning("PURGE_URL was not told of %s addresses: %s", len(urls), failure)


def _post(urls: list[str]) -> int:
    """The answer's status; follows nothing."""
    target = urlsplit(settings.PURGE_URL)
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.hostname or "", target.port, timeout=PATIENCE)
    headers = {"Content-Type": "application/json"}
    if settings.PURGE_TOKEN:
        headers["Authorization"] = f"Bearer {settings.PURGE_TOKEN}"
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    try:
        connection.request("POST", path, json.dumps({"urls": urls}), headers)
        return connection.getresponse().status
    finally:
        connection.close()


_teller = _Teller()
