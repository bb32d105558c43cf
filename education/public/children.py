"""
"Children like mine": how far the studies behind a text included a child the reader asks about.

The child is in the address and nowhere else: nothing is stored, and a link shows the same again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext

from education.evidence.models import EvidenceItem
from education.evidence.people_studied import (
    AGE_BANDS,
    ROMAN,
    Child,
    Match,
    ages_in_words,
    band_of,
    level_of,
    levels_in_words,
    short_name,
)
from education.topics.models import Topic


@dataclass(frozen=True)
class FilterChoice:
    """One value of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """One thing to choose by: how an address and a form name it, and its values."""

    name: str
    label: str
    choices: list[FilterChoice]

    @property
    def chosen(self) -> FilterChoice | None:
        """What was chosen, unless it is everything."""
        return next((choice for choice in self.choices if choice.chosen and choice.value), None)


def filter_of(
    name: str, label: str, everything: str, values: Iterable[tuple[str, object]], chosen: str
) -> Filter:
    """A filter with ``everything`` first; what is chosen but not among the values counts as it."""
    choices = [("", everything), *((value, str(label)) for value, label in values)]
    known = chosen if chosen in dict(choices) else ""
    return Filter(
        name,
        label,
        [FilterChoice(value, label_of_value, value == known) for value, label_of_value in choices],
    )


def child_of(query: QueryDict) -> Child:
    """The child an address asks about: ``?age=4-5&gmfcs=2``."""
    return Child(band_of(query.get("age", "")), level_of(query.get("gmfcs", "")))


def query_of(child: Child) -> str:
    """The query of an address that asks about a child; empty for none."""
    parameters = {"age": child.age.value if child.age else "", "gmfcs": str(child.level or "")}
    return (
        f"?{urlencode({name: value for name, value in parameters.items() if value})}"
        if child
        else ""
    )


def child_filters(child: Child) -> list[Filter]:
    """What a reader can say of a child: an age and a movement level."""
    levels = [
        (str(place), gettext("Level {}").format(roman))
        for place, roman in enumerate(ROMAN, start=1)
    ]
    return [
        filter_of(
            "age",
            gettext("Child’s age"),
            gettext("Any age"),
            [(band.value, band.label) for band in AGE_BANDS],
            child.age.value if child.age else "",
        ),
        filter_of(
            "gmfcs",
            gettext("Movement level (GMFCS)"),
            gettext("Any level"),
            levels,
            str(child.level or ""),
        ),
    ]


# Kinds of works that study people. Others count where they say whom they studied.
NO_STUDIES = frozenset(
    {
        EvidenceItem.Design.GUIDELINE,
        EvidenceItem.Design.POSITION_STATEMENT,
        EvidenceItem.Design.LABORATORY,
        EvidenceItem.Design.NARRATIVE_REVIEW,
        EvidenceItem.Design.OTHER,
    }
)
# From this movement level on, a child does not walk; the page and the question of a comparison that
# are about such children.
DOES_NOT_WALK = 4
PAGE_ON_NOT_WALKING = "if-your-child-does-not-walk"
ROW_ON_NOT_WALKING = "child-who-does-not-walk"


@dataclass(frozen=True)
class StudyGroup:
    """Studies that included a child equally far: how many, how far, and which of them did."""

    count: int
    words: str
    match: Match
    links: list[tuple[str, str]]


@dataclass(frozen=True)
class StudiesOfTopic:
    """The studies of one topic, by how far they included a child; ``topic`` as readers name it."""

    topic: str
    count: int
    groups: list[StudyGroup]

    @property
    def none_included(self) -> bool:
        """Whether no study clearly had such children."""
        return all(group.match != Match.INCLUDED for group in self.groups)


