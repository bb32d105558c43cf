"""What tests of clinics begin from: a clinic, its staff, its copies, and days that pass."""

import datetime
import itertools

from education.handouts.models import Clinic
from education.handouts.operations import add_to_clinic, open_clinic, print_copy
from education.people.models import Role, User
from education.safety.operations import record_status
from tests.factories import make_draft, make_item, make_medical_reviewer, make_person

_numbers = itertools.count(1)


def make_clinic(name: str = "") -> Clinic:
    return open_clinic(name=name or f"Clinic {next(_numbers)}", by=None)


def make_clinic_person(clinic: Clinic | None = None, **fields) -> User:
    """Somebody at the desk of a clinic, which is made when none is given."""
    defaults = {"is_staff": False, "email": f"desk-{next(_numbers)}@example.org"}
    person = make_person(Role.CLINIC, **defaults | fields)
    add_to_clinic(person=person, clinic=clinic or make_clinic(), by=None)
    return person


def print_for(person: User, publication, **how):
    """What the clinic of a person printed of a publication's page."""
    return print_copy(clinic=person.clinic_staff.clinic, by=person, slug=publication.slug, **how)


def make_draft_resting_on(key: str):
    """A text that cites the work and another, so that it is still a text when the work falls."""
    return make_draft(key, make_item().key)


def fall(item, status="retracted", on=datetime.date(2026, 3, 4)):
    return record_status(
        item=item,
        status=status,
        occurred_on=on,
        reason="The data could not be trusted",
        source_url="https://example.org/notice",
        by=make_medical_reviewer(),
    )


def go_to(monkeypatch, day: datetime.date) -> None:
    """Noon of a day, as the clock of the tests says from now on."""
    moment = datetime.datetime.combine(day, datetime.time(12), tzinfo=datetime.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def days_after_due(publication, days: int) -> datetime.date:
    return publication.due_on + datetime.timedelta(days=days)
