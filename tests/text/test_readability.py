"""How hard a text is to read."""

import pytest

from education.text.readability import (
    grade,
    reading_grade,
    reading_minutes,
    syllables,
    word_count,
    words,
)
from education.text.rendering import Draft, render

# Counted by ear and in dictionaries, not by the rules under test.
SYLLABLES = """
    1: cells nerve legs strength asked helped moved caused brace nurse through change eased
    2: muscle surgeon treated wanted boxes trial spastic dosage reason study studies pumping
    2: stiffness something safely someone being science walking people movement fluid
    3: baclofen beginning catheter operate placebo everyday idea area average carefully reaction
    3: injection condition serious placebos surgery hospital evidence opinion
    4: rhizotomy rhizotomies spasticity botulinum dystonia diplegia scoliosis operation society
    3: certainty
    4: variety paediatric orthopaedic autologous ability intrathecal experience
    5: physiotherapy physiotherapist paediatrician quadriplegia university
    6: rehabilitation
"""


def _counted():
    for line in SYLLABLES.strip().splitlines():
        count, listed = line.split(":")
        for word in listed.split():
            yield word, int(count)


CASES = list(_counted())


@pytest.mark.parametrize(("word", "count"), CASES)
def test_syllables_counts_words_as_they_are_spoken(word, count):
    assert syllables(word) == count


@pytest.mark.parametrize("word", ["FSPR", "SDR", "2.5", "1,474", "12th", "x", "GMFM-66"])
def test_syllables_counts_figures_and_abbreviations_as_one_for_each_part(word):
    assert syllables(word) == len(word.split("-"))


def test_words_counts_what_stands_between_blanks():
    assert words("About 1.4 points — a full-text, “read” (twice).") == [
        "About", "1.4", "points", "a", "full-text", "read", "twice",
    ]  # fmt: skip


def test_grade_follows_the_formula():
    # 6 words, 1 sentence, 6 syllables: 0.39 * 6 + 11.8 * 1 - 15.59
    assert grade("The cat sat on the mat.") == pytest.approx(-1.4, abs=0.051)
    # 9 words, 2 sentences, 4+1+2+4 and 2+1+3+2+1 syllables
    text = "Rhizotomy may lower spasticity. Children need therapy every day."
    assert grade(text) == pytest.approx(0.39 * 9 / 2 + 11.8 * 20 / 9 - 15.59, abs=0.051)


def test_grade_rises_with_longer_sentences_and_longer_words():
    easy = "The cells go in. We wait and see."
    longer = "The cells go in and then we wait and see for a long time what they may do."
    harder = "Mesenchymal cells necessitate longitudinal investigation."

    assert grade(easy) < grade(longer) < grade(harder)


def test_grade_of_nothing_is_nothing():
    assert grade("") == grade("… — !") == 0.0


def _tree(**fields):
    return render(Draft(**fields), {}).tree


def test_reading_grade_measures_our_sentences_and_nothing_else():
    plain = _tree(body="The cat sat on the mat.")
    dressed = _tree(
        title="Neurodevelopmental considerations",
        body="## Neurodevelopmental considerations\n\nThe cat sat on the mat.\n\n"
        "> Institutionalised multidisciplinary rehabilitation notwithstanding.\n\n"
        "| Multidisciplinary |\n|---|\n| Rehabilitation |\n\n"
        "```\nmultidisciplinary rehabilitation\n```\n",
        claims=[{"slug": "x", "said": "Multidisciplinary rehabilitation!", "answer": ""}],
    )

    assert reading_grade(dressed) == reading_grade(plain) == grade("The cat sat on the mat.")
    assert word_count(dressed) == word_count(plain) == 6


def test_reading_grade_takes_in_every_part_that_is_prose():
    tree = _tree(
        short_answer="One two.",
        key_messages=[{"text": "One two."}],
        body="One two.\n\n- One two.",
        options=[{"slug": "a", "name": "A"}],
        rows=[{"slug": "q", "question": "Why?", "cells": {"a": {"text": "One two."}}}],
        claims=[{"slug": "x", "said": "That.", "answer": "One two."}],
        terms=[{"slug": "t", "term": "Term", "definition": "One two."}],
        unknowns="One two.",
        questions="One two?",
    )

    assert word_count(tree) == 18


def test_reading_grade_is_for_english_only():
    assert reading_grade(_tree(language="zh", body="痉挛减轻。")) is None


def test_word_count_counts_chinese_characters():
    assert word_count(_tree(language="zh", body="痉挛减轻 SDR。")) == 5


def test_reading_minutes_is_at_least_one():
    assert reading_minutes(_tree(body="Short.")) == 1
    assert reading_minutes(_tree(body="word " * 401)) == 3
