"""What ships, on each paper and in each size, read back as a reader sees it."""

import re
import subprocess
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from education.handouts.typesetting import POINTS, ClinicHeader, PrintedText, PrintOptions, typeset
from education.text.tree import plain
from tests.handouts.paper import CONTENT, make_copy, needs_poppler, read_text, shipped_trees

ARTICLES = sorted(path.stem for path in CONTENT.glob("articles/*.md"))
# Those that start.py test prints
OFTEN = ("what-is-cerebral-palsy", "stem-cells-or-fspr", "claims-you-may-hear")
# Words without a logo, so that every letter on the page is ours to answer for
CLINIC = ClinicHeader("Hillside Clinic", telephone="01234 567 890", opening_hours="9 to 5")

on_each_paper = pytest.mark.parametrize(
    "paper", ["a4", pytest.param("letter", marks=pytest.mark.thorough)]
)
in_each_size = pytest.mark.parametrize("size", list(POINTS))
each_article = pytest.mark.parametrize(
    "name",
    [name if name in OFTEN else pytest.param(name, marks=pytest.mark.slow) for name in ARTICLES],
)


def look_at(pdf):
    """Each page: its width and height, and every run of letters with its place and size."""
    shown = subprocess.run(
        ["pdftohtml", "-xml", "-zoom", "1", "-i", "-stdout", "-", "-"],
        input=pdf,
        capture_output=True,
        check=True,
    ).stdout
    sizes = {}
    for page in ET.fromstring(re.sub(rb"<!DOCTYPE.*?>", b"", shown)).iter("page"):
        sizes |= {font.get("id"): int(font.get("size")) for font in page.iter("fontspec")}
        runs = [
            {
                "words": "".join(run.itertext()),
                "size": sizes[run.get("font")],
                **{name: int(run.get(name)) for name in ("left", "top", "width", "height")},
            }
            for run in page.iter("text")
            if "".join(run.itertext()).strip("\u200b\u2060 \u00a0")
        ]
        yield int(page.get("width")), int(page.get("height")), runs


def squeezed(text):
    """Without blanks and hyphens: at the end of a line, some hyphens are lost in reading back."""
    return re.sub(r"[\s-]", "", text)


def overlap(one, other):
    """How much of the lower of two runs is covered by the other, from 0 to 1."""
    across = min(one["left"] + one["width"], other["left"] + other["width"]) - max(
        one["left"], other["left"]
    )
    down = min(one["top"] + one["height"], other["top"] + other["height"]) - max(
        one["top"], other["top"]
    )
    return 0 if across <= 1 else down / min(one["height"], other["height"])


def check_pages(pdf, size):
    pages = list(look_at(pdf))
    for number, (width, height, runs) in enumerate(pages, start=1):
        words = " ".join(run["words"] for run in runs).replace("\u00a0", " ")
        words = " ".join(re.sub("[\u200b\u2060]", "", words).split())
        for said in (
            "Hillside Clinic",
            "Code 7F3-K9Q-2MF",
            "Version 2",
            "Reviewed 2 March 2026",
            "Do not use after 2 March 2027",
            f"Page {number} of {len(pages)}",
        ):
            assert said in words, f"page {number}"
        for run in runs:
            assert run["size"] >= POINTS[size], run
            assert run["left"] >= 30, run
            assert run["left"] + run["width"] <= width - 30, run
            assert run["top"] >= 20, run
            assert run["top"] + run["height"] <= height - 15, run
        for one, other in combinations(runs, 2):
            assert overlap(one, other) < 0.5, (number, one, other)
    return pages


def headings_alone(pages, size):
    """Runs larger than the text that stand lowest on a page, above its foot."""
    for number, (_, _, runs) in enumerate(pages, start=1):
        foot = next(run["top"] for run in reversed(runs) if run["words"].startswith("Version"))
        body = [run for run in runs if run["top"] < foot - 2.5 * POINTS[size]]
        lowest = max(body, key=lambda run: run["top"] + run["height"])
        if lowest["size"] > POINTS[size] * 1.2 and lowest["words"] != "Your notes":  # then lines
            yield number, lowest["words"]


@needs_poppler
@in_each_size
@on_each_paper
@each_article
def test_shipped_article_prints_whole_and_in_order(name, paper, size):
    tree = shipped_trees()[name]
    copy = make_copy(title=tree["title"], clinic=CLINIC)

    pdf = typeset([tree], copy=copy, options=PrintOptions(paper=paper, size=size))

    pages = check_pages(pdf, size)
    assert list(headings_alone(pages, size)) == []
    text = squeezed(re.sub(r"\[[\d, p.]+\]", "", read_text(pdf)))
    place = 0
    for expected in (
        plain(tree["short_answer"]),
        *(plain(message["c"]) for message in tree["key_messages"]),
        *(plain(block["c"]) for block in tree["body"] if block["t"] == "heading"),
        *(row["question"] for row in (tree["comparison"] or {"rows": []})["rows"]),
        *(f"“{claim['said']}”" for claim in tree["claims"]),
        "What we do not know",
        "Questions to ask",
        "Where this information comes from",
        "About this copy",
        "Your notes",
    ):
        found = text.find(squeezed(expected), place)
        assert found >= 0, f"{expected!r} is missing or comes too early"
        place = found


@needs_poppler
@in_each_size
@on_each_paper
def test_shipped_articles_print_as_a_pack(paper, size):
    parts = [PrintedText(shipped_trees()[name]) for name in OFTEN]
    copy = make_copy(title="Before your visit", note="Please read this first.", clinic=CLINIC)
    options = PrintOptions(paper=paper, size=size, length="short", references="numbers")

    pdf = typeset(parts, copy=copy, options=options)

    pages = check_pages(pdf, size)
    assert list(headings_alone(pages, size)) == []
    text = read_text(pdf)
    assert "Please read this first." in text
    assert all(part.tree["title"] in text for part in parts)


@needs_poppler
@in_each_size
@each_article
def test_shipped_article_prints_in_short_on_few_pages(name, size):
    tree = shipped_trees()[name]
    options = PrintOptions(size=size, length="short", references="code", black_and_white=True)

    pdf = typeset([tree], copy=make_copy(title=tree["title"], clinic=CLINIC), options=options)

    assert len(check_pages(pdf, size)) <= {"clear": 3, "large": 5, "giant": 7}[size]
