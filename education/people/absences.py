"""When people are away, and who stands in for them."""

import datetime
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.models import Absence, User
from education.people.rules import looks_after_accounts


class MayNotPlanAbsenceError(EditorialError):
    """The absence can't be recorded so, or not by this person."""


def absences_on(day: datetime.date) -> "QuerySet[Absence]":
    """Who is away on a day; of absences of one person that overlap, the longest comes last."""
    away = Absence.objects.filter(ended_at=None, first_day__lte=day, last_day__gte=day)
    return away.select_related("person", "substitute").order_by("last_day", "pk")


def absence_on(person: User, day: datetime.date) -> Absence | None:
    """The absence of a person on a day, the one that lasts longest; None while they are there."""
    return absences_on(day).filter(person=person).last()


def absence_in_words(absence: Absence) -> str:
    """Until when somebody is away and who stands in, as a sentence."""
    away = f"{absence.person} is away until {date_format(absence.last_day)}."
    return f"{away} {absence.substitute} stands in." if absence.substitute else away


def reachable(people: Iterable[User], day: datetime.date) -> list[User]:
    """
    Whom to write to instead of these people on a day, each once, in their order.

    For who is away, their substitute. Where that leaves nobody with an address, those who are
    away: a mail that waits is better than none.
    """
    people = list(people)
    substitutes = {absence.person_id: absence.substitute for absence in absences_on(day)}
    recipients: dict[int, User] = {}
    for person in people:
        recipient = substitutes.get(person.pk, person)
        if not recipient or recipient.pk in substitutes:
            continue
        if recipient.is_active and recipient.email:
            recipients.setdefault(recipient.pk, recipient)
    return list(recipients.values()) or people


def may_record_absence(by: User, person: User) -> bool:
    """Whether somebody records and ends a person's absences: their own, or who looks after them."""
    return by == person or looks_after_accounts(by)


def _require_recorder(by: User, person: User) -> None:
    if not may_record_absence(by, person):
        raise MayNotPlanAbsenceError(f"Only {person} or who looks after accounts records this.")


@operation
def plan_absence(
    *,
    person: User,
    first_day: datetime.date,
    last_day: datetime.date,
    by: User,
    substitute: User | None = None,
) -> Absence:
    """
    Record that somebody is away from the first day to the last, and who stands in for them.

    By themselves, an administrator or an editor-in-chief. A substitute is told what the person
    would have been; they get no rights by it. Raises ``MayNotPlanAbsenceError``.
    """
    _require_recorder(by, person)
    if last_day < max(first_day, timezone.localdate()):
        raise MayNotPlanAbsenceError("The last day is before the first, or has passed.")
    if substitute == person:
        raise MayNotPlanAbsenceError("Nobody stands in for themselves.")
    if substitute and not substitute.is_active:
        raise MayNotPlanAbsenceError(f"The account of {substitute} is switched off.")
    absence = Absence.objects.create(
        person=person,
        first_day=first_day,
        last_day=last_day,
        substitute=substitute,
        recorded_by=by,
        recorded_at=timezone.now(),
    )
    record(
        "absence.planned",
        absence,
        by=by,
        person=person.pk,
        days=[first_day.isoformat(), last_day.isoformat()],
        substitute=str(substitute or ""),
    )
    return absence


@operation
def end_absence(*, absence: Absence, by: User) -> Absence:
    """Say that somebody is back, or does not go; doing it twice changes nothing."""
    absence = Absence.objects.select_related("person").get(pk=absence.pk)
    _require_recorder(by, absence.person)
    if absence.ended_at is None:
        absence.ended_at = timezone.now()
        absence.save(update_fields=["ended_at"])
        record("absence.ended", absence, by=by, person=absence.person_id)
    return absence
