"""
What every test may ask for: a database of either kind, and a real browser.

Which database it is, ``tests/settings.py`` says.
"""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
from filelock import FileLock

from tools.checks import chromium

# The browser's driver keeps an event loop in the thread of the tests, which Django would refuse.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parents[1]

# A busy machine is no fault of the rule under test; what CI tries today it tries tomorrow.
hypothesis.settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
# For start.py test; check tries a hundred.
hypothesis.settings.register_profile(
    "few", hypothesis.settings.get_profile("project"), max_examples=20
)
hypothesis.settings.load_profile("project")

# A page may be refused or not found (tests say which); its parts may not.
PARTS = {"stylesheet", "script", "image", "font"}
REFUSED_PAGE = "Failed to load resource: the server responded with a status of 4"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave a file unread in which no test has the marker that is asked for first (``-m``)."""
    marker = config.getoption("markexpr").partition(" ")[0]
    if marker not in {"engine", "journeys"} or collection_path.suffix != ".py":
        return None
    return marker not in collection_path.read_text("utf-8") or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    A test that meets no database runs once, with SQLite. What a thorough test covers is not
    counted: counting makes it a half slower, and the quicker tests reach the same lines.
    """
    for item in items:
        if item.get_closest_marker("thorough"):
            item.add_marker(pytest.mark.no_cover)
    if os.environ.get("TEST_DATABASE") != "postgresql":
        return
    meets = [
        item
        for item in items
        if item.get_closest_marker("django_db")
        or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(meets)])
    items[:] = meets


def pytest_collection_finish(session: pytest.Session) -> None:
    """
    Six thousand tests and the app stay in memory until the end: without this the collector of
    garbage looks at all of them again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _connection_stays_open() -> Iterator[None]:
    """
    Roll back what a test did without closing its connection: each test would pay for a new one, on
    PostgreSQL with a new process that knows no table yet.
    """
    from django.test import TestCase

    original = TestCase.__dict__["tearDownClass"]

    def roll_back(cls: type[TestCase]) -> None:
        cls._rollback_atomics(cls.cls_atomics)
        super(TestCase, cls).tearDownClass()

    TestCase.tearDownClass = classmethod(roll_back)
    yield
    TestCase.tearDownClass = original


@pytest.fixture(scope="session", autouse=True)
def _test_language() -> None:
    """
    Make the catalogue of the test language, unless it is newer than every word of the site: Django
    reads it once in a process, so it must be there before any test speaks that language.
    """
    made = ROOT / "education" / "locale" / "en_XA" / "LC_MESSAGES" / "django.mo"
    sources = [*ROOT.glob("education/**/*.py"), *ROOT.glob("templates/**/*.*")]
    if not made.exists() or made.stat().st_mtime < max(one.stat().st_mtime for one in sources):
        command = [sys.executable, "docs/messages.py", "--new", "en-xa"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        made.touch()


@pytest.fixture(scope="session", autouse=True)
def _flush_despite_triggers() -> Iterator[None]:
    """
    Let tests with real transactions empty the tables that the database otherwise protects, and put
    back the roles, which a migration made. The triggers return after every flush by themselves.
    """
    from django.contrib.auth.models import Group
    from django.core.management.commands import flush
    from django.db import connection

    from education.audit import triggers
    from education.people.models import Role

    original = flush.Command.handle

    def handle(self, **options):
        triggers.remove(connection)
        original(self, **options)
        Group.objects.bulk_create(Group(name=role.label) for role in Role)

    flush.Command.handle = handle
    yield
    flush.Command.handle = original


@pytest.fixture(autouse=True)
def _who_is_signed_in_has_just_come_in(monkeypatch) -> None:
    """``force_login`` stands for a sign-in of this moment, not for a session that knows nothing."""
    from django.test import Client

    from education.accounts.sessions import BEGAN, CONFIRMED, SEEN

    force_login = Client.force_login

    def just_now(client, *args, **kwargs):
        force_login(client, *args, **kwargs)
        session = client.session
        session.update(dict.fromkeys((BEGAN, SEEN, CONFIRMED), time.time()))
        session.save()

    monkeypatch.setattr(Client, "force_login", just_now)


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, headless; a machine without one skips the journeys and says so."""
    from playwright.sync_api import sync_playwright

    found = chromium()
    if not found:
        pytest.skip("no Chromium on this machine")
    quiet = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=found, args=[*quiet, *sandbox])
        yield running
        running.close()


@pytest.fixture
def new_page(browser):
    """
    Open a page of a fresh browser, as often as a test has people. The test fails when a script on
    one fails, a policy is broken, a part of it is missing, or it asks anybody but this site.
    """
    contexts = []
    faults: list[str] = []

    def heard(message):
        if message.type == "error" and not message.text.startswith(REFUSED_PAGE):
            faults.append(message.text)

    def asked(request):
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.hostname not in {
            "localhost",
            "127.0.0.1",
        }:
            faults.append(f"asked {request.url}")

    def answered(response):
        if response.status >= 400 and response.request.resource_type in PARTS:
            faults.append(f"{response.status} {response.url}")

    def open_page():
        context = browser.new_context()
        contexts.append(context)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", heard)
        context.on("request", asked)
        context.on("response", answered)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_page):
    """A page of a fresh browser."""
    return new_page()


@pytest.fixture(scope="session")
def web_tools() -> Path:
    """
    The checkers of ``tests/web/package.json``, installed once; the folder of their packages.

    A machine without Node, or that can't fetch them, skips and says so.
    """
    folder = Path(__file__).resolve().parent / "web"
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("no Node here; apt-get install npm")
    there = folder / "node_modules"
    wanted, installed = folder / "package-lock.json", there / ".package-lock.json"
    with FileLock(Path(tempfile.gettempdir()) / "portal-web-tools.lock"):  # two may ask at once
        if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"npm can't fetch the checkers here: {done.stderr.strip()[-200:]}")
    return there
