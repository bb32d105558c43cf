"""Texts to print, what a copy says of itself, and reading a PDF back."""

import binascii
import json
import re
import shutil
import struct
import subprocess
import zlib
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from education.articles.files import read_article
from education.evidence.references import reference_text
from education.handouts.logos import check_logo
from education.handouts.typesetting import ClinicHeader, CopyDetails
from education.text.glossary import terms_of
from education.text.rendering import Source, render

CONTENT = Path("education/content")
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40">'
    b'<rect width="40" height="40" fill="#0B5257"/><circle cx="50" cy="20" r="9"/></svg>'
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    '<path d="M0 0H40V20Z" fill="#0B5257"/>{}</svg>'
)
CODE = "7F3K9Q2MF"

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None,
    reason="pdftotext reads PDFs back; Debian's package poppler-utils has it.",
)

needs_zbar = pytest.mark.skipif(
    shutil.which("zbarimg") is None,
    reason="zbarimg reads squares back; Debian's package zbar-tools has it.",
)


def squares_on(picture):
    """What zbar reads from the squares on a picture, by its path."""
    options = ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]
    run = subprocess.run(
        ["zbarimg", *options, picture], capture_output=True, text=True, check=False
    )
    return run.stdout.split()


def make_copy(**details):
    return CopyDetails(
        **{
            "code": CODE,
            "check_url": f"https://portal.example/check/{CODE}/",
            "title": "Is it feasible?",
            "version": "2",
            "reviewed_on": date(2026, 3, 2),
            "do_not_use_after": date(2027, 3, 2),
            "printed_on": date(2026, 4, 9),
            "site_name": "Cerebral palsy choices",
            "clinic": ClinicHeader(
                "Hillside Clinic",
                telephone="01234 567 890",
                opening_hours="Monday to Friday, 9 am to 5 pm",
                logo=check_logo(LOGO),
            ),
            **details,
        }
    )


def words(text):
    return [{"t": "text", "text": text}]


def chunk(name, body):
    crc = binascii.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)


def make_png(width=3, height=2, *, colour=2, depth=8, rows=None, extra=b"", interlaced=0):
    if rows is None:
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        rows = (b"\0" + b"\x80" * ((width * channels * depth + 7) // 8)) * height
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + extra
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def paragraph(text):
    return {"t": "paragraph", "c": words(text)}


def items(*texts):
    return {"t": "list", "ordered": False, "start": 1, "items": [[paragraph(t)] for t in texts]}


def cite(number, locator=""):
    return {"t": "cite", "items": [{"key": f"work{number}", "n": number, "locator": locator}]}


def make_tree(**parts):
    """A short text with every part an article has."""
    return {
        "schema": 1,
        "kind": "article",
        "language": "en",
        "title": "Is it feasible?",
        "short_answer": [*words("Not as a treatment to buy"), cite(1), *words(".")],
        "short_answer_text": "Not as a treatment to buy.",
        "key_messages": [
            {
                "certainty": "low",
                "c": words("Cord blood may help a little."),
                "text": "Cord blood may help a little.",
            }
        ],
        "body": [
            {"t": "heading", "level": 2, "id": "how", "c": words("How it works")},
            paragraph("Nobody knows."),
        ],
        "unknowns": [items("Whether it lasts.")],
        "questions": [items("Who pays?")],
        "comparison": None,
        "claims": [],
        "terms": [],
        "contents": [],
        "references": [
            {"n": 1, "key": "work1", "text": "First A. One. J. 2020;1:1-9. doi: 10.1000/one"},
            {"n": 2, "key": "work2", "text": "Second B. Two. Available from: https://two.example/"},
        ],
        "funding": "No clinic paid.",
        "what_changed": "",
        **parts,
    }


@cache
def shipped_trees():
    """Every article that ships, rendered with the evidence that ships, by the name of its file."""
    sources = {
        record["id"]: Source(key=record["id"], text=reference_text(record))
        for record in json.loads((CONTENT / "evidence.json").read_text(encoding="utf-8"))
    }
    drafts = {path.stem: read_article(path).draft for path in sorted(CONTENT.glob("articles/*.md"))}
    glossary = terms_of(render(drafts["glossary"], sources).tree)
    return {name: render(draft, sources, terms=glossary).tree for name, draft in drafts.items()}


def read_pages(pdf, *how):
    """The words of each page, with ordinary blanks and no invisible marks."""
    shown = subprocess.run(
        ["pdftotext", *how, "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    shown = re.sub("[\u200b\u2060\u00ad]", "", shown).replace("\u00a0", " ")
    return shown.rstrip("\f").split("\f")


def read_text(pdf):
    """All words in one line, in the order of reading."""
    return " ".join(" ".join(read_pages(pdf)).split())
