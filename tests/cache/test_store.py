"""The cache of readers' pages: what it keeps, for how long, and what it never does."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest

from education.public.freshness import ContentState
from portal.cache.middleware import MAX_AGE, PUBLIC, STALE_IF_ERROR, PageCache
from portal.cache.version import DatabaseAwayError

BODY = b"<html><body><main>" + b"Words. " * 500 + b"</main></body></html>"
START = 1_800_000_000.0


class Site:
    """A site behind a store, with a clock, a content version and a next change to set."""

    def __init__(self, shared=None):
        self.shared = shared
        self.now, self.number, self.changes_at = START, 1, START + 86400
        self.asked, self.body, self.headers, self.status = (
            0,
            BODY,
            [("Cache-Control", PUBLIC)],
            "200 OK",
        )
        self.is_away = False
        self.store = PageCache(
            self.answer,
            version=self.version,
            unavailable=b"away",
            shared=shared,
            clock=lambda: self.now,
        )

    def answer(self, environ, start_response):
        self.asked += 1
        start_response(
            self.status, [("Content-Type", "text/html"), ("X-Request-ID", "a"), *self.headers]
        )
        return [self.body]

    def version(self, now):
        if self.is_away:
            raise DatabaseAwayError
        return ContentState(
            str(self.number), self.changes_at if self.changes_at > now else now + 86400
        )

    def get(self, path="/page/", method="GET", query="", **headers):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "wsgi.url_scheme": "http",
            "HTTP_HOST": "portal.example.org",
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        told = []
        body = b"".join(self.store(environ, lambda *said: told.append(said)))
        return told[0][0], dict(told[0][1]), body


@pytest.fixture
def site():
    return Site()


def test_a_page_is_asked_for_once(site):
    first, again = site.get(), site.get()

    assert site.asked == 1
    assert first == again
    assert again[2] == BODY


def test_head_says_what_get_would_whether_or_not_the_page_is_kept(site):
    cold, warm = site.get(method="HEAD"), site.get(method="HEAD")
    read = site.get()

    assert site.asked == 1
    assert cold == warm == (*read[:2], b"")
    assert "ETag" in cold[1]

    site.status = "404 Not Found"
    status, headers, body = site.get("/nowhere/", method="HEAD")
    assert (status, body) == ("404 Not Found", b"")
    assert headers == site.get("/nowhere/")[1]


def test_many_who_ask_at_once_take_what_the_first_one_makes(site, monkeypatch):
    readers, asked = 8, []
    version, answer = site.version, site.answer

    def noted(now):
        asked.append(1)
        return version(now)

    def once_all_have_asked(environ, start_response):
        if environ["PATH_INFO"] == "/page/":
            until = time.monotonic() + 30
            while len(asked) < readers and time.monotonic() < until:
                pass
            assert site.get("/other/")[2] == BODY  # other pages do not wait
        return answer(environ, start_response)

    monkeypatch.setattr(site.store, "version", noted)
    monkeypatch.setattr(site.store, "application", once_all_have_asked)
    with ThreadPoolExecutor(readers) as pool:
        given = list(pool.map(lambda _: site.get(), range(readers)))

    assert [body for _, _, body in given] == [BODY] * readers
    assert site.asked == 2


def test_who_waits_for_a_page_that_fails_asks_for_it(site):
    def fail(environ, start_response):
        raise RuntimeError

    site.store.application, answer = fail, site.store.application
    with pytest.raises(RuntimeError):
        site.get()
    site.store.application = answer

    assert site.get()[2] == BODY


def test_a_page_is_given_in_the_encoding_that_is_taken(site):
    assert brotli.decompress(site.get(accept_encoding="gzip, br")[2]) == BODY
    assert gzip.decompress(site.get(accept_encoding="br;q=0, gzip;q=0.5")[2]) == BODY
    _, headers, body = site.get(accept_encoding="gzip")

    assert site.asked == 1
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Length"] == str(len(body))
    assert headers["Vary"] == "Accept-Encoding"


def test_a_page_that_is_known_is_not_sent_again(site):
    tag = site.get()[1]["ETag"]
    status, headers, body = site.get(if_none_match=tag)

    assert (status, body) == ("304 Not Modified", b"")
    assert headers["ETag"] == tag
    assert site.get(if_none_match='W/"other"')[0] == "200 OK"


def test_whatever_changes_is_shown_at_once(site):
    site.get()
    site.number, site.body = 2, b"<html><body>New</body></html>"

    assert site.get()[2] == site.body
    assert site.asked == 2


def test_what_changed_while_a_page_was_made_ends_it(site):
    made = site.answer

    def change_meanwhile(environ, start_response):
        answer = made(environ, start_response)
        site.number = 2
        return answer

    site.store.application = change_meanwhile
    site.get()
    site.store.application = made
    site.get()

    assert site.asked == 2


def test_a_date_ends_a_page_to_the_moment(site):
    site.changes_at = START + 10
    site.get()
    site.now = START + 9.9
    site.get()
    assert site.asked == 1

    site.now = START + 10
    site.get()

    assert site.asked == 2


@pytest.mark.parametrize("kept_for", [0, 50])
@pytest.mark.parametrize(
    ("left", "fresh", "meanwhile"),
    # A store counts whole seconds from when the answer came: one is spared.
    [(0.5, 0, 0), (10, 9, 0), (61, 60, 0), (75, 60, 14), (86400, 60, 30)],
)
def test_no_store_on_the_way_keeps_a_page_past_a_date_or_a_minute(
    site, left, fresh, meanwhile, kept_for
):
    site.changes_at = START + kept_for + left
    site.get()
    site.now += kept_for
    headers = site.get()[1]

    assert headers["Cache-Control"] == (
        f"public, max-age=0, s-maxage={fresh}, stale-while-revalidate={meanwhile}, "
        "stale-if-error=600"
    )
    assert headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "POST"},
        {"authorization": "Basic x"},
        {"path": "/admin/"},
        {"path": "/clinic/"},
        {"path": "/check/ABC/"},
        {"query": "q=" + "x" * 600},
    ],
)
def test_what_is_not_for_everybody_is_never_kept(site, asked):
    site.get(**asked)
    site.get(**asked)

    assert site.asked == 2


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("404 Not Found", [("Cache-Control", PUBLIC)]),
        ("302 Found", [("Cache-Control", PUBLIC)]),
        ("200 OK", []),
        ("200 OK", [("Cache-Control", "private")]),
        ("200 OK", [("Cache-Control", "public, max-age=300")]),
    ],
)
def test_only_answers_marked_as_public_are_kept(site, status, headers):
    site.status, site.headers = status, headers
    site.get()
    assert site.get()[0] == status

    assert site.asked == 2


def test_pages_asked_for_in_another_way_are_kept_apart(site):
    site.get()
    site.get(query="sort=author")
    site.get(host="other.example.org")
    site.get(x_forwarded_proto="https")

    assert site.asked == 4


def test_a_head_is_answered_from_what_is_kept_without_a_body(site):
    site.get()
    status, headers, body = site.get(method="HEAD")

    assert (status, body) == ("200 OK", b"")
    assert headers["Content-Length"] == str(len(BODY))
    assert site.asked == 1


def test_the_name_of_a_request_is_not_given_to_others(site):
    assert "X-Request-ID" not in site.get()[1]


def test_without_its_database_the_site_gives_what_was_read_and_says_so(site):
    site.get()
    site.is_away = True
    site.now += 300
    status, headers, body = site.get(accept_encoding="br")

    assert status == "200 OK"
    assert "can’t be reached" in body.decode()
    assert headers["Cache-Control"] == "no-store"
    assert site.get("/unread/")[::2] == ("503 Service Unavailable", b"away")

    site.now += MAX_AGE + STALE_IF_ERROR
    assert site.get()[0] == "503 Service Unavailable"

    site.is_away = False
    assert site.get()[2] == BODY


def test_the_store_has_an_end(site, monkeypatch):
    monkeypatch.setattr("portal.cache.middleware.MAX_BYTES", 20_000)
    for number in range(50):
        site.get(f"/page/{number}/")

    assert site.store._size <= 20_000
    assert site.store._size == sum(page.size for page in site.store._pages.values())
    site.get("/page/49/")
    assert site.asked == 50


def test_no_other_cache_keeps_what_a_reader_asked(site):
    for _ in range(2):
        headers = site.get("/search/", query="q=my+child")[1]
        assert headers["Cache-Control"] == "private, max-age=0"
        assert site.get("/search/", query="q=my+child", if_none_match=headers["ETag"])[0] == (
            "304 Not Modified"
        )
    assert site.asked == 1


def test_what_tells_of_a_child_is_not_even_kept_in_the_process(site):
    for _ in range(2):
        site.get(query="age=4-5&question=cost")
        site.get(query="gmfcs=2")
    assert site.asked == 4
    assert not site.store._pages

    site.get(query="age=&gmfcs=")  # a form that says nothing of a child
    site.get(query="age=&gmfcs=")
    assert site.asked == 5
