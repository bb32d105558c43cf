"""
Pages that web processes give each other by the Redis of ``CACHE_URL``.

Nothing hangs on it: a page that is not there is made. What lies there is a page only if it is
signed with the secret key over its name too: what another wrote, and what was damaged, is no page.
No answer is waited for longer than a moment, and after a failure nobody asks for a while.
"""

import hashlib
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.cache import caches
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

# Seconds that a reader may wait for an answer; a page costs about as much to make.
TIMEOUT = 0.1
# Seconds until it is asked again after it failed.
PAUSE = 10
_MADE_OF = ("education", "portal", "templates", "requirements.txt")

logger = logging.getLogger(__name__)


class SharedPages:
    """Named values, in Django's cache, for every process of the same release of the same site."""

    def __init__(self, release: str) -> None:
        self._release = release
        self._paused_until = 0.0
        # Threads of its own: a server that answers by drops can't hold a reader.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="shared-pages")

    def get(self, name: str) -> Any:
        """What was put there under a name; None if nothing, if it is not ours, or if it is late."""
        if time.monotonic() < self._paused_until:
            return None
        key = self._key(name)
        try:
            signed = self._threads.submit(lambda: caches["default"].get(key)).result(TIMEOUT)
            return signing.loads(signed, salt=key) if signed else None
        except (RedisError, OSError) as error:
            self._failed(error)
        except (signing.BadSignature, ValueError, TypeError):
            pass
        return None

    def put(self, name: str, value: Any, seconds: float) -> None:
        """Leave something that JSON can hold for so many seconds; nobody waits for it."""
        if time.monotonic() >= self._paused_until:
            self._threads.submit(self._put, self._key(name), value, int(seconds))

    def _put(self, key: str, value: Any, seconds: int) -> None:
        try:
            caches["default"].set(key, signing.dumps(value, salt=key), seconds)
        except (RedisError, OSError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._paused_until = time.monotonic() + PAUSE
        logger.warning("The shared cache does not answer: %s", type(error).__name__)

    def _key(self, name: str) -> str:
        # Sites that share a server differ by their secret key.
        return salted_hmac(__name__, f"{self._release} {name}", algorithm="sha256").hexdigest()


def release() -> str:
    """What a page is made with beside the database: our files, and how the site is set up."""
    made_with = hashlib.sha256()
    for part in map(settings.BASE_DIR.joinpath, _MADE_OF):
        for file in sorted([part, *part.rglob("*")]):
            if file.is_file() and file.suffix != ".pyc":
                content = hashlib.sha256(file.read_bytes()).hexdigest()
                made_with.update(f"{file.relative_to(settings.BASE_DIR)} {content} ".encode())
    chosen = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    made_with.update(json.dumps(chosen, default=repr, sort_keys=True).encode())
    return made_with.hexdigest()
