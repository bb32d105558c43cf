"""The modules of the writing surface in a blank page of the browser, without a site."""

from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "education" / "static"
SITE = "http://localhost/"


@pytest.fixture(scope="module")
def modules(browser):
    """
    A blank page that can import ``/static/education/desk/editor/*.js``; call ``evaluate`` on it.

    Fails when a script on it fails or the portal's policy would refuse what it does.
    """
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)

    def answer(route):
        path = route.request.url.removeprefix(f"{SITE}static/")
        if path == route.request.url:
            policy = "default-src 'self'; script-src 'self'; style-src 'self'"
            route.fulfill(
                body="<!doctype html><title>Modules</title><main></main>",
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": policy},
            )
        else:
            route.fulfill(path=STATIC / path)

    context.route("**/*", answer)
    page.goto(SITE)
    yield page
    context.close()
    assert faults == []
