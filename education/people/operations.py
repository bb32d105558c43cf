"""What a person says about themselves."""

from collections.abc import Iterable

from django.utils import timezone

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.models import ConflictOfInterest, User
from education.topics.models import Topic


class MayNotDeclareError(EditorialError):
    """The declaration can't be taken."""


@operation
def declare_interests(*, by: User, interests: str, conflicts: Iterable[Topic] = ()) -> User:
    """
    Declare one's own interests, good for a year from today, and conflicts on topics.

    A conflict is only added here: who could take back their own might approve the next minute.
    Whoever looks after accounts takes one back. A decision that was given keeps the declaration of
    its day.
    """
    person = User.objects.get(pk=by.pk)
    if not person.is_active:
        raise MayNotDeclareError("The account is switched off.")
    if not interests.strip():
        raise MayNotDeclareError("Say what your interests are, or write None.")
    person.interests, person.interests_declared_on = interests.strip(), timezone.localdate()
    person.save(update_fields=["interests", "interests_declared_on"])
    for topic in conflicts:
        ConflictOfInterest.objects.get_or_create(person=person, topic=topic)
    record(
        "interests.declared",
        person,
        by=person,
        interests=person.interests,
        conflicts=sorted(
            ConflictOfInterest.objects.filter(person=person).values_list("topic__slug", flat=True)
        ),
    )
    return person
