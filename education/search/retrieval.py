"""From what a reader typed to the entries that fit best, whoever may see them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from education.search import engine
from education.search.analysis import SMALL_STEMS, is_chinese, is_small, is_weak, stem, words
from education.search.models import SearchEntry, SearchWord
from education.search.ranking import (
    IndexedText,
    QueryGroup,
    QueryTerm,
    Question,
    Score,
    score,
    weighed,
)
from education.search.synonyms import Phrase, Synonyms, synonyms

LONGEST_QUERY = 200
MOST_WORDS, MOST_GROUPS = 40, 10
# Retrieved are so many texts of ours with the words in their titles, with them anywhere, and
# studies; of pages, which are long, so many are ranked: as many as a page of results shows.
MOST_PAGES = 30
_MOST = {"titles": 100, "texts": 150, "studies": 100}
_SHORTEST_BEGINNING, _SHORTEST_MISTAKE, _TWO_MISTAKES = 3, 4, 8
_SHORTEST_PART = 3
_MOST_MEANT = 3
_PARTED, _BEGINNING, _MEANT = 0.9, 0.7, 0.6
# Other readings of a word that no text holds, and what each is worth from 0 to 1.
_Variants = dict[Phrase, float]

# GMFM66 is written GMFM-66 too.
_LETTERS_AND_FIGURES = re.compile(r"([^\W\d_]{2,})(\d{1,4})")


@dataclass(frozen=True)
class Candidate:
    """An entry that fits, and how well; what it belongs to decides whether readers see it."""

    number: int
    subject: str
    subject_id: int
    part: str
    kind: str
    title: str
    score: Score


@dataclass(frozen=True)
class SearchAnswer:
    """What the index holds for a question, best first; ``meant``: what slips are taken for."""

    question: Question = field(default_factory=Question)
    candidates: Sequence[Candidate] = ()
    meant: dict[str, str] = field(default_factory=dict)

    @property
    def marks(self) -> tuple[str, ...]:
        """What to mark in a hit: stems, and beginnings with a star after them."""
        terms = [term for group in self.question.groups for term in group.terms]
        marks = {
            f"{stem}*" if term.begins else stem for term in terms for stem in _telling(term.stems)
        }
        return tuple(sorted(marks))


def _telling(phrase: Phrase) -> Phrase:
    """The stems of a phrase that say something by themselves: "walk" of "does not walk"."""
    own = tuple(stem for stem in phrase if stem not in SMALL_STEMS)
    return tuple(stem for stem in own if not is_weak(stem)) or own or phrase


def cleaned(query: str) -> str:
    """A query without control characters, at most ``LONGEST_QUERY`` characters long."""
    text = unicodedata.normalize("NFC", query[: 4 * LONGEST_QUERY])
    kinds = ((char, unicodedata.category(char)) for char in text)
    kept = "".join("" if kind == "Cf" else " " if kind[0] == "C" else char for char, kind in kinds)
    return " ".join(kept.split())[:LONGEST_QUERY]


def find(query: str) -> SearchAnswer:
    """Look for a reader's words; any text whatever gives an answer, by few queries."""
    typed = words(cleaned(query))[:MOST_WORDS]
    if not typed:
        return SearchAnswer()
    groups, meant = _understood(typed)
    texts = _with_terms(_retrieved(groups), groups)
    question = weighed(groups, [text for _, text in texts])
    candidates = [Candidate(*entry, score(text, question, kind=entry[4])) for entry, text in texts]
    candidates = [candidate for candidate in candidates if candidate.score.total]
    # The title and the number settle what is equal.
    candidates.sort(
        key=lambda candidate: (
            -candidate.score.total,
            candidate.title,
            candidate.part,
            candidate.number,
        )
    )
    return SearchAnswer(question, candidates, meant)


