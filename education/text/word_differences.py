"""What came and went between two texts, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

SAME_AROUND = 24  # words kept on each side of a change


@dataclass(frozen=True)
class Piece:
    """Some words that stayed, came or went."""

    kind: Literal["same", "added", "removed", "skipped"]
    text: str


@dataclass(frozen=True)
class Difference:
    """One part of a text that is not what it was, and how."""

    label: str
    pieces: list[Piece]


def word_changes(old: str, new: str) -> list[Piece]:
    """
    The words of ``new`` with what came and went, in reading order.

    Long stretches that stayed are shortened to the words next to a change. Blanks are no words:
    only the end of a line counts as one.
    """
    before, after = _words(old), _words(new)
    matcher = SequenceMatcher(None, _bare(before), _bare(after), autojunk=False)
    pieces: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(after[k:m])))
            continue
        if j > i:
            pieces.append(Piece("removed", "".join(before[i:j])))
        if m > k:
            pieces.append(Piece("added", "".join(after[k:m])))
    return [short for piece in pieces for short in _shortened(piece)]


def both_sides(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Two texts whole; words that only one has are ``removed`` there or ``added`` in the other."""
    before, after = _words(one), _words(other)
    matcher = SequenceMatcher(None, _bare(before), _bare(after), autojunk=False)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if j > i:
            left.append(Piece("same" if tag == "equal" else "removed", "".join(before[i:j])))
        if m > k:
            right.append(Piece("same" if tag == "equal" else "added", "".join(after[k:m])))
    return left, right


def _words(text: str) -> list[str]:
    """Words with the blanks that follow them, and the ends of lines."""
    return re.findall(r"[^\S\n]*\n\s*|\S+[^\S\n]*|[^\S\n]+", text)


def _bare(words: list[str]) -> list[str]:
    return [word.strip() or "\n" for word in words]


def _shortened(piece: Piece) -> list[Piece]:
    words = _words(piece.text)
    if piece.kind != "same" or len(words) <= 2 * SAME_AROUND:
        return [piece]
    return [
        Piece("same", "".join(words[:SAME_AROUND])),
        Piece("skipped", " … "),
        Piece("same", "".join(words[-SAME_AROUND:])),
    ]
