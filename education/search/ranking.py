"""
What comes first: the one ranking, the same whichever engine retrieved the entries.

Each text is scored by its title and by that one of its sections which answers best, as BM25 does
(Robertson and Zaragoza 2009, "The probabilistic relevance framework"): a rare word weighs more than
a common one, the tenth mention adds little, and a long text has no advantage over a short one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from education.search.analysis import SMALL_STEMS, is_weak

# What a title, its fit, the short answer, a section, its heading and the whole text count.
_TITLE, _FIT, _LEAD, _SECTION, _HEADING_FIT, _WHOLE = 0.8, 0.87, 0.15, 1.3, 0.55, 0.55
# BM25's constants: how soon more mentions add nothing, and how much length is held against a text.
_K1, _B = 1.4, 0.5
_USUAL_TITLE, _USUAL_SECTION = 6, 80
# A mention in a section's heading counts as so many in its text.
_HEADING = 2.5
_WEAK = 0.45
# A whole page stands before one claim or word of it, and those before the works themselves, whose
# titles hold many words that families look for.
_PREFERRED = {"page": 1.1, "claim": 1.05, "word": 0.8, "study": 0.25}
# Of so many sections is the usual page; the best of many is held to more than the best of few.
_USUAL_SECTIONS, _OF_MANY = 12, 0.15
# A term of less worth than this is near what was typed, not the same.
_SAME = 0.85
# Between sections, and between a section's heading and its text, in an entry's terms; between the
# names of one thing, in its title.
BETWEEN_SECTIONS, AFTER_HEADING, BETWEEN_NAMES = "\n", "\t", "\t"


@dataclass(frozen=True)
class QueryTerm:
    """
    One way in which a text can hold what a reader typed: these stems, one after the other.

    ``begins``: the (only) stem may go on. ``worth``: from 0 to 1, how near it is to what was typed.
    """

    stems: tuple[str, ...]
    worth: float = 1.0
    begins: bool = False

    @cached_property
    def sought(self) -> str:
        """Its stems as they stand in ``IndexedText``."""
        phrase = f" {' '.join(self.stems)}"
        return phrase if self.begins else f"{phrase} "


@dataclass(frozen=True)
class QueryGroup:
    """
    One thing that a reader asks about, and the terms that stand for it, the typed one first.

    ``typed``: as it was typed. ``required``: a text without it doesn't answer fully.
    """

    typed: str
    terms: tuple[QueryTerm, ...]

    @cached_property
    def same(self) -> tuple[QueryTerm, ...]:
        """Its terms of the same meaning as what was typed."""
        return tuple(term for term in self.terms if term.worth >= _SAME)

    @cached_property
    def required(self) -> bool:
        """Whether it is more than a word of asking."""
        return not all(is_weak(stem) for stem in self.terms[0].stems)


@dataclass(frozen=True)
class IndexedText:
    """
    A text as it is ranked: stems with a space before and after each.

    ``title``: each of its names. ``terms``: its sections, each with its heading.
    """

    title: str
    lead: str
    terms: str

    def holds(self, term: QueryTerm) -> bool:
        """Whether a term stands anywhere in it; looked for once, as texts are long."""
        held = self._held.get(term.sought)
        if held is None:
            held = term.sought in self.title or term.sought in self.terms
            self._held[term.sought] = held
        return held

    @cached_property
    def _held(self) -> dict[str, bool]:
        return {}


@dataclass(frozen=True)
class Question:
    """
    What a reader asks about, and what each term of it weighs: more where fewer texts hold it.

    ``weights``: of each group's terms, in their order. ``full``: the most each group can weigh.
    """

    groups: tuple[QueryGroup, ...] = ()
    weights: tuple[tuple[float, ...], ...] = ()

    @cached_property
    def full(self) -> tuple[float, ...]:
        """The most that each group weighs."""
        return tuple(max(weights) for weights in self.weights)

    @cached_property
    def counted(self) -> tuple[tuple[tuple[QueryTerm, float], ...], ...]:
        """
        Of each group the terms whose mentions are counted, with their weights.

        A term that holds another of no less weight is left out, as its mentions are mentions of the
        other: "dorsal rhizotomy" beside "rhizotomy".
        """
        weighed = [
            list(zip(group.terms, weights, strict=True))
            for group, weights in zip(self.groups, self.weights, strict=True)
        ]
        return tuple(
            tuple(
                (term, weight)
                for term, weight in terms
                if not any(
                    other.sought != term.sought and other.sought in term.sought and most >= weight
                    for other, most in terms
                )
            )
            for terms in weighed
        )

    @cached_property
    def required(self) -> frozenset[int]:
        """The groups that a text must hold to answer fully."""
        required = frozenset(place for place, group in enumerate(self.groups) if group.required)
        return required or frozenset(range(len(self.groups)))


@dataclass(frozen=True)
class Score:
    """
    How well a text fits, which of its sections to lead to, and which groups it holds.

    ``adds``: whether that section says what was asked and neither title nor short answer says.
    """

    total: float
    section: int
    held: frozenset[int]
    adds: bool = False


# The terms of each group that stand in a text, with their weights.
_Present = list[list[tuple[QueryTerm, float]]]


def padded(stems: Sequence[str]) -> str:
    """Stems as ``IndexedText`` holds them."""
    return f" {' '.join(stems)} " if stems else ""


def weighed(groups: Sequence[QueryGroup], texts: Sequence[IndexedText]) -> Question:
    """
    What each term weighs, by how many of the texts hold it.

    Words of the same meaning count as one word; those that are only near it count with them all, so
    that a common word never stands for a rare one. Words of asking weigh little.
    """
    rarities = [_rarities(group, texts) for group in groups]
    telling = [own for (own, _), group in zip(rarities, groups, strict=True) if group.required]
    asking = _WEAK * min(telling) if telling else 1.0
    weights = []
    for group, rarity in zip(groups, rarities, strict=True):
        own, near = rarity if group.required else (asking, asking)
        weights.append(
            tuple(term.worth * (own if term.worth >= _SAME else near) for term in group.terms)
        )
    return Question(tuple(groups), tuple(weights))


def _rarities(group: QueryGroup, texts: Sequence[IndexedText]) -> tuple[float, float]:
    """How rare a group's words of the same meaning are, and all of its terms together."""
    holding = sum(any(map(text.holds, group.same)) for text in texts)
    near = _rarity(sum(any(map(text.holds, group.terms)) for text in texts), len(texts))
    return _rarity(holding, len(texts)) if holding else near, near


