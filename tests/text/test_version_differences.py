"""What changed between two published trees, in words."""

from education.text.rendering import Draft, Source, render
from education.text.version_differences import changes_between_versions

SOURCES = {
    key: Source(key=key, text=f"The study {key}.", html=f"The study {key}.")
    for key in ("one2020", "two2021")
}


def tree(**fields):
    text = {
        "title": "Does it help?",
        "short_answer": "It may help [@one2020].",
        "key_messages": [{"text": "It may help a little [@one2020].", "certainty": "low"}],
        "body": "Before it all.\n\n## What was found\n\nChildren walked further [@one2020].\n\n"
        "## What it costs\n\nNobody has counted it.\n",
        "unknowns": "- Whether it lasts.",
        "funding": "Nobody paid for this text.",
    }
    return render(Draft(**text | fields), SOURCES, terms={}).tree


def tree_body(sentence):
    """The same body with another sentence in its first section."""
    return (
        f"Before it all.\n\n## What was found\n\n{sentence}\n\n"
        "## What it costs\n\nNobody has counted it.\n"
    )


def found(old, new):
    """Each change as its label with the words that went and came."""
    return {
        change.label: tuple(
            "".join(piece.text for piece in change.pieces if piece.kind == kind).strip()
            for kind in ("removed", "added")
        )
        for change in changes_between_versions(old, new, 1)
    }


def test_changes_between_finds_nothing_in_the_same_text():
    assert changes_between_versions(tree(), tree(), 1) == []


def test_changes_between_names_the_section_and_the_words():
    new = tree(body=tree_body("Children walked no further [@one2020]."))

    assert found(tree(), new) == {"What was found": ("", "no")}


def test_changes_between_tells_a_certainty_in_words():
    new = tree(key_messages=[{"text": "It may help a little [@one2020].", "certainty": "moderate"}])

    assert found(tree(), new) == {"What the evidence says: 1": ("Low", "Moderate")}


def test_changes_between_follows_a_section_under_a_new_heading():
    body = tree_body("Children walked further [@one2020].")
    new = tree(body=body.replace("## What it costs", "## The price"))

    assert found(tree(), new) == {"The price": ("What it costs", "The price")}


def test_changes_between_keeps_a_section_that_is_gone_in_its_place():
    body = tree_body("Children walked further [@one2020].")
    old = tree(
        body=body.replace(
            "## What it costs", "## Who must not\n\nQuite other words here.\n\n## What it costs"
        )
    )

    labels = [change.label for change in changes_between_versions(old, tree(title="Other"), 1)]

    assert labels == ["Title", "Who must not"]


def test_changes_between_shows_sources_under_the_new_numbers():
    new = tree(body=tree_body("Children walked further [@two2021]."))

    assert found(tree(), new) == {
        "What was found": ("[1].", "[2]."),
        "Where this information comes from": ("", "The study two2021."),
    }


def test_changes_between_names_the_old_version_for_a_source_that_is_gone():
    old = tree(short_answer="It may help [@two2021].", key_messages=[], body="Words [@two2021].")
    new = tree(short_answer="It may help [@one2020].", key_messages=[], body="Words [@one2020].")

    changes = found(old, new)

    assert changes["Text"] == ("[1 in version 1].", "[1].")
    assert changes["Where this information comes from"] == (
        "The study two2021.",
        "The study one2020.",
    )


def test_changes_between_compares_cells_claims_and_terms():
    options = [{"slug": "a", "name": "Surgery"}, {"slug": "no-change", "name": "No change"}]

    def cells(words, *, unknown):
        cell = {"text": words, "certainty": "low", "unknown": unknown}
        return {"a": cell, "no-change": {"text": "Nothing.", "certainty": "low", "unknown": False}}

    def grid(words, verdict, definition, *, unknown=False):
        return tree(
            kind="comparison",
            options=options,
            rows=[
                {"slug": "r", "question": "Does it last?", "cells": cells(words, unknown=unknown)}
            ],
            claims=[
                {"slug": "c", "said": "It cures.", "verdict": verdict, "certainty": "low",
                 "answer": "It does not.", "claim": ""}
            ],
            terms=[{"slug": "t", "term": "Tone", "also": ["stiffness"], "definition": definition}],
        )  # fmt: skip

    changes = found(
        grid("It may last.", "overstated", "Tightness."),
        grid("It may not last.", "unsupported", "How tight.", unknown=True),
    )

    assert changes == {
        "Does it last? Surgery": ("Low certainty", "not Not known"),
        "“It cures.”": ("Overstated.", "Not supported."),
        "Tone": ("Tightness.", "How tight."),
    }


def test_changes_between_keeps_headings_that_are_the_same_apart_from_none():
    body = "## Twice\n\nFirst words.\n\n## Twice\n\nSecond words.\n"

    assert found(tree(body=body), tree(body=body.replace("Second", "Other"))) == {
        "Twice": ("Second", "Other")
    }
