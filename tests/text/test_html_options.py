"""What a page asks of the printer beyond the text, and copies that older releases froze."""

import json
import lzma
import re
from pathlib import Path

import pytest

from education.text.html import Options, all_sanitised, to_html
from education.text.masking import mask
from education.text.readability import reading_minutes
from education.text.rendering import Draft, Source, render
from education.text.tree import plain

RELEASES = sorted((Path(__file__).resolve().parents[1] / "releases").glob("*.json.xz"))
SOURCES = {key: Source(key=key, text=f"Reference {key}.") for key in ("a", "b")}
TREE = render(
    Draft(
        title="Which?",
        short_answer="Perhaps [@a].",
        body="It helps [@a]. See [more](/claims/), [there](https://example.org/).",
        options=[{"slug": "one", "name": "One"}, {"slug": "two", "name": "Two"}],
        rows=[
            {
                "slug": slug,
                "question": f"{slug}?",
                "cells": {
                    "one": {"text": f"One {slug} [@a].", "certainty": "low"},
                    "two": {"text": f"Two {slug} [@b].", "certainty": "high"},
                },
            }
            for slug in ("what", "how")
        ],
        claims=[
            {"slug": "true", "said": "True", "verdict": "supported", "answer": "Yes [@b]."},
            {"slug": "false", "said": "False", "verdict": "overstated", "answer": "No [@a; @b]."},
        ],
        terms=[{"slug": "cell", "term": "Cell", "definition": "A small part [@b]."}],
    ),
    SOURCES,
).tree


def links(html):
    return re.findall(r'href="([^"]*)"', html)


def test_chosen_questions_and_columns_alone_are_printed():
    printed = to_html(TREE, Options(questions=["how"], columns=["two"], whole_at="/whole/"))

    assert {row: list(cells) for row, cells in printed["cells"].items()} == {"how": ["two"]}
    assert "Two how" in printed["comparison"]
    for left_out in ("what?", "One"):
        assert left_out not in printed["comparison"]


def test_places_keep_their_names_and_ways_back_to_those_left_out_lead_to_the_whole_page():
    whole = to_html(TREE)
    part = to_html(TREE, Options(questions=["how"], whole_at="/whole/"))

    assert part["cells"]["how"] == whole["cells"]["how"]
    back = [href for href in links(part["references"]) if "#cite-" in href]
    assert [href.removeprefix("/whole/") for href in back] == [
        href for href in links(whole["references"]) if "#cite-" in href
    ]
    for href in back:
        printed = f'id="{href.partition("#")[2]}"' in part["article"]
        assert printed != href.startswith("/whole/"), href


def test_one_claim_stands_alone_with_what_it_cites():
    printed = to_html(TREE, Options(claim="true"))

    assert printed["claims"].startswith('<p class="claim-verdict">')
    assert "Yes" in printed["claims"]
    assert "False" not in printed["claims"]
    assert re.findall(r'<li id="(ref-\d" value="\d)"', printed["references"]) == ['ref-2" value="1']
    assert 'aria-label="Reference 1">1</a>' in printed["claims"]
    places = [href[1:] for href in links(printed["references"])]
    assert places == re.findall(r'id="(cite-[\d-]+)"', printed["claims"])
    assert 'aria-label="Back to place 1">a</a>' in printed["references"]
    others = ("short_answer", "key_messages", "body", "comparison", "terms", "unknowns")
    assert not any(printed[name] for name in others)


def test_citations_lead_to_the_page_that_lists_them():
    printed = to_html(TREE, Options(whole_at="/articles/words/", references=False))

    assert links(printed["term"]["cell"]) == ["/articles/words/#ref-2"]
    assert printed["references"] == ""


def test_addresses_inside_the_site_are_whole_for_readers_elsewhere():
    printed = to_html(TREE, Options(site="https://site.example"))

    assert links(printed["body"]) == [
        "#ref-1", "https://site.example/claims/", "https://example.org/"
    ]  # fmt: skip


def test_a_note_stands_behind_the_stop_of_each_statement_and_is_escaped():
    told = []

    def note(keys):
        told.append(list(keys))
        return "known", "<b> & more"

    printed = to_html(TREE, Options(note=note))

    mark = ' <span class="fit fit--known">&lt;b&gt; &amp; more</span>'
    assert f"</sup>.{mark}" in printed["short_answer"]
    assert printed["article"].replace(mark, "") == to_html(TREE)["article"]
    assert printed["references"] == to_html(TREE)["references"]
    assert told.count(["a", "b"]) == 1


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(questions=["how"], columns=["one"], whole_at='/"><script>'),
        Options(claim="false"),
        Options(references=False, whole_at='/"><script>', site="https://s.example"),
        Options(note=lambda keys: ("<script>", "<script>")),
    ],
)
def test_the_sanitiser_finds_nothing_to_take_away_whatever_is_asked_for(options):
    printed = to_html(TREE, options)

    assert all_sanitised(printed) == printed
    assert "<script" not in str(printed)


def without_words_of_the_site(part):
    """
    What a copy itself says. The certainty beside a statement, what stands in the box of an
    explained word and how a drawing is named are the site's, as they are today.
    """
    if isinstance(part, dict):
        return {name: without_words_of_the_site(below) for name, below in part.items()}
    for pattern, left in (
        (r'( ?<span class="certainty .*?</svg> [^<]*</span>)', ""),
        (r'<p class="cell-certainty"></p>', ""),
        (r'<p class="claim-certainty">[^<]*</p>', ""),
        (r'<span class="term-definition" id="([^"]*)".*?</span>', r"<\1>"),
        (r'<span class="unbroken">(.*?<word-[^>]*>)([^<]*)</span>', r"\1\2"),
        (r' aria-label(ledby)?="[^"]*" focusable', ""),
        (r'<figcaption id="[^"]*">', "<figcaption>"),
        (r'(<figure class="[a-z]*") aria-label="[^"]*"', r"\1"),
    ):
        part = re.sub(pattern, left, part)
    return part


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name.removesuffix(".json.xz"))
def test_copies_that_a_release_froze_are_printed_from_their_trees(release):
    kept = json.loads(lzma.decompress(release.read_bytes()))["education_publication"]
    place = {name: kept["columns"].index(name) for name in ("content", "html")}
    assert kept["rows"]
    for row in kept["rows"]:
        tree, frozen = (json.loads(row[place[name]]) for name in ("content", "html"))
        printed = to_html(tree)
        assert all_sanitised(printed) == printed
        # The site's own words in the list of references are those of today, and a grid has one
        # markup for all doors; its answers ("cells") are as they were.
        for name in printed.keys() - {"references", "comparison", "article"}:
            ours, theirs = map(without_words_of_the_site, (printed[name], frozen[name]))
            assert ours == theirs, (tree["title"], name)
        fallen = {reference["key"] for reference in tree["references"]}
        masked = to_html(mask(tree, fallen))
        assert all_sanitised(masked) == masked


def test_a_chinese_text_takes_as_long_as_its_characters():
    chinese = render(Draft(language="zh", body="干细胞治疗是一种方法。" * 90), {}).tree
    english = render(Draft(body="Stem cells may help. " * 90), {}).tree

    assert reading_minutes(chinese) == 3  # 900 characters at 300 a minute
    assert reading_minutes(english) == 2  # 360 words at 200 a minute


def test_words_on_one_line_have_single_blanks():
    blocks = render(Draft(body="One\\\ntwo.\n\n- Three\n- four\n"), {}).tree["body"]

    assert plain(blocks, one_line=True) == "One two. Three four"
