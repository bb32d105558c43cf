"""A field's paragraphs that changed, each of which can be taken back."""

import pytest

from education.text.changed_passages import changed_passages, with_passage_taken_back

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
