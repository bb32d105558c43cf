"""Anything can be typed: nothing raises, no markup comes of it, no word is lost."""

import json
import re
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st

from education.text.html import all_sanitised, to_html
from education.text.masking import mask
from education.text.rendering import Draft, Source, cited_keys, render
from tests.examples import examples

SOURCES = {
    key: Source(key=key, text=f"<b>{key}</b>", doi='10.1/x"><script>', url="javascript:x",
                finding="<script>", sample_size=5)
    for key in ("a", "b")
}  # fmt: skip

PIECES = [
    "a", "B", " ", "\n", "\n\n", "[", "]", "(", ")", "@", "[@a]", "[@b, p. 3]", "[@a; @x]", "[@",
    "*", "**", "_", "`", "```", "```icons\ncount: 1\nof: 3\ntext: x [@a]\n```", "# ", "## ", "- ",
    "1. ", "> ", "::: note", ":::", "|", "|-|", "<", ">", "&", '"', "'", "\\", "<script>",
    "</span>", "javascript:", "[x](javascript:alert(1))", "![x](figure:y)", "https://example.org",
    "<https://x.org>", "&lt;", "&#0;", ". ", "! ", "。", "痉挛", "e.g. ", "1.4", "---", "~", "\t",
    "\x00", "\ufffc", "\u2028", "\xa0", "\u202e", "\ud800", "http://", "](/x)", "mailto:a@b.c",
]  # fmt: skip
typed = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=30).map("".join)


class Elements(HTMLParser):
    """Every element and attribute of an HTML text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: list[str | None] = []
        self.open = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]


def draft_of(text: str) -> Draft:
    return Draft(
        language=f"en{text}",
        kind=f"comparison{text}",
        title=text,
        short_answer=text,
        key_messages=[{"text": text, "certainty": text}],
        body=text,
        unknowns=text,
        questions=text,
        funding=text,
        options=[{"slug": "x", "name": text}],
        rows=[{"slug": "r", "question": text, "cells": {"x": {"text": text, "certainty": "low"}}}],
        claims=[{"slug": "c", "said": text, "answer": text, "verdict": text or "outdated"}],
        terms=[{"slug": "t", "term": text, "also": [text], "definition": text}],
    )


@settings(max_examples=examples(150), deadline=None)
@given(typed)
def test_any_text_is_rendered_safely(text):
    result = render(draft_of(text), SOURCES)
    html = result.html["article"]
    seen = Elements(html)

    assert not seen.tags & {"script", "img", "iframe", "style", "object", "base", "form"}
    assert not any(name.startswith("on") or name == "style" for name, _ in seen.attributes)
    for name, value in seen.attributes:
        if name == "href":
            assert re.match(r"https?://|mailto:|/(?!/)|#", value or ""), value
    assert len(set(seen.ids)) == len(seen.ids)
    # The tree is what is stored: it must be writable as JSON in UTF-8, and print the same again.
    stored = json.loads(json.dumps(result.tree, ensure_ascii=False).encode())
    assert to_html(stored) == result.html


@settings(max_examples=examples(150), deadline=None)
@given(typed)
@example("[<https://x.org>](/x)")
def test_the_sanitiser_changes_nothing_that_is_printed(text):
    printed = to_html(render(draft_of(text), SOURCES).tree)

    assert all_sanitised(printed) == printed


@settings(max_examples=examples(100), deadline=None)
@given(typed)
def test_cited_keys_are_those_of_the_references(text):
    draft = draft_of(text)
    references = [reference["key"] for reference in render(draft, SOURCES).references]
    assert references == [key for key in cited_keys(draft) if key in SOURCES]


@settings(max_examples=examples(100), deadline=None)
@given(typed, st.sets(st.sampled_from(["a", "b"])))
def test_any_text_can_be_masked_and_restored(text, keys):
    tree = render(draft_of(text), SOURCES).tree
    before = json.dumps(tree)

    masked = mask(tree, keys, "Gone.", "Checked.")

    assert to_html(masked)["article"]
    assert json.dumps(tree) == before
    assert json.dumps(mask(tree, set())) == before
    kept = json.dumps([masked["short_answer"], masked["key_messages"], masked["body"]])
    for key in keys:
        assert f'"evidence": ["{key}"]' not in kept


@settings(max_examples=examples(100), deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=40))
def test_plain_words_come_out_as_they_went_in(text):
    assert render(Draft(body=text), {}).text == text
