"""
What is pasted keeps its structure, and what can't come along is told.

``clipboards/`` holds short texts of our own in the form that each program is known to copy, and
what becomes of them (``.read.md``): Word and Outlook (``Mso`` classes, ``mso-list`` styles,
conditional comments), Word for the web (``ListContainerWrapper``, ``data-aria-level``), Google Docs
(``docs-internal-guid``) and Sheets (``data-sheets-root``), LibreOffice (``western``), Apple's Notes
and Pages ("Cocoa HTML Writer", with a style sheet of classes), Excel (``xl`` classes, no
``tbody``), a page of PubMed with the styles that browsers add, and words alone as from a PDF viewer
or a text editor. None is a recording of a person's clipboard.
"""

from pathlib import Path

import pytest

CLIPBOARDS = Path(__file__).resolve().parent / "clipboards"

pytestmark = pytest.mark.journeys

PASTE = """async ([html, text, kind, before]) => {
  const editor = "/static/education/desk/editor/";
  const vendor = await import("/static/education/vendor/editor-vendor.js");
  const { pasting } = await import(`${editor}paste.js`);
  const { read } = await import(`${editor}read.js`);
  const { writeDocument } = await import(`${editor}write.js`);
  const { doc, origin } = read(before, kind);
  const told = [];
  const surface = { kind };
  const place = document.querySelector("main");
  place.replaceChildren();
  const plugins = [vendor.history(), vendor.tableEditing()];
  const view = new vendor.EditorView(place, {
    state: vendor.EditorState.create({ doc, plugins }),
    ...pasting(surface, (words) => told.push(words)),
  });
  view.dispatch(view.state.tr.setSelection(vendor.Selection.atEnd(view.state.doc)));
  const clipboardData = new DataTransfer();
  if (html) clipboardData.setData("text/html", html);
  clipboardData.setData("text/plain", text);
  const what = { clipboardData, bubbles: true, cancelable: true };
  view.dom.dispatchEvent(new ClipboardEvent("paste", what));
  await new Promise((done) => setTimeout(done));
  const written = writeDocument(view.state.doc, origin);
  vendor.undo(view.state, view.dispatch);
  const undone = writeDocument(view.state.doc, origin).text;
  view.destroy();
  return [written.text, written.isSafe, told.join(" "), undone];
}"""

BODY = {"hasHeadings": True, "isLine": False}
CELL = {"hasHeadings": False, "isLine": False}
LINE = {"hasHeadings": False, "isLine": True}

WORD = (CLIPBOARDS / "word.html").read_text("utf-8")
DOCS = (CLIPBOARDS / "google-docs.html").read_text("utf-8")
LIBRE = (CLIPBOARDS / "libreoffice.html").read_text("utf-8")
WEB = (CLIPBOARDS / "web-page.html").read_text("utf-8")


def paste(modules, html, text="", kind=BODY, before=""):
    written, is_safe, told, undone = modules.evaluate(PASTE, [html, text, kind, before])
    assert is_safe
    assert undone == before  # one step back
    return written, told


def test_a_word_document(modules):
    written, told = paste(modules, WORD)

    assert written == (
        "## Results\n\n## What was *found*\n\n"
        "**Doses** of 10^7^ cells per m^2^ and CO~2~, as Sun found. [12,13] This.\n\n"
        "- one\n  1. inner\n- two\n\n"
        "| Head | |\n|---|---|\n| a b | c\\|d |\n\n"
        "See [the page](https://example.org/x) or a file."
    )
    for words in (
        "struck-out words were left out",
        "tracked insertions were taken over",
        "merged cells were taken apart",
        "pictures were left out",
        "raised numbers look like citations",
        "links to files were left out",
        "Ctrl+Z takes it back",
    ):
        assert words in told


def test_a_number_stays_under_its_head_beside_merged_cells(modules):
    table = (
        "<table><tr><th>Age</th><th>Dose</th><th>How often</th></tr>"
        "<tr><td rowspan=2>under 12</td><td>5 mg</td><td rowspan=3>daily</td></tr>"
        "<tr><td>10 mg</td></tr><tr><td>over 12</td><td>20 mg</td></tr>"
        "<tr><td colspan=2>not known</td><td>never</td></tr></table>"
    )
    written, told = paste(modules, table)

    assert written.splitlines()[2:] == [
        "| under 12 | 5 mg | daily |", "| | 10 mg | |", "| over 12 | 20 mg | |",
        "| not known | | never |",
    ]  # fmt: skip
    assert "merged cells were taken apart" in told


def test_a_google_document(modules):
    written, told = paste(modules, DOCS)

    assert written == "## Found\n\nIt is **bold** and *slanted* [2]\n\n1. first\n   - inner"
    assert "raised numbers look like citations" in told


def test_a_libreoffice_document_in_a_field_without_headings(modules):
    written, _ = paste(modules, LIBRE, kind=CELL)

    assert written == "**Smaller**\n\n**Strong** words\\\nnext line\n\n- one\n- two"


def test_a_web_page(modules):
    written, told = paste(modules, WEB)

    assert written.startswith("Words in red and ***both***\n\n```\ncode\n```\n\nunder")
    assert "underlines were left out" in told
    assert "struck-out words were left out" in told


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("word-web.html", "struck-out words were left out"),
        ("apple-notes.html", "struck-out words were left out"),
        ("pubmed.html", "pictures were left out"),
        ("outlook.html", "pictures were left out"),
        ("excel.html", "merged cells were taken apart"),
        ("google-sheets.html", ""),
        ("markdown.txt", ""),
        ("pdf.txt", "broken lines were joined"),
    ],
)
def test_other_programs(modules, name, reported):
    copied = (CLIPBOARDS / name).read_text("utf-8")
    html, text = (copied, "") if name.endswith(".html") else ("", copied)
    written, told = paste(modules, html, text)

    wanted = CLIPBOARDS / f"{name.partition('.')[0]}.read.md"
    assert f"{written}\n" == wanted.read_text("utf-8")
    assert reported in told


def test_a_struck_out_cell_keeps_its_place(modules):
    html = (
        "<style>.xl66 {text-decoration:line-through;}</style><table><tr><td>A</td><td>B</td></tr>"
        "<tr><td class=xl66>1</td><td>2</td></tr>"
        '<tr><td>3</td><td style="text-decoration: line-through">4</td></tr></table>'
    )
    written, told = paste(modules, html)

    assert written == "| A | B |\n|---|---|\n| | 2 |\n| 3 | |"
    assert "2 times: struck-out words were left out" in told


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("## Found\n\n- one [@sun2017]\n- two", BODY, "## Found\n\n- one [@sun2017]\n- two"),
        ("It helps [@sun2017].", BODY, "It helps [@sun2017]."),
        ("First line.\nSecond *line*.", BODY, "First line.\n\nSecond \\*line\\*."),
        ("In one\nline [@sun2017]", LINE, "In one line [@sun2017]"),
    ],
)
def test_plain_text(modules, text, kind, written):
    assert paste(modules, "", text, kind)[0] == written


def test_blocks_are_not_merged_into_the_paragraph_at_the_caret(modules):
    written, _ = paste(modules, "<h2>Found</h2><p>It helps.</p>", before="Words before.")

    assert written == "Words before.\n\n## Found\n\nIt helps."
