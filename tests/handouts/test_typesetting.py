import json
import re
import subprocess
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from education.handouts import typesetting
from education.handouts.logos import check_logo
from education.handouts.typesetting import (
    ClinicHeader,
    PrintedText,
    PrintOptions,
    TypesettingError,
    UnavailableFontError,
    qr_code,
    typeset,
)
from tests.handouts.paper import (
    SVG,
    cite,
    items,
    make_copy,
    make_png,
    make_tree,
    needs_poppler,
    paragraph,
    read_pages,
    read_text,
    words,
)

MARKUP = (
    '#import "@preview/x:0.1.0" #panic("x") = A $x^2$ `raw` *b* _e_ <l> @k \\u{41} <b>&amp;</b> //'
)


def comparison(cells=2, rows=2, text="Some words."):
    options = [{"slug": f"o{n}", "name": f"Option {n}"} for n in range(cells)]
    return {
        "options": options,
        "rows": [
            {
                "slug": f"q{row}",
                "question": f"Question {row}?",
                "cells": [
                    {
                        "option": option["slug"],
                        "certainty": "high" if row else "not_graded",
                        "unknown": row == 1,
                        "c": [paragraph(f"{text} {row} {option['name']}")],
                    }
                    for option in options
                ],
            }
            for row in range(rows)
        ],
    }


def test_typeset_makes_the_same_bytes_of_the_same_words():
    first, again = (typeset([make_tree()], copy=make_copy()) for _ in range(2))

    assert first == again
    assert first.startswith(b"%PDF-")


def test_typeset_makes_an_accessible_pdf():
    pdf = typeset([make_tree()], copy=make_copy())

    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/Lang(en)" in pdf
    assert b"/Outlines" in pdf


@needs_poppler
def test_typeset_says_on_every_page_what_the_copy_is():
    tree = make_tree(body=[paragraph("Words to fill a page. " * 900)])

    pages = read_pages(typeset([tree], copy=make_copy()))

    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        assert "Hillside Clinic" in page
        assert "Telephone: 01234 567 890" in page
        assert "Open: Monday to Friday, 9 am to 5 pm" in page
        assert "Is it feasible?" in page
        assert "Version 2 · Reviewed 2 March 2026" in page
        assert "Do not use after 2 March 2027" in page
        assert "Code 7F3-K9Q-2MF" in page
        assert f"Page {number} of {len(pages)}" in page


@needs_poppler
def test_typeset_sets_the_parts_of_a_text_in_the_order_of_the_page():
    tree = make_tree(
        comparison=comparison(),
        what_changed="The price is new.",
        claims=[
            {
                "slug": "cure",
                "said": "It cures.",
                "verdict": "overstated",
                "certainty": "moderate",
                "c": [paragraph("It does not.")],
            }
        ],
        terms=[{"slug": "cell", "term": "Cell", "also": ["cells"], "c": words("A small part.")}],
    )

    text = read_text(typeset([tree], copy=make_copy()))

    expected = [
        "Not as a treatment to buy [1].",
        "What the evidence says",
        "Cord blood may help a little.",
        "Low certainty",
        "How it works",
        "Nobody knows.",
        "The options side by side",
        "Question 0?",
        "Option 0",
        "Question 1?",
        "Not known",
        "“It cures.”",
        "Overstated",
        "Moderate certainty",
        "It does not.",
        "Cell: A small part. Also called: cells",
        "What we do not know",
        "Whether it lasts.",
        "Questions to ask",
        "Who pays?",
        "Where this information comes from",
        "1. First A. One. J. 2020;1:1-9. doi: 10.1000/one",
        "What has changed since the last version",
        "The price is new.",
        "Who paid for this text",
        "No clinic paid.",
        "About this copy",
        "Printed 9 April 2026",
        "type the code 7F3-K9Q-2MF at portal.example/check",
        "Were we clear?",
        "“Cord blood may help a little.”",
        "In your own words, what does this mean for your child?",
        "Your notes",
    ]
    places = []
    for words_expected in expected:
        assert words_expected in text
        places.append(text.index(words_expected, places[-1] if places else 0))
    assert places == sorted(places)


