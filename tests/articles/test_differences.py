"""What changed between two texts, in words."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from education.articles.differences import changes
from education.articles.text import Draft
from education.differences import word_changes


def test_word_changes_show_what_came_and_went():
    pieces = word_changes("It may help a little.", "It probably helps a little.")

    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "It "),
        ("removed", "may help "),
        ("added", "probably helps "),
        ("same", "a little."),
    ]


@given(st.text(max_size=300), st.text(max_size=300))
def test_word_changes_hold_both_texts(old, new):
    pieces = [piece for piece in word_changes(old, new) if piece.kind != "skipped"]

    if not any(piece.kind == "skipped" for piece in word_changes(old, new)):
        kept = [piece.text for piece in pieces if piece.kind != "removed"]
        lost = [piece.text for piece in pieces if piece.kind != "added"]
        assert "".join(kept).split() == new.split()
        assert "".join(lost).split() == old.split()


def test_word_changes_take_the_end_of_a_line_for_a_word_and_other_blanks_for_none():
    assert {piece.kind for piece in word_changes("One  line.", "One line.")} == {"same"}
    assert "added" in {piece.kind for piece in word_changes("Two lines.", "Two\nlines.")}


def test_word_changes_shorten_what_stayed():
    long = "word " * 500

    pieces = word_changes(f"{long}old", f"{long}new")

    assert any(piece.kind == "skipped" for piece in pieces)
    assert sum(len(piece.text) for piece in pieces) < 400


def test_changes_name_the_parts_that_are_not_what_they_were():
    old = Draft(title="A", key_messages=[{"text": "It may.", "certainty": "low"}])
    new = replace(old, key_messages=[{"text": "It may.", "certainty": "high"}])

    (change,) = changes(old, new)

    assert change.label == "Key message 1"
    assert [p.text for p in change.pieces if p.kind == "added"] == ["(high)"]


def test_changes_name_a_part_that_is_gone():
    old = Draft(terms=[{"slug": "tone", "term": "Tone", "also": [], "definition": "Tightness."}])

    (change,) = changes(old, Draft())

    assert change.label == "Term tone"
    assert {piece.kind for piece in change.pieces} == {"removed"}
