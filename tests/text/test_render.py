"""From Markdown to the tree."""

import pytest

from education.text.rendering import Draft, Rendered, Source, cited_keys, render
from education.text.tree import plain

SOURCES = {
    key: Source(key=key, text=f"Reference {key}.", html=f"Reference <i>{key}</i>.")
    for key in ("a", "b", "c", "sun2017", "novak2016")
}


def rendered(body: str = "", **fields) -> Rendered:
    return render(Draft(body=body, **fields), SOURCES)


def body(text: str) -> list:
    return rendered(text).tree["body"]


def codes(result: Rendered) -> list[str]:
    return [problem.code for problem in result.problems]


def text(words: str) -> dict:
    return {"t": "text", "text": words}


def test_render_makes_one_document_of_all_fields():
    result = rendered(
        "## Start\n\nIt may help [@a].",
        title="Does it help?",
        kind="comparison",
        short_answer="Perhaps [@b].",
        key_messages=[{"text": "It *may* [@a].", "certainty": "low"}],
        unknowns="- How long.",
        questions="- Who pays?",
        funding="Nobody  paid.",
        what_changed="",
        options=[{"slug": "x", "name": "X"}, {"slug": "y", "name": "Y"}],
        rows=[
            {
                "slug": "safe",
                "question": "Safe?",
                "cells": {
                    "y": {"text": "No study.", "certainty": "not_graded", "unknown": True},
                    "x": {"text": "It may be [@c].", "certainty": "low"},
                },
            }
        ],
    )
    tree = result.tree

    assert tree["schema"] == 2
    assert (tree["kind"], tree["language"], tree["title"]) == ("comparison", "en", "Does it help?")
    assert tree["short_answer_text"] == "Perhaps."
    assert tree["key_messages"][0]["certainty"] == "low"
    assert tree["key_messages"][0]["text"] == "It may."
    assert tree["funding"] == "Nobody paid."
    assert tree["contents"] == [{"id": "start", "text": "Start", "level": 2}]
    assert tree["comparison"]["options"] == [
        {"slug": "x", "name": "X"},
        {"slug": "y", "name": "Y"},
    ]
    [row] = tree["comparison"]["rows"]
    assert [(cell["option"], cell["unknown"]) for cell in row["cells"]] == [
        ("x", False),
        ("y", True),
    ]
    assert tree["claims"] == tree["terms"] == []
    assert result.references == tree["references"]
    assert result.problems == []
    assert not [problem for problem in result.problems if problem.blocking]


def test_render_of_nothing_is_an_empty_document():
    result = render(Draft(), {})

    assert result.tree["comparison"] is None
    assert result.tree["body"] == result.references == result.problems == []
    assert result.text == result.html["article"] == ""


def test_render_draws_the_blocks_of_markdown():
    assert body("Plain **strong** *leaning* `code`\\\nnew line") == [
        {
            "t": "paragraph",
            "c": [
                text("Plain "),
                {"t": "strong", "c": [text("strong")]},
                text(" "),
                {"t": "emphasis", "c": [text("leaning")]},
                text(" "),
                {"t": "code", "text": "code"},
                {"t": "break"},
                text("new line"),
            ],
        }
    ]
    assert body("3. Three\n4. Four\n   - Deep") == [
        {
            "t": "list",
            "ordered": True,
            "start": 3,
            "items": [
                [{"t": "paragraph", "c": [text("Three")]}],
                [
                    {"t": "paragraph", "c": [text("Four")]},
                    {
                        "t": "list",
                        "ordered": False,
                        "start": 1,
                        "items": [[{"t": "paragraph", "c": [text("Deep")]}]],
                    },
                ],
            ],
        }
    ]
    assert body("| A | B |\n|---|---|\n| 1 |") == [
        {
            "t": "table",
            "head": [[text("A")], [text("B")]],
            "rows": [[[text("1")], []]],
        }
    ]
    assert body("::: warning Stop at once\nWords.\n:::") == [
        {
            "t": "callout",
            "kind": "warning",
            "title": "Stop at once",
            "c": [{"t": "paragraph", "c": [text("Words.")]}],
        }
    ]
    assert body("> Said.")[0]["kind"] == "quote"
    assert body("```\nx < y\n```") == [{"t": "code", "text": "x < y\n"}]
    assert body("---") == [{"t": "rule"}]


def test_render_never_makes_markup_of_typed_html():
    result = rendered("<b>bold</b> <script>alert(1)</script>\n\n<div>\nblock\n</div>")

    assert plain(result.tree["body"]) == (
        "<b>bold</b> <script>alert(1)</script>\n<div> block </div>"
    )
    assert "html" in codes(result)


