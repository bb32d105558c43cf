"""
No figure, sign or negation of a reference is lost, or joined to another, without a word.

Titles are made of pieces that matter (a dose, a sign, "not"), some raised or lowered, and written
into each format as programs write them: escaped, wrapped over lines, with the format's own markup.
"""

import json
import re
from textwrap import wrap
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from education.evidence.formats import PARSERS, parse
from tests.examples import examples

TOKEN = re.compile(r"\d+|(?:not|no|never|without)(?![^\W\d_])|[<>=≤≥±×∼−+%µ]|-(?=\d)|[.,/](?=\d)")
PIECES = st.sampled_from(
    ["not", "no", "never", "without", "5", "106", "1,000", "0.5", "−3", "-3", "±2", "≥2", "≤5",
     "<70", "> 9", "5 µg", "95%", "10–20", "p=.05", "R&D", "1/2", "+7", "é", "重要", "×", "∼12",
     "GMFM-66", "(1)", "‘not’", "IQ", "cells", "2:1"]
)  # fmt: skip
RAISED = st.sampled_from(["5", "106", "-3", "−3", "+7", "(1)", "2"])
BLANKS = st.sampled_from(["", " "])
PARTS = st.lists(
    st.tuples(PIECES, st.just(""), BLANKS)
    | st.tuples(RAISED, st.sampled_from(["sup", "sub"]), BLANKS),
    min_size=1,
    max_size=9,
)
VOLUMES = st.sampled_from(["12", "12A", "S1", "12 Suppl 2", "1.2"])
ISSUES = st.sampled_from(["3", "3-4", "Pt 2", "Suppl 1"])
PAGES = st.sampled_from(["45", "45-46", "e123", "S12-S15", "123.e1-123.e9", "1123-1130"])

TEX = {
    "<": r"{\textless}", ">": r"$>$", "≥": r"$\ge$", "≤": r"$\leq$", "∼": r"$\sim$", "±": r"$\pm$",
    "×": r"\texttimes{}", "−": r"$-$", "µ": r"\textmu{}", "%": r"\%", "&": r"\&", "é": r"{\'e}",
}  # fmt: skip


def tokens(text):
    """What changes the meaning of a title; LaTeX's minus is a hyphen between dollars."""
    return TOKEN.findall(text.replace("−", "-"))


def html(text, look):
    text = escape(text)
    return f"<{look}>{text}</{look}>" if look else text


def tex(text, look):
    text = "".join(TEX.get(sign, sign) for sign in text)
    return {"sup": r"\textsuperscript{%s}", "sub": r"\textsubscript{%s}"}.get(look, "%s") % text


def joined(parts, mark):
    return "".join(f"{mark(text, look)}{blank}" for text, look, blank in parts)


def wrapped(tag, text, indent):
    """A tagged line, broken at blanks as databases break them."""
    lines = wrap(text, 40, break_long_words=False, break_on_hyphens=False) or [""]
    return tag + f"\n{' ' * indent}".join(lines) + "\n"


def csl(title, volume, issue, page):
    fields = {"title": joined(title, html), "volume": volume, "issue": issue, "page": page}
    return json.dumps([fields | {"type": "article-journal"}])


def ris(title, volume, issue, page):
    start, _, end = page.partition("-")
    lines = [f"TI  - {joined(title, html)}", f"VL  - {volume}", f"IS  - {issue}", f"SP  - {start}"]
    return "\r\n".join(["TY  - JOUR", *lines, *([f"EP  - {end}"] if end else []), "ER  - "])


def bibtex(title, volume, issue, page):
    fields = {"title": joined(title, tex), "volume": volume, "number": issue, "pages": page}
    inside = ", ".join(
        f"{name} = {{{value.replace('-', '--') if name == 'pages' else value}}}"
        for name, value in fields.items()
    )
    return f"@article{{k, {inside}}}"


def nbib(title, volume, issue, page):
    return (
        "PMID- 17\n" + wrapped("TI  - ", joined(title, html), 6)
        + f"VI  - {volume}\nIP  - {issue}\nPG  - {page}\nPT  - Journal Article\n"
    )  # fmt: skip


def pubmed_xml(title, volume, issue, page):
    return (
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>17</PMID><Article><Journal>"
        f"<JournalIssue><Volume>{volume}</Volume><Issue>{issue}</Issue></JournalIssue></Journal>"
        f"<ArticleTitle>{joined(title, html)}</ArticleTitle>"
        f"<Pagination><MedlinePgn>{page}</MedlinePgn></Pagination>"
        "</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )


def enw(title, volume, issue, page):
    return f"%0 Journal Article\n%T {joined(title, html)}\n%V {volume}\n%N {issue}\n%P {page}\n"


def ciw(title, volume, issue, page):
    start, _, end = page.partition("-")
    ends = f"EP {end}\n" if end else ""
    return (
        "PT J\n" + wrapped("TI ", joined(title, html), 3)
        + f"VL {volume}\nIS {issue}\nBP {start}\n{ends}ER\n"
    )  # fmt: skip


WRITTEN = {
    "csl": csl, "ris": ris, "bibtex": bibtex, "nbib": nbib, "pubmed-xml": pubmed_xml, "enw": enw,
    "ciw": ciw,
}  # fmt: skip


def check(name, title, volume, issue, page):
    data = WRITTEN[name](title, volume, issue, page).encode()
    [record] = parse(data, name)
    if record.csl is None:
        assert record.error
        return
    # What is raised or lowered is a figure of its own.
    meant = "".join(f" {text} {blank}" if look else text + blank for text, look, blank in title)
    assert tokens(record.csl["title"]) == tokens(" ".join(meant.split())), data
    kept = " ".join(str(record.csl.get(part, "")) for part in ("volume", "issue", "page"))
    for value in (volume, issue, page):
        assert set(re.findall(r"\d+", value)) <= set(re.findall(r"\d+", kept)), data


def test_every_format_that_is_read_is_tried():
    assert set(WRITTEN) == set(PARSERS)


@pytest.mark.parametrize("name", WRITTEN)
@settings(max_examples=examples(40), deadline=None)
@given(title=PARTS, volume=VOLUMES, issue=ISSUES, page=PAGES)
def test_a_reference_keeps_what_changes_its_meaning(name, title, volume, issue, page):
    check(name, title, volume, issue, page)


@pytest.mark.soak
@pytest.mark.parametrize("name", WRITTEN)
@settings(max_examples=5_000, deadline=None)
@given(title=PARTS, volume=VOLUMES, issue=ISSUES, page=PAGES)
def test_a_reference_keeps_what_changes_its_meaning_for_long(name, title, volume, issue, page):
    check(name, title, volume, issue, page)
