"""
Word files as other programs write them, made anew by each run.

python-docx fills in the template that it ships; pandoc and LibreOffice convert from a text that
stands here, and are asked by the soak only.
"""

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.text import WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from PIL import Image


def saved(document: Document) -> bytes:
    """A document of python-docx as a file."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def link(paragraph: Paragraph, address: str, words: str) -> None:
    """Put a link at the end of a paragraph: python-docx reads links and writes none."""
    relation = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    hyperlink, run, text = map(OxmlElement, ("w:hyperlink", "w:r", "w:t"))
    hyperlink.set(qn("r:id"), relation)
    text.text = words
    run.append(text)
    hyperlink.append(run)
    paragraph._p.append(hyperlink)


def text_by_python_docx() -> bytes:
    """Title, headings, emphasis, raised and lowered figures, lists and links, all of it kept."""
    document = docx.Document()
    document.add_heading("About cells", 0)
    document.add_heading("Dose", 1)
    dose = document.add_paragraph("Give 1 × 10")
    dose.add_run("6").font.superscript = True
    dose.add_run(" cells per kg with H")
    dose.add_run("2").font.subscript = True
    dose.add_run("O, ")
    dose.add_run("not ").bold = True
    dose.add_run("more.").italic = True
    document.add_heading("Steps", 2)
    for words in ("Wash.", "Wait 5 min."):
        document.add_paragraph(words, style="List Number")
    for words in ("One sign", "Another sign"):
        document.add_paragraph(words, style="List Bullet")
    link(document.add_paragraph("See "), "https://example.org/dose", "the leaflet")
    document.add_paragraph("“Keep still.”", style="Quote")
    return saved(document)


def table_by_python_docx() -> bytes:
    """A table, one row of which has its cells merged."""
    document = docx.Document()
    rows = [
        ("Age", "Dose"),
        ("under 5", "< 5 mg"),
        ("5 and over", "≥ 10 mg"),
        ("over 12", ""),
    ]
    table = document.add_table(rows=len(rows), cols=2)
    for row, words in zip(table.rows, rows, strict=True):
        for cell, word in zip(row.cells, words, strict=True):
            cell.text = word
    table.cell(3, 0).merge(table.cell(3, 1))
    return saved(document)


def marks_by_python_docx() -> bytes:
    """What has no place in our text: struck and hidden words, a comment, a picture, a header."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Draft 3 of the ward"
    paragraph = document.add_paragraph("Baclofen: ")
    paragraph.add_run("do not use ").font.strike = True
    paragraph.add_run("30 mg ").font.double_strike = True
    paragraph.add_run("never tell ").font.hidden = True
    dose = paragraph.add_run("5 mg a day.")
    document.add_comment(dose, text="Or 50 mg?", author="Reader")
    gram = document.add_paragraph("Take 5 ")
    gram.add_run("\uf06d").font.name = "Symbol"
    gram.add_run("g.")
    pixel = io.BytesIO()
    Image.new("RGB", (1, 1)).save(pixel, "PNG")
    document.add_picture(pixel)
    document.add_paragraph("Before").add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("After")
    return saved(document)


# What pandoc writes of each of these is Word's own: notes, equations, lists with letters.
PANDOC_TEXT = """---
title: About cells
---

# Dose

Give 1 × 10^6^ cells with H~2~O, ~~do not use~~ **not** more.[^1]

[^1]: Never more than 3 times.

3.  Three
4.  Four

a)  Lettered

- [ ] Not signed
- [x] Signed

| Age  | Dose   |
|------|--------|
| < 5  | ≥ 5 mg |

The area is $x^{2}$ m^2^, see [the leaflet](https://example.org/dose) and [above](#dose).

Term

:   What it means, `−3 code`.

> A quotation.
"""


def by_pandoc(text: str) -> bytes:
    """Markdown as pandoc writes it to Word."""
    command = [shutil.which("pandoc") or "", "--from=markdown", "--to=docx", "--output=-"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout


_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"'
    for name, kind in {
        "office": "office", "style": "style", "text": "text", "table": "table",
        "fo": "xsl-fo-compatible",
    }.items()
)  # fmt: skip
LIBREOFFICE_TEXT = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {_NAMESPACES} xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"
 xmlns:xlink="http://www.w3.org/1999/xlink"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles>
<style:style style:name="up" style:family="text">
 <style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="down" style:family="text">
 <style:text-properties style:text-position="sub 58%"/></style:style>
<style:style style:name="out" style:family="text">
 <style:text-properties style:text-line-through-style="solid"/></style:style>
<style:style style:name="hidden" style:family="text">
 <style:text-properties text:display="none"/></style:style>
<text:list-style style:name="numbers"><text:list-level-style-number text:level="1"
 style:num-format="1" style:num-suffix="." text:start-value="3"/></text:list-style>
</office:automatic-styles>
<office:body><office:text>
<text:tracked-changes><text:changed-region text:id="gone"><text:deletion><office:change-info>
<dc:creator>Reader</dc:creator><dc:date>2020-01-01T00:00:00</dc:date></office:change-info>
<text:p>never </text:p></text:deletion></text:changed-region></text:tracked-changes>
<text:h text:outline-level="1">Dose</text:h>
<text:p>Give 1 × 10<text:span text:style-name="up">6</text:span> cells with
H<text:span text:style-name="down">2</text:span>O, <text:span
 text:style-name="out">do not use</text:span> as <text:span
 text:style-name="hidden">secret 7</text:span> told.<text:note text:note-class="footnote">
<text:note-citation>1</text:note-citation><text:note-body><text:p>No more than 3 times.</text:p>
</text:note-body></text:note></text:p>
<text:p>You may <text:change text:change-id="gone"/>drink.<office:annotation>
<dc:creator>Reader</dc:creator><text:p>Or 50 mg?</text:p></office:annotation></text:p>
<text:list text:style-name="numbers"><text:list-item><text:p>Three</text:p></text:list-item>
<text:list-item><text:p>Four</text:p></text:list-item></text:list>
<table:table><table:table-column table:number-columns-repeated="2"/>
<table:table-row><table:table-cell><text:p>Age</text:p></table:table-cell>
<table:table-cell><text:p>Dose</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>&lt; 5</text:p></table:table-cell>
<table:table-cell><text:p>≥ 5 mg</text:p></table:table-cell></table:table-row></table:table>
<text:p>See <text:a xlink:type="simple" xlink:href="https://example.org/dose">the leaflet</text:a>.
</text:p>
</office:text></office:body></office:document>
"""


def by_libreoffice(flat: str) -> bytes:
    """A flat OpenDocument text as LibreOffice writes it to Word."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "text.fodt"
        source.write_text(flat, encoding="utf-8")
        command = [
            shutil.which("soffice") or "", "--headless", f"-env:UserInstallation=file://{folder}/own",
            "--convert-to", "docx", "--outdir", folder, str(source),
        ]  # fmt: skip
        subprocess.run(command, capture_output=True, check=True, timeout=120)
        return (Path(folder) / "text.docx").read_bytes()
