"""
A store of pages before the site: what was read before is given again, compressed, or a 304.

It keeps to what the answer says, as any store on the way would, and looks with each request whether
anything public changed. When the database is away, what was read before is still given, with a word
about it, for ten minutes.
"""

import gzip
import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import brotli

from portal.front.generation import UnknownGenerationError
from portal.front.marking import PUBLIC
from portal.front.shared import SharedPages

# A store on the way may give a page this long without asking; dates that change it make it less.
LONGEST = 60
# Seconds after that in which it may give the page while it asks; never past such a date either.
MEANWHILE = 30
# Seconds that a page is given when the site can't make it anew.
WHEN_AWAY = 600
# Seconds after a change until its date is given: by then no clock of ours, and no second change
# within the same second, can make an older page look as new.
UNTIL_DATED = 60
MOST_BYTES = 64 * 1024 * 1024
LONGEST_ADDRESS = 500
# Never the same for everybody, or never to be kept: not even looked up.
ELSEWHERE = (
    "/admin/",
    "/clinic/",
    "/static/",
    "/health/",
    "/metrics",
    "/check/",
    "/api/",
    "/connect/",
)
# Of one request alone.
OF_ONE = frozenset(
    {"x-request-id", "content-length", "cache-control", "vary", "etag", "date", "last-modified"}
)

AWAY = (
    '<p class="demonstration" role="status">Part of this site can’t be reached just now. '
    "You see this page as it was a few minutes ago.</p>"
).encode()

Headers = list[tuple[str, str]]

