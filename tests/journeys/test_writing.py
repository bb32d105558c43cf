"""
A writer who types Markdown, in Chromium: by keyboard, after a crash, and with others at it too.

How a text is written as readers see it: ``test_writing_surface.py``.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from education.articles.models import Revision
from tests.admin.word_files import paragraph, word_file
from tests.factories import PASSWORD, make_draft, make_item, make_revision, make_writer
from tests.journeys.desk import WRITES_MARKDOWN, sign_in
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def open_form(page: Page, site: str, revision: Revision) -> None:
    page.goto(f"{site}/admin/education/revision/{revision.pk}/change/")
    expect(page.get_by_role("toolbar").first).to_be_visible()


def body(page: Page):
    return page.get_by_role("textbox", name="Body:")


def wait_until_kept(page: Page, revision: Revision, words: str) -> None:
    """Until the browser keeps what was typed: a moment after the last key."""
    kept = f"localStorage['portal-unsaved-{revision.pk}']?.includes('{words}')"
    for _ in range(100):
        if page.evaluate(kept):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"“{words}” is not kept")


def begin(page: Page, site: str, name: str = "writer") -> Revision:
    page.add_init_script(WRITES_MARKDOWN)
    writer = make_writer(username=name)
    make_item("sun2017", title="Cord blood in children", issued_year=2017)
    revision = make_revision(by=writer, draft=make_draft("sun2017", body="## Found\n\nIt helps"))
    sign_in(page, site, name)
    open_form(page, site, revision)
    return revision


def test_a_citation_is_found_and_put_in_by_keyboard_alone(page, live_server):
    revision = begin(page, live_server.url)
    body(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Cite evidence")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("cord 2017")
    expect(dialog.get_by_role("option")).to_have_count(1)
    expect(dialog.get_by_role("status")).to_have_text("1 work.")
    assert violations(page, preload=False) == []
    page.keyboard.press("Tab")
    expect(dialog.get_by_label("Page or table, if you want one")).to_be_focused()
    page.keyboard.type("p. 3")
    page.keyboard.press("Enter")
    expect(body(page)).to_have_value(re.compile(r"It helps \[@sun2017, p\. 3\]$"))
    expect(body(page)).to_be_focused()
    page.keyboard.type(".")
    page.get_by_role("button", name="Save and continue editing").press("Enter")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    revision.refresh_from_db()
    assert revision.body.endswith("It helps [@sun2017, p. 3].")


def test_who_types_before_the_scripts_have_come_goes_on_typing(page, live_server):
    revision = begin(page, live_server.url)
    held = []
    page.route("**/desk/writing*.js", lambda route: held.append(route))  # noqa: PLW0108 - the driver marks it
    address = f"{live_server.url}/admin/education/revision/{revision.pk}/change/"
    page.goto(address, wait_until="commit")
    body(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" at")
    with page.expect_event("load"):
        held[0].continue_()
    expect(page.get_by_role("toolbar").first).to_be_visible()
    expect(page.locator("[data-preview-text]")).to_contain_text("It helps at")
    page.keyboard.type(" first.")

    expect(body(page)).to_have_value(re.compile("It helps at first.$"))
    expect(page.locator("[data-preview-text]")).to_contain_text("It helps at first.")


def test_the_toolbar_is_one_stop_and_its_tools_mark_the_words(page, live_server):
    begin(page, live_server.url)
    toolbar = page.get_by_role("toolbar", name="Formatting of Body")
    body(page).fill("Important words")
    body(page).select_text()
    page.keyboard.press("Control+b")
    expect(body(page)).to_have_value("**Important words**")
    page.keyboard.press("Control+z")
    expect(body(page)).to_have_value("Important words")
    toolbar.get_by_role("button", name="Bold").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(toolbar.get_by_role("button", name="Heading", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(body(page)).to_have_value("## Important words")


def test_what_to_mend_follows_the_text_and_leads_to_its_place(page, live_server):
    begin(page, live_server.url)
    body(page).fill("## Found\n\nAll is well [@sun2017].\n\nAbout 12 children walked.\n")
    problem = page.get_by_role("listitem").filter(has_text="without a citation")
    expect(problem).to_be_visible()
    expect(page.locator(".desk-preview-text")).to_contain_text("About 12 children walked")
    problem.get_by_role("button").press("Enter")
    expect(body(page)).to_be_focused()
    chosen = "(field => field.value.slice(field.selectionStart, field.selectionEnd))"
    assert page.evaluate(f"{chosen}(document.activeElement)") == "About 12 children walked."


def test_what_to_mend_in_a_key_message_leads_to_that_message(page, live_server):
    begin(page, live_server.url)
    page.get_by_role("button", name=re.compile("Add another Key message")).click()
    message = page.locator("textarea[name='key_messages-1-text']")
    page.locator("select[name='key_messages-1-certainty']").select_option("not_graded")
    message.fill("A miracle.")
    problem = page.get_by_role("listitem").filter(has_text="miracle").get_by_role("button")
    problem.first.press("Enter")
    expect(message).to_be_focused()
    toolbar = page.get_by_role("toolbar", name="Formatting of Text").nth(1)
    expect(toolbar.get_by_role("button")).to_have_text(["B", "I", "Link", "Cite"])


def test_without_script_a_button_previews_what_is_typed_and_the_form_stays(browser, live_server):
    site = live_server.url
    writer = make_writer(username="plain")
    revision = make_revision(by=writer, draft=make_draft())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, "plain")
    page.goto(f"{site}/admin/education/revision/{revision.pk}/change/")
    body(page).fill("## Found\n\nAbout 12 children walked.")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Preview what is typed").click()
    preview = opened.value
    expect(preview.get_by_role("listitem").filter(has_text="number without")).to_be_visible()
    page_of_readers = preview.frame_locator("iframe")
    expect(page_of_readers.locator(".article-text").first).to_contain_text(
        "About 12 children walked."
    )
    expect(body(page)).to_have_value("## Found\n\nAbout 12 children walked.")
    context.close()


def test_a_word_file_starts_a_draft_and_tells_what_it_left_behind(page, live_server):
    revision = begin(page, live_server.url)
    page.get_by_role("link", name="From a Word file").press("Enter")
    struck = "<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>Do not use.</w:t></w:r></w:p>"
    choice = page.get_by_label("Word file")
    choice.set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"No Word document"}
    )
    page.get_by_role("button", name="Bring it in").press("Enter")
    expect(page.get_by_text("This is no Word document")).to_be_visible()
    assert violations(page, preload=False) == []
    document = word_file(paragraph("From Word", "Heading2") + paragraph("Its text.") + struck)
    choice.set_input_files(
        {"name": "text.docx", "mimeType": "application/octet-stream", "buffer": document}
    )
    page.get_by_label("Add all of it below what is there").check()
    page.get_by_role("button", name="Bring it in").press("Enter")
    expect(page.get_by_text("Struck-out text was left out: “Do not use.”.")).to_be_visible()
    expect(body(page)).to_have_value(re.compile(r"It helps\n\n## From Word\n\nIts text\.\n$"))
    revision.refresh_from_db()
    assert "## From Word" in revision.body


def test_the_form_is_accessible(page, live_server):
    revision = begin(page, live_server.url)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        open_form(page, live_server.url, revision)  # afresh: a change of colours takes its time
        found = violations(page, preload=False)
        assert found == []


def test_text_survives_a_crash(page, live_server):
    revision = begin(page, live_server.url)
    body(page).fill("## Found\n\nAn hour of work.")
    page.get_by_role("button", name=re.compile("Add another Key message")).click()
    page.locator("textarea[name$='-1-text']").fill("A new message.")
    page.locator("select[name$='-1-certainty']").select_option("not_graded")
    page.goto("about:blank")

    open_form(page, live_server.url, revision)
    expect(body(page)).to_have_value(re.compile("It helps"))
    notice = page.get_by_role("alert").filter(has_text="was not saved")
    assert violations(page, preload=False) == []
    notice.get_by_role("button", name="Put it back").click()
    expect(body(page)).to_have_value("## Found\n\nAn hour of work.")
    expect(page.locator("textarea[name$='-1-text']")).to_have_value("A new message.")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="was not saved")).to_have_count(0)
    assert page.evaluate(f"localStorage.getItem('portal-unsaved-{revision.pk}')") is None


def test_what_was_kept_stays_whatever_is_typed_later(page, live_server):
    revision = begin(page, live_server.url)
    for words in ("The first hour.", "The second hour."):
        body(page).fill(f"## Found\n\n{words}")
        wait_until_kept(page, revision, words)
        open_form(page, live_server.url, revision)
    notice = page.get_by_role("alert").filter(has_text="was not saved")
    expect(notice.get_by_role("button", name="Put it back")).to_have_count(2)
    notice.get_by_role("button", name="Compare").last.click()
    compared = notice.get_by_role("region", name="Kept text beside the form")
    expect(compared.get_by_role("row", name="Body")).to_contain_text("The first hour.")
    expect(compared.get_by_role("row", name="Body")).to_contain_text("It helps")
    assert violations(page, preload=False) == []
    notice.get_by_role("button", name="Put it back").last.click()
    expect(body(page)).to_have_value("## Found\n\nThe first hour.")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    notice = page.get_by_role("alert").filter(has_text="was not saved")
    expect(notice.get_by_role("button", name="Put it back")).to_have_count(1)
    notice.get_by_role("button", name="Compare").click()
    expect(notice.get_by_role("row", name="Body")).to_contain_text("The second hour.")


def test_text_survives_a_sign_in_that_ended(page, live_server):
    revision = begin(page, live_server.url)
    body(page).fill("## Found\n\nWritten while the sign-in ended.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your sign-in has ended")
    sign_in(page, live_server.url, "writer")
    open_form(page, live_server.url, revision)
    page.get_by_role("button", name="Put it back").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    revision.refresh_from_db()
    assert revision.body == "## Found\n\nWritten while the sign-in ended."


def test_two_browsers_edit_one_draft_and_no_word_is_lost(page, browser, live_server):
    site = live_server.url
    revision = begin(page, site)
    other_context = browser.new_context()
    other = other_context.new_page()
    other.add_init_script(WRITES_MARKDOWN)
    make_writer(username="other", display_name="Other writer")
    sign_in(other, site, "other")
    open_form(other, site, revision)
    open_form(page, site, revision)
    expect(page.get_by_text("Other writer has this text open too.")).to_be_visible()

    body(page).fill("## Found\n\nMine.")
    body(other).fill("## Found\n\nTheirs, first.")
    other.get_by_role("button", name="Save and continue editing").click()
    expect(other.get_by_text("was changed successfully")).to_be_visible()
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.get_by_text("nothing is lost")).to_be_visible()
    expect(body(page)).to_have_value("## Found\n\nMine.")
    row = page.get_by_role("region", name="side by side").get_by_role("row", name="Text")
    expect(row.get_by_role("rowheader")).to_contain_text("You both changed it")
    expect(row.get_by_role("cell").nth(0)).to_have_text("## Found Mine.")
    expect(row.get_by_role("cell").nth(1)).to_have_text("## Found Theirs, first.")
    assert violations(page, preload=False) == []
    row.get_by_role("button", name="Put their text in the form").press("Enter")
    expect(body(page)).to_have_value("## Found\n\nTheirs, first.")
    page.keyboard.press("Control+z")
    expect(body(page)).to_have_value("## Found\n\nMine.")
    revision.refresh_from_db()
    assert revision.body == "## Found\n\nTheirs, first."
    body(page).fill("## Found\n\nTheirs, first.\n\nMine.")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    other_context.close()
    revision.refresh_from_db()
    assert revision.body == "## Found\n\nTheirs, first.\n\nMine."
    assert PASSWORD not in page.content()
