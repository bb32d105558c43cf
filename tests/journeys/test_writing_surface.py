"""A draft is written as readers will see it, in Chromium; what is stored stays Markdown."""

import re

import pytest
from playwright.sync_api import Page, expect

from education.articles.models import Revision
from education.articles.operations import content_hash
from education.evidence.models import EvidenceItem
from education.review.comments import add_comment
from tests.editor.texts import ARTICLES
from tests.factories import (
    make_draft,
    make_item,
    make_medical_reviewer,
    make_publication,
    make_revision,
    make_writer,
)
from tests.journeys.desk import sign_in
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

SHIPPED = (ARTICLES / "what-stem-cell-studies-found.md").read_text("utf-8").split("---\n", 2)[2]


def surface(page: Page, name: str = "Body:"):
    return page.get_by_role("textbox", name=name)


def stored(page: Page, name: str = "body"):
    """The field of the form, which is what will be saved."""
    return page.locator(f"textarea[name='{name}']")


def open_form(page: Page, site: str, revision: Revision) -> None:
    page.goto(f"{site}/admin/education/revision/{revision.pk}/change/")
    expect(page.get_by_role("region", name="Writing")).to_be_visible()


def begin(page: Page, site: str, body: str = "It helps", **fields) -> Revision:
    writer = make_writer(username="writer")
    make_item(
        "sun2017", title="Cord blood in children", issued_year=2017,
        authors=[{"family": "Sun", "given": "J"}], finding="Motor scores rose a little.",
    )  # fmt: skip
    make_item(
        "other2001", title="What Sun wrote", issued_year=2001, authors=[{"family": "Other"}],
        finding="As Sun found.",
    )  # fmt: skip
    revision = make_revision(by=writer, draft=make_draft("sun2017", body=body, **fields))
    sign_in(page, site, "writer")
    open_form(page, site, revision)
    return revision


def end_of_text(page: Page) -> None:
    surface(page).focus()
    page.keyboard.press("Control+End")