@needs_poppler
def test_typeset_in_short_is_messages_unknowns_and_questions():
    tree = make_tree(comparison=comparison(), funding="Nobody paid.")

    text = read_text(typeset([tree], copy=make_copy(), options=PrintOptions(length="short")))

    for there in ("Cord blood may", "Whether it lasts.", "Who pays?", "Your notes", "First A."):
        assert there in text
    for left_out in ("How it works", "Nobody knows.", "Question 0?", "Nobody paid."):
        assert left_out not in text


@needs_poppler
def test_typeset_in_short_keeps_a_text_that_has_no_shorter_form():
    tree = make_tree(
        key_messages=[],
        questions=[],
        body=[],
        terms=[{"slug": "cell", "term": "Cell", "also": [], "c": words("A small part.")}],
    )

    text = read_text(typeset([tree], copy=make_copy(), options=PrintOptions(length="short")))

    assert "Cell: A small part." in text


@needs_poppler
@pytest.mark.parametrize(
    ("references", "numbered", "said"),
    [
        ("full", True, "First A. One."),
        ("numbers", True, "The numbers in square brackets are listed with their studies at"),
        ("code", False, "The studies behind this text are listed at"),
    ],
)
def test_typeset_prints_references_as_asked(references, numbered, said):
    options = PrintOptions(references=references)

    text = read_text(typeset([make_tree()], copy=make_copy(), options=options))

    assert ("buy [1]." in text) == numbered
    assert said in text
    assert ("First A." in text) == (references == "full")
    assert "Second B." not in text, "a reference that this print does not cite"


@needs_poppler
def test_typeset_prints_the_chosen_questions_of_a_comparison():
    tree = make_tree(comparison=comparison(rows=3))

    text = read_text(
        typeset([tree], copy=make_copy(), options=PrintOptions(questions=["q2", "q0"]))
    )

    assert "Question 0?" in text
    assert "Question 1?" not in text
    assert "Question 2?" in text


@needs_poppler
def test_typeset_names_a_locator_and_several_citations_at_once():
    tree = make_tree(
        short_answer=[
            *words("So"),
            {"t": "cite", "items": [*cite(1)["items"], *cite(2, "p. 3")["items"]]},
            *words("."),
        ]
    )

    text = read_text(typeset([tree], copy=make_copy()))

    assert "So [1, 2, p. 3]." in text
    assert "Second B. Two. Available from: https://two.example/" in text


@needs_poppler
def test_typeset_takes_away_certainty_and_verdict_with_words_that_fell():
    fallen = {"t": "masked", "text": "A statement was here."}
    tree = make_tree(
        key_messages=[{"certainty": "high", "c": [fallen], "text": "It works.", "masked": True}],
        claims=[
            {
                "slug": "cure",
                "said": "It cures.",
                "verdict": "supported",
                "certainty": "high",
                "masked": True,
                "c": [{"t": "paragraph", "c": [fallen]}],
            }
        ],
        body=[{"t": "paragraph", "c": [*words("So."), {"t": "notice", "text": "One study fell."}]}],
    )

    text = read_text(typeset([tree], copy=make_copy()))

    assert "[A statement was here.]" in text
    assert "So. [One study fell.]" in text
    assert "Being checked again" in text
    assert "High certainty" not in text
    assert "Supported" not in text
    assert "It works." not in text, "asked back on the last page"


@needs_poppler
def test_typeset_explains_the_words_a_text_uses():
    term = {"t": "term", "slug": "sdr", "definition": "An operation.", "c": words("rhizotomy")}
    tree = make_tree(body=[{"t": "paragraph", "c": [*words("After "), term, *words(".")]}])

    text = read_text(typeset([tree], copy=make_copy()))

    assert "After rhizotomy." in text
    assert "Words explained Rhizotomy: An operation." in text


