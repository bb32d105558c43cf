"""Other words for the same thing: those that ship with the project, and those of editors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path

from education.search.analysis import stems
from education.search.models import SynonymGroup

SHIPPED = Path(__file__).resolve().parents[1] / "content" / "synonyms.txt"
# What a text is worth that holds another word of the same meaning, or one that is meant too.
SAME, MEANT_TOO = 0.9, 0.6

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Synonyms:
    """
    Words and phrases, as stems, and the others that are looked for with them.

    ``same``: of the same meaning, both ways. ``meant``: meant too, one way: a splint's reader wants
    what we say of walking aids, but nobody who looks for those asks for splints alone.
    """

    same: dict[Phrase, list[Phrase]] = field(default_factory=dict)
    meant: dict[Phrase, list[Phrase]] = field(default_factory=dict)

    def same_as(self, phrase: Phrase) -> list[Phrase]:
        """The other names of the same thing."""
        return [other for other in self.same.get(phrase, ()) if other != phrase]

    def others(self, phrase: Phrase) -> dict[Phrase, float]:
        """What else is looked for, and what it is worth from 0 to 1."""
        others = dict.fromkeys(self.same.get(phrase, ()), SAME)
        for known in (phrase, *self.same.get(phrase, ())):
            for wider in self.meant.get(known, ()):
                for other in (wider, *self.same.get(wider, ())):
                    others.setdefault(other, MEANT_TOO)
        others.pop(phrase, None)
        return others

    def __contains__(self, phrase: Phrase) -> bool:
        return phrase in self.same or phrase in self.meant

    def at_start_of(self, stems: Sequence[str]) -> Phrase:
        """The longest known phrase that some stems begin with; empty when there is none."""
        for length in range(min(self._longest, len(stems)), 0, -1):
            phrase = tuple(stems[:length])
            if phrase in self:
                return phrase
        return ()

    def beginning_with(self, letters: str) -> list[Phrase]:
        """The single words that begin so, and what is of the same meaning."""
        return list(dict.fromkeys(
            other
            for phrase, same in self.same.items()
            if len(phrase) == 1 and phrase[0].startswith(letters)
            for other in same
        ))  # fmt: skip

    @cached_property
    def phrases(self) -> list[Phrase]:
        """Those of several words."""
        return [phrase for phrase in {**self.same, **self.meant} if len(phrase) > 1]

    @cached_property
    def _longest(self) -> int:
        return max(map(len, (*self.same, *self.meant)), default=0)


def synonyms() -> Synonyms:
    """
    The groups that ship and those that editors added, by one query.

    Those that ship are read from the code: an upgrade brings them to a running site, and no row of
    its editors is changed.
    """
    return _joined((*_shipped(), *SynonymGroup.objects.values_list("words", flat=True)))


@cache
def _shipped() -> tuple[str, ...]:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@lru_cache(maxsize=4)  # editors change their groups seldom
def _joined(groups: tuple[str, ...]) -> Synonyms:
    joined = Synonyms()
    for group in groups:
        words, arrow, wider = group.partition("->")
        members, known = _phrases(words.split(",")), joined.meant if arrow else joined.same
        for phrase in members:
            known.setdefault(phrase, []).extend(_phrases(wider.split(",")) if arrow else members)
    return joined


def _phrases(members: Iterable[str]) -> list[Phrase]:
    cut = (tuple(stems(member)) for member in members)
    return list(dict.fromkeys(phrase for phrase in cut if phrase))