def test_render_keeps_what_other_markdown_would_swallow():
    for typed in ("[@a]: a definition", "[x]: https://example.org", "    indented", "a\n==="):
        words = plain(body(typed)).replace(" ", "")
        assert words.endswith(typed.replace(" ", "").replace("\n", "")[-5:])


def test_render_makes_headings_with_stable_ids():
    tree = rendered("## What was found?\n\n## What was found?\n\n### 发现了什么\n\n## ???").tree

    assert [entry["id"] for entry in tree["contents"]] == [
        "what-was-found", "what-was-found-2", "发现了什么", "section",
    ]  # fmt: skip


def test_render_keeps_heading_ids_clear_of_the_page():
    tree = rendered("## References\n\n## Ref 1\n\n## Questions\n\n## A-2\n\n## A\n\n## A").tree
    ids = [entry["id"] for entry in tree["contents"]]

    assert ids == ["about-references", "about-ref-1", "about-questions", "a-2", "a", "a-3"]


@pytest.mark.parametrize(
    "href",
    ["https://example.org/a?b=c#d", "http://example.org", "mailto:help@example.org",
     "/articles/harms/", "/", "https://example.org:8000/"],
)  # fmt: skip
def test_render_links_to_the_web_mail_and_this_site(href):
    [paragraph] = body(f"See [this]({href}).")
    assert paragraph["c"][1] == {"t": "link", "href": href, "c": [text("this")]}


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "http://\u202e",
        "vbscript:x",
        "//example.org",
        "/\\example.org",
        "ftp://example.org",
        "example.org",
        "https:///path",
        "https://user@example.org",
        "https://[",
        "mailto:",
        "#",
        "figure:x",
        "file:///etc/passwd",
    ],
)
def test_render_refuses_other_addresses_and_keeps_the_words(href):
    result = rendered(f"See [this]({href}).")

    words = plain(result.tree["body"])
    assert words == "See this." or (href == "/\\example.org" and "this" in words)
    if href != "/\\example.org":
        [problem] = [p for p in result.problems if p.code == "address"]
        assert problem.blocking
    assert 'href="//' not in result.html["body"]
    assert "script:" not in result.html["body"]


def test_render_says_when_a_link_on_the_page_leads_nowhere():
    assert "address" not in codes(rendered("## Pain\n\n[Pain](#pain) [Refs](#references)"))
    assert codes(rendered("[Pain](#pain)")) == ["address"]


def test_render_draws_icons_with_their_sentence():
    result = rendered(
        "```icons\ncount: 57\nof: 100\ntext: 57 out of 100 adults [@a],\n  in 20 years.\n```"
    )
    [block] = result.tree["body"]

    assert (block["t"], block["count"], block["of"]) == ("icons", 57, 100)
    assert block["text"] == "57 out of 100 adults, in 20 years."
    assert block["c"][0]["evidence"] == ["a"]
    assert result.problems == []


@pytest.mark.parametrize(
    ("fence", "code", "blocking"),
    [
        ("count: 5\nof: 4\ntext: x", "icons", True),
        ("count: x\nof: 4\ntext: x", "icons", True),
        ("count: 5\nof: 100000\ntext: x", "icons", True),
        ("of: 4\ntext: x", "icons", True),
        ("count: 1\nof: 4", "alternative", True),
        ("count: 1\nof: 4\ntext: 2 out of 4 children [@a].", "icons-differ", False),
    ],
)
def test_render_says_what_is_wrong_with_icons(fence, code, blocking):
    [problem] = rendered(f"```icons\n{fence}\n```").problems
    assert (problem.code, problem.blocking) == (code, blocking)


def test_render_draws_figures_with_alternative_and_caption(monkeypatch):
    def draw(name, *, prefix, label):
        return f'<svg id="{prefix}" aria-label="{label}">{name}</svg>'

    monkeypatch.setattr("education.text.rendering.load_figure", draw)
    result = rendered(
        '![The spine](figure:spine "Where it is done [@a]")\n\n![Again](figure:spine)'
    )
    first, second = result.tree["body"]

    assert (first["name"], first["alt"], first["caption"]) == (
        "spine", "The spine", "Where it is done",
    )  # fmt: skip
    assert first["c"][0]["evidence"] == ["a"]
    assert first["svg"] == '<svg id="figure-1" aria-label="The spine">spine</svg>'
    assert 'id="figure-2"' in second["svg"]
    assert second["caption"] == ""
    assert result.html["body"].startswith(
        '<figure class="figure" aria-label="Where it is done"><svg'
    )
    assert "<figcaption><span" in result.html["body"]
    assert result.problems == []


def test_render_asks_for_an_alternative(monkeypatch):
    monkeypatch.setattr("education.text.rendering.load_figure", lambda *a, **b: "<svg></svg>")
    [problem] = rendered("![](figure:spine)").problems
    assert (problem.code, problem.blocking) == ("alternative", True)


