"""Questions about evidence items; reads, never writes."""

import datetime
from collections.abc import Collection, Iterable

from education.evidence.models import EvidenceItem, StatusEvent, Verification
from education.people.models import Role, User
from education.people.rules import conflicts_on


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


def works_in_doubt() -> dict[str, str]:
    """
    The works of which no finding is told as a plain fact, by key: retracted or under a concern.

    One query where there is none.
    """
    doubt = {StatusEvent.Status.RETRACTED, StatusEvent.Status.CONCERN}
    candidates = set(
        StatusEvent.objects.filter(status__in=doubt).values_list("item__key", flat=True)
    )
    if not candidates:
        return {}
    events = standing_events(candidates)
    return {key: event.status for key, event in events.items() if event.status in doubt}


def problems_as_citations(items: Collection[EvidenceItem]) -> dict[str, list[str]]:
    """
    Why items may not stand behind a published statement now, as sentences by key, in their order;
    none of those that may.

    Rule 4 of review: every citation resolves to a verified item; no cited item is retracted.
    """
    numbers = [item.pk for item in items]
    verified = set(
        EvidenceItem.objects.verified().filter(pk__in=numbers).values_list("pk", flat=True)
    )
    reasons: dict[str, list[str]] = {}
    for item in items:
        problems = []
        if not item.usable:
            problems.append(f"{item.key} may not be cited: {item.unusable_reason}.")
        if item.pk not in verified:
            problems.append(f"{item.key} is not verified by two people, one a medical reviewer.")
        if item.status == StatusEvent.Status.RETRACTED:
            problems.append(f"{item.key} was retracted.")
        if problems:
            reasons[item.key] = problems
    return reasons


VERIFYING = frozenset({Role.MEDICAL_REVIEWER, Role.WRITER, Role.EDITOR_IN_CHIEF})


def reasons_against_verifying(person: User, item: EvidenceItem) -> list[str]:
    """Every reason why this person may not say that an item's details are right, as sentences."""
    reasons = []
    if not item.usable:
        reasons.append(f"{item.key} may not be cited: {item.unusable_reason}.")
    if not person.is_active or not person.roles & VERIFYING:
        reasons.append("Verifying evidence needs an editorial role.")
    return reasons + _reasons_of_part_taken(person, item)


def _reasons_of_part_taken(person: User, item: EvidenceItem) -> list[str]:
    if person.pk in {item.entered_by_id, item.changed_by_id}:
        return [f"{person} entered or last changed {item.key}; two others must verify it."]
    return conflicts_on(person, item.topic) if item.topic else []


def verified_before(items: Iterable[EvidenceItem]) -> list[tuple[Verification, str]]:
    """
    Verifications that count and would not be taken today, each with why not.

    They were given before the rule on who takes part, or before a conflict was declared, and count
    until the item is next changed.
    """
    return [
        (verification, " ".join(reasons))
        for item in items
        for verification in item.verifications.filter(
            details_hash=item.details_hash, details_sequence=item.details_sequence
        ).select_related("by")
        if (reasons := _reasons_of_part_taken(verification.by, item))
    ]
