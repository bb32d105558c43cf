"""What may be printed, until when paper may be used, and for which clinic. Reads, never writes."""

import datetime
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext

from education.handouts.models import Clinic, ClinicStaff
from education.languages import plain_date
from education.people.models import Role, User
from education.publishing.models import Publication
from education.publishing.operations import months_later
from education.publishing.status import PublicationStatus, statuses_of

# A copy is good for 12 months from printing, and 90 days after its review is due at most.
MONTHS_FROM_PRINTING = 12
DAYS_AFTER_REVIEW_IS_DUE = 90


def do_not_use_after(printed_on: datetime.date, due_on: Iterable[datetime.date]) -> datetime.date:
    """
    The last day a copy may be used: ``due_on`` are the days its texts' reviews are due.

    The earlier of 12 months from printing and 90 days after the first of those days.
    """
    late = min(due_on) + datetime.timedelta(days=DAYS_AFTER_REVIEW_IS_DUE)
    return min(months_later(printed_on, MONTHS_FROM_PRINTING), late)


def reasons_against_printing(standing: PublicationStatus) -> tuple[str, ...]:
    """Why no new copy of a publication may be printed, as sentences; empty when one may."""
    publication = standing.publication
    newest = (
        Publication.objects.newest()
        .filter(slug=publication.slug, language=publication.language)
        .first()
    )
    if newest is None:
        return (gettext("It is not public yet."),)
    withdrawal = newest.withdrawal
    if withdrawal:
        day = plain_date(timezone.localdate(withdrawal.at))
        return (gettext("It was withdrawn on {}: {}").format(day, withdrawal.reason),)
    if newest.pk != publication.pk:
        sentence = gettext("Version {} has taken its place; please print that one.")
        return (sentence.format(newest.number),)
    return standing.reasons_against_printing


def current_standings(items: Iterable[tuple[str, str]]) -> list[PublicationStatus | None]:
    """How what is public now at each (slug, language) stands; None where nothing is public."""
    wanted = list(items)
    publications = Publication.objects.current().filter(slug__in={slug for slug, _ in wanted})
    publications = publications.defer("html", "search_text")  # paper is made from the tree
    by_address = {
        (standing.publication.slug, standing.publication.language): standing
        for standing in statuses_of(publications).values()
    }
    return [by_address.get(address) for address in wanted]


def clinic_of(person: object) -> Clinic | None:
    """The clinic at whose desk a person works, if they do."""
    if not isinstance(person, User) or not person.has_role(Role.CLINIC):
        return None
    staff = ClinicStaff.objects.select_related("clinic").filter(person=person).first()
    return staff.clinic if staff else None


def manages_people_of(clinic: Clinic, person: User) -> bool:
    """Whether a person at this clinic's desk invites colleagues and ends their access."""
    own = clinic_of(person)
    if own is None or own.pk != clinic.pk:
        return False
    return ClinicStaff.objects.filter(person=person, clinic=clinic, manages_people=True).exists()
