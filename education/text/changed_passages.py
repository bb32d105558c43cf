"""What changed in a field from one save to another, by paragraphs, each to be taken back."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from education.text.word_differences import Piece, word_changes


@dataclass(frozen=True)
class ChangedPassage:
    """Neighbouring paragraphs that are not what they were, with the words that came and went."""

    number: int
    pieces: list[Piece]

    @property
    def has_other_words(self) -> bool:
        """Whether words changed, not blanks and ends of lines alone."""
        return any(piece.kind in {"added", "removed"} for piece in self.pieces)


def changed_passages(old: str, new: str) -> list[ChangedPassage]:
    """Every passage of ``new`` that is not as in ``old``, numbered in reading order."""
    changes = [change for change in _compared(old, new) if change[0] != change[1]]
    return [ChangedPassage(number, word_changes(*change)) for number, change in enumerate(changes)]


def with_passage_taken_back(old: str, new: str, number: int) -> str:
    """``new`` with its passage of this number as it was in ``old``; all else to the byte."""
    words = []
    changes = -1
    for was, is_now in _compared(old, new):
        changes += was != is_now
        words.append(was if was != is_now and changes == number else is_now)
    return "".join(words)


def _compared(old: str, new: str) -> list[tuple[str, str]]:
    """Both texts in the same number of stretches, equal or not."""
    before, after = _paragraphs(old), _paragraphs(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [("".join(before[i:j]), "".join(after[k:m])) for _, i, j, k, m in matcher.get_opcodes()]


def _paragraphs(text: str) -> list[str]:
    """A text in paragraphs and the empty lines between them; joined they are the text."""
    return [part for part in re.split(r"(\n[^\S\n]*\n\s*)", text) if part]