class StudiesForChild:
    """
    How far the works that a text cites included a child, by the evidence items as they are now.

    ``references`` are those of the text, ``topic`` is its own: a page about a treatment cites
    studies of other things too, which say nothing of that treatment. The statements of the text
    are the approved ones, unchanged.
    """

    def __init__(
        self, child: Child, references: Iterable[Mapping[str, Any]], topic: Topic | None = None
    ) -> None:
        self.child = child
        self.topic = topic
        self.numbers = {reference["key"]: reference["n"] for reference in references}
        self.items = EvidenceItem.objects.select_related("topic").in_bulk(
            list(self.numbers), field_name="key"
        )

    def note(self, cited: Sequence[str]) -> tuple[str, str] | None:
        """
        What to say behind a statement that cites works with these keys (``Options.note``).

        Nothing, unless its studies included such children, or clearly did not.
        """
        items = [self.items.get(key) for key in cited]
        fit = self.child.fit_of_all(items)
        if fit is None:
            return None
        topics = {item.topic for item in items if item and self._includes(item)}
        if fit.match == Match.INCLUDED and self._has_own and self.topic not in topics:
            titles = sorted(topic.title for topic in topics if topic)
            words = gettext("{}, in studies of: {}").format(fit.words, ", ".join(titles))
            return Match.PARTLY.value, words if titles else fit.words
        return fit.match.value, fit.words

    def _includes(self, item: EvidenceItem) -> bool:
        return self.child.fit(item).match == Match.INCLUDED

    @cached_property
    def _has_own(self) -> bool:
        """Whether a study of the page's own topic is cited at all."""
        return any(item.topic == self.topic for item in self.studies if item.topic)

    @cached_property
    def studies(self) -> list[EvidenceItem]:
        """The cited works that studied people, in the order of the list of references."""
        items = [self.items[key] for key in self.numbers if key in self.items]
        return [
            item
            for item in items
            if item.design not in NO_STUDIES or ages_in_words(item) or levels_in_words(item)
        ]

    @cached_property
    def by_topic(self) -> list[StudiesOfTopic]:
        """The studies by what was studied, the page's own topic first, then most studies first."""
        by_topic: dict[Topic | None, list[EvidenceItem]] = {}
        for item in self.studies:
            by_topic.setdefault(item.topic, []).append(item)
        return [
            StudiesOfTopic(
                topic.title if topic else gettext("Other things"), len(items), self._groups(items)
            )
            for topic, items in sorted(
                by_topic.items(), key=lambda pair: (pair[0] != self.topic, -len(pair[1]))
            )
        ]

    def _groups(self, studies: Iterable[EvidenceItem]) -> list[StudyGroup]:
        """Studies by how far they included the child, nearest first; the silent come last."""
        by_words: dict[tuple[Match, str], list[EvidenceItem]] = {}
        for item in studies:
            match = self.child.fit(item).match
            by_words.setdefault((match, self._words(match, item)), []).append(item)
        order = list(Match)
        return [
            StudyGroup(len(items), words, match, self._links(match, items))
            for (match, words), items in sorted(
                by_words.items(), key=lambda pair: (order.index(pair[0][0]), -len(pair[1]))
            )
        ]

    def _words(self, match: Match, item: EvidenceItem) -> str:
        match match:
            case Match.INCLUDED:
                return gettext("had children like yours")
            case Match.PARTLY:
                return gettext("had some, or fit as far as they say")
            case Match.OTHERS:
                return gettext("had others: {}").format(self.child.reason_against(item))
            case _:
                return gettext("don’t say")

    def _links(self, match: Match, items: list[EvidenceItem]) -> list[tuple[str, str]]:
        """The studies to look at: those that included such children, or may have."""
        if match not in {Match.INCLUDED, Match.PARTLY}:
            return []
        return [(f"#ref-{self.numbers[item.key]}", short_name(item)) for item in items]

    @property
    def may_not_walk(self) -> bool:
        """Whether the movement level is one of children who do not walk."""
        return (self.child.level or 0) >= DOES_NOT_WALK
