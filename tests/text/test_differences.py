"""What changed between two texts, in words."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from education.text.draft_differences import changes_between_drafts, side_by_side
from education.text.rendering import Draft
from education.text.word_differences import both_sides, word_changes


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

    (change,) = changes_between_drafts(old, new)

    assert change.label == "Key message 1"
    assert [p.text for p in change.pieces if p.kind == "added"] == ["(high)"]


def test_changes_name_a_part_that_is_gone():
    old = Draft(terms=[{"slug": "tone", "term": "Tone", "also": [], "definition": "Tightness."}])

    (change,) = changes_between_drafts(old, Draft())

    assert change.label == "Term tone"
    assert {piece.kind for piece in change.pieces} == {"removed"}


@given(st.text(max_size=300), st.text(max_size=300))
def test_both_sides_keep_every_sign_of_both_texts(one, other):
    left, right = both_sides(one, other)

    assert "".join(piece.text for piece in left) == one
    assert "".join(piece.text for piece in right) == other
    assert {piece.kind for piece in left} <= {"same", "removed"}
    assert {piece.kind for piece in right} <= {"same", "added"}


def test_side_by_side_says_who_changed_what():
    message = {"text": "It helps.", "certainty": "low"}
    began = Draft(title="A title", body="Text.", questions="- Why?", funding="Nobody.")
    mine = replace(began, title="My title", body="My text.", key_messages=[message])
    theirs = replace(began, title="Their title", questions="- How?\n")

    found = {part.label: part for part in side_by_side(began=began, mine=mine, theirs=theirs)}

    assert {label: part.changed_by for label, part in found.items()} == {
        "Title": "both",
        "Text": "you",
        "Questions to ask": "them",
        "Key message 1": "you",
    }
    assert [piece.text for piece in found["Questions to ask"].theirs] == ["- ", "How?"]
    assert (found["Text"].name, found["Key message 1"].name) == ("body", "")
