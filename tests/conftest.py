"""
What every test may ask for: a database of either kind, and a real browser.

Which database it is, ``tests/settings.py`` says.
"""

import os
import shutil
from collections.abc import Iterator

import pytest

# The browser's driver keeps an event loop in the thread of the tests, which Django would refuse.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

HARMLESS = ("Failed to load resource: the server responded with a status of 4",)


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