def save(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def test_a_text_saved_untouched_is_the_same_to_the_byte(page, live_server):
    revision = begin(page, live_server.url, SHIPPED, short_answer="It may help a\nlittle.\n")
    before = content_hash(revision), revision.body
    surface(page).click()
    page.keyboard.type("x")
    page.keyboard.press("Control+z")
    save(page)

    revision = Revision.objects.get()
    assert (content_hash(revision), revision.body) == before
    assert revision.short_answer == "It may help a\nlittle.\n"


def test_one_edit_changes_its_line_alone(page, live_server):
    revision = begin(page, live_server.url, SHIPPED)
    surface(page).get_by_text("They come from different places").click()
    page.keyboard.press("Home")
    page.keyboard.type("New words. ")
    save(page)

    revision.refresh_from_db()
    before, after = SHIPPED.split("\n"), revision.body.split("\n")
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_page_is_written_by_keyboard_alone(page, live_server):
    revision = begin(page, live_server.url, "")
    surface(page).focus()
    keys = page.keyboard
    keys.type("## What was found")
    keys.press("Enter")
    keys.type("It helps **a little")
    keys.type("** in 10 children.")
    keys.press("Control+k")
    dialog = page.get_by_role("dialog", name="Cite evidence")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    keys.type("sun")
    expect(dialog.get_by_role("option")).to_have_count(2)
    expect(dialog.get_by_role("option").first).to_contain_text("Cord blood in children")
    keys.press("Enter")
    expect(surface(page)).to_be_focused()
    expect(surface(page).get_by_role("img", name="Citation: Sun 2017")).to_be_visible()
    keys.press("Enter")  # after the full stop, as before
    keys.type("- one")
    keys.press("Enter")
    keys.type("two")
    keys.press("Enter")
    keys.press("Enter")
    keys.type("/")
    expect(page.get_by_role("menuitem", name="Callout")).to_be_focused()
    assert violations(page, preload=False) == []
    keys.press("Enter")
    callout = page.get_by_role("dialog", name="Callout")
    callout.get_by_label("Kind").select_option("warning")
    callout.get_by_label("Title").press("a")
    assert violations(page, preload=False) == []
    keys.press("Enter")
    expect(surface(page).locator(".callout")).to_be_visible()
    expect(surface(page)).to_be_focused()
    keys.type("Ask first.")
    keys.press("Enter")
    keys.press("Enter")
    keys.type("/t")
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Table")).to_be_visible()
    keys.press("Enter")
    expect(surface(page).get_by_role("table")).to_be_visible()
    expect(surface(page)).to_be_focused()
    for words in ("Head", "B", "C", "1"):
        keys.type(words)
        keys.press("Tab")
    keys.type("2")
    save(page)

    revision.refresh_from_db()
    assert revision.body == (
        "## What was found\n\nIt helps **a little** in 10 children [@sun2017].\n\n- one\n- two\n\n"
        "::: warning a\nAsk first.\n:::\n\n"
        "| Head | B | C |\n|---|---|---|\n| 1 | 2 | |\n| | | |"
    )
    # Back where one was, and on with the work.
    expect(surface(page)).to_be_focused()
    keys.type("0")
    expect(stored(page)).to_have_value(re.compile(r"\| 1 \| 20 \| \|"))


TABLE = """\
| When | What | Who |
| --- | --- | --- |
| Night | Wear it | Parent |
| Day | Rest | Child |
"""
CELLS = ("When", "What", "Who", "Night", "Wear it", "Parent", "Day", "Rest", "Child")


@pytest.mark.parametrize("key", ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"])
def test_no_arrow_leads_between_the_cells_of_a_table(page, live_server, key):
    """What is typed there would be a cell more, and move figures under other heads."""
    begin(page, live_server.url, TABLE)
    cells = surface(page).locator("th, td")
    expect(cells).to_have_count(len(CELLS))

    for cell in CELLS:
        cells.get_by_text(cell, exact=True).click()
        page.keyboard.press("End" if key in {"ArrowDown", "ArrowRight"} else "Home")
        page.keyboard.press(key)
        page.keyboard.type("x")
        expect(surface(page)).to_contain_text("x")
        rows = surface(page).locator("tr")
        assert [rows.nth(at).locator("th, td").count() for at in range(rows.count())] == [3] * 3
        page.keyboard.press("Control+z")


def test_a_line_below_a_table_that_ends_the_text_is_an_arrow_away(page, live_server):
    begin(page, live_server.url, TABLE)
    surface(page).get_by_text("Child").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("Below it")

    expect(surface(page).locator("> p")).to_have_text("Below it")
    expect(stored(page)).to_have_value(f"{TABLE}\nBelow it\n")


def test_the_toolbar_is_one_stop_and_toggles(page, live_server):
    begin(page, live_server.url, "Important words")
    surface(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Alt+F10")
    toolbar = page.get_by_role("toolbar", name="Formatting of Body")
    expect(toolbar.get_by_role("button", name="Paragraph")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    bold = toolbar.get_by_role("button", name="Bold")
    expect(bold).to_be_focused()
    page.keyboard.press("Enter")
    expect(stored(page)).to_have_value("**Important words**")
    expect(bold).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+b")
    expect(stored(page)).to_have_value("Important words")
    page.keyboard.press("Control+Alt+2")
    expect(stored(page)).to_have_value("## Important words")
    page.keyboard.press("Control+Alt+2")
    expect(stored(page)).to_have_value("Important words")
    surface(page, "One-sentence answer").focus()
    expect(page.get_by_role("button", name="Heading", exact=True)).to_be_hidden()


def test_a_citation_shows_what_it_is_and_joins_its_neighbour(page, live_server):
    begin(page, live_server.url, "It helps [@sun2017].\n\nAnd [@nobody1999].\n")
    chip = surface(page).get_by_role("img", name="Citation: Sun 2017", exact=True)
    expect(chip).to_be_visible()
    expect(page.get_by_role("img", name="Citation: nobody1999, unknown")).to_be_visible()
    chip.click()
    card = page.get_by_role("group", name="The works cited here")
    expect(card).to_contain_text("Cord blood in children")
    expect(card).to_contain_text("Motor scores rose a little.")
    page.keyboard.press("Enter")
    page.keyboard.type("p. 3")
    assert violations(page, preload=False) == []
    page.keyboard.press("Enter")
    expect(stored(page)).to_have_value(re.compile(r"^It helps \[@sun2017, p\. 3\]\."))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+k")
    page.keyboard.type("other")
    options = page.get_by_role("dialog", name="Cite evidence").get_by_role("option")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    expect(stored(page)).to_have_value(
        re.compile(r"^It helps \[@sun2017, p\. 3; @other2001\]\.\n\nAnd \[@nobody1999\]\.\n$")
    )


PASTE = """(text, words) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", words);
  const pasted = { clipboardData, bubbles: true, cancelable: true };
  text.dispatchEvent(new ClipboardEvent("paste", pasted));
}"""


def test_several_works_are_cited_at_once_and_a_pasted_identifier_finds_its_work(page, live_server):
    begin(page, live_server.url, "It helps")
    EvidenceItem.objects.filter(key="other2001").update(doi="10.5555/other.2001")
    end_of_text(page)
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Cite evidence")
    options = dialog.get_by_role("option")
    page.keyboard.type("cord blood")
    expect(options).to_have_count(1)
    page.keyboard.press("Shift+Enter")
    expect(dialog.get_by_role("region", name="Chosen works")).to_contain_text("Sun 2017")
    expect(dialog.get_by_role("combobox")).to_have_value("")
    page.keyboard.type("what sun wrote")
    expect(options).to_have_count(1)
    assert violations(page, preload=False) == []
    dialog.get_by_role("button", name="Put them in").click()
    expect(stored(page)).to_have_value("It helps [@sun2017; @other2001]")

    page.keyboard.press("Control+a")
    page.keyboard.type("So ")
    surface(page).evaluate(PASTE, "https://doi.org/10.5555/OTHER.2001")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    expect(stored(page)).to_have_value("So [@other2001]")

    page.keyboard.type(" and ")
    surface(page).evaluate(PASTE, "10.5555/nobody")
    offered = dialog.get_by_role("link", name="Import this work")
    expect(offered).to_have_attribute("href", re.compile(r"identifiers=10\.5555%2Fnobody$"))
    assert violations(page, preload=False) == []
    # Who chooses none has the words that were pasted.
    page.keyboard.press("Escape")
    expect(stored(page)).to_have_value("So [@other2001] and 10.5555/nobody")
    page.goto(f"{live_server.url}/admin/education/evidenceimport/add/?identifiers=10.5555%2Fnobody")
    expect(page.get_by_label("DOIs or PubMed ids")).to_have_value("10.5555/nobody")


def test_markdown_is_one_key_away_and_both_ways_lose_nothing(page, live_server):
    begin(page, live_server.url, "It helps.\n\n- one\n")
    end_of_text(page)
    page.keyboard.type(" and a half")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Shift+m")
    expect(stored(page)).to_be_focused()
    expect(stored(page)).to_have_value("It helps.\n\n- one and a half\n")
    expect(page.get_by_text("Markdown; cite with")).to_be_visible()
    # The caret stays at its words, both ways.
    page.keyboard.type("one ")
    page.keyboard.press("Control+Shift+m")
    expect(page.get_by_text("Ctrl+K cites a work")).to_be_visible()
    page.keyboard.type("long ")
    expect(stored(page)).to_have_value("It helps.\n\n- one and a one long half\n")
    page.keyboard.press("Control+Shift+m")
    stored(page).fill("## Found\n\nIt helps.\n")
    page.keyboard.press("Control+Shift+m")
    expect(surface(page).get_by_role("heading", name="Found", level=2)).to_be_visible()
    surface(page).focus()
    page.keyboard.press("Control+z")
    expect(surface(page)).to_contain_text("one and a one long half")


def test_what_to_mend_is_underlined_and_leads_to_its_words(page, live_server):
    body = "It is no “miracle”.\n\nA miracle for 12 children.\n\nA miracle [@sun2017].\n"
    begin(page, live_server.url, body)
    expect(surface(page).locator(".problem")).to_have_count(3)
    problem = page.get_by_role("listitem").filter(has_text="without a citation")
    problem.get_by_role("button").press("Enter")
    expect(surface(page)).to_be_focused()
    assert page.evaluate("String(getSelection())") == "A miracle for 12 children."
    page.keyboard.press("Control+Home")
    page.keyboard.press("F8")
    place = "getSelection().anchorNode.parentElement.closest('p').textContent"
    assert page.evaluate(place) == "A miracle for 12 children."
    expect(page.locator(".writing-status")).to_have_text(re.compile("promises too much|without"))


def mark(page: Page, words: str, nth: int = 0) -> None:
    """Select words of the body as a person does with the mouse."""
    surface(page).evaluate(
        """(text, [words, nth]) => {
          const holds = [...text.querySelectorAll("p")].filter((p) => p.textContent.includes(words))[nth];
          const node = [...holds.childNodes].find((child) => child.textContent.includes(words));
          const start = node.textContent.indexOf(words);
          text.focus();
          getSelection().setBaseAndExtent(node, start, node, start + words.length);
        }""",  # noqa: E501
        [words, nth],
    )


def test_comments_are_made_answered_and_taken_over_beside_the_text(page, live_server):
    body = "First, children walked sooner.\n\nLater, children walked sooner [@sun2017].\n"
    revision = begin(page, live_server.url, body)
    add_comment(
        revision=revision, by=make_medical_reviewer(username="reviewer"), text="Than whom?",
        passage="children walked sooner", words_before="Later,",
        proposal="many children walked earlier than before",
    )  # fmt: skip
    page.reload()
    thread = page.get_by_role("article").filter(has_text="Than whom?")
    # Of two places with the same words, the one that the comment is about.
    thread.get_by_role("button", name=re.compile("^Show")).click()
    expect(surface(page)).to_be_focused()
    place = "getSelection().anchorNode.parentElement.closest('p').textContent"
    assert page.evaluate(place).startswith("Later")
    expect(thread).to_have_class(re.compile("desk-shown"))
    told = []
    page.once("dialog", lambda dialog: (told.append(dialog.message), dialog.accept()))
    thread.get_by_role("button", name=re.compile("^Use these words")).click()
    assert "counts as one of the writers" in told[0]
    taken_over = body.replace(
        "Later, children walked sooner", "Later, many children walked earlier than before"
    )
    expect(stored(page)).to_have_value(taken_over)

    mark(page, "children walked sooner")
    page.keyboard.press("Control+Alt+m")
    page.get_by_label("Comment", exact=True).fill("Since when?")
    assert violations(page, preload=False) == []
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("heading", name="Comments (2 open)")).to_be_visible()
    own = page.get_by_role("article").filter(has_text="Since when?")
    own.get_by_role("button", name=re.compile("^Answer")).click()
    own.get_by_role("textbox").fill("Since June.")
    own.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("article").filter(has_text="Since June.")).to_be_focused()
    own.get_by_role("button", name=re.compile("^Resolve")).click()
    expect(page.get_by_text("1 resolved")).to_be_visible()
    # None of it touched the text.
    expect(stored(page)).to_have_value(taken_over)
    save(page)
    people = revision.contributions.values_list("person__username", flat=True)
    assert set(people) == {"writer", "reviewer"}


def test_where_the_surface_fails_the_text_box_stays(page, live_server):
    page.route(
        "**/editor-vendor*.js",
        lambda route: route.fulfill(body="throw 1", content_type="text/javascript"),
    )
    writer = make_writer(username="writer")
    revision = make_revision(by=writer, draft=make_draft(body="It helps."))
    sign_in(page, live_server.url, "writer")
    page.goto(f"{live_server.url}/admin/education/revision/{revision.pk}/change/")
    expect(page.get_by_text("this browser can’t show more")).to_be_visible()
    expect(page.get_by_role("toolbar", name="Formatting of Body")).to_be_visible()
    stored(page).fill("It helps a little.")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def test_a_field_that_cannot_be_shown_stays_a_text_box(page, live_server):
    def unreadable(route):
        script = route.fetch().text()
        wanted = 'if (text.includes("unreadable")) throw new Error("No place for this");'
        start = "export function readBlocks(text) {"
        assert start in script
        route.fulfill(body=script.replace(start, start + wanted), content_type="text/javascript")

    page.route("**/editor/read*.js", unreadable)
    begin(page, live_server.url, "It is unreadable.")
    expect(page.get_by_text("This field can’t be shown as readers will see it")).to_be_visible()
    expect(stored(page)).to_be_visible()
    expect(surface(page, "One-sentence answer")).to_be_visible()


LOOK = """(root) => {
  const looks = {};
  const names = ["fontFamily", "fontSize", "fontWeight", "color", "lineHeight", "marginBlockStart",
    "marginBlockEnd", "paddingInlineStart", "listStyleType", "backgroundColor"];
  for (const wanted of ["h2", "h3", "p", "ul", "li", "td", ".callout", ".callout-title", "strong"]) {
    const found = [...root.querySelectorAll(wanted)].find((node) => node.previousElementSibling || wanted !== "p");
    if (!found) continue;
    const style = getComputedStyle(found);
    looks[wanted] = Object.fromEntries(names.map((name) => [name, style[name]]));
  }
  return looks;
}"""  # noqa: E501


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_text_looks_as_on_the_public_page(page, live_server, scheme):
    body = (
        "Words before.\n\n## Found\n\nIt **helps** [@first2020].\n\n### More\n\nLast words.\n\n"
        "- one\n- two\n\n"
        "| a | b |\n|---|---|\n| c | d |\n\n::: warning Mind\nAsk first.\n:::\n"
    )
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1200, "height": 900})
    make_item("first2020")
    publication = make_publication(draft=make_draft("first2020", body=body))
    page.goto(f"{live_server.url}/articles/{publication.slug}/")
    public = page.locator(".text").filter(has_text="Words before").evaluate(LOOK)
    begin(page, live_server.url, body)
    written = surface(page).evaluate(LOOK)
    assert set(public) >= {"h2", "h3", "p", "li", "td", ".callout"}
    assert written == public
    assert violations(page, preload=False) == []


