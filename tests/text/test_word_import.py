"""
Nothing of a Word file is lost in silence: what the importer can't keep is told with its place.

The files are made by ``tests.admin.word_files``; their XML is what Word writes (ECMA-376).
"""

import io
import re
import zipfile
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from education.text.word_import import read_word, words_of_draft
from tests.admin.word_files import W, paragraph, related_word_file, run, word_file
from tests.examples import examples

M = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def read(body: str, **parts: str):
    return read_word(io.BytesIO(related_word_file(body, **parts)))


def told(brought) -> str:
    return "\n".join(brought.left_behind)


def part(name: str, inside: str) -> str:
    return f'<w:{name} xmlns:w="{W}">{inside}</w:{name}>'


def p(*runs: str, style: str = "", more: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{more}</w:pPr>{''.join(runs)}</w:p>"


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        (
            (run("1 × 10"), run("6", raised="superscript"), run(" cells per kg")),
            "10^6^ cells per kg",
        ),
        ((run("10"), run("-3", raised="superscript"), run(" mol")), "10^-3^ mol"),
        ((run("20 m"), run("2", raised="superscript")), "m^2^"),
        ((run("H"), run("2", raised="subscript"), run("O")), "H~2~O"),
        ((run("10"), run("6", more='<w:position w:val="6"/>')), "10^6^"),
        ((run("10"), run("6", more='<w:rStyle w:val="Up"/>')), "10^6^"),
    ],
)
def test_raised_figures_never_join_the_figure_before_them(runs, said):
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:type="character" w:styleId="Up"><w:rPr>'
        '<w:vertAlign w:val="superscript"/></w:rPr></w:style></w:styles>'
    )
    brought = read(p(*runs), styles=styles)

    assert said in brought.body
    assert "106" not in brought.body
    assert "H2O" not in brought.body
    assert brought.left_behind == ()


@pytest.mark.parametrize(
    "look", ["<w:strike/>", "<w:dstrike/>", "<w:vanish/>", '<w:rStyle w:val="Out"/>']
)
def test_struck_out_and_hidden_words_are_left_out_and_told(look):
    out = '<w:style w:type="character" w:styleId="Out"><w:rPr><w:strike/></w:rPr></w:style>'
    brought = read(
        p(run("Baclofen: "), run("do not ", more=look), run("use", more=look), run(" it.")),
        styles=part("styles", out),
    )

    assert brought.body == "Baclofen: it."
    assert "“do not use”" in told(brought)
    assert "in “Baclofen: it.”" in told(brought)


def test_a_look_that_is_switched_off_takes_nothing_out():
    assert read(p(run("Use it.", more='<w:strike w:val="0"/>'))).body == "Use it."


def test_letters_of_the_symbol_font_and_symbols_become_themselves():
    font = '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'
    sign = '<w:r><w:sym w:font="Symbol" w:char="F06D"/></w:r>'
    brought = read(p(run("b", more=font), run("-agonist, 5 "), sign, run("g")))

    assert brought.body == "β-agonist, 5 μg"
    assert brought.left_behind == ()


def test_a_sign_of_an_unknown_font_is_told():
    brought = read(p(run("5 "), '<w:r><w:sym w:font="OurClinic" w:char="F06D"/></w:r>', run("g")))

    assert "OurClinic" in told(brought)
    assert "5 g" not in brought.body


def test_tracked_changes_and_comments_are_told_with_their_words():
    deleted = '<w:del w:id="1"><w:r><w:delText>not </w:delText></w:r></w:del>'
    inserted = f'<w:ins w:id="2">{run("never ")}</w:ins>'
    comment = '<w:r><w:commentReference w:id="7"/></w:r>'
    brought = read(
        p(run("Do "), deleted, inserted, run("use 5 mg."), comment),
        comments=part("comments", f"<w:comment w:id='7'>{p(run('Is it 50 mg?'))}</w:comment>"),
    )

    assert brought.body == "Do never use 5 mg."
    assert "“not”" in told(brought)
    assert "as accepted: “never”" in told(brought)
    assert "“Is it 50 mg?”, in “Do" in told(brought)


def test_notes_come_along_and_their_numbers_join_nothing():
    note = (
        '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        '<w:footnoteReference w:id="2"/></w:r>'
    )
    brought = read(
        p(run("It was 10"), note, run(" of 20.")),
        footnotes=part(
            "footnotes", f"<w:footnote w:id='2'>{p(run('Not in 5 children.'))}</w:footnote>"
        ),
    )

    assert "Not in 5 children." in brought.body
    assert "101" not in brought.body
    assert "Footnotes were put at the end, as a list." in brought.left_behind


