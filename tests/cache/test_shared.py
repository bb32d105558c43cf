"""What processes give each other, and that nobody reads worse for it when it fails."""

import contextlib
import pickle
import signal
import socket
import threading

import pytest
from django.conf import settings as configured

from portal.cache.shared import SharedPages, release
from tests.cache.redis import redis, wait_for  # noqa: F401 - a fixture
from tests.cache.test_store import BODY, START, Site


def cache_at(url, seconds=30):
    options = {"serializer": "django.core.signing.JSONSerializer", "socket_timeout": seconds,
               "socket_connect_timeout": seconds}  # fmt: skip
    backend = "django.core.cache.backends.redis.RedisCache"
    return {"default": {"BACKEND": backend, "LOCATION": url, "OPTIONS": options}}


@pytest.fixture
def server(redis, settings, monkeypatch):  # noqa: F811
    """A server that answers; a busy machine may take its time."""
    monkeypatch.setattr("portal.cache.shared.TIMEOUT", 30)
    settings.CACHES = cache_at(redis.url)
    redis.client.flushall()
    return redis


@pytest.fixture
def processes():
    """Makes two web processes that give each other pages."""
    made = []

    def make(*releases):
        made.extend(Site(shared=SharedPages(each)) for each in releases or ("one", "one"))
        return made

    yield make
    for process in made:
        process.shared._threads.shutdown()


def left(server, pages=1):
    wait_for(lambda: server.client.dbsize() == pages)


def test_the_server_holds_no_page_in_plain_words(server):
    assert not configured.CACHE_URL  # a site that names none shares nothing
    shared = SharedPages("one")
    shared.put("a page", "Words", 60)
    shared._threads.shutdown()

    (key,) = server.client.keys()
    assert b"Words" not in server.client.get(key)  # what lies there is no page by itself
    again = SharedPages("one")
    assert again.get("a page") == "Words"
    again._threads.shutdown()


def test_other_code_or_settings_make_another_release(settings):
    before = release()
    assert release() == before
    settings.SITE_NAME = "Another name"
    assert release() != before


def test_one_process_makes_a_page_and_the_other_gives_it(server, processes):
    first, second = processes()
    made = first.get(accept_encoding="br")
    left(server)

    assert second.get(accept_encoding="br") == made
    assert second.get()[2] == BODY
    assert (first.asked, second.asked) == (1, 0)


def test_what_a_reader_asked_stays_in_the_process(server, processes):
    first, second = processes()
    first.get("/search/", query="q=my+child")
    first.get("/search/")
    left(server)
    second.get("/search/", query="q=my+child")
    second.get("/search/")

    assert second.asked == 1
    assert server.client.dbsize() == 1


def test_what_changed_is_made_by_each(server, processes):
    first, second = processes()
    first.get()
    left(server)
    second.number, second.body = 2, b"<html><body>New</body></html>"

    assert second.get()[2] == second.body
    left(server, 2)
    first.number = 2
    assert first.get()[2] == second.body
    assert (first.asked, second.asked) == (1, 1)


def test_a_date_ends_a_page_that_another_left(server, processes):
    first, second = processes()
    first.changes_at = second.changes_at = START + 10
    first.get()
    left(server)
    second.now = START + 10
    second.get()
    assert second.asked == 1


def test_the_server_keeps_no_page_longer_than_it_is_good(server, processes):
    first, _ = processes()
    first.get()
    wait_for(server.client.dbsize)
    assert server.client.pttl(server.client.keys()[0]) <= 60_000


@pytest.mark.parametrize("by", ["code", "site"])
def test_other_code_and_other_sites_never_meet(server, processes, settings, by):
    first, second = processes("one", "two" if by == "code" else "one")
    first.get()
    left(server)
    if by == "site":
        settings.SECRET_KEY = "another-" * 9
    second.get()
    assert second.asked == 1


class Trap:
    """Would do harm if anybody unpickled it."""

    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda page: b"",
        lambda page: b"\x00" * 5000,
        lambda page: page[:-1],
        lambda page: page[:40] + b"x" + page[41:],
        lambda page: page[:-60] + page[-60:].swapcase(),
        lambda page: pickle.dumps(Trap()),
        lambda page: b"1",
    ],
)
def test_wrong_bytes_are_no_page(server, processes, wrong):
    first, second = processes()
    first.get()
    left(server)
    (key,) = server.client.keys()
    server.client.set(key, wrong(server.client.get(key)))

    assert second.get()[2] == BODY
    assert second.asked == 1


def test_a_page_under_another_name_is_no_page(server, processes):
    first, second = processes()
    first.get("/one/")
    left(server)
    (key,) = server.client.keys()
    page = server.client.get(key)
    first.get("/two/")
    left(server, 2)
    for name in server.client.keys():  # noqa: SIM118 - a command of the server
        server.client.set(name, page)

    second.get("/two/")
    assert second.asked == 1


def test_a_key_of_another_kind_is_no_page(server, processes):
    first, second = processes()
    first.get()
    wait_for(server.client.dbsize)
    (key,) = server.client.keys()
    server.client.delete(key)
    server.client.rpush(key, "x")

    assert second.get()[2] == BODY


@pytest.mark.parametrize("how", ["stop", "freeze"])
def test_readers_read_on_while_the_server_is_away_and_it_is_used_again(
    server, processes, settings, monkeypatch, how
):
    settings.CACHES = cache_at(server.url, 0.1)
    monkeypatch.setattr("portal.cache.shared.TIMEOUT", 0.1)
    first, second = processes()
    server.stop() if how == "stop" else server.process.send_signal(signal.SIGSTOP)
    for number in range(20):
        assert first.get(f"/{number}/")[2] == BODY
    if how == "stop":
        server.start()
    server.process.send_signal(signal.SIGCONT)

    monkeypatch.setattr("portal.cache.shared.PAUSE", 0)
    first.shared._paused_until = 0.0

    def are_shared():
        first.number += 1
        second.number, second.asked = first.number, 0
        first.get()
        return second.get()[2] == BODY and not second.asked

    wait_for(are_shared)


class Trickle:
    """Says it has a page, and sends it a byte at a time, for ever."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listener.getsockname()[1]}/0"
        self.ended = threading.Event()
        self.callers = 0
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                caller, _ = self.listener.accept()
            except OSError:
                return
            if self.ended.is_set():
                caller.close()
                return
            self.callers += 1
            with caller, contextlib.suppress(OSError):
                while b"GET" not in (said := caller.recv(1000)):
                    caller.sendall(b"+OK\r\n" * said.count(b"CLIENT"))
                caller.sendall(b"$1000000\r\n")
                while not self.ended.wait(0.02):
                    caller.sendall(b"x")

    def stop(self):
        self.ended.set()
        socket.create_connection(self.listener.getsockname()).close()
        self.thread.join()
        self.listener.close()


def test_a_server_that_answers_by_drops_holds_nobody(settings, processes):
    slow = Trickle()
    try:
        settings.CACHES = cache_at(slow.url)
        site, _ = processes()
        for number in range(20):
            assert site.get(f"/{number}/")[2] == BODY
        assert slow.callers == 1  # it was not asked again
    finally:
        slow.stop()