def test_render_shows_a_missing_drawing_as_its_words():
    result = rendered('![The spine](figure:no-such "Where it is done")')

    assert plain(result.tree["body"]) == "The spineWhere it is done"
    [problem] = result.problems
    assert (problem.code, problem.blocking) == ("figure", True)
    assert "no-such" in problem.message


@pytest.mark.parametrize(
    "typed",
    ["![x](https://example.org/x.png)", "![x](figure:../../secrets)", "Words ![x](figure:spine)."],
)
def test_render_draws_only_figures_in_a_paragraph_of_their_own(typed):
    result = rendered(typed)
    assert codes(result) == ["figure"]
    assert "x" in plain(result.tree["body"])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("::: warning\nnever closed", "callout"),
        ("::: danger\nno such kind\n:::", "callout"),
        ("::: note As shown [@a]\nx\n:::", "malformed-citation"),
        ("- ## In a list", "heading-place"),
        ("## Found [@a]", "heading-citation"),
    ],
)
def test_render_reports_what_it_can_not_draw(typed, code):
    assert code in codes(rendered(typed))


def test_render_joins_lines_with_a_blank_but_not_between_chinese_characters():
    assert plain(body("one\ntwo")) == "one two"
    assert plain(body("痉挛\n减轻")) == "痉挛减轻"


def test_render_leaves_out_characters_that_can_not_be_written():
    result = rendered("a\x00b\x08c\ud800d\ufffee &#x1;f", title="t\x00\ud800")

    assert plain(result.tree["body"]).replace("\ufffd", "") in {"abcde f", "abcde &#x1;f"}
    assert result.tree["title"] == "t"
    result.html["article"].encode()


def test_render_says_which_option_a_row_does_not_answer():
    result = rendered(
        options=[{"slug": "x", "name": "X"}, {"slug": "y", "name": "Y"}],
        rows=[{"slug": "r", "question": "Why?", "cells": {"x": {"text": "So."}}}],
    )

    assert [(p.code, p.where) for p in result.problems] == [("cell-missing", "rows.0.y")]
    assert result.tree["comparison"]["rows"][0]["cells"][1] == {
        "option": "y", "certainty": "not_graded", "unknown": False, "c": [],
    }  # fmt: skip


def test_render_text_holds_every_word_for_searching():
    result = rendered(
        "Body [@a].",
        short_answer="Answer.",
        key_messages=[{"text": "Message."}],
        options=[{"slug": "x", "name": "Option"}],
        rows=[{"slug": "r", "question": "Why?", "cells": {"x": {"text": "Cell."}}}],
        claims=[{"slug": "c", "said": "Said.", "answer": "Fair."}],
        terms=[{"slug": "t", "term": "Word", "also": ["Other"], "definition": "Meaning."}],
        unknowns="Unknown.",
        questions="Question?",
    )

    assert result.text.split("\n") == [
        "Answer.", "Message.", "Body.", "Option", "Why?", "Cell.", "Said.", "Fair.",
        "Word, Other", "Meaning.", "Unknown.", "Question?",
    ]  # fmt: skip


def test_cited_keys_are_in_the_order_of_the_references():
    draft = Draft(
        short_answer="S [@b].",
        key_messages=[{"text": "K [@c; @b]."}],
        body="B [@sun2017]. [@nobody]",
        claims=[{"slug": "x", "said": "X", "answer": "A [@a]."}],
        unknowns="U [@novak2016].",
    )

    assert cited_keys(draft) == ["b", "c", "sun2017", "nobody", "a", "novak2016"]
    assert [reference["key"] for reference in render(draft, SOURCES).references] == [
        "b", "c", "sun2017", "a", "novak2016",
    ]  # fmt: skip


def test_render_cleans_a_formatted_reference():
    source = Source(key="a", text="T", html='<i>T</i><img src=x onerror="x"><script>y</script>')
    [reference] = render(Draft(body="B [@a]."), {"a": source}).references
    assert reference["html"] == "<i>T</i>"


@pytest.mark.parametrize(
    ("source", "code", "blocking"),
    [
        (Source(key="a", text="T", usable=False), "unusable-evidence", True),
        (Source(key="a", text="T", status="retracted"), "retracted-evidence", True),
        (Source(key="a", text="T", status="concern"), "concern-evidence", False),
        (Source(key="a", text="T", status="corrected"), "corrected-evidence", False),
    ],
)
def test_render_reports_evidence_that_should_not_be_leant_on(source, code, blocking):
    result = render(Draft(body="B [@a]. C [@a]."), {"a": source})
    [problem] = result.problems
    assert (problem.code, problem.blocking) == (code, blocking)
