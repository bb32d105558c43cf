"""
What changed for readers, in order, each once, with what a copy elsewhere must do.

Nothing is written for it: it follows from publications, their events and the status of evidence,
so it can't disagree with the pages.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from education.evidence.models import StatusEvent
from education.publishing.models import Publication, PublicationEvent
from education.publishing.status import versions_as_told
from education.safety.models import NOTE_LASTS, EmergencyNote

# An operation takes its time stamp a moment before it is seen. What is younger than this is held
# back, so that a reader of the feed who asks for what came after can't step over it.
SETTLING = datetime.timedelta(seconds=10)

Kind = PublicationEvent.Kind


class FeedAction(StrEnum):
    """What a copy of a text elsewhere must do."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"
    FETCH_AGAIN = "fetch_again"


@dataclass(frozen=True)
class FeedChange:
    """One change of one text; ``place`` orders changes and is where a reader goes on from."""

    place: str
    at: datetime.datetime
    kind: str
    do: FeedAction
    slug: str
    language: str
    version: int
    reason: str
    change: str = Publication.Change.MAJOR


def changes(after: str = "", at: datetime.datetime | None = None) -> list[FeedChange]:
    """All changes after a place, the oldest first, up to a moment: now, less what still settles."""
    moment = at or timezone.now() - SETTLING
    changes = [
        *_published(moment), *_happened(moment), *_of_evidence(moment), *_of_notes(moment),
    ]  # fmt: skip
    return sorted(
        (change for change in changes if change.place > after), key=lambda change: change.place
    )


def _published(moment: datetime.datetime) -> Iterator[FeedChange]:
    texts = Publication.objects.live(moment).defer("content", "html", "search_text")
    for text in versions_as_told(texts):
        kind = "published" if text.number == 1 else "corrected" if text.correction else "changed"
        yield _change(
            text.goes_live_at,
            kind,
            FeedAction.ADD if text.number == 1 else FeedAction.REPLACE,
            text,
            text.correction or text.what_changed,
            text.pk,
            Publication.Change(text.change),
        )


def _happened(moment: datetime.datetime) -> Iterator[FeedChange]:
    events = PublicationEvent.objects.filter(
        kind__in=[Kind.WITHDRAWN, Kind.EXTENDED], at__lte=moment
    )
    for event in events.select_related("publication"):
        do = FeedAction.REMOVE if event.kind == Kind.WITHDRAWN else FeedAction.FETCH_AGAIN
        yield _change(event.at, event.kind, do, event.publication, event.reason, event.pk)


def _of_evidence(moment: datetime.datetime) -> Iterator[FeedChange]:
    """A study that fell or was cleared changes every text that rested on it while it was shown."""
    for event in StatusEvent.objects.filter(at__lte=moment).select_related("item"):
        kind = "evidence_cleared" if event.lifts_id else f"evidence_{event.status}"
        resting = Publication.objects.resting_on([event.item.key]).values_list("pk", flat=True)
        touched = set(resting)
        for text in _shown(event.at):
            if text.pk in touched:
                yield _change(event.at, kind, FeedAction.FETCH_AGAIN, text, event.reason, event.pk)


def _of_notes(moment: datetime.datetime) -> Iterator[FeedChange]:
    """An emergency note changes a page when it is approved, and when it ends."""
    for note in EmergencyNote.objects.filter(approved_at__lte=moment):
        begins = note.approved_at
        assert begins is not None  # by the filter
        ends = min(note.ended_at or begins + NOTE_LASTS, begins + NOTE_LASTS)
        for at, kind in ((begins, "note_added"), (ends, "note_removed")):
            texts = _shown(at) if at <= moment else []
            for text in texts:
                if (text.slug, text.language) == (note.slug, note.language):
                    yield _change(at, kind, FeedAction.FETCH_AGAIN, text, note.text, note.pk)


def _shown(at: datetime.datetime) -> list[Publication]:
    """What the public saw at a moment, whatever became of it since."""
    gone = PublicationEvent.objects.filter(kind=Kind.WITHDRAWN, at__lte=at)
    texts = Publication.objects.newest(at).exclude(pk__in=gone.values("publication"))
    return list(texts.defer("html", "search_text").order_by("pk"))


def _change(
    at: datetime.datetime,
    kind: str,
    do: FeedAction,
    text: Publication,
    reason: str,
    number: int,
    change: str = Publication.Change.MAJOR,
) -> FeedChange:
    stamp = at.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%S.%f")
    return FeedChange(
        place=f"{stamp}-{kind}-{number}-{text.pk}",
        at=at,
        kind=kind,
        do=do,
        slug=text.slug,
        language=text.language,
        version=text.number,
        reason=reason,
        change=change,
    )
