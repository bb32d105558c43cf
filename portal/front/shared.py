"""
Pages that web processes give each other, where ``CACHE_URL`` names a Redis server.

Nothing hangs on it: a page that is not there is made. What lies there is a page only if it carries
our seal, made with the secret key over its name too: what another wrote, and what was damaged, is
no page. No answer is waited for longer than a moment, and after a failure nobody asks for a while.
"""

import hashlib
import hmac
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

# Seconds that a reader may wait for an answer; a page costs about as much to make.
PATIENCE = 0.1
# Seconds until it is asked again after it failed.
PAUSE = 10
_SEAL = hashlib.sha256().digest_size
_MADE_OF = ("education", "portal", "templates", "requirements.txt")

logger = logging.getLogger(__name__)


class Bytes:
    """How Django's cache writes what we give it: as it is. Nothing is ever unpickled."""

    def dumps(self, value: bytes) -> bytes:
        """Write."""
        return value

    def loads(self, value: bytes) -> bytes:
        """Read."""
        return value


class SharedPages:
    """Named bytes, there for every process of the same release of the same site."""

    def __init__(self, release: str) -> None:
        self._release = release
        self._again = 0.0
        # Threads of its own: a server that answers by drops can't hold a reader.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="shared-pages")

    def get(self, name: str) -> bytes | None:
        """What was put there under a name; None if nothing, if it is no page, or if it is late."""
        if time.monotonic() < self._again:
            return None
        key = self._key(name)
        try:
            found = self._threads.submit(_cache().get, key).result(timeout=PATIENCE)
        except (RedisError, OSError) as error:
            self._failed(error)
            return None
        if not isinstance(found, bytes):
            return None
        seal, content = found[:_SEAL], found[_SEAL:]
        return content if hmac.compare_digest(seal, _seal(key, content)) else None

    def put(self, name: str, content: bytes, seconds: float) -> None:
        """Leave bytes for others for so many seconds; nobody waits for it."""
        if time.monotonic() >= self._again:
            key = self._key(name)
            self._threads.submit(self._put, key, _seal(key, content) + content, int(seconds))

    def _put(self, key: str, value: bytes, seconds: int) -> None:
        try:
            _cache().set(key, value, seconds)
        except (RedisError, OSError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._again = time.monotonic() + PAUSE
        logger.warning("The shared cache does not answer: %s", type(error).__name__)

    def _key(self, name: str) -> str:
        # Sites that share a server differ by their secret key.
        return salted_hmac(__name__, f"{self._release} {name}", algorithm="sha256").hexdigest()


def shared_pages() -> SharedPages | None:
    """The shared cache of this site, if it has one."""
    return SharedPages(_release()) if settings.CACHE_URL else None


def _cache() -> BaseCache:
    return caches["default"]  # of this thread


def _seal(key: str, content: bytes) -> bytes:
    message = hashlib.sha256(content).hexdigest()
    return salted_hmac(f"{__name__}.seal", f"{key} {message}", algorithm="sha256").digest()


def _release() -> str:
    """What a page is made with beside the database: our files, and how the site is set up."""
    made_with = hashlib.sha256()
    for part in _MADE_OF:
        path = settings.BASE_DIR / part
        for file in [path] if path.is_file() else sorted(_files(path)):
            made_with.update(f"{file.relative_to(settings.BASE_DIR)} ".encode())
            made_with.update(hashlib.sha256(file.read_bytes()).digest())
    chosen = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    made_with.update(json.dumps(chosen, default=repr, sort_keys=True).encode())
    return made_with.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return [path for path in found if path.is_file()]
