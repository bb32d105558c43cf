"""Questions about a person; reads, never writes."""

import datetime

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