@needs_poppler
def test_typeset_writes_out_where_links_lead():
    links = [
        {"t": "link", "href": "/articles/other/", "c": words("the other")},
        {"t": "link", "href": "https://www.two.example/a/", "c": words("Two")},
        {"t": "link", "href": "https://three.example", "c": words("three.example")},
        {"t": "link", "href": "javascript:alert(1)", "c": words("four")},
        {"t": "link", "href": "#ref-1", "c": words("five")},
        {"t": "link", "href": "//six.example", "c": words("six")},
    ]
    tree = make_tree(body=[{"t": "paragraph", "c": [link]} for link in links])

    pdf = typeset([tree], copy=make_copy())

    text = read_text(pdf)
    assert (
        "the other (portal.example/articles/other) Two (two.example/a) three.example four" in text
    )
    assert b"https://portal.example/articles/other/" in pdf
    assert b"javascript" not in pdf
    assert b"six.example" not in pdf


@needs_poppler
def test_typeset_shows_notices_above_the_text_and_at_the_head_of_every_page():
    notices = ["Not clinically reviewed. No doctor has read it.", "Its review is overdue."]
    tree = make_tree(body=[paragraph("Words to fill a page. " * 400)])

    pages = read_pages(typeset([tree], copy=make_copy(notices=notices)))

    assert all("Not clinically reviewed. Its review is overdue." in page for page in pages)
    assert "No doctor has read it." in pages[0]


@needs_poppler
def test_typeset_points_from_every_page_to_notices_too_long_to_repeat():
    pages = read_pages(typeset([make_tree()], copy=make_copy(notices=["So long " * 30 + "."])))

    assert all("Please read the notice on page 1." in page for page in pages)


@needs_poppler
def test_typeset_lets_the_site_speak_without_a_clinic():
    page = read_pages(typeset([make_tree()], copy=make_copy(clinic=None)))[0]

    assert "Cerebral palsy choices" in page
    assert "Telephone" not in page
    assert "Code 7F3-K9Q-2MF" in page


