"""Questions about who may write; reads, never writes."""

from education.people.models import Role, User


def may_write(person: User) -> bool:
    """
    Whether this person may write and submit.

    Reviewers and the editor-in-chief may write too; on what they wrote they are contributors, and
    neither review nor publish it.
    """
    return any(
        person.has_role(role)
        for role in (
            Role.WRITER,
            Role.MEDICAL_REVIEWER,
            Role.PLAIN_LANGUAGE_REVIEWER,
            Role.EDITOR_IN_CHIEF,
        )
    )
