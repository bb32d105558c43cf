"""Whether a person can begin to work, and what is still to do by whom; reads, never writes."""

from collections.abc import Iterator
from dataclasses import dataclass

from education.accounts.rules import device_of, needs_second_step
from education.people.models import ProfileProposal, RightsProposal, Role, User
from education.people.rules import FLAGS, opens_desk, rights_of

REVIEWERS = frozenset({Role.MEDICAL_REVIEWER.label, Role.PLAIN_LANGUAGE_REVIEWER.label})


@dataclass(frozen=True)
class ReadyStep:
    """
    One thing that a person needs before they can work, and what to do where it is not there.

    ``mended_at``: account (by whoever looks after accounts), rights (by a second person), profile
    (by an administrator or editor-in-chief, who agrees to what the person proposed), declaration or
    sign-in (by the person); the desk knows the pages.
    """

    name: str
    done: bool
    to_do: str
    mended_at: str


def ready_steps(person: User) -> list[ReadyStep]:
    """What somebody with the roles of this person needs, in the order in which it is done."""
    waiting = RightsProposal.objects.filter(person=person, decided_at=None).first()
    roles = {role.label for role in person.roles} | set(waiting.roles if waiting else [])
    return [*_account_steps(person, waiting), *_reviewer_steps(person, roles)]


def is_ready(person: User) -> bool:
    """Whether nothing is left to do."""
    return all(step.done for step in ready_steps(person))


def _account_steps(person: User, waiting: RightsProposal | None) -> Iterator[ReadyStep]:
    rights = rights_of(person)
    yield ReadyStep(
        "Account", person.is_active, "Switched off; an administrator switches it on.", "account"
    )
    yield ReadyStep(
        "Role",
        bool(rights - set(FLAGS) or person.is_superuser or waiting),
        "No role is given yet; an administrator chooses one.",
        "account",
    )
    yield ReadyStep(
        "Agreed",
        waiting is None and (person.is_staff or not opens_desk(rights)),
        f"A second person must still agree to: {waiting.in_words}."
        if waiting
        else "The role does not open the desk yet; an administrator saves the account once.",
        "rights" if waiting else "account",
    )
    yield ReadyStep(
        "Mail", bool(person.email), "No address is on record, so no mail tells of work.", "account"
    )
    yield ReadyStep(
        "Password",
        person.has_usable_password(),
        "No password is set yet; an administrator invites, or sends the link again.",
        "account",
    )
    if needs_second_step(person):
        yield ReadyStep(
            "Second step",
            device_of(person) is not None,
            "Set up at the first sign-in, with a telephone.",
            "sign-in",
        )


def _reviewer_steps(person: User, roles: set[str]) -> Iterator[ReadyStep]:
    if Role.MEDICAL_REVIEWER.label in roles:
        proposal = ProfileProposal.objects.filter(person=person, by=person, decided_at=None).first()
        yield ReadyStep(
            "Credentials",
            bool(person.specialty) and person.credentials_are_current(),
            f"An administrator or editor-in-chief must still agree to: {proposal.in_words}."
            if proposal
            else "Specialty, qualification and its last day are not all on record, or are out of "
            "date.",
            "profile" if proposal else "account",
        )
    if roles & REVIEWERS:
        yield ReadyStep(
            "Interests",
            person.interests_are_current(),
            "Interests were not declared within the last year.",
            "declaration",
        )
