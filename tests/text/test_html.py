"""From the tree to HTML."""

import re
from html.parser import HTMLParser

import pytest

from education.text.glossary import Term
from education.text.html import certainty_badge, sanitised, to_html
from education.text.labels import LABELS
from education.text.masking import mask
from education.text.rendering import Draft, Source, render

SOURCES = {
    key: Source(
        key=key,
        text=f"Reference {key}.",
        html=f"Reference <i>{key}</i>.",
        doi=f"10.1000/{key}",
        pmid="123",
        design="Randomised trial",
        sample_size=1474,
        follow_up="12 months",
        funding="A & B",
        finding="It fell.",
        limitations="Small.",
    )
    for key in ("a", "b", "c")
}

FULL = Draft(
    kind="comparison",
    short_answer="Perhaps [@a].",
    key_messages=[{"text": "It may [@b].", "certainty": "low"}],
    body="## Head\n\n**Bold** *lean* `code` [link](/x/) tone [@a; @c, p. 3].\\\nNext\n\n"
    "::: warning Stop\nWords.\n:::\n\n::: note\nWords.\n:::\n\n> Said.\n\n"
    "1. One\n\n   More\n2. Two\n\n3. x\n\n| A | B |\n|---|---|\n| 1 [@a] | 2 |\n\n"
    "```\nx < y\n```\n\n---\n\n"
    "```icons\ncount: 3\nof: 10\ntext: 3 out of 10 children [@a].\n```\n",
    unknowns="- How long",
    questions="- Who pays?",
    options=[{"slug": "x", "name": "Option & X"}, {"slug": "y", "name": "Y"}],
    rows=[
        {
            "slug": "safe",
            "question": "Safe?",
            "cells": {
                "x": {"text": "It may be [@c].", "certainty": "low"},
                "y": {"text": "No study.", "unknown": True},
            },
        }
    ],
    claims=[
        {"slug": "heals", "said": "It heals.", "verdict": "overstated", "certainty": "moderate",
         "answer": "It probably helps [@a]."}
    ],
    terms=[{"slug": "sdr", "term": "SDR", "also": ["rhizotomy"], "definition": "Cutting [@b]."}],
)  # fmt: skip
TERMS = {"tone": Term("tone", "tone", "How muscles <pull>.")}


CALLOUT = (
    '<div class="callout callout--warning" role="note" aria-label="Warning: Stop">'
    '<p class="callout-title">Stop</p><p>Now.</p></div>'
)
TABLE = (
    '<div class="table-frame"><table><thead><tr><th scope="col">A</th></tr></thead>'
    "<tbody><tr><td>1</td></tr></tbody></table></div>"
)


class Page(HTMLParser):
    """The ids of an HTML text, where its links and labels point, and whether all tags close."""

    VOID = frozenset({"br", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.pointed: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        if attributes.get("href", "").startswith("#"):
            self.pointed.add(attributes["href"][1:])
        for name in ("aria-labelledby", "aria-describedby", "popovertarget"):
            self.pointed |= set(attributes.get(name, "").split())
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def html(draft=FULL):
    return to_html(render(draft, SOURCES, terms=TERMS).tree)


def body(text):
    return html(Draft(body=text))["body"]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Plain.", "<p>Plain.</p>"),
        ("**a** *b* `c`", "<p><strong>a</strong> <em>b</em> <code>c</code></p>"),
        ("a\\\nb", "<p>a<br>b</p>"),
        ("## A & B", '<h2 id="a-b">A &amp; B</h2>'),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n\n   b", '<ol start="3"><li><p>a</p><p>b</p></li></ol>'),
        ("[a](/x/?y=1&z=2)", '<p><a href="/x/?y=1&amp;z=2">a</a></p>'),
        ("---", "<hr>"),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        (
            "::: warning Stop\nNow.\n:::",
            CALLOUT,
        ),
        ("> Said.", '<blockquote class="callout callout--quote"><p>Said.</p></blockquote>'),
        (
            "| A |\n|---|\n| 1 |",
            TABLE,
        ),
    ],
)
def test_block_is_printed_plainly(typed, printed):
    assert body(typed) == printed


@pytest.mark.parametrize(
    "typed", ["<b>x</b>", "\"'<>&", "</p><script>x</script>", "&lt;i&gt;", "a\xa0b"]
)
def test_text_is_escaped_in_every_place(typed):
    draft = Draft(
        short_answer=typed,
        key_messages=[{"text": typed}],
        body=f"## {typed}\n\n{typed}\n\n- {typed}\n\n::: note {typed}\n{typed}\n:::",
        options=[{"slug": "x", "name": typed}],
        rows=[{"slug": "r", "question": typed, "cells": {"x": {"text": typed}}}],
        claims=[{"slug": "c", "said": typed, "verdict": "outdated", "answer": typed}],
        terms=[{"slug": "t", "term": typed, "also": [typed], "definition": typed}],
    )
    printed = html(draft)["article"]
    assert not re.search(r"<(?:b|i|script)>", printed)
    assert '=""' not in printed.replace('popover=""', "")


