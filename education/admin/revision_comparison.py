"""What a reviewer has to read again: words and evidence that moved since a text they know."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format

from education.articles.models import Revision
from education.articles.operations import draft_of, render_draft, saved_draft
from education.audit.models import Event
from education.evidence.details_in_words import label_of, value_in_words
from education.evidence.models import EvidenceItem, StatusEvent
from education.people.models import User
from education.publishing.models import Publication
from education.review.models import Review
from education.text.draft_differences import changes_between_drafts
from education.text.rendering import Draft
from education.text.word_differences import Difference


@dataclass(frozen=True)
class EvidenceChange:
    """What became of a cited work: each part, before and after."""

    item: EvidenceItem
    parts: list[tuple[str, str, str]]


@dataclass(frozen=True)
class RevisionComparison:
    """A text as it was once, and what became of its words, its citations and its evidence."""

    title: str
    changes: list[Difference]
    cited_now: list[str]
    no_longer_cited: list[str]
    moved: list[EvidenceChange]

    @property
    def is_empty(self) -> bool:
        """Whether everything is as it was."""
        return not (self.changes or self.cited_now or self.no_longer_cited or self.moved)


def comparisons(revision: Revision, person: User) -> list[RevisionComparison]:
    """
    A text beside what this person last approved of it, what they last sent back, and what was last
    published; only those there are, in this order. The first is what they should read by default.

    The text of a decision is the last one saved before it.
    """
    line = Revision.objects.filter(article=revision.article, language=revision.language)
    compared = []
    for decision, did in (
        (Review.Decision.APPROVED, "you approved it"),
        (Review.Decision.CHANGES_REQUESTED, "you asked for changes"),
    ):
        review = Review.objects.filter(reviewer=person, decision=decision, revision__in=line).last()
        if not review:
            continue
        seen = review.revision.saved_texts.filter(at__lte=review.decided_at).last()
        if seen:
            title = f"Since {did} on {date_format(review.decided_at)}"
            compared.append(_compared(title, saved_draft(seen), revision, review.decided_at))
    published = (
        Publication.objects.not_cancelled()
        .filter(revision__in=line.filter(number__lt=revision.number))
        .select_related("revision")
        .order_by("number")
        .last()
    )
    if published:
        of = f"{published.number}, {date_format(published.published_at)}"
        title = f"Since the published version ({of})"
        was = draft_of(published.revision)
        compared.append(_compared(title, was, revision, published.published_at))
    return compared


def _compared(
    title: str, was: Draft, revision: Revision, since: datetime.datetime
) -> RevisionComparison:
    now = draft_of(revision)
    before = {reference["key"] for reference in render_draft(was).references}
    after = {citation.item.key for citation in revision.citations.select_related("item")}
    return RevisionComparison(
        title,
        changes_between_drafts(was, now),
        sorted(after - before),
        sorted(before - after),
        _moved(sorted(before & after), since),
    )


def _moved(keys: list[str], since: datetime.datetime) -> list[EvidenceChange]:
    """What moved in these works since a moment; a part that moved back is left out."""
    items = EvidenceItem.objects.filter(key__in=keys).order_by("key")
    before: dict[str, dict[str, Any]] = {item.key: {} for item in items}
    by_number = {str(item.pk): item.key for item in items}
    events = Event.objects.filter(
        action="evidence_item.changed", subject_id__in=by_number, at__gte=since
    )
    for event in events.order_by("sequence"):
        for name, (value, _) in event.data.get("moved", {}).items():
            before[by_number[event.subject_id]].setdefault(name, value)
    changes = []
    for item in items:
        parts = [
            (label_of(name).capitalize(), _shown(name, value), _shown(name, getattr(item, name)))
            for name, value in before[item.key].items()
            if value != getattr(item, name)
        ]
        was, status = _status_at(item, since), item.status
        if was != status:
            names = dict(StatusEvent.Status.choices)
            parts.insert(0, ("Status", str(names[was]), str(names[status])))
        if parts:
            changes.append(EvidenceChange(item, parts))
    return changes


def _status_at(item: EvidenceItem, moment: datetime.datetime) -> str:
    """What had become of a work by a moment, with what was lifted only later."""
    events = item.status_events.filter(at__lt=moment, lifts=None)
    standing = events.exclude(lifted_by__at__lt=moment).order_by("-pk").first()
    return standing.status if standing else StatusEvent.Status.CURRENT


def _shown(name: str, value: Any) -> str:
    return value_in_words(name, value) or "nothing"
