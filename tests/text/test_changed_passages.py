"""Paragraphs of two texts that differ, each of which can be taken from the other or left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from education.text.changed_passages import (
    changed_passages,
    paired_passages,
    with_passage_taken_back,
    with_passages_taken,
)

OLD = "First.\n\nSecond words.\n\n\nThird.\n\nFourth.\n"
NEW = "First.\n\nSecond **other** words.\n\n\nThird.\n\nBetween.\n\nFourth, longer.\n"


def test_each_changed_passage_tells_the_words_that_came_and_went():
    passages = changed_passages(OLD, NEW)

    assert [passage.number for passage in passages] == [0, 1]
    added = [" ".join(p.text for p in each.pieces if p.kind == "added") for each in passages]
    assert added[0].split() == ["**other**"]
    assert added[1].split() == ["Between.", "Fourth,", "longer."]


def test_one_passage_taken_back_leaves_all_else_to_the_byte():
    second, other = "Second words", "Second **other** words"

    assert with_passage_taken_back(OLD, NEW, 0) == NEW.replace(other, second)
    assert with_passage_taken_back(OLD, NEW, 1) == OLD.replace(second, other)


@pytest.mark.parametrize(
    ("old", "new"), [(OLD, NEW), (NEW, OLD), ("", NEW), (OLD, ""), ("a", "a\n")]
)
def test_taking_back_all_passages_gives_the_text_that_was(old, new):
    words = new
    while passages := changed_passages(old, words):
        words = with_passage_taken_back(old, words, passages[0].number)

    assert words == old


def test_a_number_that_is_none_changes_nothing():
    assert with_passage_taken_back(OLD, NEW, 7) == NEW
    assert changed_passages(OLD, OLD) == []


def test_a_change_of_blanks_alone_says_so():
    (passage,) = changed_passages("One\ntwo.\n", "One \ntwo.\n")

    assert not passage.has_other_words


def differing(mine, theirs):
    return [(pair.mine, pair.theirs) for pair in paired_passages(mine, theirs) if pair.differs]


def test_paragraphs_alike_stand_side_by_side_where_others_came_between():
    mine = "First of all.\n\nA dose of 5 mg is given.\n\nThe hip is looked at each year.\n"
    theirs = "First of all.\n\nQuite new.\n\nA dose of 50 mg is given.\n\nThe hip is looked at.\n"

    assert differing(mine, theirs) == [
        ("", "Quite new."),
        ("A dose of 5 mg is given.", "A dose of 50 mg is given."),
        ("The hip is looked at each year.", "The hip is looked at."),
    ]


@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [("One two\nthree.", "One two three.", True), ("- a\n- b c\n  d", "- a\n- b\n  c d", True),
     ("- a\n- b", "- a - b", False), ("| a |\n| b |", "| a | | b |", False),
     ("- a\n- b", "- a\n  - b", False), ("1.5 mg\nor 2", "1.5 mg or 2", True)],
)  # fmt: skip
def test_where_a_line_was_wrapped_is_no_difference(mine, theirs, same):
    assert (differing(mine, theirs) == []) is same


PARAGRAPHS = st.lists(
    st.sampled_from(["a b c", "a b d", "a e", "x\ny", "- z", "- z\n- q"]), max_size=6
)


@given(PARAGRAPHS, PARAGRAPHS)
def test_nothing_taken_is_my_text_and_everything_taken_is_theirs(mine, theirs):
    mine, theirs = "\n\n".join(mine), "\n\n".join(theirs)
    pairs = paired_passages(mine, theirs)

    assert with_passages_taken(pairs, ()) == mine
    assert with_passages_taken(pairs, {pair.key for pair in pairs}) == theirs
    assert len({pair.key for pair in pairs}) == len(pairs)


def test_texts_of_very_many_paragraphs_are_compared_and_lose_nothing():
    mine = "\n\n".join(f"word {number}" for number in range(400))
    theirs = "\n\n".join(f"other {number}" for number in range(400))

    assert len(differing(mine, theirs)) == 800