def test_an_equation_is_written_on_one_line_or_told():
    power = (
        f'<m:oMath xmlns:m="{M}"><m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e>'
        "<m:sup><m:r><m:t>6</m:t></m:r></m:sup></m:sSup></m:oMath>"
    )
    root = (
        f'<m:oMath xmlns:m="{M}"><m:rad><m:deg/><m:e><m:r><m:t>25</m:t></m:r></m:e></m:rad>'
        "</m:oMath>"
    )
    assert read(p(run("2 × "), power)).body == "2 × 10^6^"
    assert "did not come along: “25”" in told(read(p(run("It is "), root)))


def test_the_words_of_a_text_box_are_kept_and_a_picture_is_told():
    box = (
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox>'
        f"<w:txbxContent>{p(run('Never give 7 mg.'))}</w:txbxContent>"
        "</v:textbox></v:shape></w:pict></w:r>"
    )
    drawing = (
        '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
        'wordprocessingDrawing"><wp:docPr id="1" name="x" descr="Curve of 12 children"/>'
        "</wp:inline></w:drawing></w:r>"
    )
    brought = read(p(run("Before. "), box, drawing))

    assert brought.body == "Before.\n\nNever give 7 mg."
    assert "Curve of 12 children" in told(brought)


def test_check_boxes_are_told():
    box = (
        "<w:sdt><w:sdtPr><w14:checkbox xmlns:w14='http://schemas.microsoft.com/office/word/2010/"
        "wordml'><w14:checked w14:val='1'/></w14:checkbox></w:sdtPr>"
        f"<w:sdtContent>{run('☒')}</w:sdtContent></w:sdt>"
    )
    brought = read(p(box, run(" Not pregnant")))

    assert "Not pregnant" in brought.body
    assert "check box" in told(brought)


def test_tables_are_kept():
    rows = [("Dose", "Children | all"), ("5 mg", "not 12")]
    cells = "".join(
        f"<w:tr>{''.join(f'<w:tc>{p(run(words))}</w:tc>' for words in row)}</w:tr>" for row in rows
    )
    brought = read(f"{p(run('Before'))}<w:tbl>{cells}</w:tbl>{p(run('After'))}")

    assert brought.body == (
        "Before\n\n| Dose | Children \\| all |\n| --- | --- |\n| 5 mg | not 12 |\n\nAfter"
    )
    assert brought.left_behind == ()


def cell(words: str = "", properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(run(words) if words else '')}</w:tc>"


@pytest.mark.parametrize(
    "row",
    [
        # ECMA-376: 17.4.85 vMerge, 17.4.15 gridBefore
        cell("", "<w:vMerge/>") + cell("10 mg") + cell("2 a day"),
        '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell("10 mg") + cell("2 a day"),
    ],
)
def test_a_number_stays_under_its_head_beside_a_merged_or_left_out_cell(row):
    head = cell("Age") + cell("Dose") + cell("How often")
    first = cell("under 5", '<w:vMerge w:val="restart"/>') + cell("5 mg") + cell("1 a day")
    last = cell("over 12") + cell("20 mg") + cell("3 a day")
    rows = (f"<w:tr>{cells}</w:tr>" for cells in (head, first, row, last))

    brought = read(f"<w:tbl>{''.join(rows)}</w:tbl>")

    assert brought.body.splitlines()[2:] == [
        "| under 5 | 5 mg | 1 a day |", "|  | 10 mg | 2 a day |", "| over 12 | 20 mg | 3 a day |",
    ]  # fmt: skip


def test_levels_of_headings_keep_their_order():
    brought = read("".join(paragraph(f"Level {n}", f"Heading{n}") for n in (1, 2, 3, 4)))

    assert re.findall(r"^#+", brought.body, re.MULTILINE) == ["##", "###", "####", "####"]
    assert "moved up to the fourth level, the last: “Level 4”" in told(brought)


