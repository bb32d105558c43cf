"""The writing surface in Firefox and WebKit; a Chinese input method; a long text. By hand: soak."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from education.articles.models import Revision
from education.articles.operations import content_hash
from tests.editor.texts import ARTICLES
from tests.factories import PASSWORD, make_draft, make_item, make_revision, make_writer
from tests.journeys.desk import sign_in
from tests.journeys.test_writing_surface import SHIPPED, begin, open_form, save, stored, surface
from tests.web.other_browsers import Browser, firefox, press, webkit

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]

CLIPBOARDS = ARTICLES.parents[2] / "tests" / "editor" / "clipboards"
BODY = "document.querySelector('[role=textbox][aria-labelledby=id_body-label]')"
STORED = "document.querySelector('textarea[name=body]').value"


@pytest.fixture(params=[firefox, webkit], ids=["Firefox", "WebKit"])
def other(request) -> Iterator[Browser]:
    with request.param() as running:
        yield running


def until(browser: Browser, expression: str) -> None:
    """Wait until an expression is true; at most a minute."""
    deadline = time.monotonic() + 60
    while not browser.run(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.1)


def open_in(browser: Browser, site: str, body: str) -> Revision:
    """A draft in the writing surface, the caret at its end."""
    make_writer(username="writer")
    make_item(
        "sun2017", title="Cord blood in children", issued_year=2017,
        authors=[{"family": "Sun", "given": "J"}], finding="Motor scores rose a little.",
    )  # fmt: skip
    revision = make_revision(by=make_writer(), draft=make_draft("sun2017", body=body))
    browser.open(f"{site}/admin/login/")
    browser.run("document.querySelector('[name=username]').focus()")
    press(browser, *"writer", "Tab", *PASSWORD, "Enter")
    until(browser, "document.body?.textContent.includes('My work')")
    browser.open(f"{site}/admin/education/revision/{revision.pk}/change/")
    until(browser, f"{BODY} !== null")
    browser.run(f"{BODY}.focus()")
    press(browser, "Control+End")
    return revision


def save_in(browser: Browser) -> None:
    press(browser, "Control+s")
    until(browser, "document.body?.textContent.includes('was changed successfully')")


def test_untouched_text_is_the_same_to_the_byte(other, live_server):
    revision = open_in(other, live_server.url, SHIPPED)
    before = content_hash(revision), revision.body
    press(other, "x", "Control+z")
    save_in(other)

    revision = Revision.objects.get()
    assert (content_hash(revision), revision.body) == before


def test_a_page_is_written_by_keyboard_alone(other, live_server):
    revision = open_in(other, live_server.url, "")
    press(other, *"## What was found", "Enter", *"It helps **a little** in 10 children.")
    press(other, "Control+k")
    until(other, "document.activeElement.getAttribute('role') === 'combobox'")
    press(other, *"sun")
    until(other, "document.querySelectorAll('dialog[open] [role=option]').length === 1")
    press(other, "Enter")
    until(other, f"document.activeElement === {BODY}")
    press(other, "Enter", *"- one", "Enter", *"two", "Enter", "Enter", "/")
    until(other, "document.activeElement.getAttribute('role') === 'menuitem'")
    press(other, "Enter")
    until(other, "document.querySelector('dialog[open] select') !== null")
    press(other, "Tab", "a", "Enter")
    until(other, f"document.activeElement === {BODY}")
    press(other, *"Ask first.", "Enter", "Enter", *"Last", "Control+b", *"bold", "Control+b")
    save_in(other)

    revision.refresh_from_db()
    assert revision.body == (
        "## What was found\n\nIt helps **a little** in 10 children [@sun2017].\n\n- one\n- two\n\n"
        "::: note a\nAsk first.\n:::\n\nLast**bold**"
    )


@pytest.mark.parametrize("program", ["word", "google-docs", "libreoffice", "web-page"])
def test_pasted_documents_keep_what_chromium_keeps(other, live_server, page, program):
    html = (CLIPBOARDS / f"{program}.html").read_text("utf-8")
    # By the clipboard of the browser itself: Firefox takes no made up one.
    copying = f"""document.addEventListener("copy", (event) => {{
      event.clipboardData.setData("text/html", {json.dumps(html)});
      event.preventDefault();
      event.stopImmediatePropagation();
    }}, {{ once: true, capture: true }})"""
    open_in(other, live_server.url, "x")
    other.run(copying)
    press(other, "Control+a", "Control+c", "Control+v")
    until(other, f"{STORED} !== 'x'")

    begin_in_chromium(page, live_server.url)
    surface(page).focus()
    page.evaluate(copying)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(stored(page)).to_have_value(other.run(STORED))


def begin_in_chromium(page, site: str) -> None:
    sign_in(page, site, "writer")
    open_form(page, site, Revision.objects.get())


def test_chinese_is_written_by_an_input_method(page, live_server):
    revision = begin(page, live_server.url, "It helps.")
    surface(page).focus()
    page.keyboard.press("Control+End")
    method = page.context.new_cdp_session(page)
    for typed in ("n", "nao", "nao tan"):
        method.send(
            "Input.imeSetComposition",
            {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)},
        )
    method.send("Input.insertText", {"text": "脑瘫"})
    page.keyboard.type(" is cerebral palsy.")
    save(page)

    revision.refresh_from_db()
    assert revision.body == "It helps.脑瘫 is cerebral palsy."


def test_a_text_of_16_000_words_and_190_citations_is_written_on(page, live_server):
    sentence = "In this study of children with stiff legs some walked a little further " * 2
    for number in range(190):
        make_item(f"work{number}")
    body = "\n\n".join(f"{sentence * 3}[@work{number}]." for number in range(190)) + "\n"
    assert len(body.split()) > 14_000
    revision = begin(page, live_server.url, body)
    surface(page).focus()
    page.keyboard.press("Control+End")
    began = time.monotonic()
    page.keyboard.type(" And last words.")
    expect(stored(page)).to_have_value(body.rstrip("\n") + " And last words.\n")
    assert time.monotonic() - began < 30  # a generous deadline: sixteen keys
    page.keyboard.press("Control+s")
    expect(page.get_by_text("was changed successfully")).to_be_visible(timeout=60_000)

    revision.refresh_from_db()
    assert revision.body == body.rstrip("\n") + " And last words.\n"
