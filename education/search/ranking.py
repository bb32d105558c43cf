"""What comes first: the one ranking, the same whichever engine found the entries."""

from collections.abc import Sequence
from dataclasses import dataclass

_TITLE, _LEAD, _TEXT = 8.0, 3.0, 1.0
_MOST_COUNTED = 3
# A whole page stands before one claim or word of it, and those before the works themselves.
_PREFERRED = {"page": 3.0, "study": -6.0}


@dataclass(frozen=True)
class Term:
    """
    One way in which a text can hold what a reader typed: every one of these stems.

    ``begins``: the (only) stem may go on. ``worth``: from 0 to 1, how near it is to what was typed.
    """

    stems: tuple[str, ...]
    worth: float = 1.0
    begins: bool = False


@dataclass(frozen=True)
class Words:
    """A text as it is ranked: stems with a space before and after each."""

    title: str
    lead: str
    terms: str


def padded(stems: Sequence[str]) -> str:
    """Stems as ``Words`` holds them."""
    return f" {' '.join(stems)} " if stems else ""


def score(words: Words, groups: Sequence[Sequence[Term]], *, every: bool, kind: str) -> float:
    """How well a text fits; 0 when it does not: a group that must be there is not."""
    scores = [max(term.worth * _held(words, term) for term in group) for group in groups]
    if not any(scores) or (every and not all(scores)):
        return 0
    # A title that says what was asked and little else is what was looked for.
    asked = sum(1 for one in scores if one >= _TITLE * 0.5)
    length = max(1, words.title.count(" ") - 1)
    fit = _TITLE * min(1.0, asked / length)
    return max(0.1, sum(scores) + fit + _PREFERRED.get(kind, 0.0))


def _held(words: Words, term: Term) -> float:
    sought = [f" {stem}" if term.begins else f" {stem} " for stem in term.stems]
    times = min(words.terms.count(stem) for stem in sought)
    if not times:
        return 0
    return (
        _TITLE * all(stem in words.title for stem in sought)
        + _LEAD * all(stem in words.lead for stem in sought)
        + _TEXT * min(_MOST_COUNTED, times)
    )
