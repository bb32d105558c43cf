"""Questions about a person; reads, never writes."""

import datetime

from django.db.models import Q, QuerySet

from education.people.models import ConflictOfInterest, Role, User
from education.topics.models import Topic


def unfit_to_review(
    person: User, *, role: Role, topic: Topic, on: datetime.date | None = None
) -> list[str]:
    """
    Every reason why this person may not review this topic in this role, as sentences.

    Rule 1 of review: no expired credentials, no missing declaration, no conflict on the topic.
    ``on`` is the day that counts, today unless given.
    """
    reasons = []
    if not person.is_active:
        reasons.append("The account is switched off.")
    if not person.has_role(role):
        reasons.append(f"{person} does not have the role {role.label}.")
    if role == Role.MEDICAL_REVIEWER:
        if not person.specialty:
            reasons.append(f"{person} has no specialty on record.")
        if not person.credentials_are_current(on):
            reasons.append(f"The credentials of {person} are missing or have expired.")
    if not person.interests_are_current(on):
        reasons.append(f"{person} has not declared interests in the last year.")
    conflict = ConflictOfInterest.objects.filter(person=person, topic__in=topic.lineage()).first()
    if conflict:
        reasons.append(f"{person} has declared a conflict of interest on {conflict.topic}.")
    return reasons


# What an account may do beside its roles, as switches.
FLAGS = ("is_active", "is_staff", "is_superuser")


def rights_of(person: User) -> set[str]:
    """The names of all rights a person holds: roles, and switches that are on."""
    roles = set(person.groups.values_list("name", flat=True))
    return roles | {flag for flag in FLAGS if getattr(person, flag)}


def may_agree(by: User, person: User) -> "QuerySet[User]":
    """Who may agree that ``by`` gives rights to a person: administrators and editors-in-chief."""
    able = Q(is_superuser=True) | Q(groups__name=Role.EDITOR_IN_CHIEF.label)
    others = User.objects.exclude(pk__in=[by.pk, person.pk])
    return others.filter(able, is_active=True, is_staff=True).distinct()
