"""What a person says about themselves, and who gets which rights."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.utils import timezone

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import ConflictOfInterest, RightsProposal, User
from education.people.public_words import problems_of
from education.people.rules import (
    FLAGS,
    WAITS_AFTER_TAKING,
    desk_path,
    may_agree,
    opens_desk,
    rights_of,
    told_of_rights,
    was_never_alone,
)
from education.topics.models import Topic


class MayNotDeclareError(EditorialError):
    """The declaration can't be taken."""


class MayNotAgreeError(EditorialError):
    """Rights can't be agreed to by this person, or not any more."""


@operation
def settle_rights(*, person: User, before: set[str], by: User) -> RightsProposal | None:
    """
    After ``by`` changed an account: hold back the rights it gained until a second person agrees.

    ``before`` is what the account might do before. What was taken away stays away, and that person
    and all who look after rights are told. Returns the proposal, or None where nothing was gained,
    or the first administrator of a site is alone: no second person ever had the power to agree, and
    the record says so. Where one had it and nobody is left who may agree, the proposal waits, or is
    agreed to on the server (``manage.py agree_to_rights``). Access to the desk comes and goes with
    the roles, in the same proposal.
    """
    _open_desk_by_roles(person, before)
    lost, gained = before - rights_of(person), rights_of(person) - before
    others = list(may_agree(by, person))
    waits = bool(gained) and (bool(others) or was_never_alone(by, person, before))
    if waits:
        for flag in gained & set(FLAGS):
            setattr(person, flag, False)
        person.save(update_fields=list(FLAGS))
        person.groups.remove(*Group.objects.filter(name__in=gained))
    record(
        "person.changed",
        person,
        by=by,
        rights=sorted(rights_of(person)),
        alone=bool(gained) and not waits,
        lost=sorted(lost),
    )
    if lost:
        _tell_of_loss(person, by, lost)
    if not waits:
        return None
    proposal = RightsProposal.objects.create(
        person=person,
        roles=sorted(gained - set(FLAGS)),
        flags=sorted(gained & set(FLAGS)),
        by=by,
        at=timezone.now(),
    )
    record("rights.proposed", proposal, by=by, person=person.pk, rights=sorted(gained))
    notify(
        others,
        subject=f"{by} wants to give rights to {person}",
        text=f"{proposal.in_words}. They get them when a second person agrees.",
        path=f"/admin/education/rightsproposal/{proposal.pk}/change/",
        about=f"rights-{proposal.pk}",
    )
    return proposal


def _open_desk_by_roles(person: User, before: set[str]) -> None:
    """Let the desk follow the roles; an account that had it without a role keeps it."""
    opens = opens_desk(rights_of(person))
    if opens != person.is_staff and (opens or opens_desk(before)):
        person.is_staff = opens
        person.save(update_fields=["is_staff"])


def _tell_of_loss(person: User, by: User, lost: set[str]) -> None:
    in_words = RightsProposal(
        roles=sorted(lost - set(FLAGS)), flags=sorted(lost & set(FLAGS))
    ).in_words
    notify(
        [person, *told_of_rights().exclude(pk=person.pk)],
        subject=f"{by} took rights from {person}",
        text=(
            f"{person} no longer has: {in_words}. What {by} gives to anybody in the next "
            f"{WAITS_AFTER_TAKING.days} days needs somebody else than {person} to agree."
        ),
        path=f"/admin/education/user/{person.pk}/change/",
        also_if_off=True,
    )


@operation
def agree_on_server(*, proposal: RightsProposal) -> RightsProposal:
    """Give proposed rights by a command on the server, where nobody may agree at the desk."""
    proposal = RightsProposal.objects.select_related("person", "by").get(pk=proposal.pk)
    if proposal.decided_at:
        raise MayNotAgreeError("This is decided already.")
    _give(proposal)
    _decided(proposal, by=None, accepted=True)
    notify(
        told_of_rights() | User.objects.filter(pk=proposal.person_id).distinct(),
        subject=f"{proposal.person} was given rights on the server",
        text=f"{proposal.in_words}. {proposal.by} had proposed it.",
        path=f"/admin/education/rightsproposal/{proposal.pk}/change/",
    )
    return proposal


def _give(proposal: RightsProposal) -> None:
    person = proposal.person
    for flag in proposal.flags:
        setattr(person, flag, True)
    # Proposals of before the desk came with the role don't name it.
    person.is_staff = person.is_staff or opens_desk({*proposal.roles, *proposal.flags})
    person.save(update_fields=list(FLAGS))
    person.groups.add(*Group.objects.filter(name__in=proposal.roles))
    notify(
        [person],
        subject="You may begin to work" if person.is_staff else "Your rights were agreed to",
        text=f"A second person agreed: {proposal.in_words}.",
        path=desk_path(person),
        about=f"rights-given-{proposal.pk}",
    )


def _decided(proposal: RightsProposal, *, by: User | None, accepted: bool) -> None:
    proposal.decided_by, proposal.decided_at, proposal.accepted = by, timezone.now(), accepted
    proposal.save(update_fields=["decided_by", "decided_at", "accepted"])
    record(
        "rights.given" if accepted else "rights.refused",
        proposal,
        by=by,
        person=proposal.person_id,
        rights=[*proposal.roles, *proposal.flags],
    )


@operation
def decide_rights(*, proposal: RightsProposal, by: User, accepted: bool) -> RightsProposal:
    """Give proposed rights, or refuse them; whoever proposed or gets them doesn't decide."""
    proposal = RightsProposal.objects.select_related("person", "by").get(pk=proposal.pk)
    if proposal.decided_at:
        raise MayNotAgreeError("This is decided already.")
    if by not in may_agree(proposal.by, proposal.person):
        raise MayNotAgreeError(
            "Another administrator or editor-in-chief must agree: "
            "not who proposed it, not who gets the rights, and nobody from whom the one who "
            "proposed it took rights in the last 30 days."
        )
    if accepted:
        _give(proposal)
    _decided(proposal, by=by, accepted=accepted)
    return proposal


@operation
def declare_interests(*, by: User, interests: str, conflicts: Iterable[Topic] = ()) -> User:
    """
    Declare one's own interests, good for a year from today, and conflicts on topics.

    A conflict is only added here: who could take back their own might approve the next minute.
    One is taken back by two (``people.profile_changes``). A decision that was given keeps the
    declaration of its day.
    """
    person = User.objects.get(pk=by.pk)
    if not person.is_active:
        raise MayNotDeclareError("The account is switched off.")
    if not interests.strip():
        raise MayNotDeclareError("Say what your interests are, or write None.")
    if problems := problems_of("interests", interests.strip()):
        raise MayNotDeclareError(" ".join(problems))
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
