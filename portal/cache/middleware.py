"""
A shared cache (RFC 9111) of readers' pages in each web process, before Django.

A page is kept under its address and the content version (``portal.cache.version``), compressed once
for each encoding, and given again, or confirmed by a 304. While the database is away a page that is
kept is given all the same, with a notice: ``stale-if-error`` of RFC 5861.
"""

import gzip
import hashlib
import threading
import time
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from weakref import WeakValueDictionary
from wsgiref.types import StartResponse as Start
from wsgiref.types import WSGIApplication
from wsgiref.types import WSGIEnvironment as Environ

import brotli
from django.http import HttpRequest, HttpResponse

from education.public.freshness import ContentState
from portal.cache.shared import SharedPages
from portal.cache.version import DatabaseAwayError

# Seconds of RFC 9111 and RFC 5861; what a date will change is given no longer than until then.
MAX_AGE = 60
STALE_WHILE_REVALIDATE = 30
STALE_IF_ERROR = 600
MAX_BYTES = 64 * 1024 * 1024
MAX_ADDRESS = 500
# Never the same for everybody, or never to be kept: not even looked up.
NEVER_CACHED = (
    "/admin/", "/clinic/", "/static/", "/health/", "/metrics", "/check/", "/api/", "/connect/",
)  # fmt: skip
# Headers of one answer alone.
OF_ONE_ANSWER = frozenset({"x-request-id", "content-length", "cache-control", "vary", "etag"})
# What ``mark_public`` says and the cache looks for; without a cache, each answer is asked for anew.
PUBLIC = "public, max-age=0, must-revalidate"
# The same of an address with a query: what a reader asked stays in this process.
PRIVATE = "private, max-age=0, must-revalidate"
# What an address says of a child is kept nowhere (``education.public.children``).
OF_A_CHILD = frozenset({"age", "gmfcs"})
STALE_NOTICE = (
    '<p class="demonstration" role="status">Part of this site can’t be reached just now. '
    "You see this page as it was a few minutes ago.</p>"
).encode()

