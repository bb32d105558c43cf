"""Questions about evidence items; reads, never writes."""

import datetime
from collections.abc import Iterable

from education.evidence.models import EvidenceItem, StatusEvent


def standing_events(
    keys: Iterable[str], at: datetime.datetime | None = None
) -> dict[str, StatusEvent]:
    """
    What became of works, by key: the last event that stood at a moment, now unless given.

    Works nothing is known against are left out. One query, however many keys.
    """
    events = (
        StatusEvent.objects.standing(at)
        .filter(item__key__in=set(keys))
        .select_related("item")
        .order_by("pk")
    )
    latest = {event.item.key: event for event in events}
    return {
        key: event for key, event in latest.items() if event.status != StatusEvent.Status.CURRENT
    }


def retracted_keys(at: datetime.datetime | None = None) -> frozenset[str]:
    """The keys of all works that stand retracted at a moment, now unless given."""
    retracted = StatusEvent.objects.filter(status=StatusEvent.Status.RETRACTED)
    candidates = set(retracted.values_list("item__key", flat=True))
    if not candidates:
        return frozenset()
    events = standing_events(candidates, at)
    return frozenset(
        key for key, event in events.items() if event.status == StatusEvent.Status.RETRACTED
    )


def problems_as_citation(item: EvidenceItem) -> list[str]:
    """
    Why an item may not stand behind a published statement now, as sentences; empty when it may.

    Rule 4 of review: every citation resolves to a verified item; no cited item is retracted.
    """
    reasons = []
    if not item.usable:
        reasons.append(f"{item.key} may not be cited: {item.unusable_reason}.")
    if not item.is_verified():
        reasons.append(f"{item.key} is not verified by two people, one a medical reviewer.")
    if item.status == StatusEvent.Status.RETRACTED:
        reasons.append(f"{item.key} was retracted.")
    return reasons