COMPRESSED: dict[str, Callable[[bytes], bytes]] = {  # the shortest first
    "br": lambda body: bytes(brotli.compress(body, quality=5)),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


@dataclass(frozen=True)
class Kept:
    """One answer: for which generation, until when, in each encoding that was asked for."""

    generation: str
    until: float
    headers: Headers
    bodies: dict[str, bytes]
    tag: str

    @property
    def size(self) -> int:
        """Bytes, about, once it was asked for in every encoding."""
        return len(self.bodies[""]) * 3 // 2 + 2000

    def body(self, encoding: str) -> bytes:
        """In an encoding, compressed when it is first asked for so: most ask for one alone."""
        if encoding not in self.bodies:
            self.bodies[encoding] = COMPRESSED[encoding](self.bodies[""])
        return self.bodies[encoding]

    def written(self) -> bytes:
        """As bytes, for other processes: a line of JSON, then the bodies."""
        sizes = {encoding: len(body) for encoding, body in self.bodies.items()}
        head = json.dumps([self.generation, self.until, self.headers, self.tag, sizes])
        return b"\n".join([head.encode(), b"".join(self.bodies.values())])

    @classmethod
    def read(cls, written: bytes) -> "Kept":
        """What ``written`` wrote."""
        head, _, rest = written.partition(b"\n")
        generation, until, headers, tag, sizes = json.loads(head)
        bodies, start = {}, 0
        for encoding, size in sizes.items():
            bodies[encoding], start = rest[start : start + size], start + size
        return cls(generation, until, [(name, value) for name, value in headers], bodies, tag)


class Between(NamedTuple):
    """The time between two changes: of which generation, looked at when, and both moments."""

    generation: str
    seen: float
    last: float
    following: float


class Store:
    """
    A WSGI application before another.

    ``generation`` names what the public sees now; ``changes`` tells of one when it last changed
    before a moment and when a date changes it next, in seconds since 1970. Both raise
    ``UnknownGenerationError``. ``away`` is the page for when nothing can be made and nothing is
    kept, ``shared`` where processes leave pages for each other.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        generation: Callable[[], str],
        changes: Callable[[str, float], tuple[float, float]],
        away: bytes,
        shared: SharedPages | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._application = application
        self._generation = generation
        self._changes = changes
        self._away = away
        self._shared = shared
        self._clock = clock
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._between: Between | None = None
        self._made_now: dict[str, tuple[threading.Lock, int]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Give what is kept if it is still so, else ask the site, and keep what may be kept."""
        key = _key(environ)
        if not key:
            return self._application(environ, start_response)
        kept = self._kept.get(key)
        now = self._clock()
        try:
            between = self._now_between(now)
        except UnknownGenerationError:
            return self._without_database(kept, now, environ, start_response)
        if kept and _is_good(kept, between, now):
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
            return _give(kept, between, now, environ, start_response)
        with self._making(key):  # who else asks for this page now takes what the first one makes
            kept = self._kept.get(key)
            if not (kept and _is_good(kept, between, now)):
                kept = self._left_by_others(key, between, now, environ)
            if kept is None:
                return self._asked(key, between, now, environ, start_response)
        return _give(kept, between, now, environ, start_response)

    @contextmanager
    def _making(self, key: str) -> Iterator[None]:
        with self._lock:
            lock, waiting = self._made_now.get(key, (threading.Lock(), 0))
            self._made_now[key] = lock, waiting + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, waiting = self._made_now.pop(key)
                if waiting > 1:
                    self._made_now[key] = lock, waiting - 1

    def _now_between(self, now: float) -> Between:
        generation, between = self._generation(), self._between
        if (
            between is None
            or between.generation != generation
            or not between.seen <= now < between.following
        ):
            between = self._between = Between(generation, now, *self._changes(generation, now))
        return between

    def _left_by_others(
        self, key: str, between: Between, now: float, environ: WSGIEnvironment
    ) -> Kept | None:
        if self._shared is None or not _is_shared(environ):
            return None
        found = self._shared.get(f"{between.generation} {key}")
        kept = Kept.read(found) if found else None
        if kept is None or not _is_good(kept, between, now):
            return None
        self._keep(key, kept)
        return kept

    def _asked(
        self,
        key: str,
        between: Between,
        begun: float,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        held: list[Any] = []

        def hold(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            held[:] = [status, headers, exc_info]
            return lambda _: None

        # A page is the same for HEAD, which learns its tag: it is made and kept as for GET.
        answer = self._application({**environ, "REQUEST_METHOD": "GET"}, hold)
        status, headers, exc_info = held
        may_be_kept = status[:3] == "200" and ("Cache-Control", PUBLIC) in headers
        if not may_be_kept:
            start_response(status, headers, exc_info)
            if not _is_head(environ):
                return answer
            _close(answer)
            return []
        try:
            body = b"".join(answer)
        finally:
            _close(answer)
        kept = Kept(
            # As things were before the answer was made: what changed meanwhile ends it at once.
            generation=between.generation,
            until=min(begun + LONGEST, between.following),
            headers=[(name, value) for name, value in headers if name.lower() not in OF_ONE],
            bodies={"": body},
            tag=f'W/"{hashlib.sha256(body).hexdigest()[:24]}"',
        )
        self._keep(key, kept)
        if self._shared and _is_shared(environ):
            kept.body(_encoding(environ))
            self._shared.put(f"{between.generation} {key}", kept.written(), kept.until - begun)
        return _give(kept, between, self._clock(), environ, start_response)

    def _keep(self, key: str, kept: Kept) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += kept.size - (old.size if old else 0)
            self._kept[key] = kept
            while self._size > MOST_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._size -= oldest.size

    def _without_database(
        self, kept: Kept | None, now: float, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if kept is None or not -WHEN_AWAY <= kept.until - now <= LONGEST:
            status, body, kind = "503 Service Unavailable", self._away, "text/html; charset=utf-8"
            headers = [("Retry-After", "30")]
        else:
            status, body, kind = "200 OK", kept.bodies[""], ""
            before, main, after = body.partition(b"<body>")
            body = before + main + AWAY + after if main else body
            headers = list(kept.headers)
        headers += [("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]
        if kind:
            headers.append(("Content-Type", kind))
        start_response(status, headers)
        return [] if _is_head(environ) else [body]


def _key(environ: WSGIEnvironment) -> str:
    """What an answer is kept under; empty for what is never kept."""
    path = environ.get("PATH_INFO", "")
    if (
        environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
        or "HTTP_AUTHORIZATION" in environ
        or path.startswith(ELSEWHERE)
    ):
        return ""
    # What a proxy says of the scheme decides whether Django redirects.
    scheme = f"{environ['wsgi.url_scheme']} {environ.get('HTTP_X_FORWARDED_PROTO', '')}"
    key = f"{scheme} {environ.get('HTTP_HOST', '')} {path}?{environ.get('QUERY_STRING', '')}"
    return key if len(key) <= LONGEST_ADDRESS else ""


def _is_shared(environ: WSGIEnvironment) -> bool:
    """Whether a page may leave this process: not what a reader searched or told of a child."""
    return not environ.get("QUERY_STRING")


def _is_good(kept: Kept, between: Between, now: float) -> bool:
    # More than that is left only where the clock was set back: dates on the page may be wrong.
    return kept.generation == between.generation and 0 < kept.until - now <= LONGEST


def _give(
    kept: Kept,
    between: Between,
    now: float,
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> list[bytes]:
    dated = ""
    if now > between.last + UNTIL_DATED:
        # The first full second after the change: no older page was given in it.
        dated = formatdate(int(between.last) + 1, usegmt=True)
    headers = [
        *kept.headers,
        ("ETag", kept.tag),
        ("Vary", "Accept-Encoding"),
        ("Cache-Control", _may_keep(between.following - now)),
        ("Date", formatdate(now, usegmt=True)),
    ]
    if dated:
        headers.append(("Last-Modified", dated))
    if _is_known(kept.tag, dated, environ):
        start_response("304 Not Modified", headers)
        return []
    encoding = _encoding(environ)
    body = kept.body(encoding)
    if encoding:
        headers.append(("Content-Encoding", encoding))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [] if _is_head(environ) else [body]


def _may_keep(seconds: float) -> str:
    """What a store on the way may do, where so many seconds are left until a date changes pages."""
    # Stores count in whole seconds, from when the answer came.
    left = max(0, int(seconds) - 1)
    fresh = min(LONGEST, left)
    meanwhile = min(MEANWHILE, left - fresh)
    return (
        f"public, max-age=0, s-maxage={fresh}, stale-while-revalidate={meanwhile}, "
        f"stale-if-error={WHEN_AWAY}"
    )


def _is_known(tag: str, dated: str, environ: WSGIEnvironment) -> bool:
    """Whether a browser has the page: by its tag; by its date only where it names no tag."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None:
        return tag in known or known.strip() == "*"
    return bool(dated) and environ.get("HTTP_IF_MODIFIED_SINCE") == dated


def _encoding(environ: WSGIEnvironment) -> str:
    """The shortest that a browser takes; empty for none."""
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    return next((name for name in COMPRESSED if _takes(accepted, name)), "")


def _takes(accepted: str, encoding: str) -> bool:
    """Whether a browser takes an encoding: named, and not with a weight of nothing."""
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False


def _is_head(environ: WSGIEnvironment) -> bool:
    return bool(environ["REQUEST_METHOD"] == "HEAD")


def _close(answer: Iterable[bytes]) -> None:
    close = getattr(answer, "close", None)
    if close:
        close()
