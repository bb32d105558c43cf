"""
"Children like mine": how far the studies behind a text included a child the reader asks about.

The child is in the address and nowhere else: nothing is stored, and a link shows the same again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext

from education.evidence.models import EvidenceItem
from education.evidence.people_studied import AGE_BANDS, ROMAN, Child, band_of, level_of


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
    choices = [("", everything), *((value, str(said)) for value, said in values)]
    known = chosen if chosen in dict(choices) else ""
    return Filter(
        name, label, [FilterChoice(value, said, value == known) for value, said in choices]
    )


def child_of(asked: QueryDict) -> Child:
    """The child an address asks about: ``?age=4-5&gmfcs=2``."""
    return Child(band_of(asked.get("age", "")), level_of(asked.get("gmfcs", "")))


def query_of(child: Child) -> str:
    """The query of an address that asks about a child; empty for none."""
    asked = {"age": child.age.value if child.age else "", "gmfcs": str(child.level or "")}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}" if child else ""


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


def note_of(child: Child, keys: Iterable[str]) -> Callable[[Sequence[str]], tuple[str, str]]:
    """
    What to say behind a statement of a text that cites works with these keys, by those it cites.

    How far its studies included the child, by the evidence items as they are now: a mark, and the
    same in words (``Options.note``). The statements are the approved ones, unchanged.
    """
    items = EvidenceItem.objects.in_bulk(list(keys), field_name="key")

    def note(cited: Sequence[str]) -> tuple[str, str]:
        fit = child.fit_of_all([items.get(key) for key in cited])
        return fit.match.value, fit.words

    return note
