"""
A clinic's own people: those it trusts with that invite colleagues and end their access.

They give the role Clinic at their own clinic and nothing else: an account that is anybody's
already, or can do anything beyond a clinic's desk, is never theirs to touch.
"""

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q

from education.accounts.invitations import take_password
from education.accounts.operations import end_all
from education.audit.models import Event
from education.audit.operations import operation, record
from education.errors import EditorialError
from education.handouts.models import Clinic, ClinicStaff
from education.handouts.rules import manages_people_of
from education.people.mail import notify
from education.people.models import Role, User
from education.people.rules import rights_of

# Of one clinic; a desk with more is somebody's slip, or somebody's program.
MOST_PEOPLE = 200


class MayNotManagePeopleError(EditorialError):
    """The person doesn't manage the people of this clinic, or this is their own access."""


class BadColleagueError(EditorialError):
    """The colleague can't be invited like this; the message says why."""


@operation
def invite_colleague(
    *, clinic: Clinic, by: User, name: str, username: str, email: str
) -> tuple[User, str]:
    """
    Let a colleague work at the clinic's desk, and return them with the address of their link.

    They get an account of their own, or have back the one they had here before their access was
    ended. Raises ``MayNotManagePeopleError`` and ``BadColleagueError``.
    """
    _require_manager(clinic, by)
    if clinic.staff.count() >= MOST_PEOPLE:
        raise BadColleagueError(f"A clinic has {MOST_PEOPLE} people at most.")
    person = _former_colleague(clinic, email) or _new_account(name, username, email, by)
    person.groups.add(Group.objects.get(name=Role.CLINIC.label))
    ClinicStaff.objects.create(person=person, clinic=clinic)
    record("clinic.person_added", clinic, by=by, person=person.pk)
    return person, take_password(person=person, by=by)


@operation
def renew_link(*, staff: ClinicStaff, by: User) -> str:
    """
    The address of a new link for a colleague who has set no password yet.

    Raises ``MayNotManagePeopleError`` and ``BadColleagueError``.
    """
    staff = _colleague(staff, by)
    if not waits_for_password(staff.person):
        raise BadColleagueError(f"{staff.person} has a password, or more than this clinic’s desk.")
    return take_password(person=staff.person, by=by)


@operation
def set_manages_people(*, staff: ClinicStaff, manages: bool, by: User) -> ClinicStaff:
    """
    Let a person of a clinic manage its people, or end that.

    By an editor-in-chief, or by a colleague who does so. Raises ``MayNotManagePeopleError``.
    """
    if by.has_role(Role.EDITOR_IN_CHIEF):
        staff = ClinicStaff.objects.select_related("clinic", "person").get(pk=staff.pk)
    else:
        staff = _colleague(staff, by)
    if staff.manages_people != manages:
        staff.manages_people = manages
        staff.save(update_fields=["manages_people"])
        record(
            "clinic.manager_changed",
            staff.clinic,
            by=by,
            person=staff.person_id,
            manages_people=manages,
        )
    return staff


@operation
def end_access(*, staff: ClinicStaff, by: User) -> User:
    """
    Take a colleague off the clinic's desk, with their role Clinic, and tell them.

    Their account stays, and so does whatever else it may do. Raises ``MayNotManagePeopleError``.
    """
    staff = _colleague(staff, by)
    person, clinic = staff.person, staff.clinic
    staff.delete()
    person.groups.remove(Group.objects.get(name=Role.CLINIC.label))
    if not person.is_staff:
        end_all(person)
    record("clinic.person_ended", clinic, by=by, person=person.pk, rights=sorted(rights_of(person)))
    notify(
        [person],
        subject="Your access to a clinic’s desk ended",
        text=f"{by} ended your access to the desk of {clinic}. If it is a mistake, ask there.",
        path="/clinic/",
    )
    return person


def waits_for_password(person: User) -> bool:
    """Whether a person of a clinic, and of nothing else, has set no password yet."""
    only_clinic = rights_of(person) == {"is_active", Role.CLINIC.label}
    return only_clinic and not person.has_usable_password()


def _require_manager(clinic: Clinic, by: User) -> None:
    if not manages_people_of(clinic, by):
        raise MayNotManagePeopleError(f"{by} does not manage the people of this clinic.")


def _colleague(staff: ClinicStaff, by: User) -> ClinicStaff:
    """The row as it is now; nobody ends themselves, so somebody is left who manages people."""
    now = ClinicStaff.objects.select_related("clinic", "person").filter(pk=staff.pk).first()
    if now is None or now.clinic_id != staff.clinic_id:
        raise MayNotManagePeopleError("This person does not work at your desk any more.")
    _require_manager(now.clinic, by)
    if now.person_id == by.pk:
        raise MayNotManagePeopleError("Another person who manages people must do this for you.")
    return now


def _former_colleague(clinic: Clinic, email: str) -> User | None:
    """Who had this address at this clinic until their access ended, and may do nothing now."""
    for person in User.objects.filter(email__iexact=email, clinic_staff=None):
        ended = Event.objects.filter(
            action="clinic.person_ended", subject_id=str(clinic.pk), data__person=person.pk
        )
        if rights_of(person) == {"is_active"} and ended.exists():
            return person
    return None


def _new_account(name: str, username: str, email: str, by: User) -> User:
    taken = Q(username__iexact=username) | Q(email__iexact=email)
    if User.objects.filter(taken).exists():
        raise BadColleagueError(
            "There is an account with this user name or mail address. If it is your colleague’s, "
            "an editor-in-chief can let it in."
        )
    person = User(username=username, email=email, display_name=name)
    person.set_unusable_password()
    try:
        person.full_clean()
    except ValidationError as error:
        raise BadColleagueError(" ".join(error.messages)) from error
    person.save(force_insert=True)
    record("person.added", person, by=by)
    return person
