"""The store of readers' pages: what it keeps, for how long, and what it never does."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate, parsedate_to_datetime

import brotli
import pytest

from portal.front.generation import UnknownGenerationError
from portal.front.marking import PUBLIC
from portal.front.store import LONGEST, UNTIL_DATED, WHEN_AWAY, Store

BODY = b"<html><body><main>" + b"Words. " * 500 + b"</main></body></html>"
START = 1_800_000_000.0


class Site:
    """A site behind a store, with a clock, a generation and a next change to set."""

    def __init__(self, shared=None):
        self.shared = shared
        self.now, self.number, self.changes_at = START, 1, START + 86400
        self.changed_at = START - 3600
        self.asked, self.body, self.headers, self.status = (
            0,
            BODY,
            [("Cache-Control", PUBLIC)],
            "200 OK",
        )
        self.is_away = False
        self.store = Store(
            self.answer,
            generation=self.generation,
            changes=self.changes,
            away=b"away",
            shared=shared,
            clock=lambda: self.now,
        )

    def answer(self, environ, start_response):
        self.asked += 1
        start_response(
            self.status, [("Content-Type", "text/html"), ("X-Request-ID", "a"), *self.headers]
        )
        return [self.body]

    def generation(self):
        if self.is_away:
            raise UnknownGenerationError
        return str(self.number)

    def changes(self, generation, at):
        following = self.changes_at if self.changes_at > at else at + 86400
        return (self.changes_at if self.changes_at <= at else self.changed_at), following

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
    generation, answer = site.generation, site.answer

    def noted():
        asked.append(1)
        return generation()

    def once_all_have_asked(environ, start_response):
        if environ["PATH_INFO"] == "/page/":
            until = time.monotonic() + 30
            while len(asked) < readers and time.monotonic() < until:
                pass
            assert site.get("/other/")[2] == BODY  # other pages do not wait
        return answer(environ, start_response)

    monkeypatch.setattr(site.store, "_generation", noted)
    monkeypatch.setattr(site.store, "_application", once_all_have_asked)
    with ThreadPoolExecutor(readers) as pool:
        given = list(pool.map(lambda _: site.get(), range(readers)))

    assert [body for _, _, body in given] == [BODY] * readers
    assert site.asked == 2


def test_who_waits_for_a_page_that_fails_asks_for_it(site):
    def fail(environ, start_response):
        raise RuntimeError

    site.store._application, answer = fail, site.store._application
    with pytest.raises(RuntimeError):
        site.get()
    site.store._application = answer

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


def test_a_page_that_is_known_by_its_date_is_not_sent_again(site):
    dated = site.get()[1]["Last-Modified"]
    assert parsedate_to_datetime(dated).timestamp() == site.changed_at + 1

    status, headers, body = site.get(if_modified_since=dated)
    assert (status, body) == ("304 Not Modified", b"")
    assert headers["Last-Modified"] == dated
    tag = headers["ETag"]
    assert site.get(if_modified_since=formatdate(START - 7200, usegmt=True))[0] == "200 OK"
    assert site.get(if_modified_since="yesterday")[0] == "200 OK"

    # A tag says more than a date.
    assert site.get(if_modified_since=dated, if_none_match='W/"other"')[0] == "200 OK"
    other = formatdate(START, usegmt=True)
    assert site.get(if_modified_since=other, if_none_match=tag)[0] == "304 Not Modified"


def test_two_changes_in_a_second_are_told_apart(site):
    def page(moment):
        """What is given then, and every date that a browser may have kept of it."""
        site.now = moment
        headers = site.get()[1]
        return {headers["Date"], headers.get("Last-Modified", headers["Date"])}

    site.changed_at, site.body = START + 0.2, b"<html><body>One</body></html>"
    dates = page(START + 0.3)
    site.number, site.changed_at, site.body = 2, START + 0.8, b"<html><body>Two</body></html>"
    site.now = START + 0.9
    assert "Last-Modified" not in site.get()[1]
    site.now = START + 0.9 + UNTIL_DATED
    assert "Last-Modified" in site.get()[1]
    for date in dates:
        assert site.get(if_modified_since=date)[2] == site.body


def test_a_date_that_changes_pages_is_the_date_of_the_page(site):
    site.changes_at = START + 10
    before = site.get()[1]["Last-Modified"]
    site.now = START + 10 + UNTIL_DATED + 1
    after = site.get(if_modified_since=before)

    assert after[0] == "200 OK"
    assert parsedate_to_datetime(after[1]["Last-Modified"]).timestamp() == START + 11


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

    site.store._application = change_meanwhile
    site.get()
    site.store._application = made
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
    site.get(query="age=4-5")
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

    site.now += LONGEST + WHEN_AWAY
    assert site.get()[0] == "503 Service Unavailable"

    site.is_away = False
    assert site.get()[2] == BODY


def test_the_store_has_an_end(site, monkeypatch):
    monkeypatch.setattr("portal.front.store.MOST_BYTES", 20_000)
    for number in range(50):
        site.get(f"/page/{number}/")

    assert site.store._size <= 20_000
    assert site.store._size == sum(kept.size for kept in site.store._kept.values())
    site.get("/page/49/")
    assert site.asked == 50
