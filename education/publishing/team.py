"""The people whom a page needs from the first word to the public; reads, never writes."""

from dataclasses import dataclass

from education.people.models import Role, User
from education.people.rules import specialties_among, unfit_in_role
from education.publishing.people_behind import why_reviewing_bars


@dataclass(frozen=True)
class TeamPart:
    """So many people of one kind that a page of class A needs, and who has what the part asks."""

    name: str
    needed: int
    people: list[User]
    why_not: str = ""

    @property
    def is_enough(self) -> bool:
        """Whether nobody is missing."""
        return len(self.people) >= self.needed and not self.why_not


def smallest_team() -> list[TeamPart]:
    """Whom a page of class A needs, from the first word to the public, whatever its topic."""

    def holders(role: Role) -> list[User]:
        people = User.objects.filter(is_active=True, is_staff=True, groups__name=role.label)
        return list(people.order_by("display_name", "username"))

    medical, plain = (
        [person for person in holders(role) if not unfit_in_role(person, role)]
        for role in (Role.MEDICAL_REVIEWER, Role.PLAIN_LANGUAGE_REVIEWER)
    )
    fields = specialties_among(person.specialty for person in medical)
    alike = "all of one specialty" if len(medical) > 1 and len(fields) == 1 else ""
    editors = holders(Role.EDITOR_IN_CHIEF)
    able = [
        editor
        for editor in editors
        if not (_is_needed(editor, medical, plain) and why_reviewing_bars(editor))
    ]
    new = "; ".join(why_reviewing_bars(editor) for editor in editors if not able)
    return [
        TeamPart("writer", 1, holders(Role.WRITER)),
        TeamPart("medical reviewers of different specialties", 2, medical, alike),
        TeamPart("plain-language reviewer", 1, plain),
        TeamPart("editor-in-chief who did not write", 1, able, new),
    ]


def _is_needed(person: User, medical: list[User], plain: list[User]) -> bool:
    """Whether a page of class A lacks a reviewer without this person."""
    others = [reviewer.specialty for reviewer in medical if reviewer != person]
    return plain == [person] or (person in medical and len(specialties_among(others)) < 2)
