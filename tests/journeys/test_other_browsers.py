"""The writing surface in Firefox and WebKit; a Chinese input method; a long text. By hand: soak."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error, expect

from education.articles.models import Revision
from education.articles.operations import content_hash
from education.review.comments import add_comment
from tests.editor.test_paste import CLIPBOARDS
from tests.factories import (
    PASSWORD,
    make_draft,
    make_item,
    make_medical_reviewer,
    make_revision,
    make_writer,
)
from tests.journeys.desk import sign_in
from tests.journeys.test_writing_surface import SHIPPED, begin, open_form, save, stored, surface
from tests.web.other_browsers import KEYS, Browser, click, firefox, press, webkit

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]

BODY = "document.querySelector('[role=textbox][aria-labelledby=id_body-label]')"
STORED = "document.querySelector('textarea[name=body]').value"


@pytest.fixture(params=[firefox, webkit], ids=["Firefox", "WebKit"])
def other(request) -> Iterator[Browser]:
    with request.param() as running:
        yield running


class Chromium:
    """The page of the other journeys, asked as Firefox and WebKit are."""

    def __init__(self, page) -> None:
        self._page = page

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self._page.goto(address)

    def run(self, expression: str) -> Any:
        """The value of an expression of JavaScript that JSON can hold; a promise is waited for."""
        try:
            return self._page.evaluate(f"async () => ({expression})")
        except Error as error:
            if "context was destroyed" not in error.message:
                raise
            return None  # asked while another page was coming

    def perform(self, actions: list[dict[str, Any]]) -> None:
        """Do actions of WebDriver."""
        names = {value: name for name, value in KEYS.items()}
        clicks = 0
        for action in actions[0]["actions"]:
            match action:
                case {"type": "keyDown", "value": key}:
                    self._page.keyboard.down(names.get(key, key))
                case {"type": "keyUp", "value": key}:
                    self._page.keyboard.up(names.get(key, key))
                case {"type": "pointerMove", "x": x, "y": y}:
                    self._page.mouse.move(x, y)
                case {"type": "pointerDown"}:
                    clicks += 1
                    self._page.mouse.down(click_count=clicks)
                case {"type": "pointerUp"}:
                    self._page.mouse.up(click_count=clicks)


@pytest.fixture(params=["Chromium", "Firefox", "WebKit"])
def every(request) -> Iterator[Browser]:
    if request.param == "Chromium":
        yield Chromium(request.getfixturevalue("page"))
    else:
        with {"Firefox": firefox, "WebKit": webkit}[request.param]() as running:
            yield running


def until(browser: Browser, expression: str) -> None:
    """Wait until an expression is true; at most a minute."""
    deadline = time.monotonic() + 60
    while not browser.run(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.1)


def open_in(browser: Browser, site: str, body: str) -> Revision:
    """A draft in the writing surface, the caret at its end."""
    writer = make_writer(username="writer")
    make_item(
        "sun2017", title="Cord blood in children", issued_year=2017,
        authors=[{"family": "Sun", "given": "J"}], finding="Motor scores rose a little.",
    )  # fmt: skip
    revision = make_revision(by=writer, draft=make_draft("sun2017", body=body))
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
    for number in range(5):
        make_item(f"work{number}")
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
    press(other, *"Ask first.", "Enter", "Enter", "/")
    until(other, "document.activeElement.getAttribute('role') === 'menuitem'")
    press(other, "t", "Enter")
    until(other, "document.querySelector('dialog[open] [name=columns]') !== null")
    press(other, "Enter")
    until(other, f"document.activeElement === {BODY}")
    press(other, "a", "Tab", "b", "Tab", "c", "Tab", "d")
    # WebKit goes down through the cells of the row; below the table the caret stays.
    press(other, *["ArrowDown"] * 4)
    press(other, "/")
    until(other, "document.activeElement.getAttribute('role') === 'menuitem'")
    press(other, "i", "Enter")
    until(other, "document.querySelector('dialog[open] [name=count]') !== null")
    press(other, "3", "Tab", *"10", "Tab", *"3 out of 10.", "Tab", "Enter")
    until(other, f"document.activeElement === {BODY}")
    press(other, "Enter", *"Last", "Control+b", *"bold", "Control+b", "Control+k")
    until(other, "document.activeElement.getAttribute('role') === 'combobox'")
    for key in range(5):
        find(other, f"work{key}")
        press(other, "Shift+Enter" if key < 4 else "Enter")
        until(other, f"document.activeElement.value !== 'work{key}'")
    until(other, f"document.activeElement === {BODY}")
    save_in(other)

    revision.refresh_from_db()
    assert revision.body == (
        "## What was found\n\nIt helps **a little** in 10 children [@sun2017].\n\n- one\n- two\n\n"
        "::: note a\nAsk first.\n:::\n\n| a | b | c |\n|---|---|---|\n| d | | |\n| | | |\n\n"
        "```icons\ncount: 3\nof: 10\ntext: 3 out of 10.\n```\n\n"
        "Last**bold** [@work0; @work1; @work2; @work3; @work4]"
    )


LAST = f"{BODY}.lastElementChild"


def tool(browser: Browser, name: str) -> None:
    click(browser, f"""document.querySelector("[role=toolbar] [aria-label^='{name}']")""")


def button(words: str, within: str = "dialog[open]") -> str:
    """An expression for the button with these words."""
    return f"""[...document.querySelectorAll("{within} button")]
      .find((button) => button.textContent === "{words}" && button.checkVisibility())"""


def insert(browser: Browser, block: str, fields: dict[str, str]) -> None:
    """Put in a block by the menu, and fill its dialog in."""
    tool(browser, "Insert a block")
    until(browser, "document.querySelector('[role=menu]') !== null")
    click(browser, button(block, "[role=menu]"))
    until(browser, "document.querySelector('dialog[open]') !== null")
    for name, words in fields.items():
        click(browser, f"document.querySelector('dialog[open] [name={name}]')", times=3)
        press(browser, *words)
    click(browser, button("Put it in"))
    until(browser, f"document.activeElement === {BODY}")


def find(browser: Browser, key: str) -> None:
    """Look for a work in the picker and wait until it alone is there."""
    press(browser, *key)
    until(
        browser,
        "[...document.querySelectorAll('dialog[open] [role=option]')].map((it) => it.dataset.key)"
        f".join() === '{key}'",
    )


def cite(browser: Browser, *keys: str) -> None:
    """Cite works by the picker, all but the last by *Choose it, find another*."""
    tool(browser, "Cite evidence")
    until(browser, "document.activeElement.getAttribute('role') === 'combobox'")
    for key in keys[:-1]:
        find(browser, key)
        click(browser, button("Choose it, find another"))
        until(browser, "document.activeElement.value === ''")
    find(browser, keys[-1])
    click(browser, "document.querySelector('dialog[open] [role=option]')")
    until(browser, f"document.activeElement === {BODY}")


def test_a_page_is_written_by_mouse_alone(every, live_server):
    """Only words, and Enter between them, are typed."""
    for number in range(6):
        make_item(f"work{number}")
    revision = open_in(every, live_server.url, "")
    click(every, BODY)
    tool(every, "Heading")
    press(every, *"Found", "Enter", *"It helps.")
    cite(every, "work0")
    word = f"""((words) => {{
      const range = document.createRange();
      range.setStart(words, 3);
      range.setEnd(words, 8);
      return range;
    }})({BODY}.querySelector("p").firstChild)"""
    click(every, word, times=2)
    tool(every, "Bold")
    click(every, f"[...{BODY}.querySelectorAll('p')].at(-1)")
    press(every, "Enter")
    tool(every, "List")
    press(every, *"one", "Enter", *"two")
    cite(every, "work1")
    press(every, "Enter")
    tool(every, "List")
    insert(every, "Callout", {"title": "Mind"})
    press(every, *"Ask.")
    cite(every, "work2")
    click(every, LAST)
    insert(every, "Table", {"columns": "2", "rows": "2"})
    for number, words in enumerate(["a", "b", "c"]):
        click(every, f"{BODY}.querySelectorAll('th, td')[{number}]")
        press(every, *words)
    click(every, LAST)
    insert(every, "Icon array", {"count": "3", "of": "10", "text": "3 out of 10 children."})
    click(every, LAST)
    press(every, *"Last")
    cite(every, "work3", "work4", "work5")
    click(every, "document.querySelector('[name=_continue]')")
    until(every, "document.body?.textContent.includes('was changed successfully')")

    revision.refresh_from_db()
    assert revision.body == (
        "## Found\n\nIt **helps** [@work0].\n\n- one\n- two [@work1]\n\n"
        "::: note Mind\nAsk [@work2].\n:::\n\n| a | b |\n|---|---|\n| c | |\n| | |\n\n"
        "```icons\ncount: 3\nof: 10\ntext: 3 out of 10 children.\n```\n\n"
        "Last [@work3; @work4; @work5]"
    )


def test_a_comment_is_answered_and_resolved(other, live_server):
    reviewer = make_medical_reviewer(username="reviewer")
    revision = open_in(other, live_server.url, "First they walked.\n\nLater they walked.\n")
    comment = add_comment(
        revision=revision, by=reviewer, text="Than whom?", passage="they walked",
        words_before="Later",
    )  # fmt: skip
    other.open(f"{live_server.url}/admin/education/revision/{revision.pk}/change/")
    thread = "[data-thread]"
    until(other, f"{button('Show', thread)} !== undefined")
    click(other, button("Show", thread))
    until(other, "String(getSelection()) === 'they walked'")
    assert other.run(f"getSelection().anchorNode.parentElement.closest('p') === {LAST}")
    click(other, button("Answer", thread))
    until(other, "document.activeElement.tagName === 'TEXTAREA'")
    press(other, *"Than before.")
    click(other, button("Send the answer", thread))
    until(other, f"document.querySelector('{thread}').textContent.includes('Than before.')")
    until(other, "document.activeElement.tagName === 'ARTICLE'")
    click(other, button("Resolve", thread))
    until(other, "document.querySelector('[data-comments]').textContent.includes('1 resolved')")

    comment.refresh_from_db()
    assert comment.resolved_at
    assert comment.replies.get().text == "Than before."


PROGRAMS = [
    "word.html", "word-web.html", "google-docs.html", "libreoffice.html", "apple-notes.html",
    "web-page.html", "pubmed.html", "outlook.html", "excel.html", "google-sheets.html",
    "markdown.txt", "pdf.txt",
]  # fmt: skip


def test_pasted_documents_keep_what_chromium_keeps(other, live_server, page):
    """Of each program, by the clipboard of the browser itself: Firefox takes no made up one."""
    open_in(other, live_server.url, "x")
    sign_in(page, live_server.url, "writer")
    open_form(page, live_server.url, Revision.objects.get())
    for program in PROGRAMS:
        copied = (CLIPBOARDS / program).read_text("utf-8")
        kind = "text/html" if program.endswith(".html") else "text/plain"
        copying = f"""document.addEventListener("copy", (event) => {{
          event.clipboardData.setData({json.dumps(kind)}, {json.dumps(copied)});
          event.preventDefault();
          event.stopImmediatePropagation();
        }}, {{ once: true, capture: true }})"""
        other.run(f"{BODY}.focus()")
        press(other, "Control+a", "x")
        until(other, f"{STORED} === 'x'")
        other.run(copying)
        press(other, "Control+a", "Control+c", "Control+v")
        until(other, f"{STORED} !== 'x'")

        surface(page).focus()
        page.keyboard.press("Control+a")
        page.keyboard.type("x")
        expect(stored(page)).to_have_value("x")
        page.evaluate(copying)
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+c")
        page.keyboard.press("Control+v")
        expect(stored(page)).to_have_value(other.run(STORED))


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


SENTENCE = "In this study of children with stiff legs some walked a little further "
LONG = (
    "\n\n".join(
        f"{SENTENCE * 6}and more of them than ever before [@work{number}]." for number in range(190)
    )
    + "\n"
)
assert len(LONG.split()) - LONG.count("@") > 16_000


def test_a_text_of_16_000_words_and_190_citations_in_other_browsers(other, live_server):
    for number in range(190):
        make_item(f"work{number}")
    revision = open_in(other, live_server.url, LONG)
    press(other, *" And last words.")
    save_in(other)

    revision.refresh_from_db()
    assert revision.body == LONG.rstrip("\n") + " And last words.\n"


def test_a_text_of_16_000_words_and_190_citations_is_written_on(page, live_server):
    for number in range(190):
        make_item(f"work{number}")
    revision = begin(page, live_server.url, LONG)
    surface(page).focus()
    page.keyboard.press("Control+End")
    began = time.monotonic()
    page.keyboard.type(" And last words.")
    expect(stored(page)).to_have_value(LONG.rstrip("\n") + " And last words.\n")
    assert time.monotonic() - began < 30  # a generous deadline: sixteen keys
    page.keyboard.press("Control+s")
    expect(page.get_by_text("was changed successfully")).to_be_visible(timeout=60_000)

    revision.refresh_from_db()
    assert revision.body == LONG.rstrip("\n") + " And last words.\n"