def _retrieved(groups: Sequence[QueryGroup]) -> list[Any]:
    """
    The entries to rank, without their texts.

    Those with some of the words that must be there are asked for only where few have them all: on a
    large site, one of them stands in half of all texts.
    """
    required = [group for group in groups if group.required] or groups
    rows: dict[int, Any] = {}
    for every in (True, False) if len(required) > 1 else (True,):
        numbers = engine.matching(required, every=every, **_MOST)
        entries = SearchEntry.objects.filter(pk__in=numbers).values_list(
            "pk", "subject", "subject_id", "part", "kind", "title", "title_terms", "lead_terms"
        )
        rows.update({row[0]: row for row in entries})
        if len(rows) >= _MOST["texts"]:
            break
    return list(rows.values())


def _with_terms(
    rows: Sequence[Any], groups: Sequence[QueryGroup]
) -> list[tuple[tuple[int, str, int, str, str, str], IndexedText]]:
    """
    Entries with all of their words.

    Pages are long, so of very many only those are read that name most in title or short answer,
    short titles first.
    """

    def named(row: Any) -> float:
        places = f"{row[6]}{row[7]}"
        return sum(
            max((term.worth for term in group.terms if term.sought in places), default=0)
            for group in groups
        )

    pages = [row for row in rows if row[4] == SearchEntry.Kind.PAGE]
    if len(pages) > MOST_PAGES:
        pages = sorted(pages, key=lambda row: (-named(row), len(row[6]), -row[0]))[:MOST_PAGES]
    chosen = [*pages, *(row for row in rows if row[4] != SearchEntry.Kind.PAGE)]
    numbers = [row[0] for row in chosen]
    terms = dict(SearchEntry.objects.filter(pk__in=numbers).values_list("pk", "terms"))
    return [
        (row[:6], IndexedText(row[6], row[7], terms[row[0]]))
        for row in chosen
        if row[0] in terms  # not ended in this moment
    ]


def _understood(typed: list[str]) -> tuple[list[QueryGroup], dict[str, str]]:
    """What a reader asks about: known phrases and words, each with all that stands for it."""
    known_synonyms = synonyms()
    cut = [stem(word) for word in typed]
    pieces = _pieces(typed, cut, known_synonyms)
    single = [piece for piece, _ in pieces if len(piece) == 1]
    known = _known(single)
    variants, slips = dict[str, _Variants](), dict[str, dict[Phrase, str]]()
    for (word,) in single:
        if stem(word) in known:
            continue
        variants[word] = _variants(word, known_synonyms)
        if not variants[word] and (stem(word),) not in known_synonyms:
            slips[word] = _near(word, known_synonyms)
    if any(slips.values()):  # "side efects" is one thing too
        pieces = _pieces(typed, [_corrected(word, slips) for word in typed], known_synonyms)
    groups, meant = list[QueryGroup](), dict[str, str]()
    for piece, phrase in pieces:
        word = piece[0] if len(piece) == 1 else ""
        own = (stem(word),) if word else phrase
        meant |= {slip: next(iter(slips[slip].values())) for slip in piece if slips.get(slip)}
        if any(own == term.stems for group in groups for term in group.same):
            continue
        begins = word in variants and word == typed[-1] and len(word) >= _SHORTEST_BEGINNING
        alternatives = _alternatives(
            own,
            variants.get(word, {}),
            slips.get(word, {}),
            known_synonyms,
            beginning=word if begins else "",
        )
        groups.append(QueryGroup(" ".join(piece), tuple(alternatives)))
    return groups[:MOST_GROUPS], meant


def _alternatives(
    own: Phrase, variants: _Variants, near: Iterable[Phrase], known: Synonyms, *, beginning: str
) -> Iterator[QueryTerm]:
    """What stands for a piece of a query: itself, synonyms, variants, what it is a slip of."""
    terms = {own: 1.0} | known.others(own)
    for other, worth in variants.items():
        terms.setdefault(other, worth)
    for phrase in near:
        for other in (phrase, *known.same.get(phrase, ())):
            terms.setdefault(other, _MEANT)
    if beginning:
        for other in known.beginning_with(beginning):
            terms.setdefault(other, _BEGINNING)
    yield from (QueryTerm(stems, worth) for stems, worth in terms.items())
    if beginning:
        yield QueryTerm((beginning,), _BEGINNING, begins=True)


