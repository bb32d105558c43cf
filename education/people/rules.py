"""Questions about a person; reads, never writes."""

import datetime
import re
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from education.audit.models import Event
from education.people.models import ConflictOfInterest, Role, User
from education.topics.models import Topic

# The accounts that demonstrations made before a database knew that it holds one.
DEMONSTRATION_NAMES = (
    "demo-writer", "demo-neurology", "demo-neurosurgery", "demo-plain-language",
    "demo-editor-in-chief", "demo-auditor", "demo-clinic",
)  # fmt: skip


def counts_here(person: User) -> bool:
    """Whether what this account does counts: one of a demonstration only while ``DEMO`` is on."""
    return bool(settings.DEMO or not person.made_for_demonstration)


def demonstration_accounts_of_before() -> "QuerySet[User]":
    """
    Accounts that are on, have a demonstration's name and no mark; nothing while ``DEMO`` is on.

    An upgrade never marks them: such a name may be somebody's own.
    """
    named = User.objects.filter(username__in=DEMONSTRATION_NAMES, is_active=True)
    return named.none() if settings.DEMO else named.filter(made_for_demonstration=False)


def reasons_against_signing_in(person: User) -> list[str]:
    """Why an account that a demonstration made is not let in, as sentences."""
    if not counts_here(person):
        return ["This account belongs to a demonstration. It can’t be used on this site."]
    if person.username not in DEMONSTRATION_NAMES or settings.DEMO:
        return []
    if Event.objects.filter(
        action="password.set", subject_type="user", subject_id=str(person.pk)
    ).exists():
        return []
    said = (
        "A demonstration made this account, and its password was printed. Ask whoever looks after "
    )
    return [f"{said}accounts for a link to choose a new one."]


def unfit_to_review(
    person: User, *, role: Role, topic: Topic, on: datetime.date | None = None
) -> list[str]:
    """
    Every reason why this person may not review this topic in this role, as sentences.

    Rule 1 of review: no expired credentials, no missing declaration, no conflict on the topic.
    ``on`` is the day that counts, today unless given.
    """
    return unfit_in_role(person, role, on) + conflicts_on(person, topic)


def unfit_in_role(person: User, role: Role, on: datetime.date | None = None) -> list[str]:
    """Why this person may not review in this role, whatever the topic."""
    reasons = []
    if not person.is_active:
        reasons.append("The account is switched off.")
    if not counts_here(person):
        reasons.append(f"{person} is an account of a demonstration.")
    if not person.has_role(role):
        reasons.append(f"{person} does not have the role {role.label}.")
    if role == Role.MEDICAL_REVIEWER:
        if not person.specialty:
            reasons.append(f"{person} has no specialty on record.")
        if not person.credentials_are_current(on):
            reasons.append(f"The credentials of {person} are missing or have expired.")
    if not person.interests_are_current(on):
        reasons.append(f"{person} has not declared interests in the last year.")
    return reasons


def conflicts_on(person: User, topic: Topic) -> list[str]:
    """The conflict that a person declared on a topic, or on the one above it, as a sentence."""
    conflict = ConflictOfInterest.objects.filter(person=person, topic__in=topic.lineage()).first()
    if conflict is None:
        return []
    return [f"{person} has declared a conflict of interest on {conflict.topic}."]


def has_conflicts(person: User) -> bool:
    """Whether a person declared a conflict of interest on any topic."""
    return ConflictOfInterest.objects.filter(person=person).exists()


# What an account may do beside its roles, as switches.
FLAGS = ("is_active", "is_staff", "is_superuser")


def rights_of(person: User) -> set[str]:
    """The names of all rights a person holds: roles, and switches that are on."""
    roles = set(person.groups.values_list("name", flat=True))
    return roles | {flag for flag in FLAGS if getattr(person, flag)}


# What is done at the editors' desk; a clinic has a desk of its own.
_DESK = {role.label for role in Role if role != Role.CLINIC} | {"is_superuser"}


def opens_desk(rights: set[str]) -> bool:
    """Whether one of these rights, as ``rights_of`` names them, brings access to the desk."""
    return bool(rights & _DESK)


def desk_path(person: User) -> str:
    """The address of a person's desk: the clinic's for who works there alone, else the editors'."""
    at_clinic = person.has_role(Role.CLINIC) and not person.is_staff
    return "/clinic/" if at_clinic else "/admin/"


# Who may agree that somebody gets rights: one of these, at an account that is on.
POWERS = {"is_superuser", Role.EDITOR_IN_CHIEF.label}
# Whom somebody switched off, or took rights from, does not agree to what they give for so long.
WAITS_AFTER_TAKING = datetime.timedelta(days=30)


def may_agree(by: User, person: User) -> "QuerySet[User]":
    """
    Who may agree that ``by`` gives rights to a person: administrators and editors-in-chief.

    None from whom ``by`` took rights in the last 30 days: who depends on somebody agrees to all.
    """
    able = Q(is_superuser=True) | Q(groups__name=Role.EDITOR_IN_CHIEF.label)
    others = User.objects.exclude(pk__in=[by.pk, person.pk, *taken_from_by(by)])
    return others.filter(able, is_active=True, is_staff=True).distinct()


