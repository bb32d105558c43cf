"""What one process does, another shows with its next answer, on either database."""

import json
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

from portal.cache.version import CHECK_AFTER_FAILURE, CHECK_EVERY
from tests.cache.redis import redis, wait_for  # noqa: F401 - a fixture
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
)

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


# What does a step of the work when it is told to, with the same clock as the web processes.
WORKER = """
import json, sys, traceback
import tests.cache.clocked
from tests.cache.steps import *
for line in sys.stdin:
    try:
        exec(json.loads(line), globals())
        print("done", flush=True)
    except BaseException:
        traceback.print_exc()
        print("failed", flush=True)
"""


class Processes:
    """Two web processes of one site, a worker beside them, and the clock of all three."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.clock = folder / "ahead"
        self.ahead(0)
        self.env = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": self.database(folder),
            "SECRET_KEY": "only-for-tests-" * 5,
            "DEBUG": "on",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "CLOCK_AHEAD": str(self.clock),
            **settings,
        }
        self.worker: subprocess.Popen[str] | None = None
        self.step_env: dict[str, str] = {}
        self.running = []
        self.sites = []
        for _ in range(2):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            command = [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}",
                       "--no-control-socket", "--log-level=error",
                       "tests.cache.clocked"]  # fmt: skip
            self.running.append(subprocess.Popen(command, cwd=ROOT, env=self.env))
            self.sites.append(f"http://127.0.0.1:{port}")
        for site in self.sites:
            until = time.monotonic() + 60
            while self.ask(site, "/health/live")[0] != 200:
                assert time.monotonic() < until

    def ahead(self, seconds: int) -> None:
        """Set the clock of every process, at once."""
        new = self.clock.with_suffix(".new")
        new.write_text(str(seconds), "utf-8")
        new.replace(self.clock)

    def database(self, folder: Path) -> str:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(folder / "db.sqlite3")])
            return f"sqlite:///{folder / 'db.sqlite3'}"
        found = connection.settings_dict
        return f"postgres://{found['USER']}@/{found['NAME']}?host={found['OPTIONS']['host']}"

    def ask(self, site: str, path: str) -> tuple[int, str]:
        try:
            # By one name, as readers know them.
            request = urllib.request.Request(f"{site}{path}", headers={"Host": "localhost"})
            with urllib.request.urlopen(request, timeout=30) as answer:
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
        if self.worker is None:
            self.worker = subprocess.Popen(
                [sys.executable, "-c", WORKER], cwd=ROOT, env=self.env | self.step_env, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        self.worker.stdin.write(json.dumps(words) + "\n")
        self.worker.stdin.flush()
        assert self.worker.stdout.readline() == "done\n"

    def stop(self) -> None:
        if self.worker:
            self.worker.communicate()
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(timeout=30)


def make_site():
    """What the tests read: a page that rests on a study, another, and who may change them."""
    item, other = make_item("fallen2020"), make_item("other2020")
    body = "## What was found\n\nOnly one study found a gain [@fallen2020].\n"
    make_publication(
        article=make_article(slug="page"),
        draft=make_draft(other.key, item.key, body=body),
    )
    make_publication(article=make_article(slug="unread"))
    make_editor(username="editor")
    make_editor(username="second")
    make_medical_reviewer(username="reviewer")


@pytest.fixture
def processes(tmp_path):
    make_site()
    running = Processes(tmp_path)
    yield running
    running.stop()


@pytest.fixture(params=["alone", "Redis"])
def either(request, tmp_path):
    """Processes that give each other no page, and that do so by a server."""
    make_site()
    server = request.param == "Redis"
    settings = {"CACHE_URL": request.getfixturevalue("redis").url} if server else {}
    running = Processes(tmp_path, **settings)
    yield running
    running.stop()


PAGE = "/articles/page/"
DAY = 24 * 60 * 60
# Each kind of change: what is done, where the clock then stands, which page shows it by what words.
CHANGES = [
    ("publish", 'make_next_publication(page(), title="A second title")', 0, PAGE, "A second title"),
    ("list", "", 0, "/", "A second title"),
    ("concern", 'fall("concern")', 0, PAGE, "Counted twice."),
    ("lift", "lift()", 0, PAGE, "-Counted twice."),
    ("retract", 'fall("retracted")', 0, PAGE, "-Only one study found a gain"),
    ("study", "", 0, "/evidence/fallen2020/", "Counted twice."),
    ("lift again", "lift()", 0, PAGE, "Only one study found a gain"),
    ("note", "note()", 0, PAGE, "Read this first."),
    ("end of note", "end()", 0, PAGE, "-Read this first."),
    ("topic", "rename()", 0, "/topics/rhizotomy/", "Another name"),
    ("schedule", 'schedule("A third title", 1)', 0, PAGE, "-A third title"),
    ("scheduled moment", "", DAY, PAGE, "A third title"),
    ("note again", "note()", DAY, PAGE, "Read this first."),
    ("days of a note", "", 32 * DAY, PAGE, "-Read this first."),
    ("overdue day", "", 800 * DAY, PAGE, "overdue"),
    ("withdraw", 'withdraw(publication=page(), by=person("editor"), reason="Wrong.")', 800 * DAY,
     PAGE, "Wrong."),
]  # fmt: skip


@pytest.mark.slow
def test_each_change_is_shown_by_every_process_with_its_next_answer(either):
    def shows(address, words):
        has = [words.removeprefix("-") in read for _, read in either.ask_both(address)]
        return [found != words.startswith("-") for found in has]

    for name, step, ahead, address, words in CHANGES:
        if step or ahead:
            came = [False, False] if name != "schedule" else [True, True]
            assert shows(address, words) == shows(address, words) == came, name
        if step:
            either.step(step)
        either.ahead(ahead)
        assert shows(address, words) == [True, True], name
    assert [status for status, _ in either.ask_both(PAGE)] == [410, 410]


@pytest.mark.slow
def test_what_one_process_made_the_other_gives_by_the_server(tmp_path, redis):  # noqa: F811
    make_site()
    processes = Processes(tmp_path, CACHE_URL=redis.url)
    try:
        first, second = processes.sites

        def is_shared():
            processes.step("rename()")  # both must ask anew
            made = processes.ask(first, PAGE)
            processes.ask(second, "/")  # meanwhile the page was left for the other
            assert processes.ask(second, PAGE) == made
            return redis.client.info("stats")["keyspace_hits"]

        redis.client.config_resetstat()
        wait_for(is_shared)
        redis.stop()
        for _ in range(2):
            assert [status for status, _ in processes.ask_both("/articles/unread/")] == [200, 200]
    finally:
        processes.stop()


@pytest.mark.slow
def test_without_the_database_readers_keep_reading(processes, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("the server of the tests is shared; the file stands for it")
    processes.ask_both("/articles/page/")
    database = tmp_path / "db.sqlite3"
    database.rename(tmp_path / "away")
    processes.ahead(CHECK_EVERY)

    for status, words in processes.ask_both("/articles/page/"):
        assert status == 200
        assert "can’t be reached" in words
    assert [status for status, _ in processes.ask_both("/articles/unread/")] == [503, 503]

    (tmp_path / "away").rename(database)
    processes.ahead(CHECK_EVERY + CHECK_AFTER_FAILURE)
    assert [status for status, _ in processes.ask_both("/articles/unread/")] == [200, 200]
    assert all(
        "can’t be reached" not in words for _, words in processes.ask_both("/articles/page/")
    )


@pytest.mark.slow
def test_what_is_done_on_another_machine_is_shown_within_a_second(tmp_path):
    """Machines share the database, not the folder whose link tells of each change."""
    make_site()
    here = tmp_path / "here"
    here.mkdir()
    running = Processes(here)
    try:
        assert [status for status, _ in running.ask_both(PAGE)] == [200, 200]
        there = tmp_path / "there"
        there.mkdir()
        running.step_env = {"DATA_DIR": str(there)}
        running.step('make_next_publication(page(), title="A second title")')
        running.ahead(CHECK_EVERY)
        assert all("A second title" in words for _, words in running.ask_both(PAGE))
    finally:
        running.stop()