def _corrected(word: str, slips: dict[str, dict[Phrase, str]]) -> str:
    """The stem of a word, or of the one word that it is most likely a slip of."""
    nearest = next(iter(slips.get(word, ())), ())
    return nearest[0] if len(nearest) == 1 else stem(word)


def _pieces(
    typed: list[str], cut: list[str], known: Synonyms
) -> list[tuple[tuple[str, ...], Phrase]]:
    """
    Phrases that have synonyms, and the other words that say something, each with its stems.

    All words if none says anything.
    """
    pieces, place = [], 0
    while place < len(typed):
        phrase = known.at_start_of(cut[place:])
        length = len(phrase) or 1
        if length > 1 or not (is_small(typed[place]) or (is_chinese(typed[place]) and not phrase)):
            end = place + length
            pieces.append((tuple(typed[place:end]), tuple(cut[place:end])))
        place += length
    return pieces or [((word,), (stem(word),)) for word in typed]


def _known(pieces: Sequence[tuple[str, ...]]) -> set[str]:
    """Those of some words' stems that texts hold."""
    stems = [stem(word) for (word,) in pieces]
    return set(SearchWord.objects.filter(stem__in=stems).values_list("stem", flat=True))


def _variants(word: str, known: Synonyms) -> _Variants:
    """A word that no text holds in two parts that some do: GMFM66, bloodbank."""
    if parted := _LETTERS_AND_FIGURES.fullmatch(word):
        return {(stem(parted[1]), parted[2]): _PARTED}
    if (stem(word),) in known:
        return {}
    places = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    halves = {half for place in places for half in (word[:place], word[place:])}
    there = set(SearchWord.objects.filter(word__in=halves).values_list("word", flat=True))
    return {
        (stem(word[:place]), stem(word[place:])): _PARTED
        for place in places
        if {word[:place], word[place:]} <= there
    }


def _near(word: str, known: Synonyms) -> dict[Phrase, str]:
    """
    Known words, and phrases written as one, that differ by a slip, or by two in a long word.

    As stems, with how they are written; nearest first. Slips leave a word's beginning or its end as
    it was.
    """
    if len(word) < _SHORTEST_MISTAKE:
        return {}
    most = 2 if len(word) >= _TWO_MISTAKES else 1
    kept = max(2, len(word) // (most + 1) - 1)
    begun_or_ended = Q(word__startswith=word[:kept]) | Q(word__endswith=word[-kept:])
    some = SearchWord.objects.filter(begun_or_ended).order_by("word").values_list("word", flat=True)
    written: dict[str, tuple[tuple[str, ...], str]] = {
        other: ((stem(other),), other) for other in some
    }
    if any(other.startswith(word) for other in written):
        return {}  # no slip: a beginning
    for phrase in known.phrases:
        written.setdefault("".join(phrase), (phrase, " ".join(phrase)))
    near = [
        (slips, other[0] != word[0], abs(len(other) - len(word)), other)
        for other in written
        if abs(len(other) - len(word)) <= most and (slips := slips_between(word, other)) <= most
    ]
    best = sorted(term for term in near if term[0] == min(near)[0])[:_MOST_MEANT]
    return dict(written[other] for *_, other in best)


def slips_between(typed: str, word: str) -> int:
    """
    How many letters are too many, too few, wrong, or swapped with the next.

    The optimal string alignment distance (Damerau 1964), by its usual table.
    """
    before, row = list[int](), list(range(len(word) + 1))
    for i, letter in enumerate(typed, 1):
        two_before, before, row = before, row, [i]
        for j, other in enumerate(word, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                least = min(least, two_before[j - 2] + 1)
            row.append(least)
    return row[-1]
