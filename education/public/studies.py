"""
The evidence library as asked for: which studies, in which order, which page of them.

Everything is in the address, so that a link shows the same again, without script. What names
nothing that exists counts as not asked. However many items there are, a page asks the database the
same few questions and looks through no more than ``MOST`` items that match.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.evidence.models import Certainty, EvidenceItem, EvidenceItemQuerySet, Finding
from education.evidence.people_studied import AgeBand, Child, Fit
from education.public.children import (
    Filter,
    FilterChoice,
    child_filters,
    child_of,
    filter_of,
    query_of,
)
from education.topics.models import Topic

PAGE = 20
MOST = 200
YEARS = (2020, 2015, 2010)

# Each order: what it is called, and the column that is largest first; none goes by author alone.
SORTS = {
    "newest": (_("Newest first"), "issued_year"),
    "people": (_("Most people first"), "sample_size"),
    "author": (_("By author"), ""),
}


@dataclass(frozen=True)
class Study:
    """A work in the list, and how far it included children like the one asked about."""

    item: EvidenceItem
    fit: Fit | None


class StudyList:
    """The part of the evidence library that was asked for."""

    def __init__(self, asked: QueryDict) -> None:
        self.asked = asked
        self.child = child_of(asked)
        self.only = bool(asked.get("only")) and bool(self.child)

    @cached_property
    def filters(self) -> list[Filter]:
        """What can be chosen; one query, for the topics."""
        topics = [(topic.slug, topic.title) for topic in self._topics]
        since = [(str(year), gettext("{} or later").format(year)) for year in YEARS]
        return [
            self._filter("topic", gettext("Topic"), gettext("All topics"), topics),
            self._filter(
                "design",
                gettext("Kind of study"),
                gettext("All kinds"),
                EvidenceItem.Design.choices,
            ),
            self._filter("year", gettext("Published"), gettext("Any year"), since),
            self._filter(
                "certainty", gettext("How sure"), gettext("Any certainty"), Certainty.choices
            ),
            *child_filters(self.child),
        ]

    @cached_property
    def sort(self) -> Filter:
        """The orders to choose from."""
        order = self.asked.get("sort", "")
        chosen = order if order in SORTS else "newest"
        choices = [
            FilterChoice(name, str(label), name == chosen) for name, (label, _) in SORTS.items()
        ]
        return Filter("sort", gettext("Order"), choices)

    @property
    def child_query(self) -> str:
        """What a link adds so that the next page asks about the same child."""
        return query_of(self.child)

    @property
    def is_filtered(self) -> bool:
        """Whether something is left out."""
        filters = [choice for choice in self.filters if choice.name not in {"age", "gmfcs"}]
        return self.only or any(choice.chosen for choice in filters)

    @cached_property
    def total(self) -> int:
        """How many match, at most ``MOST``."""
        return min(len(self._numbers), MOST)

    @property
    def has_more(self) -> bool:
        """Whether more match than are listed."""
        return len(self._numbers) > MOST

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))

    @cached_property
    def page(self) -> int:
        """The page asked for, or the one nearest to it."""
        page = self.asked.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
        return min(max(1, number), self.pages)

    @property
    def first(self) -> int:
        """The place of the first study of the page."""
        return (self.page - 1) * PAGE + 1

    @cached_property
    def studies(self) -> list[Study]:
        """The studies of the page."""
        numbers = self._numbers[:MOST][self.first - 1 :][:PAGE]
        items = EvidenceItem.objects.with_status().in_bulk(numbers)
        in_order = [items[number] for number in numbers]
        return [Study(item, self.child.fit(item) if self.child else None) for item in in_order]

    def address(self, **changes: str) -> str:
        """The query of an address that asks the same, apart from ``changes``."""
        query = QueryDict(mutable=True)
        for choice in [*self.filters, self.sort]:
            if choice.chosen and not (choice is self.sort and choice.chosen.value == "newest"):
                query[choice.name] = choice.chosen.value
        if self.only:
            query["only"] = "1"
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}"

    @property
    def before(self) -> str:
        """Where the page before is; empty on the first."""
        return self.address(page=str(self.page - 1)) if self.page > 1 else ""

    @property
    def after(self) -> str:
        """Where the page after is; empty on the last."""
        return self.address(page=str(self.page + 1)) if self.page < self.pages else ""

    @cached_property
    def _topics(self) -> list[Topic]:
        return list(Topic.objects.order_by("position", "title"))

    def _filter(
        self, name: str, label: str, everything: str, values: Iterable[tuple[str, object]]
    ) -> Filter:
        return filter_of(name, label, everything, values, self.asked.get(name, ""))

    @cached_property
    def _numbers(self) -> list[int]:
        """The items that match, in order, one more than are listed at most."""
        items = self._matching()
        chosen = next(choice.value for choice in self.sort.choices if choice.chosen)
        column = SORTS[chosen][1]
        if not column:
            return list(items.order_by("key").values_list("pk", flat=True)[: MOST + 1])
        # Those without a value come last in a query of their own: either database then finds the
        # first ones by its index, without sorting all.
        known = items.exclude(**{column: None}).order_by(f"-{column}", "key")
        numbers = list(known.values_list("pk", flat=True)[: MOST + 1])
        if len(numbers) <= MOST:
            others = items.filter(**{column: None}).order_by("key").values_list("pk", flat=True)
            numbers += others[: MOST + 1 - len(numbers)]
        return numbers

    def _matching(self) -> EvidenceItemQuerySet:
        items = EvidenceItem.objects.verified().filter(usable=True)
        chosen = {choice.name: choice.chosen.value for choice in self.filters if choice.chosen}
        if "topic" in chosen:
            items = items.filter(topic__in=self._with_subtopics(chosen["topic"]))
        if "design" in chosen:
            items = items.filter(design=chosen["design"])
        if "year" in chosen:
            items = items.filter(issued_year__gte=int(chosen["year"]))
        if "certainty" in chosen:
            graded = Finding.objects.filter(certainty=chosen["certainty"])
            items = items.filter(pk__in=graded.values("item"))
        return _including(items, self.child) if self.only else items

    def _with_subtopics(self, slug: str) -> list[int]:
        named = next(topic for topic in self._topics if topic.slug == slug)
        return [topic.pk for topic in self._topics if named.pk in (topic.pk, topic.parent_id)]


def _including(items: EvidenceItemQuerySet, child: Child) -> EvidenceItemQuerySet:
    """The items whose study included such children, at least some: as ``Child.fit`` has it."""
    if child.age:
        items = items.filter(_overlaps(child.age))
    if child.level:
        # A list of single digits reads the same in either database.
        levels = Cast("gmfcs_levels", TextField())
        items = items.alias(levels=levels).filter(levels__contains=str(child.level))
    return items


def _overlaps(band: AgeBand) -> Q:
    reported = Q(age_from_months__isnull=False) | Q(age_to_months__isnull=False)
    young = Q(age_from_months=None) | Q(age_from_months__lt=12 * (band.oldest + 1))
    old = Q(age_to_months=None) | Q(age_to_months__gte=12 * band.youngest)
    return reported & young & old
