"""Writer, reviewer and editor-in-chief do their work by keyboard alone, on accessible pages."""

import pytest
from playwright.sync_api import Locator, Page, expect

from education.articles.models import Article, Revision
from education.publishing.models import Publication
from tests.factories import (
    PASSWORD,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_plain_language_reviewer,
    make_revision,
    make_writer,
)
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

MOST_STOPS = 250


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus: whoever can't use a mouse gets there."""
    expect(wanted).to_be_attached()
    for _ in range(MOST_STOPS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to {wanted}")


def press(page: Page, wanted: Locator) -> None:
    """Go where a link or a button leads."""
    tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def check_page(page: Page) -> None:
    """Accessible in light and dark, on a desk and on a phone."""
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert violations(page, preload=False) == [], (page.url, width, scheme)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def sign_in(page: Page, site: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/admin/")
    check_page(page)
    tab_to(page, page.get_by_label("Username"))
    page.keyboard.type(username)
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    check_page(page)


def approve(page: Page, site: str, username: str, revision: Revision) -> None:
    sign_in(page, site, username)
    address = f"/admin/education/revision/{revision.pk}/review/"
    press(page, page.locator(f"main a[href='{address}']").first)
    record = page.get_by_role("button", name="Record my decision")
    expect(record).to_be_disabled()
    check_page(page)
    press(page, page.get_by_role("link", name="Go to your decision"))
    tab_to(page, page.get_by_role("radio", name="Approve"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("My declaration of interests", exact=False))
    page.keyboard.press("Space")
    expect(record).to_be_enabled()
    press(page, record)
    expect(page.get_by_text("recorded.")).to_be_visible()


def test_a_text_goes_all_its_way_by_keyboard(page, live_server):
    site = live_server.url
    item = make_item("first2020", title="A first study")
    writer = make_writer(username="writer")
    revision = make_revision(
        by=writer,
        article=make_article(slug="by-keyboard", risk_class=Article.RiskClass.B),
        draft=make_draft(item.key, title="Does the keyboard do?"),
    )
    make_medical_reviewer(username="neurology")
    make_plain_language_reviewer(username="plain")
    make_editor(username="editor")

    sign_in(page, site, "writer")
    press(
        page, page.locator(f"main a[href='/admin/education/revision/{revision.pk}/change/']").first
    )
    check_page(page)
    tab_to(page, page.get_by_role("textbox", name="Body:"))
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\nAnother statement [@first2020].")
    press(page, page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    press(page, page.get_by_role("link", name="Submit for review"))
    check_page(page)
    press(page, page.get_by_role("button", name="Submit for review"))
    expect(page.get_by_text("in review").first).to_be_visible()

    approve(page, site, "neurology", revision)
    approve(page, site, "plain", revision)

    sign_in(page, site, "editor")
    press(
        page, page.locator(f"main a[href='/admin/education/revision/{revision.pk}/publish/']").first
    )
    check_page(page)
    press(page, page.get_by_role("button", name="Publish"))
    expect(page.get_by_text("is public")).to_be_visible()
    assert Publication.objects.current().get().slug == "by-keyboard"
    page.goto(f"{site}/articles/by-keyboard/")
    expect(page.locator("main")).to_contain_text("Another statement")