def taken_from_by(by: User) -> set[int]:
    """The numbers of those from whom somebody took rights in the last 30 days."""
    recent = Event.objects.filter(
        action="person.changed", by=by, at__gte=timezone.now() - WAITS_AFTER_TAKING
    )
    return {int(event.subject_id) for event in recent if event.data.get("lost")}


def was_never_alone(by: User, person: User, before: set[str]) -> bool:
    """
    Whether a second person beside ``by`` has, or ever had, the power to agree to rights.

    ``before`` is what the account of ``person`` might do before it was changed just now.
    """
    if person != by and before & POWERS:
        return True
    others = User.objects.exclude(pk__in=[by.pk, person.pk])
    if others.filter(Q(is_superuser=True) | Q(groups__name=Role.EDITOR_IN_CHIEF.label)).exists():
        return True
    events = Event.objects.filter(action__in=["person.changed", "rights.given"]).iterator()
    return any(
        POWERS & set(event.data.get("rights", []))
        for event in events
        if _about(event) != str(by.pk)
    )


def _about(event: Event) -> str:
    """The number of the person whose rights an event tells."""
    return event.subject_id if event.action == "person.changed" else str(event.data.get("person"))


def looks_after_accounts(person: User) -> bool:
    """Whether somebody may do for others what concerns their accounts."""
    return person.is_active and (person.is_superuser or person.has_role(Role.EDITOR_IN_CHIEF))


def told_of_rights() -> "QuerySet[User]":
    """Who hears of rights that were taken, or given on the server."""
    heard = [Role.EDITOR_IN_CHIEF.label, Role.AUDITOR.label]
    able = Q(is_superuser=True) | Q(groups__name__in=heard)
    return User.objects.filter(able, is_active=True).distinct().order_by("pk")


# The fields of medicine that reviewers come from, each with other names for it. Two approvals of
# class A come from two of these. Forms offer these; one that was typed before there was a list and
# is not on it is a field of its own, by its words.
SPECIALTIES = {
    "Paediatric neurology": ("child neurology", "neuropaediatrics"),
    "Neurosurgery": ("neurological surgery",),
    "Paediatric neurosurgery": (),
    "Paediatric orthopaedics": ("paediatric orthopaedic surgery",),
    "Orthopaedic surgery": ("orthopaedics",),
    "Paediatric rehabilitation": ("paediatric rehabilitation medicine",),
    "Rehabilitation medicine": ("physical and rehabilitation medicine", "physical medicine"),
    "Paediatrics": ("general paediatrics",),
    "Neonatology": ("neonatal medicine",),
    "Haematology": (),
    "Paediatric haematology": (),
    "Physiotherapy": ("physical therapy",),
    "Occupational therapy": (),
    "Anaesthesia": ("anaesthesiology",),
    "Radiology": (),
    "Medical ethics": ("bioethics",),
    "Clinical genetics": (),
    "Dietetics": (),
    "General practice": (),
    "Immunology": (),
    "Intensive care medicine": (),
    "Internal medicine": (),
    "Neurology": (),
    "Neuropsychology": (),
    "Nursing": (),
    "Obstetrics": (),
    "Oncology": (),
    "Orthotics": (),
    "Paediatric surgery": (),
    "Pain medicine": (),
    "Palliative medicine": (),
    "Pharmacology": (),
    "Psychiatry": (),
    "Psychology": (),
    "Public health": (),
    "Speech and language therapy": (),
    "Transfusion medicine": (),
    "Transplantation medicine": (),
    "Urology": (),
}


def specialty_of(words: str) -> str:
    """
    The field of medicine that a specialty names, whatever its order, capitals and spelling:
    "Neurology, paediatric" is "Paediatric neurology". One that is not on the list stays as it is
    written.
    """
    return _BY_WORDS.get(_unordered(words), " ".join(words.split()))


def specialty_choices(stored: str = "") -> list[tuple[str, str]]:
    """The specialties a form offers; with the one that is stored, where it is not on the list."""
    choices = [("", "None"), *((name, name) for name in sorted(SPECIALTIES))]
    field = specialty_of(stored)
    if field and field not in SPECIALTIES:
        choices.append((field, f"{field} (not on the list)"))
    return choices


def specialties_among(said: Iterable[str]) -> set[frozenset[str]]:
    """The different fields of medicine among these."""
    return {_unordered(specialty_of(words)) for words in said}


def _unordered(words: str) -> frozenset[str]:
    spelt = words.casefold()
    for american, british in _SPELT.items():
        spelt = re.sub(rf"\b{american}", british, spelt)
    return frozenset(re.findall(r"\w+", spelt)) - {"and", "of", "in", "the"}


# As written in American English, and here.
_SPELT = {
    "pediatric": "paediatric",
    "orthopedic": "orthopaedic",
    "hematolog": "haematolog",
    "anesthe": "anaesthe",
}
_BY_WORDS = {
    _unordered(name): field for field, others in SPECIALTIES.items() for name in (field, *others)
}
