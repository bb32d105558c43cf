"""What readers see when evidence falls."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from education.text.glossary import Term
from education.text.html import to_html
from education.text.masking import mask, mask_passages, maskable_passages
from education.text.rendering import Draft, Source, render
from education.text.tree import plain, plain_text, strings, walk
from tests.findings_table import OPTIONS, OUTCOMES, make_row

SOURCES = {key: Source(key=key, text=key) for key in ("a", "b", "c")}
GONE = "Gone."
CHECKED = "Being checked."


def tree_of(body="", **fields):
    return render(Draft(body=body, **fields), SOURCES).tree


def masked_words(body, *keys):
    return plain(mask(tree_of(body), set(keys), GONE, CHECKED)["body"])


FULL = {
    "title": "Title",
    "short_answer": "Answer [@a].",
    "key_messages": [
        {"text": "One [@a]. Two [@b].", "certainty": "low"},
        {"text": "Three [@a].", "certainty": "high"},
    ],
    "body": "## Head\n\nRests on a [@a]. On both [@a; @b]. On neither.\n\n"
    "- Item [@a]\n- Other [@b]\n\n"
    "| Cell |\n|---|\n| In table [@a] |\n\n::: note\nNoted [@a].\n:::\n\n"
    "```icons\ncount: 1\nof: 4\ntext: 1 out of 4 children [@a].\n```\n",
    "options": [{"slug": "x", "name": "X"}, {"slug": "y", "name": "Y"}],
    "rows": [
        {
            "slug": "r",
            "question": "Safe?",
            "cells": {
                "x": {"text": "Cell x [@a].", "certainty": "low"},
                "y": {"text": "Cell y [@b].", "certainty": "low"},
            },
        }
    ],
    "claims": [
        {"slug": "q", "said": "Said", "verdict": "supported", "answer": "Claim [@a].",
         "certainty": "high"}
    ],
    "terms": [{"slug": "t", "term": "Term", "definition": "Meaning [@a]."}],
    "unknowns": "- Unknown [@a]",
    "questions": "- Question [@a]?",
}  # fmt: skip


def test_mask_replaces_a_sentence_that_rests_on_fallen_evidence_alone():
    assert masked_words("Before. It fell [@a]. After.", "a") == "Before. Gone. After."


def test_mask_keeps_words_that_other_evidence_supports_and_says_so():
    assert masked_words("It fell [@a; @b]. After.", "a") == "It fell. Being checked. After."
    assert masked_words("It fell [@a; @b]. After.", "a", "b") == "Gone. After."


def test_mask_says_it_once_for_sentences_side_by_side():
    assert masked_words("One [@a]. Two [@a]. Three [@b].", "a") == "Gone. Three."


def test_mask_takes_an_uncited_sentence_of_an_item_only_with_all_its_evidence():
    item = "- First. It fell [@a]. It rose [@b]."
    assert masked_words(item, "a") == "First. Being checked. Gone. It rose."
    assert masked_words(item, "a", "b") == "Gone."


def test_mask_takes_a_drawing_with_its_caption():
    icons = "```icons\ncount: 1\nof: 4\ntext: 1 out of 4 children [@a; @b].\n```"

    [block] = mask(tree_of(icons), {"a", "b"}, GONE)["body"]
    assert block == {"t": "paragraph", "c": [{"t": "masked", "text": GONE}]}
    [block] = mask(tree_of(icons), {"b"}, GONE, CHECKED)["body"]
    assert block["t"] == "icons"
    assert block["text"] == "1 out of 4 children. Being checked."


def test_mask_reaches_every_part_of_a_text():
    masked = mask(tree_of(**FULL), {"a"}, GONE, CHECKED)
    words = plain_text(masked)

    for gone in ("Answer", "One", "Three", "Rests", "Item", "In table", "Noted", "1 out of 4",
                 "Cell x", "Claim", "Meaning", "Unknown", "Question"):  # fmt: skip
        assert gone not in words, gone
    for kept in ("Two", "On both", "On neither", "Other", "Cell y", "Safe?", "Said", "Term"):
        assert kept in words, kept
    assert masked["short_answer_text"] == GONE
    assert [message["text"] for message in masked["key_messages"]] == ["Gone. Two.", GONE]
    assert not any(
        item["key"] == "a" and len(node["items"]) == 1
        for part in ("short_answer", "body", "unknowns", "questions")
        for node in walk(masked[part])
        if node["t"] == "cite"
        for item in node["items"]
    )


def test_mask_marks_what_has_nothing_left_to_stand_on():
    masked = mask(tree_of(**FULL), {"a"}, GONE, CHECKED)

    assert [message.get("masked") for message in masked["key_messages"]] == [None, True]
    assert [cell.get("masked") for cell in masked["comparison"]["rows"][0]["cells"]] == [True, None]
    assert masked["claims"][0]["masked"] is True
    html = to_html(masked)
    assert "certainty--high" not in html["key_messages"]
    assert "verdict" not in html["claims"]
    assert "certainty--low" not in html["cells"]["r"]["x"]
    assert "certainty--low" in html["cells"]["r"]["y"]


def test_mask_speaks_the_language_of_the_text(settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("en-xa", "Test")]
    english = mask(tree_of("It fell [@a]."), {"a"})
    other = mask(tree_of("It fell [@a].", language="en-xa"), {"a"})

    assert "no longer stands" in plain(english["body"])
    assert "ñö ļöñĝéŕ šţåñđš" in plain(other["body"])


def test_mask_renames_contents_when_a_heading_falls():
    masked = mask(tree_of("## Found [@a]\n\nWords."), {"a"}, GONE)
    place = masked["body"][0]["id"]
    assert place.startswith("taken-away-")
    assert masked["contents"] == [{"id": place, "text": GONE, "level": 2}]


def test_mask_without_keys_restores_every_byte():
    tree = tree_of(**FULL)
    before = json.dumps(tree)

    assert json.dumps(mask(tree, set())) == before
    assert json.dumps(mask(tree, {"nobody"})) == before
    assert to_html(mask(tree, set())) == to_html(tree)


def test_mask_leaves_the_stored_tree_as_it_was():
    tree = tree_of(**FULL)
    before = copy.deepcopy(tree)

    mask(tree, {"a", "b"}, GONE, CHECKED)

    assert tree == before


def test_mask_works_through_glossary_words():
    terms = {"w": Term(slug="w", term="tone", definition="Pull.")}
    tree = render(Draft(body="The tone fell [@a]. Rest."), SOURCES, terms=terms).tree
    assert plain(mask(tree, {"a"}, GONE)["body"]) == "Gone. Rest."


@given(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_mask_of_a_mask_hides_all_that_either_hides(first, second):
    tree = tree_of(**FULL)

    both = plain_text(mask(tree, first | second, GONE, CHECKED))
    for key in first | second:
        alone = plain_text(mask(tree, {key}, GONE, CHECKED))
        hidden = set(plain_text(tree).split()) - set(alone.split())
        assert not hidden & set(both.split())


# What a reader is not told in these words: names in code, addresses, choices from a list.
NO_WORDS = {
    "t", "kind", "language", "slug", "key", "href", "option", "certainty", "verdict", "direction",
    "evidence", "svg", "references",
}  # fmt: skip


def every_word_of(tree):
    """Each string that a text says, without its title and the words of our marks."""
    shown = {name: part for name, part in tree.items() if name != "title"}
    return {words for _, words in strings(shown, NO_WORDS) if words.strip()}


def full_tree():
    """A text with a part of every kind."""
    body = (
        "## A heading of its own\n\nFirst. See [above](#a-heading-of-its-own).\n\n"
        "::: warning Title of a box\nIn a box.\n:::\n\n| Head |\n|---|\n| Cell |\n\n"
        "```\nAs typed\n```\n\n```icons\ncount: 1\nof: 4\ntext: 1 out of 4 children.\n```\n\n"
        '![How it is drawn](figure:gmfcs-1 "Under it")\n'
    )
    tree = tree_of(**FULL | {"body": body, "kind": "comparison"})
    row = make_row("a", grading="start high", source_grade="Low", direction_words="in words")
    table = tree_of(kind="findings", options=OPTIONS, outcomes=OUTCOMES, findings=[row])
    named = {"slug": "r", "words": "Words of a row", "certainty": "low", "direction": "better"}
    tree["key_messages"][0]["row"] = named | {"direction_words": "this way"}
    return tree | {"findings": table["findings"], "funding": "Somebody paid."}


def test_everything_a_text_says_can_be_masked_but_its_title():
    tree = full_tree()
    before = copy.deepcopy(tree)

    masked = mask_passages(tree, [words for _, words in maskable_passages(tree)])

    kept = every_word_of(masked) & every_word_of(tree)
    assert kept <= {"gmfcs-1"}
    assert masked["title"] == "Title"
    assert "a-heading" not in json.dumps(masked)
    assert tree == before


def test_a_masked_heading_can_still_be_led_to():
    tree = tree_of("## A heading\n\nSee [above](#a-heading).")

    masked = mask_passages(tree, ["A heading"])

    [place] = [each["id"] for each in masked["contents"]]
    assert f'href="#{place}"' in to_html(masked)["body"]


def test_a_masked_name_takes_no_explanation_that_only_holds_it():
    term = Term("tone", "tone", "How stiff a leg is. Surgery changes it.")
    tree = render(Draft(body="The tone of a leg."), SOURCES, terms={"tone": term}).tree

    assert mask_passages(tree, ["Surgery"]) == tree
    assert "stiff" not in json.dumps(mask_passages(tree, ["Surgery changes it."]))