def test_citation_links_to_its_reference_and_back():
    printed = html(Draft(short_answer="Yes [@a].", body="No [@b; @a, p. 3]."))

    assert printed["short_answer"] == (
        '<p class="short-answer"><span class="supported" data-evidence="a">Yes'
        '<sup class="cite"><a href="#ref-1" id="cite-1-1" role="doc-biblioref" '
        'aria-label="Reference 1">1</a></sup>.</span></p>'
    )
    assert printed["body"] == (
        '<p><span class="supported" data-evidence="b a">No<sup class="cite">'
        '<a href="#ref-2" id="cite-2-1" role="doc-biblioref" aria-label="Reference 2">2</a>'
        '<span class="cite-comma">,</span>'
        '<a href="#ref-1" id="cite-1-2" role="doc-biblioref" aria-label="Reference 1">1</a>'
        '<span class="cite-locator">(p. 3)</span></sup>.</span></p>'
    )
    assert (
        '<p class="backlinks">Back to the text: '
        '<a href="#cite-1-1" role="doc-backlink" '
        'aria-label="Back to place 1">a</a> '
        '<a href="#cite-1-2" role="doc-backlink" '
        'aria-label="Back to place 2">b</a></p>'
    ) in printed["references"]


def test_reference_shows_what_kind_of_study_it_is():
    printed = html(Draft(body="x [@a]."))["references"]

    assert printed.startswith('<div class="references" role="doc-endnotes"')
    assert '<li id="ref-1" value="1">' in printed
    assert "Reference <i>a</i>." in printed
    assert '<a href="https://doi.org/10.1000/a">doi:10.1000/a</a>' in printed
    for fact in ("Randomised trial", "People studied: 1,474", "Followed for: 12 months",
                 "Funding and interests: A &amp; B"):  # fmt: skip
        assert f"<li>{fact}</li>" in printed
    assert "<summary>What it found</summary><p>It fell.</p><p>Limits: Small.</p>" in printed


def test_reference_says_where_anybody_may_read_the_whole_work():
    address = "https://pmc.ncbi.nlm.nih.gov/articles/PMC1/"
    words = "PubMed Central PMCID: PMC1"
    source = Source(key="a", text=f"T {words}", html=f'T <a href="{address}">{words}</a>')
    printed = render(Draft(body="x [@a]."), {"a": source}).html["references"]
    assert f'<a href="{address}" aria-label="Free to read: reference 1">Free to read</a>' in printed
    assert "Free to read" not in html(Draft(body="x [@a]."))["references"]


def test_reference_with_links_of_its_own_gets_no_others():
    source = Source(
        key="a", text="T", html='T <a href="https://doi.org/10.1/a">doi</a>', doi="10.1/a"
    )
    printed = render(Draft(body="x [@a]."), {"a": source}).html["references"]
    assert printed.count("https://doi.org") == 1


def test_many_backlinks_are_lettered_on():
    printed = html(Draft(body=" ".join(["x [@a]."] * 28)))["references"]
    assert re.findall(r">([a-z]+)</a>", printed)[-3:] == ["z", "aa", "ab"]


def test_grid_is_a_table_whose_answers_name_their_option():
    printed = html()["comparison"]

    assert '<th scope="col">Option &amp; X</th>' in printed
    columns = printed.count('scope="col"')
    assert (
        '<tbody><tr><th class="question" scope="rowgroup" '
        f'colspan="{columns}" id="row-safe">Safe?</th></tr>'
    ) in printed
    assert '<td><p class="cell-option">Option &amp; X</p>' in printed
    assert '<p>No study.</p><p class="not-known">Not known</p>' in printed
    for cell in html()["cells"]["safe"].values():
        assert cell in printed


def test_claim_shows_its_verdict_in_words():
    printed = html()["claims"]

    assert '<h2 class="claim-said" id="claim-heals">“It heals.”</h2>' in printed
    assert '<span class="verdict verdict--overstated">Overstated</span>' in printed
    assert "Moderate certainty" in printed
    assert html()["claim"] == {"heals": printed}