def test_numbers_of_lists_go_on_where_word_goes_on():
    numbering = (
        f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
        '<w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = p(run("a"), more=item) + p(run("Between")) + p(run("b"), more=item)

    brought = read(body, numbering=numbering)

    assert brought.body == "3. a\n\nBetween\n\n4. b"
    assert brought.left_behind == ()


def test_letters_before_items_are_told():
    numbering = (
        f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
        '<w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%1)"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'

    assert "“(a)”" in told(read(p(run("first"), more=item), numbering=numbering))


def test_links_are_kept_or_told():
    def link(address: str) -> str:
        return (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK '
            f'"{address}" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            f'{run("words")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    for address in ("https://example.org/a", "http://example.org/a", "mailto:a@example.org"):
        assert read(p(link(address))).body == f"[words]({address})"
    refused = read(p(link("file:///c:/dose.doc")))
    assert refused.body == "words"
    assert "file:///c:/dose.doc" in told(refused)


def test_bold_with_a_blank_inside_and_around_chinese_quotation_marks_shows_no_asterisks():
    bold = "<w:b/>"

    assert read(p(run("Important: ", more=bold), run("no"))).body == "**Important:** no"
    chinese = read(p(run("这是"), run("“重要”", more=bold), run("的")))
    assert chinese.body == "这是“**重要**”的"


def test_a_citation_of_a_reference_manager_is_told_with_its_title():
    code = (
        'ADDIN ZOTERO_ITEM CSL_CITATION {"citationItems":[{"itemData":{"title":"Gait after SDR"}}]}'
    )
    field = (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("(1)")}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    brought = read(p(run("It walked "), field))

    assert "(1)" in brought.body
    assert "“Gait after SDR”" in told(brought)


def test_page_headers_are_told_with_their_words():
    brought = read(
        p(run("Text")), header1=f'<w:hdr xmlns:w="{W}">{p(run("Draft 3, not final"))}</w:hdr>'
    )

    assert "“Draft 3, not final”" in told(brought)


def test_the_text_is_found_where_the_file_says():
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word_file(paragraph("From Word online")))) as usual,
        zipfile.ZipFile(made, "w") as package,
    ):
        for name in usual.namelist():
            content = usual.read(name).replace(b"word/document.xml", b"word/document2.xml")
            package.writestr(name.replace("document.xml", "document2.xml"), content)

    assert read_word(made).body == "From Word online"


@pytest.mark.parametrize(
    "holder",
    ['w:fldSimple w:instr=" REF dose "', 'w:moveTo w:id="1"', "w:customXml", 'w:bdo w:val="ltr"',
     'w:dir w:val="ltr"', "w:smartTag"],
)  # fmt: skip
def test_words_in_what_only_holds_them_come_along(holder):
    name = holder.partition(" ")[0]
    brought = read(p(run("Give "), f"<{holder}>{run('not 5 mg')}</{name}>", run(" now.")))

    assert brought.body == "Give not 5 mg now."
    assert "Not found" not in told(brought)


def test_words_that_nothing_of_ours_reads_are_still_told():
    unknown = f'<w:future xmlns:w="{W}">{run("no more than 9 mg")}</w:future>'

    assert "“9”" in told(read(p(run("Give "), unknown)))


WORDS = st.sampled_from(
    ["not", "no", "never", "5", "106", "1", "mg", "−3", "<", ">", "≥ 2", "IQ", "1.", "- 5", "*",
     "a_b", "&lt;", "[@x]", "é", "重要", "^", "~", "|", "#", "+7", "0.5", "10,000", "`", "http://x.org/"]
)  # fmt: skip
LOOKS = st.sampled_from(
    ["", "", "<w:b/>", "<w:i/>", "<w:strike/>", "<w:vanish/>", '<w:vertAlign w:val="superscript"/>',
     '<w:vertAlign w:val="subscript"/>', "<w:dstrike/>", "<w:b/><w:i/>"]
)  # fmt: skip
RAISED = '<w:vertAlign w:val="superscript"/>'
BOX = (
    '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
    "<w:p>{}</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)
NOTE = '<w:r><w:footnoteReference w:id="NUMBER"/></w:r>{}'
# In what Word puts runs, and what parts their words from those before and behind; None: they stand
# elsewhere. Their words are there, or are told.
AROUND = {
    "{}": ("", ""),
    '<w:ins w:id="1">{}</w:ins>': ("", ""),
    '<w:moveTo w:id="3">{}</w:moveTo>': ("", ""),
    '<w:hyperlink w:anchor="here">{}</w:hyperlink>': ("", ""),
    "<w:smartTag>{}</w:smartTag>": ("", ""),
    "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>": ("", ""),
    '<w:fldSimple w:instr=" REF x ">{}</w:fldSimple>': ("", ""),
    "<w:future>{}</w:future>": ("", ""),
    "<w:customXml>{}</w:customXml>": ("", ""),
    '<w:bdo w:val="ltr">{}</w:bdo>': ("", ""),
    "{}<w:r><w:tab/></w:r>": ("", " "),
    "{}<w:r><w:noBreakHyphen/></w:r>": ("", "\u2011"),
    NOTE: (" ", ""),
    BOX: None,
    '<w:del w:id="2">{}</w:del>': None,
}
RUNS = st.lists(
    st.tuples(WORDS, LOOKS, st.sampled_from(["", " "]), st.sampled_from([*["{}"] * 6, *AROUND])),
    min_size=1,
    max_size=8,
)
BLOCKS = st.lists(
    st.tuples(RUNS, st.sampled_from(["p", "h", "cell", "item"])), min_size=1, max_size=5
)
COUNTED = re.compile(r"\d+|(?:not|no|never)(?![^\W\d_])|[<>≥−+]")
NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
    '<w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
ITEM = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'


def keeps_what_changes_the_meaning(blocks):
    body, expected, notes, aside = "", Counter(), [], []
    for runs, kind in blocks:
        made = words = ""
        for said, look, blank, around in runs:
            text = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            inside = run(text + blank, more=look)
            if "w:del " in around:
                inside = inside.replace("<w:t ", "<w:delText ").replace("</w:t>", "</w:delText>")
            note = len(notes) + 2
            made += around.replace("{}", inside).replace("NUMBER", str(note))
            notes += [f"<w:footnote w:id='{note}'>{p(run('Never 77.'))}</w:footnote>"] * (
                around == NOTE
            )
            before, behind = AROUND[around] or ("", "")
            if AROUND[around] is None or "strike" in look or "vanish" in look:
                aside.append(said)
                words += before + behind
                continue
            height = " " if "vertAlign" in look else ""
            words += f"{before}{height}{said}{blank}{height}{behind}"
        expected += Counter(COUNTED.findall(words))
        block = p(
            made, style="Heading2" if kind == "h" else "", more=ITEM if kind == "item" else ""
        )
        body += f"<w:tbl><w:tr><w:tc>{block}</w:tc></w:tr></w:tbl>" if kind == "cell" else block
    expected += Counter({"77": len(notes)})
    footnotes = part("footnotes", "".join(notes))
    brought = read(p(run("Start")) + body, numbering=NUMBERING, footnotes=footnotes)

    # The place of what is told repeats words that need not have come along.
    report = re.sub(r", in “[^”]*”\.", "", told(brought))
    shown = words_of_draft(brought.body)
    missing = expected - Counter(COUNTED.findall(f"{shown}\n{report}"))
    assert "Not found again" in report or not missing
    assert "Not found again" in report or all(
        said in report for said in aside if COUNTED.search(said)
    )
    assert "Not found again" in report or all(said in report + shown for said in aside)


@pytest.mark.parametrize("mark", ["^", "~", "*", "_", "`", "#", "|", "[", ">", "\\"])
@pytest.mark.parametrize("look", ["<w:strike/>", "<w:vanish/>"])
def test_a_lone_mark_that_is_left_out_is_told(mark, look):
    said = mark.replace(">", "&gt;")
    brought = read(p(run("Five "), run(said, more=look), run(" six")))
    assert brought.body.strip() == "Five six"
    assert f"left out: “{mark}”" in told(brought)


def test_struck_out_figures_that_were_raised_are_told_as_they_stood():
    struck = "<w:strike/>"
    brought = read(
        p(run("Not "), run("10", more=struck), run("6", more=struck + RAISED), run(" cells"))
    )
    assert "“10^6^”" in told(brought)


def test_words_that_struck_and_lowered_words_would_make_together_hide_no_loss():
    """What stood beside struck-out words can't be taken for words that a height joined."""
    struck = p(run("no"), run("not", more="<w:strike/>"))
    lowered = p(run("no"), run("not", raised="subscript"))

    brought = read(struck + lowered)

    assert brought.body == "no\n\nno~not~"
    assert told(brought) == "Struck-out text was left out: “not”, in “no”."


def test_a_word_that_lost_some_letters_to_a_line_through_it_is_no_loss():
    struck = "<w:strike/>"
    brought = read(p(run("use"), run("l", more=struck), run("ess", more=struck), run(" it")))

    assert brought.body == "use it"
    assert told(brought) == "Struck-out text was left out: “less”, in “use it”."


@settings(max_examples=examples(60), deadline=None)
@given(BLOCKS)
def test_no_figure_sign_or_negation_is_lost_without_a_line_in_the_report(blocks):
    keeps_what_changes_the_meaning(blocks)


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None)
@given(BLOCKS)
def test_no_figure_sign_or_negation_is_lost_in_many_documents(blocks):
    keeps_what_changes_the_meaning(blocks)
