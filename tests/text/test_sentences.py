"""Where sentences end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from education.text.sentences import MARK, sentence_spans, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It fell. It rose.", ["It fell.", "It rose."]),
        ("It fell by e.g. 1.4 points. Next.", ["It fell by e.g. 1.4 points.", "Next."]),
        ("i.e. Leg pain. Then rest.", ["i.e. Leg pain.", "Then rest."]),
        ("Dr. Sun and J. R. Smith saw it. We did not.",
         ["Dr. Sun and J. R. Smith saw it.", "We did not."]),
        ("Sun et al. found it. Liu et al. Did they?",
         ["Sun et al. found it.", "Liu et al.", "Did they?"]),
        ("Take vitamin C. The dose varies.", ["Take vitamin C.", "The dose varies."]),
        ("At GMFCS level I. Children walk.", ["At GMFCS level I.", "Children walk."]),
        ("No. It does not.", ["No.", "It does not."]),
        ("See Fig. 2 and no. 3. Then stop.", ["See Fig. 2 and no. 3.", "Then stop."]),
        ("Does it help? Yes! Wait... no.", ["Does it help?", "Yes!", "Wait... no."]),
        ("He said “It works.” Then he left.", ["He said “It works.”", "Then he left."]),
        ("“Is it?” she asked.", ["“Is it?” she asked."]),
        ("It fell. iPSCs are cells.", ["It fell.", "iPSCs are cells."]),
        ("It was 3.5. 4 of 5 agreed.", ["It was 3.5.", "4 of 5 agreed."]),
        ("痉挛减轻。效果可能不持久！真的吗？", ["痉挛减轻。", "效果可能不持久！", "真的吗？"]),
        ("他说：“有效。”然后走了。", ["他说：“有效。”", "然后走了。"]),
        ("One\nTwo", ["One", "Two"]),
        ("", []),
        ("   ", []),
        ("...", ["..."]),
    ],
)  # fmt: skip
def test_sentences_splits_where_a_reader_would(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize("gap", ["", " "])
def test_sentences_gives_a_citation_after_the_stop_to_the_sentence_before(gap):
    assert sentences(f"It fell.{gap}{MARK} It rose.") == [f"It fell.{gap}{MARK}", "It rose."]


@given(st.text())
def test_sentence_spans_cover_every_word_once_and_in_order(text):
    spans = sentence_spans(text)

    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())
