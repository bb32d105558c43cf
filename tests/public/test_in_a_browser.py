"""Readers' pages in a real browser: accessible, at home on small screens, whole without script."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from education import languages
from tests.factories import make_draft, make_item, make_publication
from tests.public.reading import make_site
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def sideways(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_every_page_is_accessible_and_never_scrolls_sideways(page, live_server, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for address in [*make_site(), "/nowhere/"]:
        page.goto(f"{live_server.url}{address}")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert violations(page) == [], address
        assert sideways(page) == 0, address


def test_every_page_in_a_language_with_longer_words_fits_a_small_screen(
    page, live_server, settings
):
    settings.LANGUAGES = [("en-gb", "English"), (languages.TEST_LANGUAGE, "Ţéšţ")]
    page.set_viewport_size({"width": 320, "height": 900})
    with languages.speaking(languages.TEST_LANGUAGE):
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
    with languages.speaking("zh-hans"):
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
