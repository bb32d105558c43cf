"""
Telling other caches which pages to let go: a POST to ``PURGE_URL`` after a step of the work.

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
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from education import languages
from education.articles.models import Article
from education.audit.models import Event
from education.http_client import ask

# Seconds to wait before the second try and the third.
PAUSES = (1, 5)
# Where one text shows beside its own pages. Other texts' pages don't look at it.
_LISTS = (
    "", "?*", "topics/*", "compare/*", "claims/*", "evidence/*", "outcomes/*", "glossary/*",
    "handouts/*", "v/*", "how-we-review/", "people/*", "corrections/*", "about/", "feeds/*",
    "search/*",
)  # fmt: skip
_OF_MACHINES = ("api/*", "connect/*", "sitemap.xml*")

_lock = threading.Lock()
_waiting: set[str] = set()
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="purge")  # ended at exit, when done

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
    """Tell of one step; several at once are told together, and nobody waits for it."""
    if settings.PURGE_URL:
        with _lock:
            _waiting.update(addresses(event))
        _thread.submit(_tell)


def _tell() -> None:
    with _lock:
        urls = sorted(_waiting)
        _waiting.clear()
    if urls:
        _try(urls)


def _try(urls: list[str]) -> None:
    body, headers = json.dumps({"urls": urls}), {"Content-Type": "application/json"}
    if settings.PURGE_TOKEN:
        headers["Authorization"] = f"Bearer {settings.PURGE_TOKEN}"
    for pause in (*PAUSES, None):
        try:
            answer = ask(settings.PURGE_URL, method="POST", headers=headers, body=body)
        except (OSError, http.client.HTTPException) as error:
            failure = type(error).__name__
        else:
            if answer.status < 300:
                return
            failure = str(answer.status)
        if pause is not None:
            time.sleep(pause)
    logger.warning("PURGE_URL was not told of %s addresses: %s", len(urls), failure)
