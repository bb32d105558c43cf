"""
Rows compared with what the record says of them: deleted, altered or put in behind the triggers.

The record's baseline (``integrity.unlike_baseline``) covers the rows that were there before it;
this covers those of every event since. Reads only.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from education.articles.models import Contribution
from education.audit.models import Event
from education.evidence.models import StatusEvent
from education.feedback.models import Answer
from education.handouts.models import PrintedCopy
from education.people.models import User
from education.publishing.models import ConcernNote, MaskedPassage, PublicationEvent
from education.review.models import Review

Kind = PublicationEvent.Kind
# A row's identity in the words of the record, and what else the record says of it, by name.
Identity = tuple[Any, ...]
Told = dict[str, Any]

KINDS = {
    "publication.withdrawn": Kind.WITHDRAWN,
    "publication.cancelled": Kind.CANCELLED,
    "publication.extended": Kind.EXTENDED,
    "publication.paper_recalled": Kind.RECALLED,
    "publication.hiding_proposed": Kind.HIDING_PROPOSED,
    "publication.hidden": Kind.HIDDEN,
}
DECISIONS = {
    "revision.approved": Review.Decision.APPROVED,
    "revision.changes_requested": Review.Decision.CHANGES_REQUESTED,
}
WRITING = frozenset({"revision.started", "revision.saved", "revision.submitted"})


@dataclass(frozen=True)
class Kept:
    """
    A table of rows that events speak of.

    ``event`` says which row an event speaks of, if any, and what of it; ``row`` the same of a row.
    ``alone`` is whether a row without an event is a fault. ``table`` is in the baseline if any is.
    """

    model: type[models.Model]
    event: Callable[[Event], tuple[Identity, Told] | None]
    row: Callable[[Any], tuple[Identity, Told]]
    alone: bool = True
    related: Iterable[str] = field(default=())


def _of_publication(event: Event) -> tuple[Identity, Told] | None:
    kind = KINDS.get(event.action)
    if kind is None:
        return None
    fields = {"by": event.by_id, "reason": event.data.get("reason")}
    if kind == Kind.EXTENDED:
        fields["due_on"] = event.data["due_on"]
    return (int(event.subject_id), kind.value), fields


def _publication_event(row: PublicationEvent) -> tuple[Identity, Told]:
    fields: Told = {"by": row.by_id, "reason": row.reason}
    if row.due_on:
        fields["due_on"] = row.due_on.isoformat()
    return (row.publication_id, row.kind), fields


def _of_decision(event: Event) -> tuple[Identity, Told] | None:
    decision = DECISIONS.get(event.action)
    if decision is None:
        return None
    identity = (int(event.subject_id), event.by_id, event.data["round"])
    named = {"decision": decision.value, "reviewed_as": event.data["reviewed_as"]}
    return identity, named | {"content_hash": event.data["content_hash"]}


def _review(row: Review) -> tuple[Identity, Told]:
    fields = {"decision": row.decision, "reviewed_as": row.reviewed_as}
    return (row.revision_id, row.reviewer_id, row.round), fields | {
        "content_hash": row.content_hash
    }


def _of_writing(event: Event) -> tuple[Identity, Told] | None:
    if event.action not in WRITING or event.by_id is None:
        return None
    return (int(event.subject_id), event.by_id), {"inherited": False}


def _of_status(event: Event) -> tuple[Identity, Told] | None:
    if not event.action.startswith("evidence_item.") or "event" not in event.data:
        return None
    fields = {"item": int(event.subject_id), "by": event.by_id, "reason": event.data["reason"]}
    return (event.data["event"],), fields


def _of_concern(event: Event) -> tuple[Identity, Told] | None:
    if event.action != "revision.concern_explained":
        return None
    return (int(event.subject_id), event.data["item"], event.data["reason"]), {"by": event.by_id}


def _of_passage(event: Event) -> tuple[Identity, Told] | None:
    if event.action != "passage.masked":
        return None
    fields = {"words": event.data["words"], "reason": event.data["reason"], "by": event.by_id}
    return (int(event.subject_id),), fields


def _of_print(event: Event) -> tuple[Identity, Told] | None:
    if event.action != "printed_copy.printed":
        return None
    return (int(event.subject_id),), {"copies": event.data["copies"]}


def _of_answer(event: Event) -> tuple[Identity, Told] | None:
    if event.action != "report.answered":
        return None
    return (int(event.subject_id), event.by_id), {}


TABLES = (
    Kept(PublicationEvent, _of_publication, _publication_event),
    Kept(Review, _of_decision, _review),
    Kept(
        Contribution,
        _of_writing,
        lambda row: ((row.revision_id, row.person_id), {"inherited": row.inherited}),
        alone=False,  # inherited ones follow from the texts
    ),
    Kept(
        StatusEvent,
        _of_status,
        lambda row: ((row.pk,), {"item": row.item_id, "by": row.by_id, "reason": row.reason}),
    ),
    Kept(
        ConcernNote,
        _of_concern,
        lambda row: ((row.revision_id, row.event.item.key, row.reason), {"by": row.by_id}),
        related=("event__item",),
    ),
    Kept(
        MaskedPassage,
        _of_passage,
        lambda row: ((row.pk,), {"words": row.words, "reason": row.reason, "by": row.by_id}),
    ),
    Kept(PrintedCopy, _of_print, lambda row: ((row.pk,), {"copies": row.copies})),
    Kept(Answer, _of_answer, lambda row: ((row.report_id, row.by_id), {})),
)


def rows_unlike_record() -> Iterator[str]:
    """Name every row that is gone, altered or without an event, since the record's baseline."""
    baseline = Event.objects.filter(action="audit.baseline").order_by("-sequence").first()
    events = list(
        Event.objects.filter(sequence__gt=baseline.sequence if baseline else 0).order_by("sequence")
    )
    known = baseline.data["tables"] if baseline else {}
    for kept in TABLES:
        table = kept.model._meta.db_table
        last = known.get(table, {}).get("last", 0)
        yield from _compare(kept, events, last)
    yield from _unmarked(events)


def _compare(kept: Kept, events: Iterable[Event], last: int) -> Iterator[str]:
    table = kept.model._meta.db_table
    rows = {}
    for row in kept.model._default_manager.select_related(*kept.related).order_by("pk"):
        identity, in_row = kept.row(row)
        rows[identity] = (row.pk, in_row)
    spoken_of = set()
    for event in events:
        expected = kept.event(event)
        if expected is None:
            continue
        identity, in_event = expected
        spoken_of.add(identity)
        if identity not in rows:
            yield f"A row of {table} is gone: event {event.sequence} ({event}) made it."
            continue
        number, in_row = rows[identity]
        if changed := sorted(name for name, value in in_event.items() if in_row.get(name) != value):
            yield (
                f"Row {number} of {table} is not as event {event.sequence} ({event}) says: "
                f"{', '.join(changed)}."
            )
    for identity, (number, _) in rows.items():
        if kept.alone and number > last and identity not in spoken_of:
            yield f"Row {number} of {table} was put in behind the record: no event made it."


def _unmarked(events: Iterable[Event]) -> Iterator[str]:
    """A demonstration's accounts whose mark was taken away."""
    for event in events:
        if event.action == "demonstration.loaded":
            unmarked = User.objects.filter(
                username__in=event.data["accounts"], made_for_demonstration=False
            )
            for person in unmarked:
                yield f"Account {person.username} is of a demonstration, and its mark is gone."