@needs_poppler
def test_typeset_binds_a_pack_with_cover_contents_and_the_clinics_own_words():
    parts = [
        PrintedText(make_tree(title="First text"), version="5", reviewed_on=date(2026, 1, 3)),
        PrintedText(make_tree(title="Second text"), version="7", notices=["Overdue."]),
    ]
    copy = make_copy(title="Before your visit", note="Read the first.\n\nBring #both.")

    pages = read_pages(typeset(parts, copy=copy))

    assert "A note from Hillside Clinic, in the clinic’s own words" in pages[0]
    assert "Read the first." in pages[0]
    assert "Bring #both." in pages[0]
    assert re.search(r"In this pack\s+First text[ .]+2\s+Second text[ .]+3\s", pages[0])
    assert "Before your visit: First text\nVersion 5 · Reviewed 3 January 2026" in pages[1]
    assert "Before your visit: Second text\nVersion 7 · Reviewed 2 March 2026" in pages[2]
    assert "Overdue." in pages[2]
    assert "Before your visit\nVersion 2 · Reviewed 2 March 2026" in pages[-1]
    assert all("Code 7F3-K9Q-2MF" in page for page in pages)


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_typeset_cuts_the_paper_that_was_asked_for(paper):
    pdf = typeset([make_tree()], copy=make_copy(), options=PrintOptions(paper=paper))

    width, height = map(float, re.search(rb"/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    expected = {"a4": (595.28, 841.89), "letter": (612, 792)}[paper]
    assert (width, height) == pytest.approx(expected, abs=0.1)


def test_typeset_prints_in_black_and_white_without_colours(monkeypatch):
    seen = {}
    monkeypatch.setattr(
        typesetting, "_compile", lambda data, *_, **__: seen.update(json.loads(data)) or b""
    )
    svg = '<svg viewBox="0 0 2 1"><rect fill="#0B5257" stroke="var(--clay)"/></svg>'
    figure = {"t": "figure", "name": "a", "alt": "A", "c": [], "caption": "", "svg": svg}

    typeset(
        [make_tree(body=[figure])],
        copy=make_copy(),
        options=PrintOptions(black_and_white=True),
    )

    drawn = next(block for block in seen["parts"][0]["blocks"] if block["t"] == "figure")
    assert seen["color"] is False
    assert "#0B5257" not in seen["head"]["logo"]
    assert 'fill="#3d3d3d" stroke="currentColor"' in drawn["svg"]
    assert 'xmlns="http://www.w3.org/2000/svg"' in drawn["svg"]
    assert drawn["ratio"] == 2


@needs_poppler
def test_typeset_prints_a_picture_with_who_made_it():
    pixels = b64encode(make_png()).decode()
    figure = {
        "t": "figure", "name": "a", "alt": "A leg", "c": [], "caption": "",
        "credit": "Somebody (CC BY 4.0)",
        "svg": '<svg viewBox="0 0 1 1"><image width="1" height="1" '
        f'href="data:image/png;base64,{pixels}"></image></svg>',
    }  # fmt: skip

    pdf = typeset([make_tree(body=[figure])], copy=make_copy(), options=PrintOptions())

    assert "Somebody (CC BY 4.0)" in read_text(pdf)
    assert b"/Subtype/Image" in pdf


@pytest.mark.parametrize(
    "letters", ['font-size="0"', 'font-size="1.2.3"', 'font-size="12px"', 'font-size="x"']
)
@pytest.mark.parametrize("box", ["0 0 10 10", "0 0 10 0", "0 0 1.2.3 4", ""])
def test_figure_of_any_measures_is_given_some(letters, box, monkeypatch):
    seen = {}
    monkeypatch.setattr(
        typesetting, "_compile", lambda data, *_, **__: seen.update(json.loads(data)) or b""
    )
    svg = f'<svg viewBox="{box}"><text {letters}>A</text></svg>'
    figure = {"t": "figure", "name": "a", "alt": "A", "c": [], "caption": "", "svg": svg}

    typeset([make_tree(body=[figure])], copy=make_copy(), options=PrintOptions())

    drawn = next(block for block in seen["parts"][0]["blocks"] if block["t"] == "figure")
    assert drawn["ratio"] > 0
    assert drawn["letters"] >= 0


@pytest.mark.parametrize("option", ["paper", "size", "length", "references"])
def test_print_options_are_those_we_have(option):
    with pytest.raises(TypesettingError, match=f"{option} must be one of"):
        PrintOptions(**{option: "other"})


@needs_poppler
def test_typeset_breaks_an_address_without_signs_that_a_copy_would_hold():
    address = "https://long.example/" + "a-long-way/" * 9
    tree = make_tree(body=[paragraph(f"See {address} there.")])

    seen = subprocess.run(
        ["pdftotext", "-", "-"],
        input=typeset([tree], copy=make_copy()),
        capture_output=True,
        check=True,
    ).stdout.decode()

    assert "\u200b" not in seen
    assert address.replace("-", "") in re.sub(r"[\s-]", "", seen)


# Hostile input


@needs_poppler
def test_typeset_prints_what_looks_like_markup_as_it_was_typed():
    tree = make_tree(
        title=MARKUP,
        short_answer=words(MARKUP),
        key_messages=[{"certainty": "low", "c": words(MARKUP), "text": MARKUP}],
        body=[
            {"t": "heading", "level": 2, "id": "a", "c": words(MARKUP)},
            paragraph(MARKUP),
            items(MARKUP),
            {"t": "code", "text": f"{MARKUP}\n#quit()"},
            {"t": "table", "head": [words(MARKUP)], "rows": [[words(MARKUP)]]},
            {"t": "callout", "kind": "warning", "title": MARKUP, "c": [paragraph(MARKUP)]},
        ],
        comparison=comparison(text=MARKUP),
        funding=MARKUP,
    )
    clinic = ClinicHeader(MARKUP, telephone="#1 $2$", opening_hours="*9* _5_")

    text = read_text(
        typeset([tree], copy=make_copy(title=MARKUP, note=MARKUP, notices=[MARKUP], clinic=clinic))
    )

    pages = text.count("Code 7F3-K9Q-2MF")
    assert text.count('#panic("x") = A $x^2$ `raw` *b* _e_ <l> @k \\u{41}') > 15 + pages
    assert "#quit()" in text
    assert "#1 $2$" in text


@needs_poppler
def test_typeset_prints_a_very_long_text_whole():
    tree = make_tree(body=[paragraph(f"Paragraph {n}. " + "word " * 50) for n in range(100)])

    pages = read_pages(typeset([tree], copy=make_copy()))

    text = " ".join(pages)
    assert all(f"Paragraph {n}." in text for n in range(100))
    assert all("Code 7F3-K9Q-2MF" in page for page in pages)


@needs_poppler
@pytest.mark.parametrize("size", ["clear", "giant"])
@pytest.mark.parametrize("columns", [2, 5, 12])
def test_typeset_goes_on_with_a_table_and_its_head_on_the_next_page(columns, size):
    table = {
        "t": "table",
        "head": [words(f"Head{n}") for n in range(columns)],
        "rows": [[words(f"r{row}c{n} words") for n in range(columns)] for row in range(60)],
    }

    pages = read_pages(
        typeset([make_tree(body=[table])], copy=make_copy(), options=PrintOptions(size=size))
    )

    text = " ".join(pages)
    for row in range(60):
        assert f"r{row}c0" in text
        assert f"r{row}c{columns - 1}" in text
    for page in pages:
        if re.search(r"r\d+c0 words", page):
            assert "Head0" in page


@needs_poppler
def test_typeset_prints_a_head_with_citations_on_every_page_of_its_table():
    """PDF/UA allows no links in a head that repeats; editors may cite there all the same."""
    table = {
        "t": "table",
        "head": [[*words("Head"), cite(1)], words("Other")],
        "rows": [[words(f"r{row}c0 words"), words("b")] for row in range(60)],
    }

    pages = read_pages(typeset([make_tree(body=[table])], copy=make_copy()))

    with_rows = [page for page in pages if re.search(r"r\d+c0 words", page)]
    assert len(with_rows) > 1
    assert all("[1]" in page for page in with_rows)


@needs_poppler
@pytest.mark.parametrize("size", ["clear", "giant"])
def test_typeset_keeps_long_words_inside_the_page(size):
    long = "Pneumono" * 40
    table = {
        "t": "table",
        "head": [words("A"), words("B"), words("C")],
        "rows": [[words(long)] * 3],
    }
    tree = make_tree(
        title=long,
        body=[paragraph(long), paragraph(f"https://long.example/{'a' * 300}"), table],
        comparison=comparison(text=long),
    )
    copy = make_copy(title=long[:240], clinic=ClinicHeader(long[:120], opening_hours=long[:160]))

    pdf = typeset([tree], copy=copy, options=PrintOptions(size=size))

    boxes = "".join(read_pages(pdf, "-bbox"))
    page_width = float(re.search(r'<page width="([\d.]+)"', boxes)[1])
    assert max(float(edge) for edge in re.findall(r'xMax="([\d.]+)"', boxes)) < page_width - 30
    together = read_text(pdf).replace(" ", "")
    assert together.count(long) >= 4


@needs_poppler
def test_typeset_breaks_a_row_that_is_higher_than_a_page():
    text = " ".join(f"w{n}" for n in range(2_000))
    table = {"t": "table", "head": [words("A"), words("B")], "rows": [[words(text), words("b")]]}
    tree = make_tree(
        body=[table, {"t": "callout", "kind": "note", "title": "", "c": [paragraph(text)]}],
        comparison=comparison(text=text, rows=1),
        key_messages=[{"certainty": "low", "c": words("short"), "text": "short"}],
    )

    shown = read_text(typeset([tree], copy=make_copy()))

    assert shown.count("w1999") == 4
    assert shown.count("w1000") == 4


@needs_poppler
def test_typeset_flattens_what_is_nested_too_deep():
    deep = paragraph("bottom")
    bold = words("inmost")
    for _ in range(60):
        deep = {"t": "list", "ordered": False, "start": 1, "items": [[deep]]}
        bold = [{"t": "strong", "c": bold}]

    text = read_text(
        typeset([make_tree(body=[deep, {"t": "paragraph", "c": bold}])], copy=make_copy())
    )

    assert "bottom" in text
    assert "inmost" in text


def test_typeset_takes_headings_in_any_order():
    def heading(level, text="Heading"):
        return {"t": "heading", "level": level, "id": "a", "c": words(text)}

    inside = {"t": "callout", "kind": "quote", "title": "Q", "c": [heading(2)]}
    tree = make_tree(body=[heading(4), heading(2), heading(4), heading(3, " "), inside])

    assert typeset([tree], copy=make_copy())


@needs_poppler
def test_typeset_drops_controls_and_marks_that_turn_words_around():
    said = "Do not\u202e use\u0007 after\u2066 noon\ud800."
    tree = make_tree(short_answer=words(said))

    text = read_text(typeset([tree], copy=make_copy(clinic=ClinicHeader("Cl\u202einic\x00"))))

    assert "Do not use after noon." in text
    assert "Clinic" in text


def test_typeset_refuses_what_leaves_no_room_for_the_text():
    with pytest.raises(TypesettingError, match="The opening hours has 161 characters; 160 fit"):
        typeset([make_tree()], copy=make_copy(clinic=ClinicHeader("C", opening_hours="x" * 161)))
    with pytest.raises(TypesettingError, match="title has 251"):
        typeset([make_tree()], copy=make_copy(title="x" * 251))


def test_typeset_refuses_nothing_and_too_much(monkeypatch):
    with pytest.raises(TypesettingError, match="nothing to print"):
        typeset([], copy=make_copy())
    monkeypatch.setattr(typesetting, "LARGEST_TEXT", 10_000)
    with pytest.raises(TypesettingError, match="too long to print at once"):
        typeset([make_tree(body=[paragraph("x" * 10_000)])], copy=make_copy())


# Languages


def needs_chinese_face():
    try:
        typesetting._faces("hans")
    except UnavailableFontError as error:
        pytest.skip(str(error))


@needs_poppler
def test_typeset_prints_chinese_with_a_face_of_the_machine():
    needs_chinese_face()
    tree = make_tree(
        language="zh-hans", title="干细胞治疗", short_answer=words("目前还不是“治疗”。")
    )

    pdf = typeset([tree], copy=make_copy(title="干细胞治疗"))

    text = read_text(pdf).replace(" ", "")
    assert "干细胞治疗" in text
    assert "目前还不是“治疗”。" in text
    assert b"/Lang(zh-CN)" in pdf


def test_typeset_says_which_font_chinese_needs(monkeypatch):
    monkeypatch.setattr(typesetting, "_SANS", {"hans": ()})
    monkeypatch.setattr(typesetting, "_SERIF", {"hans": ()})
    typesetting._faces.cache_clear()
    try:
        with pytest.raises(UnavailableFontError, match="Noto Sans CJK"):
            typeset([make_tree(language="zh")], copy=make_copy())
    finally:
        typesetting._faces.cache_clear()


@needs_poppler
def test_typeset_leaves_chinese_titles_of_sources_out_where_no_face_has_them(monkeypatch):
    monkeypatch.setattr(typesetting, "_face_for_han", lambda: "")
    source = (
        "Wei M. 选择性脊神经后根切断术（治疗）的应用 [Progress of rhizotomy]. 临床杂志 [J]. 2019."
    )
    tree = make_tree(references=[{"n": 1, "key": "work1", "text": source}])

    text = read_text(typeset([tree], copy=make_copy()))

    assert "Wei M. […] [Progress of rhizotomy]. […] [J]. 2019." in text


@needs_poppler
def test_typeset_prints_from_right_to_left():
    tree = make_tree(language="ar", title="العلاج", short_answer=words("العلاج بالخلايا (SDR)."))
    try:
        pdf = typeset([tree], copy=make_copy())
    except UnavailableFontError as error:
        pytest.skip(str(error))

    assert b"/Lang(ar)" in pdf
    assert "Code 7F3-K9Q-2MF" in read_text(pdf)
    boxes = read_pages(pdf, "-bbox", "-l", "1")[0]
    arabic = re.findall(r'xMax="([\d.]+)" yMax="[\d.]+">[\u0600-\u06ff]+<', boxes)
    assert max(map(float, arabic)) > 500, "lines begin at the right"


def test_typeset_refuses_a_character_that_no_font_has():
    with pytest.raises(UnavailableFontError, match="No font on this machine can print"):
        typeset([make_tree(short_answer=words("Private \U0010fff0 sign"))], copy=make_copy())


# Logos and threads


@pytest.mark.parametrize(
    "logo",
    [
        make_png(30, 20, colour=6),
        make_png(30, 20, colour=0, depth=16),
        SVG.replace("{}", '<text x="1" y="9">A</text>').encode(),
        SVG.replace("{}", '<path d="nonsense"/><rect width="-4" height="%"/>').encode(),
        SVG.replace("{}", '<rect width="9" height="9" fill="url(#nowhere)"/>').encode(),
        SVG.replace(
            "{}",
            '<clipPath id="a" clip-path="url(#b)"><path d="M0 0H9"/></clipPath>'
            '<clipPath id="b" clip-path="url(#a)"><path d="M0 0H9"/></clipPath>'
            '<linearGradient id="g" href="#h"/><linearGradient id="h" href="#g"/>'
            '<path d="M0 0H9V9" clip-path="url(#a)" fill="url(#g)"/>',
        ).encode(),
        SVG.replace('"0 0 40 20"', '"0 0 1 900"').encode(),
        SVG.replace('"0 0 40 20"', '"0 0 9000 1"').encode(),
    ],
)
def test_typeset_prints_every_logo_that_was_accepted(logo):
    clinic = ClinicHeader("Hillside Clinic", logo=check_logo(logo))

    assert typeset([make_tree()], copy=make_copy(clinic=clinic))


def test_typeset_serves_several_threads_at_once():
    copies = [make_copy(version=str(number)) for number in range(8)]
    alone = [typeset([make_tree()], copy=copy) for copy in copies]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda copy: typeset([make_tree()], copy=copy), copies))

    assert together == alone


