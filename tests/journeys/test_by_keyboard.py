"""Writer, reviewer and editor-in-chief do their work by keyboard alone, on accessible pages."""

import pytest
from playwright.sync_api import Locator, Page, expect

from education.articles.models import Article
from education.publishing.models import Publication
from education.review.models import Review
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


def choose(page: Page, wanted: Locator) -> None:
    """Choose a radio button: to its group by Tab, to it by the arrows."""
    name = wanted.get_attribute("name")
    tab_to(page, page.locator(f"input[type=radio][name='{name}']").first)
    for _ in range(4):
        page.keyboard.press("Space")
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    assert wanted.is_checked()


def write(page: Page, wanted: Locator, words: str) -> None:
    tab_to(page, wanted)
    page.keyboard.type(words)


def open_part(page: Page, summary: str) -> None:
    """Unfold a part of the page."""
    tab_to(page, page.locator("summary", has_text=summary))
    page.keyboard.press("Enter")


def check_page(page: Page) -> None:
    """Accessible in light and dark, on a desk and on a phone; nothing is wider than the page."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            # Django's links change their colour slowly; a colour half way is nobody's choice.
            page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
            assert violations(page, preload=False) == [], (page.url, width, scheme)
        widest = page.evaluate("document.documentElement.scrollWidth")
        assert widest <= width, (page.url, widest)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def sign_in(page: Page, site: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/admin/")
    write(page, page.get_by_label("Username"), username)
    write(page, page.get_by_label("Password"), PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def from_my_work(page: Page, pile: str, title: str) -> None:
    """Press the button of a row of My work."""
    section = page.get_by_role("region", name=pile)
    press(page, section.get_by_role("listitem").filter(has_text=title).get_by_role("link"))


def decide(page: Page, decision: str, comments: str = "") -> None:
    """Decide on the page of a review: answer a question, choose, confirm one's interests."""
    record = page.get_by_role("button", name="Record my decision")
    expect(record).to_be_disabled()
    press_same_page(page, page.get_by_role("link", name="Go to your decision"))
    open_part(page, "Checklist")
    for answer in page.locator(".desk-checklist").get_by_role("radio", name="Partly").all():
        choose(page, answer)
    choose(page, page.get_by_role("radio", name=decision))
    if comments:
        write(page, page.locator("[data-decision] textarea"), comments)
    tab_to(page, page.get_by_label("My declaration of interests", exact=False))
    page.keyboard.press("Space")
    expect(record).to_be_enabled()
    press(page, record)
    expect(page.get_by_text("recorded.")).to_be_visible()


def press_same_page(page: Page, wanted: Locator) -> None:
    tab_to(page, wanted)
    page.keyboard.press("Enter")


@pytest.fixture
def watched(page):
    """The page; the test fails when anything on it broke the Content-Security-Policy."""
    broken: list[str] = []

    def broke(said: str) -> None:
        broken.append(said)

    page.context.expose_function("brokePolicy", broke)
    page.context.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => "
        "brokePolicy(`${event.violatedDirective} ${event.blockedURI} at ${location.href}`))"
    )
    yield page
    assert broken == []


@pytest.fixture
def revision():
    """A draft, and all the people it needs."""
    item = make_item("first2020", title="A first study")
    article = make_article(slug="by-keyboard", risk_class=Article.RiskClass.B)
    draft = make_draft(item.key, title="Does the keyboard do?")
    make_medical_reviewer(username="neurology", display_name="Neurology reviewer")
    make_plain_language_reviewer(username="plain")
    make_editor(username="editor")
    return make_revision(by=make_writer(username="writer"), article=article, draft=draft)


def submit(page: Page) -> None:
    press(page, page.get_by_role("link", name="Submit for review"))
    check_page(page)
    press(page, page.get_by_role("button", name="Submit for review"))
    expect(page.get_by_text("in review").first).to_be_visible()


def test_a_text_goes_all_its_way_by_keyboard(watched, live_server, revision):
    page, site, title = watched, live_server.url, "Does the keyboard do?"
    page.goto(f"{site}/admin/")
    check_page(page)

    sign_in(page, site, "writer")
    check_page(page)
    from_my_work(page, "To write", title)
    check_page(page)
    tab_to(page, page.get_by_role("textbox", name="Body:"))
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\nAnother statement [@first2020].")
    press(page, page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    submit(page)

    sign_in(page, site, "neurology")
    from_my_work(page, "To review", title)
    check_page(page)
    decide(page, "Approve")
    sign_in(page, site, "plain")
    from_my_work(page, "To review", title)
    decide(page, "Approve")

    sign_in(page, site, "editor")
    from_my_work(page, "To publish", title)
    check_page(page)
    press(page, page.get_by_role("button", name="Publish"))
    expect(page.get_by_text("is public")).to_be_visible()
    assert Publication.objects.current().get().slug == "by-keyboard"
    page.goto(f"{site}/articles/by-keyboard/")
    expect(page.locator("main")).to_contain_text("Another statement")
    assert {review.checklist.popitem()[1] for review in Review.objects.all()} == {"partly"}


def test_a_text_is_talked_over_sent_back_and_mended_by_keyboard(watched, live_server, revision):
    page, site, title = watched, live_server.url, "Does the keyboard do?"
    sign_in(page, site, "writer")
    from_my_work(page, "To write", title)
    submit(page)

    sign_in(page, site, "neurology")
    from_my_work(page, "To review", title)
    open_part(page, "Write a comment")
    write(page, page.get_by_label("Passage:"), "Whether it lasts.")
    write(page, page.get_by_label("Comment:"), "How long is that?")
    tab_to(page, page.get_by_label("This must be resolved"))
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Comment", exact=True))
    expect(page.get_by_text("blocks publication", exact=True)).to_be_visible()
    decide(page, "Ask for changes", "Please say how long.")

    sign_in(page, site, "writer")
    from_my_work(page, "Comments to answer", title)
    write(page, page.get_by_label("Answer Neurology reviewer"), "Two years; I will write it.")
    press(page, page.get_by_role("button", name="Answer"))
    expect(page.get_by_text("Two years; I will write it.")).to_be_visible()
    page.goto(f"{site}/admin/")
    from_my_work(page, "Changes requested", title)
    expect(page.get_by_text("Please say how long.")).to_be_visible()
    tab_to(page, page.get_by_role("textbox", name="What we do not know:"))
    page.keyboard.press("Control+A")
    page.keyboard.type("- Whether it helps after two years.")
    press(page, page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    submit(page)

    sign_in(page, site, "neurology")
    from_my_work(page, "To review", title)
    expect(page.get_by_text("Since you asked for changes on")).to_be_visible()
    expect(page.locator("ins", has_text="two years")).to_be_visible()
    expect(page.get_by_text("This passage is no longer in the text.")).to_be_visible()
    check_page(page)
    decide(page, "Approve")
    sign_in(page, site, "plain")
    from_my_work(page, "To review", title)
    decide(page, "Approve")

    sign_in(page, site, "editor")
    from_my_work(page, "To publish", title)
    expect(page.get_by_text("Missing before publication:")).to_be_visible()
    check_page(page)
    press(page, page.get_by_role("link", name="Read and resolve the comments"))
    press(page, page.get_by_role("button", name="Resolve"))
    expect(page.get_by_text("resolved by")).to_be_visible()
    page.goto(f"{site}/admin/")
    from_my_work(page, "To publish", title)
    expect(page.get_by_text("Missing before publication:")).to_have_count(0)
    press(page, page.get_by_role("button", name="Publish"))
    expect(page.get_by_text("is public")).to_be_visible()
