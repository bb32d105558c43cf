"""What differs between two texts by paragraphs, each to be taken from the other text or left."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256

from education.text.word_differences import Piece, both_sides, word_changes


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


# Passages with fewer words in common say different things; pairs beyond so many aren't weighed.
_ALIKE, _MOST_WEIGHED = 0.4, 40_000


@dataclass(frozen=True)
class PassagePair:
    """A paragraph of one text beside the one of another that says the same, either may be empty."""

    mine: str
    theirs: str
    key: str = ""

    @property
    def differs(self) -> bool:
        """Whether a page would show them differently; where a line was wrapped doesn't count."""
        return _lines(self.mine) != _lines(self.theirs)

    @property
    def has_other_words(self) -> bool:
        """Whether words differ, not only which of them begin a line."""
        return self.mine.split() != self.theirs.split()

    @property
    def both(self) -> tuple[list[Piece], list[Piece]]:
        """Both whole and without wrapped lines, with the words that only one has marked."""
        return both_sides(_unwrapped(self.mine), _unwrapped(self.theirs))


def paired_passages(mine: str, theirs: str) -> list[PassagePair]:
    """
    Two texts, however they came about, by paragraphs, those alike side by side.

    ``key`` names a pair that differs by its words, so it means the same pair or none after one of
    the texts was changed.
    """
    own, other = _bare_paragraphs(mine), _bare_paragraphs(theirs)
    matcher = SequenceMatcher(
        None, list(map(_lines, own)), list(map(_lines, other)), autojunk=False
    )
    pairs: list[tuple[str, str]] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        alike = zip(own[i:j], other[k:m], strict=False)
        pairs += alike if tag == "equal" else _by_likeness(own[i:j], other[k:m])
    times = Counter[tuple[str, str]]()
    named = []
    for pair in pairs:
        times[pair] += 1
        named.append(PassagePair(*pair, _key(*pair, str(times[pair]))))
    return named


def paired_titles(mine: str, theirs: str) -> PassagePair:
    """Two titles, which say the same however few words they have in common."""
    return PassagePair(mine, theirs, _key(mine, theirs, "title"))


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def with_passages_taken(pairs: Iterable[PassagePair], taken: Collection[str]) -> str:
    """My text, with their side of the pairs that these keys name."""
    chosen = (pair.theirs if pair.differs and pair.key in taken else pair.mine for pair in pairs)
    return "\n\n".join(passage for passage in chosen if passage)


def _bare_paragraphs(text: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n[^\S\n]*\n", text) if part.strip()]


# What begins a line of its own: an item of a list, a row of a table, a heading, a quotation.
_BEGINS_LINE = re.compile(r"(\s*)(?:[-*+>|#:]|\d+[.)]\s)")


def _lines(passage: str) -> tuple[tuple[str, ...], ...]:
    """The words of a passage by lines; a line that was only wrapped belongs to the one before."""
    lines = list[list[str]]()
    for line in passage.splitlines():
        begins = _BEGINS_LINE.match(line)
        if begins or not lines:
            lines.append([begins[1] if begins else ""])
        lines[-1] += line.split()
    return tuple(map(tuple, lines))


def _unwrapped(passage: str) -> str:
    return "\n".join(f"{indent}{' '.join(words)}" for indent, *words in _lines(passage))


def _by_likeness(own: list[str], other: list[str]) -> list[tuple[str, str]]:
    """
    Two runs of paragraphs in pairs: those that have most words in common, in the order of both.

    The longest common subsequence, weighed, by its usual table.
    """
    if len(own) * len(other) > _MOST_WEIGHED:
        return [*((passage, "") for passage in own), *(("", passage) for passage in other)]
    words, others = (
        [Counter(passage.split()) for passage in own],
        [Counter(passage.split()) for passage in other],
    )
    likeness = [[_likeness(passage, another) for another in others] for passage in words]
    best = [[0.0] * (len(other) + 1) for _ in range(len(own) + 1)]
    for i in reversed(range(len(own))):
        for k in reversed(range(len(other))):
            best[i][k] = max(best[i + 1][k], best[i][k + 1], best[i + 1][k + 1] + likeness[i][k])
    pairs, i, k = list[tuple[str, str]](), 0, 0
    while i < len(own) and k < len(other):
        if likeness[i][k] and best[i][k] == best[i + 1][k + 1] + likeness[i][k]:
            pairs.append((own[i], other[k]))
            i, k = i + 1, k + 1
        elif best[i][k] == best[i + 1][k]:
            pairs.append((own[i], ""))
            i += 1
        else:
            pairs.append(("", other[k]))
            k += 1
    return [
        *pairs,
        *((passage, "") for passage in own[i:]),
        *(("", passage) for passage in other[k:]),
    ]


def _likeness(one: "Counter[str]", another: "Counter[str]") -> float:
    """From 0 to 1, the share of words that two paragraphs have in common; 0 where that is small."""
    share = 2 * (one & another).total() / (one.total() + another.total())
    return share if share >= _ALIKE else 0.0
