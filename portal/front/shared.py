"""
Pages that web processes give each other: in files of one machine, or by a Redis of ``CACHE_URL``.

Nothing hangs on it: a page that is not there is made. What lies there is a page only if it carries
our seal, made with the secret key over its name too: what another wrote, and what was damaged, is
no page. No answer is waited for longer than a moment, and after a failure nobody asks for a while.
"""

import contextlib
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol

from django.conf import settings
from django.core.cache import caches
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

# Seconds that a reader may wait for an answer; a page costs about as much to make.
PATIENCE = 0.1
# Seconds until it is asked again after it failed.
PAUSE = 10
# Seconds from one look for old files to the next, and that a file stays at least.
TIDIED = 60
# Bytes that one process lays down in files within that time.
MOST_BYTES = 64 * 1024 * 1024
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


class Place(Protocol):
    """Where bytes lie by name; of Django's caches, what we use of them."""

    def get(self, key: str, /) -> Any:
        """What lies there; None if nothing does."""

    def set(self, key: str, value: bytes, timeout: int, /) -> None:
        """Lay bytes there for so many seconds."""


class Files:
    """
    A folder for the processes of one machine.

    Who lays something there lets go, once in a while, what nobody asks for any more. Between these
    times one process lays down no more than ``MOST_BYTES``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tidied = 0.0
        self._laid = 0

    def get(self, key: str) -> bytes | None:
        """What lies there."""
        try:
            return (self._folder / key).read_bytes()
        except FileNotFoundError:
            return None

    def set(self, key: str, value: bytes, timeout: int) -> None:
        """Lay bytes there, whole or not at all, for ``timeout`` seconds at least."""
        now = time.time()
        if not 0 <= now - self._tidied < TIDIED:
            self._tidy(now - max(timeout, TIDIED))
            self._tidied, self._laid = now, 0
        self._laid += len(value)
        if self._laid > MOST_BYTES:
            return
        with NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(value)
        Path(file.name).replace(self._folder / key)

    def _tidy(self, before: float) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for file in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another process was first
                if file.stat().st_mtime < before:
                    file.unlink()


class SharedPages:
    """
    Named bytes, there for every process of the same release of the same site.

    ``place`` gives a thread the place where they lie.
    """

    def __init__(self, release: str, place: Callable[[], Place]) -> None:
        self._release = release
        self._place = place
        self._again = 0.0
        # Threads of its own: a server that answers by drops can't hold a reader.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="shared-pages")

    def get(self, name: str) -> bytes | None:
        """What was put there under a name; None if nothing, if it is no page, or if it is late."""
        if time.monotonic() < self._again:
            return None
        key = self._key(name)
        try:
            found = self._threads.submit(self._get, key).result(timeout=PATIENCE)
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

    def _get(self, key: str) -> Any:
        return self._place().get(key)

    def _put(self, key: str, value: bytes, seconds: int) -> None:
        try:
            self._place().set(key, value, seconds)
        except (RedisError, OSError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._again = time.monotonic() + PAUSE
        logger.warning("The shared cache does not answer: %s", type(error).__name__)

    def _key(self, name: str) -> str:
        # Sites that share a server differ by their secret key.
        return salted_hmac(__name__, f"{self._release} {name}", algorithm="sha256").hexdigest()


def shared_pages() -> SharedPages:
    """The shared cache of this site."""
    files = Files(settings.DATA_DIR / "pages")
    return SharedPages(_release(), lambda: caches["default"] if settings.CACHE_URL else files)


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
