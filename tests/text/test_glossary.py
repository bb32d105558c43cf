"""The glossary's words, explained where they first stand."""

from education.text.glossary import Term, terms_of
from education.text.rendering import Draft, Source, render
from education.text.tree import plain, walk

TERMS = {
    "spasticity": Term("spasticity", "Spasticity", "Muscles that pull.", ("stiffness", "spastic")),
    "muscle-tone": Term("muscle-tone", "muscle tone", "How muscles pull."),
    "tone": Term("tone", "tone", "Pull."),
    "jingluan": Term("jingluan", "痉挛", "肌肉紧张。"),
}


def explained(body, **fields):
    sources = {"a": Source(key="a", text="A")}
    tree = render(Draft(body=body, **fields), sources, terms=TERMS).tree
    grid = tree["comparison"] or {"rows": []}
    blocks = [
        *tree["body"],
        *(block for row in grid["rows"] for c in row["cells"] for block in c["c"]),
    ]
    return [(plain(node["c"]), node["slug"]) for node in walk(blocks) if node["t"] == "term"]


def test_first_use_of_a_term_is_explained_in_any_case_and_form():
    assert explained("Stiffness hurts. SPASTICITY too.") == [("Stiffness", "spasticity")]
    assert explained("A **spastic** leg [@a].") == [("spastic", "spasticity")]
    assert explained("- High tone\n- Low tone") == [("tone", "tone")]


def test_only_whole_words_are_explained():
    assert explained("Stiffnesses, anti-spastic, tones, hypertone.") == []


def test_longer_term_wins():
    assert explained("The muscle tone and tone.") == [
        ("muscle tone", "muscle-tone"),
        ("tone", "tone"),
    ]


def test_scripts_without_blanks_are_searched_too():
    assert explained("手术减轻痉挛的程度。") == [("痉挛", "jingluan")]


def test_headings_links_and_code_are_left_alone():
    assert explained("## Spasticity\n\n[tone](/x/) `muscle tone`") == []


def test_terms_are_explained_in_cells_once_an_article():
    row = {"slug": "r", "question": "Q", "cells": {"x": {"text": "Tone and stiffness."}}}
    assert explained("Tone.", options=[{"slug": "x", "name": "X"}], rows=[row]) == [
        ("Tone", "tone"), ("stiffness", "spasticity"),
    ]  # fmt: skip


def test_words_stay_the_same():
    body = "The tone and spasticity [@a]."
    with_terms = render(Draft(body=body), {"a": Source(key="a", text="A")}, terms=TERMS)
    assert plain(with_terms.tree["body"]) == "The tone and spasticity."


def test_the_glossary_does_not_explain_itself():
    assert explained("Spasticity.", kind="glossary") == []


def test_terms_of_a_rendered_glossary_serve_other_texts():
    glossary = render(
        Draft(
            kind="glossary",
            terms=[
                {
                    "slug": "sdr",
                    "term": "SDR",
                    "also": ["rhizotomy"],
                    "definition": "An *operation* [@a].",
                }
            ],
        ),
        {"a": Source(key="a", text="A")},
    )
    assert terms_of(glossary.tree) == {
        "sdr": Term("sdr", "SDR", "An operation.", ("rhizotomy",), (("a",),))
    }


def test_draft_without_terms_has_none():
    assert not [n for n in walk(render(Draft(body="tone"), {}).tree["body"]) if n["t"] == "term"]
