"""
Where each number of a text is from: the finding or detail of a cited work that holds it.

For text that ships, the ledger of numbers (``content/numbers.json``) also says why a number stands
in no work. All of this is advice to who writes and reviews, never a gate.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from education.articles.shipped_texts import CONTENT
from education.evidence.models import EvidenceItem
from education.text.numbers import NumberUse, key_of, numbers_in, traced
from education.text.tree import Tree, passages

LEDGER = CONTENT / "numbers.json"
# What of a work may hold a number, beside its findings: field, and what editors call it.
DETAILS = (
    ("finding", "what was found"),
    ("sample_size", "number of participants"),
    ("population", "who was studied"),
    ("follow_up", "follow-up"),
    ("comparator", "compared with"),
    ("intervention", "what was given"),
    ("limitations", "what it can’t tell"),
    ("funding_or_conflicts", "who paid"),
    ("title", "title"),
    ("issued_year", "year"),
)


@dataclass(frozen=True)
class SourceText:
    """What one finding or detail of a work says."""

    name: str
    words: str


@dataclass(frozen=True)
class NumberSource:
    """One number of a text, and the place in a cited work that holds it, if any does."""

    use: NumberUse
    label: str
    item: EvidenceItem | None = None
    held: SourceText | None = None
    how: str = ""
    because: str = ""

    @property
    def is_traced(self) -> bool:
        """Whether a cited work holds it, or the ledger says why none does."""
        return bool(self.held or self.because)


def number_sources(tree: Tree, slug: str) -> list[NumberSource]:
    """
    Where each number of a rendered text is from, in the order of the page.

    ``slug`` is the article's: the ledger has rows for texts that ship. Of a table of findings, with
    its thousand figures, only those are given that stand nowhere.
    """
    uses = list(numbers_in(tree))
    keys = {key for use in uses for key in use.cites}
    items = (
        EvidenceItem.objects.filter(key__in=keys)
        .prefetch_related("found")
        .in_bulk(field_name="key")
    )
    held = {key: list(_held_by(item)) for key, item in items.items()}
    labels = {part.where: part.label for part in passages(tree) if part.label}
    reasons = _reasons().get(slug, {})
    sources = [
        _source(
            use,
            labels.get(use.where) or labels.get(use.where.rpartition(".")[0], ""),
            items,
            held,
            reasons.get(use.key(), ""),
        )
        for use in uses
    ]
    if tree["kind"] == "findings":
        return [source for source in sources if not source.is_traced]
    return sources


def _source(
    use: NumberUse,
    label: str,
    items: dict[str, EvidenceItem],
    held: dict[str, list[SourceText]],
    because: str,
) -> NumberSource:
    for key in use.cites:
        texts = held.get(key, [])
        how = traced(use.value, use.of, [[text.words for text in texts]])
        if how:
            # The denominator may stand in another detail of the same work.
            exact = (text for text in texts if traced(use.value, use.of, [text.words]))
            alone = (text for text in texts if traced(use.value, "", [text.words]))
            place = next(exact, None) or next(alone, None) or texts[0]
            return NumberSource(use, label, items[key], place, how)
    return NumberSource(use, label, because=because)


def _held_by(item: EvidenceItem) -> Iterator[SourceText]:
    for number, finding in enumerate(item.found.all(), start=1):
        words = f"{finding.in_words()}. {finding.as_reported}"
        yield SourceText(f"finding {number}", words)
    for name, label in DETAILS:
        if value := getattr(item, name):
            yield SourceText(label, str(value))


@cache
def _reasons() -> dict[str, dict[tuple[Any, ...], str]]:
    """Why a number of shipped text stands in no work, by article and row of the ledger."""
    ledger = json.loads(LEDGER.read_text("utf-8"))
    return {
        slug: {key_of(row): row["because"] for row in rows if row.get("because")}
        for slug, rows in ledger.items()
    }