COMPRESSED: dict[str, Callable[[bytes], bytes]] = {  # the shortest first
    "br": lambda body: bytes(brotli.compress(body, quality=5)),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
Headers = list[tuple[str, str]]


def mark_public(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """
    Django middleware: mark the pages of readers as public, unless their view says something else.

    They are the same for everybody: no page of readers looks at a cookie or a session. An answer
    to an address with a query is public in no case, and one that tells of a child is not kept.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if (
            match is not None
            and match.func.__module__.startswith("education.public.views.")
            and request.method in {"GET", "HEAD"}
            and response.status_code == 200
            and not response.streaming
            and not response.cookies
        ):
            response.setdefault("Cache-Control", PUBLIC)
        query = request.META.get("QUERY_STRING", "")
        if query and "public" in (control := response.get("Cache-Control", "")):
            response["Cache-Control"] = (
                "private, no-store"
                if tells_of_a_child(query)
                else control.replace("public", "private")
            )
        return response

    return respond


def tells_of_a_child(query: str) -> bool:
    """Whether the query of an address names a child's age or movement level."""
    return bool(query) and not OF_A_CHILD.isdisjoint(name for name, _ in parse_qsl(query))


@dataclass(frozen=True)
class CachedPage:
    """A cached answer: of which content version, until when, in each encoding asked for so far."""

    version: str
    expires: float
    headers: Headers
    bodies: dict[str, bytes]
    etag: str

    @property
    def size(self) -> int:
        """Bytes, about, once it was asked for in every encoding."""
        return len(self.bodies[""]) * 3 // 2 + 2000

    def is_fresh(self, state: ContentState, now: float) -> bool:
        """Whether it may be given. More than ``MAX_AGE`` is left where the clock was set back."""
        return self.version == state.version and 0 < self.expires - now <= MAX_AGE

    def body(self, encoding: str) -> bytes:
        """In an encoding, compressed when it is first asked for so."""
        if encoding not in self.bodies:
            self.bodies[encoding] = COMPRESSED[encoding](self.bodies[""])
        return self.bodies[encoding]

    def dump(self) -> list[Any]:
        """As JSON can hold it."""
        bodies = {encoding: b64encode(body).decode() for encoding, body in self.bodies.items()}
        return [self.version, self.expires, self.headers, bodies, self.etag]

    @classmethod
    def load(cls, dumped: list[Any]) -> "CachedPage":
        """What ``dump`` made."""
        version, expires, headers, bodies, etag = dumped
        bodies = {encoding: b64decode(body) for encoding, body in bodies.items()}
        return cls(version, expires, [(name, value) for name, value in headers], bodies, etag)


@dataclass
class PageCache:
    """
    WSGI middleware before ``application``.

    ``version`` says the content version at a moment, or raises ``DatabaseAwayError``;
    ``unavailable`` is the page for when nothing can be made and nothing is kept; ``shared`` is
    where processes leave pages for each other.
    """

    application: WSGIApplication
    version: Callable[[float], ContentState]
    unavailable: bytes
    shared: SharedPages | None = None
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self._pages: OrderedDict[str, CachedPage] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._being_made: WeakValueDictionary[str, Any] = WeakValueDictionary()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Give a cached page if it is fresh, else ask the site, and keep what may be kept."""
        key = _key(environ)
        if not key:
            return self.application(environ, start)
        now = self.clock()
        try:
            state = self.version(now)
        except DatabaseAwayError:
            return self._stale(key, now, environ, start)
        page = self._fresh(key, state, now)
        if not page:
            with self._lock:
                making = self._being_made.setdefault(key, threading.Lock())
            with making:  # who else asks for this page now takes what the first one makes
                page = self._fresh(key, state, now) or self._shared(key, state, now, environ)
                if not page:
                    return self._made(key, state, now, environ, start)
        return _give(page, state.changes_at - now, environ, start)

    def _fresh(self, key: str, state: ContentState, now: float) -> CachedPage | None:
        with self._lock:
            page = self._pages.get(key)
            if page is None or not page.is_fresh(state, now):
                return None
            self._pages.move_to_end(key)
            return page

    def _shared(
        self, key: str, state: ContentState, now: float, environ: Environ
    ) -> CachedPage | None:
        if self.shared is None or _is_private(environ):
            return None
        dumped = self.shared.get(f"{state.version} {key}")
        page = CachedPage.load(dumped) if dumped else None
        if page is None or not page.is_fresh(state, now):
            return None
        self._keep(key, page)
        return page

    def _made(
        self, key: str, state: ContentState, now: float, environ: Environ, start: Start
    ) -> Iterable[bytes]:
        begins: list[Any] = []

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            begins[:] = [status, headers, exc_info]
            return lambda _: None

        # A page is the same for HEAD, which learns its tag: it is made and kept as for GET.
        answer = self.application({**environ, "REQUEST_METHOD": "GET"}, begin)
        status, headers, _ = begins
        if status[:3] != "200" or dict(headers).get("Cache-Control") not in {PUBLIC, PRIVATE}:
            start(*begins)
            if environ["REQUEST_METHOD"] == "GET":
                return answer
            _close(answer)
            return []
        body = b"".join(answer)
        _close(answer)
        page = CachedPage(
            # As things were before the answer was made: what changed meanwhile ends it at once.
            version=state.version,
            expires=min(now + MAX_AGE, state.changes_at),
            headers=[(name, value) for name, value in headers if name.lower() not in OF_ONE_ANSWER],
            bodies={"": body},
            etag=f'W/"{hashlib.sha256(body).hexdigest()[:24]}"',
        )
        self._keep(key, page)
        if self.shared and not _is_private(environ):
            page.body(_encoding(environ))
            self.shared.put(f"{state.version} {key}", page.dump(), page.expires - now)
        return _give(page, state.changes_at - self.clock(), environ, start)

    def _keep(self, key: str, page: CachedPage) -> None:
        with self._lock:
            old = self._pages.pop(key, None)
            self._size += page.size - (old.size if old else 0)
            self._pages[key] = page
            while self._size > MAX_BYTES:
                self._size -= self._pages.popitem(last=False)[1].size

    def _stale(self, key: str, now: float, environ: Environ, start: Start) -> Iterable[bytes]:
        page = self._pages.get(key)
        if page and -STALE_IF_ERROR <= page.expires - now <= MAX_AGE:
            status, headers = "200 OK", page.headers
            before, tag, after = page.bodies[""].partition(b"<body>")
            body = before + tag + STALE_NOTICE + after if tag else before
        else:
            status, body = "503 Service Unavailable", self.unavailable
            headers = [("Retry-After", "30"), ("Content-Type", "text/html; charset=utf-8")]
        extra = [("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]
        start(status, [*headers, *extra])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _key(environ: Environ) -> str:
    """What an answer is kept under; empty for what is never kept."""
    path = environ.get("PATH_INFO", "")
    if (
        environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
        or "HTTP_AUTHORIZATION" in environ
        or path.startswith(NEVER_CACHED)
        or tells_of_a_child(environ.get("QUERY_STRING", ""))
    ):
        return ""
    # What a proxy says of the scheme decides whether Django redirects.
    scheme = f"{environ['wsgi.url_scheme']} {environ.get('HTTP_X_FORWARDED_PROTO', '')}"
    key = f"{scheme} {environ.get('HTTP_HOST', '')} {path}?{environ.get('QUERY_STRING', '')}"
    return key if len(key) <= MAX_ADDRESS else ""


def _is_private(environ: Environ) -> bool:
    """Whether a page stays in this process: what a reader searched or chose."""
    return bool(environ.get("QUERY_STRING"))


def _give(page: CachedPage, seconds: float, environ: Environ, start: Start) -> list[bytes]:
    """Answer with a page that a date will change after so many seconds."""
    control = "private, max-age=0" if _is_private(environ) else _cache_control(seconds)
    headers = [
        *page.headers, ("ETag", page.etag), ("Vary", "Accept-Encoding"), ("Cache-Control", control),
    ]  # fmt: skip
    known = environ.get("HTTP_IF_NONE_MATCH", "")
    if page.etag in known or known.strip() == "*":
        start("304 Not Modified", headers)
        return []
    encoding = _encoding(environ)
    body = page.body(encoding)
    if encoding:
        headers.append(("Content-Encoding", encoding))
    headers.append(("Content-Length", str(len(body))))
    start("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _cache_control(seconds: float) -> str:
    """What other caches may do, where so many seconds are left until a date changes pages."""
    # Caches count in whole seconds, from when the answer came.
    left = max(0, int(seconds) - 1)
    fresh = min(MAX_AGE, left)
    stale = min(STALE_WHILE_REVALIDATE, left - fresh)
    return (
        f"public, max-age=0, s-maxage={fresh}, stale-while-revalidate={stale}, "
        f"stale-if-error={STALE_IF_ERROR}"
    )


def _encoding(environ: Environ) -> str:
    """The shortest that a browser takes, so named and not with a weight of 0; empty for none."""
    taken = set()
    for part in environ.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";")
        if weight.rstrip("0.") != "q=":
            taken.add(name)
    return next((name for name in COMPRESSED if name in taken), "")


def _close(answer: Iterable[bytes]) -> None:
    getattr(answer, "close", lambda: None)()
