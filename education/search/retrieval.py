"""From what a reader typed to the entries that fit best, whoever may see them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from education.search import engine
from education.search.analysis import stem, telling, words
from education.search.models import SearchEntry, SearchWord, SynonymGroup
from education.search.ranking import QueryTerm, WordPositions, score

LONGEST_QUERY = 200
MOST_WORDS = 8
# Ranked are so many texts of ours with the words in their titles, with them anywhere, and studies.
_MOST = {"titles": 100, "texts": 100, "studies": 100}
_SHORTEST_BEGINNING, _SHORTEST_MISTAKE = 3, 4
_MOST_MEANT = 3
_SYNONYM, _BEGINNING, _MEANT = 0.9, 0.7, 0.6

# GMFM66 is written GMFM-66 too.
_LETTERS_AND_FIGURES = re.compile(r"([^\W\d_]{2,})(\d{1,4})")

Groups = list[list[QueryTerm]]


@dataclass(frozen=True)
class Candidate:
    """An entry that fits, and how well; what it belongs to decides whether readers see it."""

    number: int
    subject: str
    subject_id: int
    part: str
    kind: str
    title: str
    score: float


@dataclass(frozen=True)
class Found:
    """What the index holds for a query, best first. ``loose``: none held every word."""

    groups: Groups
    candidates: list[Candidate]
    loose: bool = False
    meant: dict[str, str] = field(default_factory=dict)

    @property
    def marks(self) -> tuple[str, ...]:
        """What to mark in a hit: stems, and beginnings with a star after them."""
        terms = [term for group in self.groups for term in group]
        found = {f"{stem}*" if term.begins else stem for term in terms for stem in term.stems}
        return tuple(sorted(found))


def cleaned(query: str) -> str:
    """A query without control characters, at most ``LONGEST_QUERY`` characters long."""
    text = unicodedata.normalize("NFC", query[: 4 * LONGEST_QUERY])
    kinds = ((char, unicodedata.category(char)) for char in text)
    kept = "".join("" if kind == "Cf" else " " if kind[0] == "C" else char for char, kind in kinds)
    return " ".join(kept.split())[:LONGEST_QUERY]


def find(query: str) -> Found:
    """Look for a reader's words; any text whatever gives an answer, by at most five queries."""
    typed = list(dict.fromkeys(telling(words(cleaned(query)))))[:MOST_WORDS]
    if not typed:
        return Found([], [])
    groups, meant = _understood(typed)
    candidates = _ranked(groups, every=True)
    loose = not candidates and len(groups) > 1
    if loose:
        candidates = _ranked(groups, every=False)
    return Found(groups, candidates, loose=loose and bool(candidates), meant=meant)


def _understood(typed: list[str]) -> tuple[Groups, dict[str, str]]:
    """Each word with its synonyms, the words it begins and those it may be a slip of."""
    cut = [stem(word) for word in typed]
    known = set(SearchWord.objects.filter(stem__in=cut).values_list("stem", flat=True))
    synonyms = [group.members() for group in SynonymGroup.objects.all()]
    named = {part for members in synonyms for member in members for part in member}
    groups, meant, place = [], dict[str, str](), 0
    while place < len(cut):
        members, length = _synonyms(cut[place:], synonyms)
        if members:
            own = tuple(cut[place : place + length])
            group = [QueryTerm(own), *(QueryTerm(one, _SYNONYM) for one in members if one != own)]
        else:
            length, word = 1, typed[place]
            group = [QueryTerm((cut[place],))]
            if parted := _LETTERS_AND_FIGURES.fullmatch(word):
                group.append(QueryTerm((stem(parted[1]), parted[2]), _SYNONYM))
            if cut[place] not in known | named and len(word) >= _SHORTEST_MISTAKE:
                near = _near(word)
                for one in map(stem, near):
                    same, _ = _synonyms([one], synonyms)
                    group += [QueryTerm(other, _MEANT) for other in same or [(one,)]]
                if near:
                    meant[word] = near[0]
        if place + length == len(cut) and len(typed[-1]) >= _SHORTEST_BEGINNING and length == 1:
            begun = [one for one in synonyms if any(_begins(typed[-1], member) for member in one)]
            group.append(QueryTerm((typed[-1],), _BEGINNING, begins=True))
            there = {term.stems for term in group}
            others = dict.fromkeys(one for members in begun for one in members)
            group += [QueryTerm(one, _BEGINNING) for one in others if one not in there]
        groups.append(group)
        place += length
    return groups, meant


def _begins(word: str, member: tuple[str, ...]) -> bool:
    return len(member) == 1 and member[0].startswith(word)


def _synonyms(
    cut: Sequence[str], synonyms: list[list[tuple[str, ...]]]
) -> tuple[list[tuple[str, ...]], int]:
    """What means the same as the words here, and how many words that is; the longest first."""
    for length in range(len(cut), 0, -1):
        here = tuple(cut[:length])
        same = [one for members in synonyms if here in members for one in members]
        if same:
            return list(dict.fromkeys(same)), length
    return [], 0


def _near(word: str) -> list[str]:
    """
    Known words that differ by one slip, nearest length first.

    One slip leaves one half of a word as it was (or, swapped across the middle, both but a letter).
    """
    half = len(word) // 2
    begun, ended = word[: max(2, half - 1)], word[half + 1 :]
    one_half = Q(word__startswith=begun) | Q(word__endswith=ended)
    some = list(SearchWord.objects.filter(one_half).order_by("word").values_list("word", flat=True))
    if any(one.startswith(word) for one in some):
        return []  # no slip: a beginning
    lengths = range(len(word) - 1, len(word) + 2)
    found = [one for one in some if len(one) in lengths and one_slip(word, one)]
    found.sort(key=lambda one: (one[0] != word[0], abs(len(one) - len(word)), one))
    return found[:_MOST_MEANT]


def one_slip(typed: str, word: str) -> bool:
    """Whether one letter too many, too few, wrong or swapped with the next tells them apart."""
    same = 0
    while same < min(len(typed), len(word)) and typed[same] == word[same]:
        same += 1
    rest, other = typed[same:], word[same:]
    return (
        rest[1:] == other
        or rest == other[1:]
        or rest[1:] == other[1:]
        or (rest[:2] == other[:2][::-1] and rest[2:] == other[2:])
    )


def _ranked(groups: Groups, *, every: bool) -> list[Candidate]:
    """What the engine finds, best first; the title and the number settle what is equal."""
    numbers = engine.matching(groups, every=every, **_MOST)
    rows = SearchEntry.objects.filter(pk__in=numbers).values_list(
        "pk", "subject", "subject_id", "part", "kind", "title",
        "title_terms", "lead_terms", "terms",
    )  # fmt: skip
    found = [
        Candidate(*row[:6], score=score(WordPositions(*row[6:]), groups, every=every, kind=row[4]))
        for row in rows
    ]
    found = [one for one in found if one.score]
    found.sort(key=lambda one: (-one.score, one.title, one.part, one.number))
    return found
