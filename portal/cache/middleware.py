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
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
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
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
Headers = list[tuple[str, str]]
View = Callable[[HttpRequest], HttpResponse]


def mark_public(get_response: View) -> View:
    """
    Django middleware: mark the pages of readers as public, unless their view says something else.

    They are the same for everybody: no page of readers looks at a cookie or a session. An answer
    to an address with a query is public in no case, and one that tells of a child is not kept.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match, query = request.resolver_match, request.META.get("QUERY_STRING", "")
        if (
            match is not None
            and match.func.__module__.startswith("education.public.views.")
            and request.method in {"GET", "HEAD"}
            and response.status_code == 200
            and not response.cookies
        ):
            response.setdefault("Cache-Control", PUBLIC)
        if query and "public" in (control := response.get("Cache-Control", "")):
            control = control.replace("public", "private")
            response["Cache-Control"] = "private, no-store" if tells_of_a_child(query) else control
        return response

    return respond


def tells_of_a_child(query: str) -> bool:
    """Whether the query of an address names a child's age or movement level."""
    return bool(query) and not OF_A_CHILD.isdisjoint(name for name, _ in parse_qsl(query))


class CachedPage(NamedTuple):
    """
    A cached answer: of which content version, until when, in each encoding asked for so far.

    A byte of a body is a letter of Latin-1, so that JSON holds the whole as it is.
    """

    version: str
    expires: float
    headers: Headers
    bodies: dict[str, str]
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
            self.bodies[encoding] = COMPRESSED[encoding](self.body("")).decode("latin-1")
        return self.bodies[encoding].encode("latin-1")


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
        self._pages: dict[str, CachedPage] = {}  # what was made last stands last
        self._size, self._lock = 0, threading.Lock()
        self._locks: WeakValueDictionary[str, Any] = WeakValueDictionary()  # one for each key

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
        with self._lock:
            making = self._locks.setdefault(key, threading.Lock())
        with making:  # who asks for a page while it is made takes that
            page = self._kept(key, state, now, environ.get("QUERY_STRING", ""))
            if not page:
                return self._made(key, state, now, environ, start)
        return _give(page, state.changes_at - now, environ, start)

    def _kept(self, key: str, state: ContentState, now: float, query: str) -> CachedPage | None:
        page = self._pages.get(key)
        if page and page.is_fresh(state, now):
            return page
        if self.shared and not query:  # what a reader searched or chose stays in this process
            dumped = self.shared.get(f"{state.version} {key}")
            if dumped and (other := CachedPage(*dumped)).is_fresh(state, now):
                self._keep(key, other)
                return other
        return None

    def _made(
        self, key: str, state: ContentState, now: float, environ: Environ, start: Start
    ) -> Iterable[bytes]:
        begins: list[Any] = []

        def begin(*arguments: Any) -> Callable[[bytes], object]:
            begins[:] = arguments
            return lambda _: None

        # A page is the same for HEAD, which learns its tag: it is made and kept as for GET.
        answer = self.application({**environ, "REQUEST_METHOD": "GET"}, begin)
        status, headers = begins[:2]
        body = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        if status[:3] != "200" or dict(headers).get("Cache-Control") not in {PUBLIC, PRIVATE}:
            start(*begins)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        page = CachedPage(
            # As things were before the answer was made: what changed meanwhile ends it at once.
            version=state.version,
            expires=min(now + MAX_AGE, state.changes_at),
            headers=[(name, value) for name, value in headers if name.lower() not in OF_ONE_ANSWER],
            bodies={"": body.decode("latin-1")},
            etag=f'W/"{hashlib.sha256(body).hexdigest()[:24]}"',
        )
        self._keep(key, page)
        if self.shared and not environ.get("QUERY_STRING"):
            page.body(_encoding(environ))
            self.shared.put(f"{state.version} {key}", page, page.expires - now)
        return _give(page, state.changes_at - self.clock(), environ, start)

    def _keep(self, key: str, page: CachedPage) -> None:
        with self._lock:
            old = self._pages.pop(key, None)
            self._size += page.size - (old.size if old else 0)
            self._pages[key] = page
            while self._size > MAX_BYTES:
                self._size -= self._pages.pop(next(iter(self._pages))).size

    def _stale(self, key: str, now: float, environ: Environ, start: Start) -> Iterable[bytes]:
        page = self._pages.get(key)
        if page and -STALE_IF_ERROR <= page.expires - now <= MAX_AGE:
            status, headers = "200 OK", page.headers
            body = page.body("").replace(b"<body>", b"<body>" + STALE_NOTICE, 1)
        else:
            status, body = "503 Service Unavailable", self.unavailable
            headers = [("Retry-After", "30"), ("Content-Type", "text/html; charset=utf-8")]
        start(status, [*headers, ("Cache-Control", "no-store"), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _key(environ: Environ) -> str:
    """What an answer is kept under; empty for what is never kept."""
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if (
        environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
        or "HTTP_AUTHORIZATION" in environ
        or path.startswith(NEVER_CACHED)
        or tells_of_a_child(query)
    ):
        return ""
    # What a proxy says of the scheme decides whether Django redirects.
    scheme = f"{environ['wsgi.url_scheme']} {environ.get('HTTP_X_FORWARDED_PROTO', '')}"
    key = f"{scheme} {environ.get('HTTP_HOST', '')} {path}?{query}"
    return key if len(key) <= MAX_ADDRESS else ""


def _give(page: CachedPage, seconds: float, environ: Environ, start: Start) -> list[bytes]:
    """Answer with a page that a date will change after so many seconds."""
    headers = [(name, value) for name, value in page.headers]  # lists, where JSON held them
    control = "private, max-age=0" if environ.get("QUERY_STRING") else _cache_control(seconds)
    headers += [("ETag", page.etag), ("Vary", "Accept-Encoding"), ("Cache-Control", control)]
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
    left = max(0, int(seconds) - 1)  # they count in whole seconds, from when the answer came
    fresh = min(MAX_AGE, left)
    stale = min(STALE_WHILE_REVALIDATE, left - fresh)
    return (
        f"public, max-age=0, s-maxage={fresh}, stale-while-revalidate={stale}, "
        f"stale-if-error={STALE_IF_ERROR}"
    )


def _encoding(environ: Environ) -> str:
    """The shortest that a browser takes, so named and not with a weight of 0; empty for none."""
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "").lower().replace(" ", "").split(",")
    taken = {part.split(";")[0] for part in accepted if not part.rstrip("0.").endswith(";q=")}
    return next((name for name in COMPRESSED if name in taken), "")