def _rarity(holding: int, texts: int) -> float:
    return math.log(1 + (texts + 1) / (holding + 1))


def score(text: IndexedText, question: Question, *, kind: str) -> Score:
    """How well a text fits; its total is 0 when it holds nothing of what was asked."""
    present: _Present = [
        [
            (term, weight)
            for term, weight in zip(group.terms, weights, strict=True)
            if text.holds(term)
        ]
        for group, weights in zip(question.groups, question.weights, strict=True)
    ]
    held = frozenset(place for place, terms in enumerate(present) if terms)
    if not held:
        return Score(0, 0, held)
    full = sum(question.full)
    in_title = [
        _best(weight for term, weight in terms if term.sought in text.title) for terms in present
    ]
    sections = text.terms.split(BETWEEN_SECTIONS)
    if kind == "word":  # a definition seldom repeats its word
        name = text.title.partition(BETWEEN_NAMES)[0]
        sections = [f"{name}{AFTER_HEADING}{sections[0]}"]
    counted = [
        [(term, weight) for term, weight in terms if text.holds(term)] for terms in question.counted
    ]
    scored = [_section(section, present, counted, in_title, question) for section in sections]
    best = max(range(len(scored)), key=scored.__getitem__)
    whole = sum(_mentions(text.terms, "", terms) for terms in counted)
    total = (
        _TITLE * sum(in_title) / _length(text.title)
        + _FIT * max(_fit(name, present) for name in text.title.split(BETWEEN_NAMES))
        + _LEAD
        * sum(_best(w for term, w in terms if term.sought in text.lead) for terms in present)
        + scored[best]
        + _WHOLE * whole
    ) / full
    covered = sum(question.full[place] for place in held) / full
    many = 1 + _OF_MANY * max(0.0, len(sections) / _USUAL_SECTIONS - 1)
    untold = [present[place] for place in question.required if not in_title[place]]
    if len(untold) < len(question.required):
        # Of a page about one half of a question, the section that says the other half.
        best = max(
            range(len(sections)), key=lambda place: (_said(sections[place], untold), scored[place])
        )
    adds = any(_said(sections[best], [terms]) and not _said(text.lead, [terms]) for terms in untold)
    total *= covered * _PREFERRED.get(kind, 1.0) / many
    return Score(total, best, held, adds)


def _said(words: str, groups: _Present) -> int:
    """How many of some groups stand in a piece of a text."""
    return sum(any(term.sought in words for term, _ in terms) for terms in groups)


def _best(values: Iterable[float]) -> float:
    return max(values, default=0.0)


def _length(title: str) -> float:
    """What a title's length is held against it."""
    name = title.partition(BETWEEN_NAMES)[0]
    return 1 - _B + _B * max(1.0, (name.count(" ") - 1) / _USUAL_TITLE)


def _section(
    section: str,
    present: _Present,
    counted: _Present,
    in_title: Sequence[float],
    question: Question,
) -> float:
    """
    How well a section answers. What its page's title says it needn't repeat, but a section that
    holds all that was asked comes first.
    """
    if not any(term.sought in section for terms in counted for term, _ in terms):
        return 0.0
    heading, _, body = section.rpartition(AFTER_HEADING)
    length = body.count(" ") / _USUAL_SECTION
    values = [_mentions(body, heading, terms, length) for terms in counted]
    covered = sum(
        full for value, title, full in zip(values, in_title, question.full, strict=True)
        if value or title
    ) / sum(question.full)  # fmt: skip
    fit = _fit(heading, present) if heading.strip() else 0
    return (_SECTION * sum(values) + _HEADING_FIT * fit) * covered


def _mentions(
    body: str, heading: str, terms: Sequence[tuple[QueryTerm, float]], length: float = 1.0
) -> float:
    """
    What the mentions of a group's best term count: from 0 to its weight, many little more than
    some. A plain loop, as it runs for each section of each text.
    """
    most, against = 0.0, _K1 * (1 - _B + _B * length)
    for term, weight in terms:
        times = body.count(term.sought) + (_HEADING if term.sought in heading else 0)
        if times:
            most = max(most, weight * times / (times + against))
    return most


def _fit(name: str, present: _Present) -> float:
    """
    How nearly a title is what was asked: the share of it that was asked for, times what it holds of
    that. So the page about something comes before one that only names it.
    """
    named = [[(term, weight) for term, weight in terms if term.sought in name] for terms in present]
    if not any(named):
        return 0.0
    telling = [stem for stem in name.split() if stem not in SMALL_STEMS] or name.split()
    held, worth = 0.0, dict.fromkeys(telling, 0.0)
    for terms in named:
        held += _best(weight for _, weight in terms)
        for term, _ in terms:
            for stem in worth:
                if stem in term.stems or (term.begins and stem.startswith(term.stems)):
                    worth[stem] = max(worth[stem], term.worth)
    return sum(worth.values()) / max(1, len(worth)) * held
