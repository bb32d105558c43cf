"""Readers' pages in a real browser: accessible, at home on small screens, whole without script."""

import re
from functools import partial

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import expect

from education import languages
from education.publishing.operations import withdraw
from tests.factories import make_article, make_draft, make_editor, make_item, make_publication
from tests.public.reading import make_comparison, make_glossary, make_site
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

WIDTHS = [320, 390, 1280]


def sideways(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def well_made(page, what):
    """Accessible in light and dark, and never wider than the window; dark changes colours alone."""
    assert sideways(page) == 0, what
    assert violations(page) == [], what
    page.emulate_media(color_scheme="dark")
    assert violations(page, "color-contrast") == [], f"{what}, dark"
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_every_page_is_accessible_and_never_scrolls_sideways(page, live_server, width):
    page.set_viewport_size({"width": width, "height": 900})
    for address in make_site():
        page.goto(f"{live_server.url}{address}")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        well_made(page, address)


@pytest.mark.parametrize(("width", "text"), [(195, "100%"), (390, "200%")])
def test_every_page_reflows_at_400_percent_and_with_text_twice_as_large(
    page, live_server, width, text
):
    """WCAG 2.2, 1.4.4 and 1.4.10, and narrower: a telephone at twice its size is 195 px wide."""
    page.set_viewport_size({"width": width, "height": 844})
    for address in make_site():
        page.goto(f"{live_server.url}{address}")
        page.evaluate("size => document.documentElement.style.fontSize = size", text)
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        well_made(page, address)
    for button in (
        page.get_by_role("link", name="Search"),
        page.get_by_role("button", name="Menu"),
    ):
        box = button.first.bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    page.get_by_role("button", name="Menu").click()
    last = page.get_by_role("navigation", name="Main").get_by_role("link").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    assert sideways(page) == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_what_opens_on_a_page_is_accessible(page, live_server, settings, width):
    settings.SITE_URL = live_server.url
    make_glossary()
    item = make_item("cited2020")
    text = f"## What was found\n\nSpasticity fell [@{item.key}].\n"
    publication = make_publication(draft=make_draft(item.key, title="Does it help?", body=text))
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{live_server.url}{reverse('article-detail', args=[publication.slug])}")

    page.locator(".article-text").get_by_role("button", name="Spasticity").click()
    expect(page.get_by_text("Muscles that stay tight")).to_be_visible()
    well_made(page, "a word explained in place")
    page.keyboard.press("Escape")
    page.locator("a[role=doc-biblioref]").last.click()
    expect(page.get_by_role("dialog", name="Reference 1")).to_be_visible()
    well_made(page, "the card of a citation")
    page.keyboard.press("Escape")
    if width < 1280:
        page.get_by_role("button", name="Menu").click()
        expect(page.get_by_role("link", name="Topics").first).to_be_visible()
        well_made(page, "the menu")
    page.goto(f"{live_server.url}/search/")
    page.locator("main").get_by_role("combobox").press_sequentially("help")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    well_made(page, "suggestions")


@pytest.mark.parametrize("width", WIDTHS)
def test_what_went_wrong_is_told_accessibly(page, live_server, rf, width):
    page.set_viewport_size({"width": width, "height": 900})
    publication = make_publication(article=make_article(slug="page"))
    gone = make_publication(article=make_article(slug="gone"))
    withdraw(publication=gone, by=make_editor(), reason="It was wrong.")
    wrong = ["/nowhere/", "/articles/gone/", "/articles/gone/versions/", "/check/?code=7F3"]
    wrong += ["/reports/?number=7F3", "/search/?q=zebra", "/search/?q=zebra&kind=page"]
    for address in wrong:
        page.goto(f"{live_server.url}{address}")
        well_made(page, address)

    page.goto(f"{live_server.url}{reverse('report-page', args=[publication.slug])}")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in a few words what you found.")
    well_made(page, "a report without words")
    page.goto(f"{live_server.url}{reverse('check-shelf')}")
    page.get_by_role("textbox").last.fill("7F3\nno code")
    with page.expect_navigation():
        page.locator("main").get_by_role("button").last.click()
    well_made(page, "a shelf with no code")

    typed = {"typed": [("words", "What was typed. " * 9)]}
    for template in ("400.html", "403.html", "429.html", "500.html", "503.html", "503_typed.html"):
        body = render_to_string(template, typed, request=rf.get("/broken/"))
        page.route("**/broken/", partial(answer, body=body))
        page.goto(f"{live_server.url}/broken/")
        well_made(page, template)
        page.unroute("**/broken/")


def answer(route, body):
    route.fulfill(body=body, content_type="text/html; charset=utf-8")


@pytest.mark.smoke
def test_every_page_can_be_used_by_keyboard_and_shows_where_it_is(page, live_server):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    for address in make_site():
        page.goto(f"{live_server.url}{address}")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.goto(f"{live_server.url}{address}")
        expected = page.evaluate(TABBABLE)
        assert expected > 20, address
        reached = set()
        for _ in range(expected):
            page.keyboard.press("Tab")
            here = page.evaluate(FOCUSED)
            assert here["shown"], f"{address} {here['html']}"
            reached.add(here["place"])
        assert len(reached) == expected, address


# How many things a keyboard stops at: one of each group of radio buttons, nothing that is hidden.
TABBABLE = """
    [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
        .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({
            visibilityProperty: true }) && one.type !== 'hidden')
        .filter((one, at, all) => one.type !== 'radio' || at === all.findIndex(
            (other) => other.type === 'radio' && other.name === one.name))
        .length
"""
# Which of all elements has the focus, and whether anybody can see that.
FOCUSED = """
    (() => {
        const one = document.activeElement, look = getComputedStyle(one);
        const box = one.getBoundingClientRect();
        const marked = look.outlineStyle !== 'none' || look.boxShadow !== 'none';
        return {
            place: [...document.querySelectorAll('*')].indexOf(one),
            shown: one !== document.body && marked && box.bottom > 0 && box.top < innerHeight,
            html: one.outerHTML.slice(0, 200),
        };
    })()
"""


def test_every_page_in_a_language_with_longer_words_fits_a_small_screen(
    page, live_server, settings
):
    settings.LANGUAGES = [("en-gb", "English"), (languages.TEST_LANGUAGE, "Ţéšţ")]
    page.set_viewport_size({"width": 320, "height": 900})
    with languages.language_override(languages.TEST_LANGUAGE):
        addresses = make_site()
    for address in addresses:
        page.goto(f"{live_server.url}{address}")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert violations(page) == [], address
        assert sideways(page) == 0, address


def test_a_chinese_page_has_room_between_its_lines_and_no_mark_begins_one(
    page, live_server, settings
):
    settings.LANGUAGES = [("en-gb", "English"), ("zh-hans", "简体中文")]
    sentence = "目前还不是“治疗”。"
    with languages.language_override("zh-hans"):
        item = make_item("cited2020")
        publication = make_publication(
            draft=make_draft(item.key, title="干细胞治疗", unknowns=sentence * 60)
        )
        address = reverse("article-detail", args=[publication.slug])
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{live_server.url}{address}")
        assert sideways(page) == 0
        paragraph = page.get_by_text(sentence).first
        look = paragraph.evaluate(
            "e => { const s = getComputedStyle(e);"
            " return [parseFloat(s.lineHeight) / parseFloat(s.fontSize), s.lineBreak] }"
        )
        assert look[0] >= 1.7
        assert look[1] == "strict"
        assert not set(paragraph.evaluate(FIRST_OF_LINES)) & set("。，、；：”！？")


# The first character of each line, by where a browser draws it.
FIRST_OF_LINES = """
    element => {
        const text = [...element.childNodes].find(node => node.nodeType === Node.TEXT_NODE);
        const firsts = [], range = document.createRange();
        let line = null;
        for (let place = 0; place < text.length; place++) {
            range.setStart(text, place);
            range.setEnd(text, place + 1);
            const top = range.getBoundingClientRect().top;
            if (line === null || top > line + 10) firsts.push(text.data[place]), line = top;
        }
        return firsts;
    }
"""


def article(live_server):
    item = make_item("cited2020", title="The study that is cited")
    publication = make_publication(draft=make_draft(item.key))
    return f"{live_server.url}{reverse('article-detail', args=[publication.slug])}"


def test_a_citation_opens_a_card_and_gives_the_focus_back(page, live_server):
    page.goto(article(live_server))
    citation = page.locator("a[role=doc-biblioref]").last
    card = page.get_by_role("dialog", name="Reference 1")

    citation.focus()
    page.keyboard.press("Enter")
    expect(card).to_contain_text("The study that is cited")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(citation).to_be_focused()

    citation.click()
    page.get_by_role("link", name="Show in the list of references").click()
    expect(page).to_have_url(re.compile("#ref-1$"))


def test_a_link_to_the_section_that_is_read_can_be_copied(page, live_server):
    address = article(live_server)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(f"{address}#what-was-found")
    expect(page.locator(".contents [aria-current]")).to_have_count(1)
    read = page.locator(".contents [aria-current]")

    page.get_by_role("button", name="Copy a link to this section").click()

    expect(page.get_by_role("status")).to_have_text(f"Copied: a link to {read.inner_text()}")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{address}{read.get_attribute('href')}"
    assert violations(page) == []


def test_the_menu_opens_and_closes_by_keyboard(page, live_server):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url)
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(menu.get_by_role("link", name="Topics")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_the_contents_mark_what_is_being_read(page, live_server):
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(article(live_server))
    page.locator("#references").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#references').scrollIntoView()")
    marked = page.locator(".contents a[aria-current]")
    expect(marked).to_have_count(1)


@pytest.mark.smoke
def test_everything_works_without_script(browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(article(live_server))
    page.locator("a[role=doc-biblioref]").last.click()
    expect(page).to_have_url(re.compile("#ref-1$"))
    page.locator("#ref-1 a[role=doc-backlink]").last.click()
    expect(page).to_have_url(re.compile("#cite-1-[0-9]+$"))
    page.get_by_role("search").first.get_by_role("searchbox").fill("statement")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    expect(page.locator("main")).to_contain_text("Does it help?")

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Topics").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Topics")
    context.close()


def test_options_are_chosen_and_a_problem_reported_without_script(browser, live_server, settings):
    settings.SITE_URL = live_server.url
    comparison = make_comparison()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}{reverse('article-detail', args=[comparison.slug])}")
    page.get_by_text("Choose the options and questions that matter to you").click()
    page.get_by_role("checkbox", name="Rhizotomy").uncheck()
    page.get_by_role("checkbox", name="Can it be undone?").check()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_text("Showing 2 of 3 options and 1 of 2 questions.")).to_be_visible()
    expect(page.locator(".grid-question")).not_to_contain_text("What is it?")
    expect(page.locator(".grid-question")).not_to_contain_text("Rhizotomy")
    expect(page.locator(".grid-question")).to_contain_text("Can it be undone? The answers Stem")
    assert page.url.endswith("#grid")

    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    context.close()


def test_search_offers_pages_while_typing_and_is_used_by_keyboard(page, live_server, settings):
    settings.SITE_URL = live_server.url
    publication = make_publication(draft=make_draft(make_item("cited2020").key))
    address = reverse("article-detail", args=[publication.slug])
    page.goto(f"{live_server.url}/search/")
    field = page.locator("main").get_by_role("combobox")
    field.press_sequentially("help")

    options = page.get_by_role("option")
    expect(options.first).to_have_text(publication.title)
    expect(field).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    field.press("Escape")
    expect(options.first).to_be_hidden()
    field.press_sequentially("s")
    expect(options.first).to_be_visible()
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    page.wait_for_url(f"**{address}")