def test_term_is_explained_in_place_without_script():
    printed = html(Draft(body="The tone."))["body"]
    assert printed == (
        '<p>The <span class="unbroken">'
        '<button type="button" class="term" popovertarget="word-tone">tone</button>'
        '<span class="term-definition" id="word-tone" popover=""><strong>tone</strong> '
        'How muscles &lt;pull&gt;. <a href="/glossary/#term-tone">All words explained</a></span>'
        ".</span></p>"
    )


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("Stiff (tone), so.", ("(", "),")),
        ("Stiff “tone”.", ("“", "”.")),
        ("Stiff (tone so).", ("(", "")),
    ],
)
def test_brackets_and_stops_stay_in_the_line_of_an_explained_word(body, kept):
    """A word that is explained is a button, beside which a line may end."""
    printed = html(Draft(body=body))["body"]
    pattern = r'<span class="unbroken">([^<]*)<button.*?</a></span>([^<]*)</span>'
    assert re.findall(pattern, printed) == [kept]
    assert re.sub(r"<button[^>]*>|</button>|<span [^>]*popover.*?</a></span>", "", printed) == (
        f'<p>Stiff <span class="unbroken">{kept[0]}tone{kept[1]}</span>'
        f"{body.partition('tone' + kept[1])[2]}</p>"
    )


def test_drawing_of_people_is_named_by_its_words_without_numbers_of_references():
    printed = body("```icons\ncount: 3\nof: 10\ntext: 3 out of 10 children gained [@a].\n```")

    assert 'role="img" aria-label="3 out of 10 children gained." ' in printed
    assert 'href="#ref-1"' in printed


def test_fact_has_no_certainty_and_an_ungraded_row_of_the_table_says_so():
    tree = render(Draft(key_messages=[{"text": "It is so."}, {"text": "It may help."}]), {}).tree
    tree["key_messages"][1]["row"] = {"slug": "any", "certainty": "not_graded"}

    fact, statement = to_html(tree)["key_messages"].split("</li>")[:2]

    assert "certainty" not in fact
    assert LABELS["not_graded"] in statement


def test_glossary_is_a_list_of_definitions():
    assert html()["terms"].startswith(
        '<dl class="glossary"><div class="glossary-entry" id="term-sdr"><dt><dfn>SDR</dfn> '
        '<span class="term-also">Also called: rhizotomy</span></dt><dd>'
    )


@pytest.mark.parametrize(
    ("certainty", "filled"),
    [("high", 4), ("moderate", 3), ("low", 2), ("very_low", 1), ("not_graded", 0)],
)
def test_certainty_badge_says_it_in_words_and_dots(certainty, filled):
    badge = certainty_badge(certainty)

    assert badge.count("<circle") == 4
    assert badge.count('fill="currentColor"') == filled
    assert f"certainty--{certainty.replace('_', '-')}" in badge
    assert LABELS[certainty] in badge


def test_page_speaks_the_language_of_the_text(settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("en-xa", "Test")]
    printed = html(Draft(language="en-XA", key_messages=[{"text": "Yes.", "certainty": "low"}]))
    assert "Löw çéŕţåîñţý" in printed["key_messages"]
    assert (
        "Low certainty"
        in html(Draft(language="fr", key_messages=[{"certainty": "low"}]))["article"]
    )


def test_parts_together_are_the_article_in_the_order_of_reading():
    parts = html()
    order = ["short_answer", "key_messages", "body", "comparison", "claims", "terms", "unknowns",
             "questions", "references"]  # fmt: skip
    places = [parts["article"].index(parts[name]) for name in order]
    assert places == sorted(places)


def test_every_link_and_label_inside_an_article_resolves_once():
    page = Page(html()["article"])
    assert len(page.ids) == len(set(page.ids))
    assert page.pointed <= set(page.ids)


def test_the_sanitiser_changes_nothing_that_is_printed():
    for printed in (html(), to_html(mask(render(FULL, SOURCES).tree, {"a"}))):
        assert sanitised(printed["article"]) == printed["article"]


@pytest.mark.parametrize(
    ("evil", "left"),
    [
        ("<script>x</script>", ""),
        ('<p onclick="x">y</p>', "<p>y</p>"),
        ('<a href="javascript:x">y</a>', "<a>y</a>"),
        ('<p style="color:red">y</p>', "<p>y</p>"),
        ("<iframe></iframe>", ""),
        ('<svg><a href="javascript:x"></a><script>y</script></svg>', "<svg><a></a></svg>"),
        ("<img src=x>", ""),
        ("<!-- c -->", ""),
    ],
)
def test_the_sanitiser_is_a_lock_of_its_own(evil, left):
    assert sanitised(evil) == left


def test_masked_words_and_notices_are_marked():
    tree = render(Draft(body="One [@a]. Two [@a; @b]."), SOURCES).tree
    printed = to_html(mask(tree, {"a"}, "Gone.", "Checked."))["body"]

    assert '<span class="masked">Gone.</span>' in printed
    assert printed.endswith('</span> <span class="support-notice">Checked.</span></p>')


def test_a_corner_of_a_table_without_words_is_no_heading():
    body = "|  | Cells |\n|---|---|\n| Cost | Much |"
    printed = to_html(render(Draft(body=body), {}).tree)["body"]
    assert '<thead><tr><td></td><th scope="col">Cells</th></tr></thead>' in printed
