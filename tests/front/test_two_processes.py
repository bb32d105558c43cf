"""What one process does, another shows with its next answer, on either database."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import make_article, make_draft, make_editor, make_item, make_publication

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


class Processes:
    """Two web processes of one site, and commands beside them."""

    def __init__(self, folder: Path) -> None:
        self.env = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": self.database(folder),
            "SECRET_KEY": "only-for-tests-" * 5,
            "DEBUG": "on",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        self.running = []
        self.sites = []
        for _ in range(2):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            command = [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}",
                       "--no-control-socket", "--log-level=error", "portal.wsgi"]  # fmt: skip
            self.running.append(subprocess.Popen(command, cwd=ROOT, env=self.env))
            self.sites.append(f"http://127.0.0.1:{port}")
        for site in self.sites:
            until = time.monotonic() + 60
            while self.ask(site, "/health/live")[0] != 200:
                assert time.monotonic() < until

    def database(self, folder: Path) -> str:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(folder / "db.sqlite3")])
            return f"sqlite:///{folder / 'db.sqlite3'}"
        found = connection.settings_dict
        return f"postgres://{found['USER']}@/{found['NAME']}?host={found['OPTIONS']['host']}"

    def ask(self, site: str, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{site}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return 0, ""

    def ask_both(self, path: str) -> list[tuple[int, str]]:
        return [self.ask(site, path) for site in self.sites]

    def step(self, words: str) -> None:
        """Do a step of the work in a process of its own."""
        setup = "import django; django.setup()\n"
        subprocess.run([sys.executable, "-c", setup + words], cwd=ROOT, env=self.env, check=True)

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(timeout=30)


@pytest.fixture
def processes(tmp_path):
    item, other = make_item("fallen2020"), make_item("other2020")
    body = "## What was found\n\nOnly one study found a gain [@fallen2020].\n"
    make_publication(
        article=make_article(slug="page"),
        draft=make_draft(other.key, item.key, body=body),
    )
    make_publication(article=make_article(slug="unread"))
    make_editor(username="editor")
    running = Processes(tmp_path)
    yield running
    running.stop()


START = """
from education.people.models import User
from education.publishing.models import Publication
editor = User.objects.get(username="editor")
page = Publication.objects.current().get(slug="page")
"""


def test_each_change_is_shown_by_every_process_with_its_next_answer(processes):
    for _ in range(2):
        assert [status for status, _ in processes.ask_both("/articles/page/")] == [200, 200]
    assert all("a gain" in words for _, words in processes.ask_both("/articles/page/"))

    processes.step(
        START
        + """
from education.evidence.models import EvidenceItem
from education.safety.operations import record_status
record_status(item=EvidenceItem.objects.get(key="fallen2020"), status="retracted",
              occurred_on=page.reviewed_on, reason="Counted twice.", by=editor,
              source_url="https://example.org/notice")
"""
    )
    for _, words in processes.ask_both("/articles/page/"):
        assert "Only one study found a gain" not in words

    processes.step(
        START
        + """
from education.publishing.operations import withdraw
withdraw(publication=page, by=editor, reason="It was wrong.")
"""
    )
    for status, words in processes.ask_both("/articles/page/"):
        assert status == 410
        assert "It was wrong." in words


def test_without_the_database_readers_keep_reading(processes, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("the server of the tests is shared; the file stands for it")
    processes.ask_both("/articles/page/")
    database = tmp_path / "db.sqlite3"
    database.rename(tmp_path / "away")

    for status, words in processes.ask_both("/articles/page/"):
        assert status == 200
        assert "can’t be reached" in words
    assert [status for status, _ in processes.ask_both("/articles/unread/")] == [503, 503]

    (tmp_path / "away").rename(database)
    assert [status for status, _ in processes.ask_both("/articles/unread/")] == [200, 200]
    assert all(
        "can’t be reached" not in words for _, words in processes.ask_both("/articles/page/")
    )