# QR


def test_qr_code_is_one_path_that_covers_the_matrix():
    svg = qr_code("https://portal.example/check/7F3K9Q2MF/")

    side = int(re.search(r'width="(\d+)"', svg)[1])
    assert svg.count("<path") == 1
    assert side in range(21, 42)
    assert 'd="m0 0h7v1h-7z' in svg, "the finder pattern at the top left"


def test_typeset_prints_any_part_with_no_version_as_the_copy_says():
    part = PrintedText(make_tree())
    other = replace(part, version="9")

    assert typeset([part], copy=make_copy()) != typeset([other], copy=make_copy())


@needs_poppler
def test_typeset_sets_raised_and_lowered_figures_apart_from_the_figure_before():
    raised = {"t": "superscript", "c": words("6")}
    lowered = {"t": "subscript", "c": words("2")}
    nodes = [*words("It was 10"), raised, *words(" cells and H"), lowered, *words("O.")]
    pdf = typeset([make_tree(body=[{"t": "paragraph", "c": nodes}])], copy=make_copy())

    shown = read_text(pdf)
    assert "106" not in shown.replace(" ", "").replace("\n", "")
    assert re.search(r"10\^\s*6", shown)


@needs_poppler
@pytest.mark.xfail(
    strict=True,
    reason="typst writes a letter that its font draws by two glyphs twice into the text layer; "
    "it looks right, and people are told (letters.DRAWN_IN_TWO). When this passes, take the mark "
    "and that list away.",
)
@pytest.mark.parametrize("name", ["Nguyễn", "Hằng", "Lǘ"])
def test_letters_with_two_marks_are_read_as_they_were_written(name):
    pdf = typeset([make_tree(body=[paragraph(f"By {name} here.")])], copy=make_copy())

    assert f"By {name} here." in read_text(pdf)


@needs_poppler
@pytest.mark.parametrize("paragraphs", [6, 9, 12, 15])
def test_typeset_leaves_no_page_of_large_print_with_a_few_lines(paragraphs):
    tree = make_tree(body=[paragraph("Words to fill a line or two. " * 9)] * paragraphs)

    pages = read_pages(
        typeset([tree], copy=make_copy(), options=PrintOptions(size="large")), "-layout"
    )

    frame = 7  # lines of the head and the foot, at least
    assert all(
        len([line for line in page.splitlines() if line.strip()]) > frame + 4 for page in pages
    )
