"""
The tags of a PDF, which screen readers follow, read with Poppler's ``pdfinfo -struct-text``.

Typst refuses what breaks PDF/UA-1 by rules a program can check; no free full validator is at hand.
"""

import re
import subprocess
import zlib
from itertools import pairwise

from education.handouts.typesetting import PrintedText, typeset
from tests.handouts.paper import items, make_copy, make_tree, needs_poppler, paragraph, words

pytestmark = needs_poppler


def read_tags(pdf):
    """The tag tree, an element a line, its words in quotes."""
    shown = subprocess.run(
        ["pdfinfo", "-struct-text", "-"], input=pdf, capture_output=True, check=True
    )
    return shown.stdout.decode()


def headings(tags):
    return re.findall(r'^ *(H\d) "(.*)" \(block\)$', tags, re.MULTILINE)


def passages_in(pdf, language):
    """How many pieces of text are marked as of a language, on all pages."""
    pages = [
        zlib.decompress(body)
        for body in re.findall(rb"/FlateDecode.*?>>\s*stream\n(.*?)\nendstream", pdf, re.DOTALL)
        if body[:1] == b"\x78"
    ]
    return sum(page.count(b"/Lang(%s)" % language.encode()) for page in pages)


def make_comparison(*questions):
    cell = {"unknown": False, "certainty": "low", "c": [paragraph("Somewhat.")]}
    options = [{"slug": "cells", "name": "Cells"}, {"slug": "no-change", "name": "No change"}]
    return {
        "options": options,
        "rows": [
            {
                "slug": f"row-{number}",
                "question": question,
                "cells": [cell | {"option": option["slug"]} for option in options],
            }
            for number, question in enumerate(questions)
        ],
    }


def test_the_title_of_a_text_is_its_first_heading_and_no_level_is_left_out():
    found = headings(read_tags(typeset([make_tree()], copy=make_copy())))

    assert found[0] == ("H1", "Is it feasible?")
    assert [level for level, _ in found].count("H1") == 1
    levels = [int(level[1]) for level, _ in found]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_pack_has_its_own_title_and_that_of_each_text():
    parts = [PrintedText(make_tree(title="First text")), PrintedText(make_tree(title="Second"))]
    found = headings(read_tags(typeset(parts, copy=make_copy(title="Before your visit"))))

    titles = [title for level, title in found if level == "H1"]
    assert titles[:3] == ["Before your visit", "First text", "Second"]


def test_a_comparison_is_one_table_whose_questions_and_options_are_heads():
    tree = make_tree(comparison=make_comparison("Does it help?", "Does it hurt?"))
    tags = read_tags(typeset([tree], copy=make_copy()))

    assert tags.count("Table (block)") == 1
    heads = re.findall(r"TH\b.*?/Scope /(\w+).*?\"(.*?)\"", tags, re.DOTALL)
    assert heads == [
        ("Column", "Does it help?"),
        ("Row", "Cells"),
        ("Row", "No change"),
        ("Column", "Does it hurt?"),
        ("Row", "Cells"),
        ("Row", "No change"),
    ]
    assert len(re.findall(r"^ *TD\b", tags, re.MULTILINE)) == 4


def test_the_first_cell_of_each_row_of_a_table_names_the_row():
    table = {
        "t": "table",
        "head": [words("Outcome"), words("With"), words("Without")],
        "rows": [[words("Pain"), words("3"), words("2")], [words("Sleep"), words("9"), words("8")]],
        "align": ["", "", ""],
    }
    tags = read_tags(typeset([make_tree(body=[table])], copy=make_copy()))

    heads = re.findall(r"TH\b.*?/Scope /(\w+).*?\"(.*?)\"", tags, re.DOTALL)
    assert heads == [
        ("Column", "Outcome"), ("Column", "With"), ("Column", "Without"),
        ("Row", "Pain"), ("Row", "Sleep"),
    ]  # fmt: skip


def test_chinese_titles_of_works_are_marked_as_chinese():
    name = "选择性脊神经后根切断术"
    reference = {"n": 1, "key": "work1", "text": f"Wang A. {name} [Rhizotomy]. 2020."}
    pdf = typeset([make_tree(references=[reference])], copy=make_copy())

    assert passages_in(pdf, "zh") >= 1
    assert passages_in(typeset([make_tree()], copy=make_copy()), "zh") == 0


def test_a_box_to_tick_says_what_it_is():
    pdf = typeset([make_tree(questions=[items("Who pays?", "Who else?")])], copy=make_copy())

    assert pdf.count(b"/Alt(Empty box to tick)") == 2
    tags = read_tags(pdf)
    assert re.search(r"Lbl \(block\)\n *Figure", tags)