def test_a_telephone_has_room_for_the_text(page, live_server):
    page.set_viewport_size({"width": 390, "height": 800})
    begin(page, live_server.url, SHIPPED)
    box = surface(page).bounding_box()
    assert box["width"] >= 330
    assert box["height"] >= 400
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


SPOKEN = """
- region "Writing":
  - toolbar "Formatting of Body":
    - button "Paragraph" [pressed]
    - button "Heading"
"""
SPOKEN_TEXT = """
- textbox "Body:":
  - paragraph:
    - text: It helps
    - 'img "Citation: Sun 2017"'
    - text: .
  - paragraph:
    - text: A miracle
    - 'img "Citation: nobody1999, unknown"'
    - text: .
  - heading "Found" [level=2]
  - list:
    - listitem:
      - paragraph: one
  - table:
    - rowgroup:
      - row "a b":
        - columnheader "a"
        - columnheader "b"
"""


def test_the_surface_is_told_drawn_and_used_in_other_ways(page, live_server):
    """The accessibility tree, forced colours, and a window at 200 % (half as many pixels)."""
    page.set_viewport_size({"width": 640, "height": 512})
    page.emulate_media(forced_colors="active")
    begin(
        page, live_server.url,
        "It helps [@sun2017].\n\nA miracle [@nobody1999].\n\n## Found\n\n- one\n\n"
        "| a | b |\n|---|---|\n| c | d |\n",
    )  # fmt: skip
    expect(surface(page).locator(".problem").first).to_be_visible()
    surface(page).focus()
    expect(page.get_by_role("region", name="Writing")).to_match_aria_snapshot(SPOKEN)
    expect(page.locator("main")).to_match_aria_snapshot(SPOKEN_TEXT)
    page.keyboard.press("Control+Home")
    page.keyboard.press("Alt+F10")
    tools = page.get_by_role("toolbar", name="Formatting of Body")
    expect(tools.get_by_role("button", name="Paragraph")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Escape")
    page.keyboard.press("F8")
    status = page.locator(".writing-status")
    expect(status).not_to_be_empty()
    assert status.get_attribute("role") == "status"  # read out by itself
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    # What is selected comes into view, below the toolbar that sticks.
    page.wait_for_function("""() => {
      const { bottom } = document.querySelector("[role=toolbar]").getBoundingClientRect();
      const { top } = getSelection().getRangeAt(0).getBoundingClientRect();
      return bottom <= top && top < innerHeight;
    }""")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Cite evidence").bounding_box()
    assert dialog["x"] >= 0
    assert dialog["x"] + dialog["width"] <= 640
    assert violations(page, preload=False) == []
