"""When people are away, and who stands in for them."""

import datetime
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import Absence, User
from education.people.rules import looks_after_accounts

# An absence keeps somebody from being counted on and reminded, so it is looked at again within a
# year, as a declaration of interests is.
LONGEST_ABSENCE = datetime.timedelta(days=366)
ONE_DAY = datetime.timedelta(days=1)


class MayNotPlanAbsenceError(EditorialError):
    """The absence can't be recorded so, or not by this person."""


def absences_on(day: datetime.date) -> "QuerySet[Absence]":
    """Who is away on a day; of absences of one person that overlap, the longest comes last."""
    away = Absence.objects.filter(ended_at=None, first_day__lte=day, last_day__gte=day)
    return away.select_related("person", "substitute").order_by("last_day", "pk")


def absence_on(person: User, day: datetime.date) -> Absence | None:
    """The absence of a person on a day, the one that lasts longest; None while they are there."""
    return absences_on(day).filter(person=person).last()


def away_until(day: datetime.date) -> dict[int, Absence]:
    """
    Who is away on every day from tomorrow until a day, or on that day if it is today, by number.

    Absences that follow one another without a day between count as one; that which lasts longest
    stands for them. Who leaves tomorrow has too little of today left to count as there.
    """
    begin = min(timezone.localdate() + ONE_DAY, day)
    planned = Absence.objects.filter(ended_at=None, first_day__lte=day, last_day__gte=begin)
    longest: dict[int, Absence] = {}
    for absence in planned.select_related("person", "substitute").order_by("first_day", "pk"):
        earlier = longest.get(absence.person_id)
        covered = earlier.last_day if earlier else begin - ONE_DAY
        if absence.first_day <= covered + ONE_DAY and absence.last_day > covered:
            longest[absence.person_id] = absence
    return {person: absence for person, absence in longest.items() if absence.last_day >= day}


def absence_in_words(absence: Absence) -> str:
    """Until when somebody is away and who stands in, as a sentence."""
    return f"{absence.person} is {absence.until_when}."


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


def problem_with_days(first_day: datetime.date, last_day: datetime.date) -> str:
    """Why nobody can be recorded as away on these days, as a sentence; empty where they can."""
    today = timezone.localdate()
    if last_day < today:
        return "This day has passed."
    if last_day < first_day:
        return "The last day is before the first."
    if max(last_day - first_day, first_day - today) > LONGEST_ABSENCE:
        return "An absence begins within a year and lasts a year at most; record the rest then."
    return ""


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
    would have been; they get no rights by it. The person and the substitute hear of it by mail,
    unless they recorded it. Raises ``MayNotPlanAbsenceError``.
    """
    _require_recorder(by, person)
    if problem := problem_with_days(first_day, last_day):
        raise MayNotPlanAbsenceError(problem)
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
    days = f"{date_format(first_day)} to {date_format(last_day)}"
    _tell(absence, person, by, f"{by} recorded that you are away", f"From {days}.")
    if substitute:
        text = f"From {days} you are told what {person} would be. You get no rights by it."
        _tell(absence, substitute, by, f"You stand in for {person}", text)
    return absence


@operation
def end_absence(*, absence: Absence, by: User) -> Absence:
    """
    Say that somebody is back, or does not go; doing it twice changes nothing.

    The person and their substitute hear of it by mail, unless they did it.
    """
    absence = Absence.objects.select_related("person", "substitute").get(pk=absence.pk)
    _require_recorder(by, absence.person)
    if absence.ended_at is None:
        absence.ended_at = timezone.now()
        absence.save(update_fields=["ended_at"])
        record("absence.ended", absence, by=by, person=absence.person_id)
        over = f"{absence.person} is not away any more"
        for person in filter(None, (absence.person, absence.substitute)):
            _tell(absence, person, by, over, f"{by} recorded it.")
    return absence


def _tell(absence: Absence, person: User, by: User, subject: str, text: str) -> None:
    """Mail somebody what an absence means for them, unless it is their own doing."""
    if person != by:
        notify(
            [person],
            subject=subject,
            text=text,
            path=f"/admin/education/absence/{absence.pk}/change/",
        )
