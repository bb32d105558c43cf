"""What comes first: the one ranking, the same whichever engine found the entries."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from education.search.analysis import SMALL_STEMS

_TITLE, _LEAD, _TEXT = 8.0, 3.0, 1.0
_MOST_COUNTED = 16
_MOST = _TEXT * math.sqrt(_MOST_COUNTED)
# A whole page stands before one claim or word of it, and those before the works themselves, whose
# titles hold many words that families look for.
_PREFERRED = {"page": 1.5, "study": 0.25}


@dataclass(frozen=True)
class QueryTerm:
    """
    One way in which a text can hold what a reader typed: every one of these stems.

    ``begins``: the (only) stem may go on. ``worth``: from 0 to 1, how near it is to what was typed.
    """

    stems: tuple[str, ...]
    worth: float = 1.0
    begins: bool = False

    @cached_property
    def stems_sought(self) -> list[str]:
        """Its stems as they stand in ``Words``."""
        return [f" {stem}" if self.begins else f" {stem} " for stem in self.stems]


@dataclass(frozen=True)
class WordPositions:
    """A text as it is ranked: stems with a space before and after each."""

    title: str
    lead: str
    terms: str


def padded(stems: Sequence[str]) -> str:
    """Stems as ``Words`` holds them."""
    return f" {' '.join(stems)} " if stems else ""


def score(
    words: WordPositions, groups: Sequence[Sequence[QueryTerm]], *, every: bool, kind: str
) -> float:
    """How well a text fits; 0 when it does not: a group that must be there is not."""
    scores = [_held(words, group) for group in groups]
    if not any(scores) or (every and not all(scores)):
        return 0
    return (sum(scores) + _TITLE * _fit(words.title, groups)) * _PREFERRED.get(kind, 1.0)


def _fit(title: str, groups: Sequence[Sequence[QueryTerm]]) -> float:
    """
    How nearly a title is what was asked, from 0 to 1: the share of it that was asked for, times
    the share of what was asked that it holds. So the page about something comes before one that
    only names it.
    """
    telling = [stem for stem in title.split() if stem not in SMALL_STEMS] or title.split()
    asked, worth = 0, dict.fromkeys(telling, 0.0)
    for group in groups:
        held = [term for term in group if _holds(title, term)]
        asked += bool(held)
        for term in held:
            for stem in worth:
                if stem in term.stems or (term.begins and stem.startswith(term.stems)):
                    worth[stem] = max(worth[stem], term.worth)
    return sum(worth.values()) / max(1, len(worth)) * asked / len(groups)


def _holds(text: str, term: QueryTerm) -> bool:
    return all(stem in text for stem in term.stems_sought)


def _held(words: WordPositions, group: Sequence[QueryTerm]) -> float:
    """What the best term of a group is worth in a text; a long text is looked through seldom."""
    places = [
        (_TITLE * _holds(words.title, term) or _LEAD * _holds(words.lead, term), term)
        for term in group
    ]
    places.sort(key=lambda one: -one[1].worth * (one[0] + _MOST))
    best, times = 0.0, dict[str, int]()
    for place, term in places:
        if best >= term.worth * (place + _MOST):
            break
        for stem in term.stems_sought:
            if stem not in times:
                times[stem] = words.terms.count(stem)
            if not times[stem]:
                break
        else:
            least = min(_MOST_COUNTED, *(times[stem] for stem in term.stems_sought))
            best = max(best, term.worth * (place + _TEXT * math.sqrt(least)))
    return best
