"""
Every detail of an item in words, for whoever verifies it or approves a text that cites it.

The lists come from ``EvidenceItem.DETAILS`` and ``LATER_DETAILS``: what ends a verification and
lapses an approval when it changes is shown, a field that is added later too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from education.evidence.models import EvidenceItem, Finding
from education.evidence.people_studied import ages_in_words, levels_in_words
from education.evidence.shipped_evidence import APPRAISAL, COLUMN_OF

_BIBLIOGRAPHIC = {
    *COLUMN_OF.values(), "authors_complete", "issued_year", "issued_month", "issued_day",
    "csl_extra",
}  # fmt: skip


def _may_be_cited(item: EvidenceItem) -> str:
    answer = "yes" if item.usable else "no"
    return f"{answer}: {item.unusable_reason}" if item.unusable_reason else answer


# Fields whose values are read together: the first stands for the others.
_TOGETHER: dict[str, tuple[str, Callable[[EvidenceItem], str]]] = {
    "age_from_months": ("Ages", ages_in_words),
    "gmfcs_levels": ("GMFCS levels", levels_in_words),
    "usable": ("May be cited", _may_be_cited),
}
_READ_WITH_ANOTHER = {"age_to_months", "ages_of_most", "levels_of_most", "unusable_reason"}


@dataclass(frozen=True)
class Detail:
    """One detail: what it is called at the desk, and what it says, in several lines or none."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class ItemDetails:
    """
    All details of an item, as ``appraisal`` and ``reference``; ``not_stated`` names those of its
    appraisal that say nothing.
    """

    appraisal: list[Detail]
    not_stated: list[str]
    reference: list[Detail]


def details_in_words(item: EvidenceItem) -> ItemDetails:
    """Every detail of an item; its findings should be prefetched where there are many items."""
    names = [*EvidenceItem.DETAILS, *EvidenceItem.LATER_DETAILS]
    studied = [name for name in names if name not in _BIBLIOGRAPHIC | _READ_WITH_ANOTHER]
    order = {name: place for place, name in enumerate(APPRAISAL)}
    studied.sort(key=lambda name: order.get(name, len(order)))
    appraisal = [_detail(item, name) for name in studied]
    reference = [_detail(item, name) for name in names if name in _BIBLIOGRAPHIC]
    return ItemDetails(
        [detail for detail in appraisal if detail.lines],
        [detail.label for detail in appraisal if not detail.lines],
        [detail for detail in reference if detail.lines],
    )


def label_of(name: str) -> str:
    """What a detail is called at the desk: the name of its field, in words."""
    known = {field.name: field for field in EvidenceItem._meta.fields}
    return str(known[name].verbose_name) if name in known else name.replace("-", " ")


def value_in_words(name: str, value: Any) -> str:
    """What a detail says, from its value as it is stored or recorded; empty for nothing."""
    return "; ".join(_lines(name, value))


def _detail(item: EvidenceItem, name: str) -> Detail:
    if name in _TOGETHER:
        label, words_of = _TOGETHER[name]
        words = words_of(item)
        return Detail(label, (words,) if words else ())
    label = label_of(name)
    return Detail(label[:1].upper() + label[1:], tuple(_lines(name, getattr(item, name))))


def _lines(name: str, value: Any) -> Iterable[str]:
    if value in (None, "", [], {}):
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if name == "design":
        return [str(dict(EvidenceItem.Design.choices).get(value, value))]
    if name == "findings":
        return [Finding(**finding).in_full() for finding in value]
    if name == "authors":
        return ["; ".join(_in_words(author) for author in value)]
    return [_in_words(value)]


def _in_words(value: Any) -> str:
    """A value of JSON, without its marks; names of its parts only where they say something."""
    if isinstance(value, Mapping):
        is_person = "family" in value or "literal" in value
        parts = [
            _in_words(part) if is_person else f"{name}: {_in_words(part)}"
            for name, part in value.items()
        ]
        return (" " if is_person else ", ").join(parts)
    if isinstance(value, list):
        return ", ".join(_in_words(part) for part in value)
    return str(value)
