"""
What is on record of a person and lets them do more changes when two agree: they and somebody else.

The other one is an administrator or an editor-in-chief. What bars a person (an emptied credential,
an earlier last day, a conflict) takes effect at once, whoever records it.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from education.audit.models import Event
from education.audit.operations import operation, record
from education.errors import EditorialError, StaleError
from education.people.mail import notify
from education.people.models import ConflictOfInterest, ProfileProposal, User
from education.people.public_words import FIELDS, problems_of
from education.people.rules import (
    looks_after_accounts,
    may_agree,
    specialties_among,
    was_never_alone,
)
from education.topics.models import Topic

TEXTS = ("specialty", "credentials", "interests")
DATES = ("credentials_expire_on", "interests_declared_on")

# What is on record of a person, by field, as JSON; and the descriptions of conflicts by topic.
Profile = dict[str, Any]


class MayNotChangeProfileError(EditorialError):
    """What is on record of a person can't be changed so, or not by this person or now."""


def profile_of(person: User) -> Profile:
    """What is on record of a person and says what they may do, as JSON."""
    conflicts = ConflictOfInterest.objects.filter(person=person).select_related("topic")
    return {
        **{name: getattr(person, name) for name in TEXTS},
        **{name: _as_text(getattr(person, name)) for name in DATES},
        "conflicts": {
            conflict.topic.slug: [conflict.description, conflict.declared_on.isoformat()]
            for conflict in conflicts
        },
    }


def gains(before: Profile, after: Profile) -> Profile:
    """
    Of a changed profile, what lets the person do more.

    A text that is new, or another one; a spelling of the same specialty is none. Words of a
    declaration that is there already count at once: readers see them when a page is published, and
    who publishes reads them first. A later day. A conflict that is there no more, by its topic.
    """
    gained: Profile = {
        name: [before[name], after[name]]
        for name in TEXTS
        if after[name] and after[name] != before[name] and not _bars_no_less(name, before, after)
    }
    # Days in this order are in the order of time.
    gained |= {name: [before[name], after[name]] for name in DATES if after[name] > before[name]}
    taken_back = sorted(set(before["conflicts"]) - set(after["conflicts"]))
    return gained | ({"conflicts": [taken_back, []]} if taken_back else {})


def _bars_no_less(name: str, before: Profile, after: Profile) -> bool:
    if name == "specialty":
        return len(specialties_among([before[name], after[name]])) == 1
    return name == "interests" and bool(before[name])


@operation
def settle_profile(*, person: User, before: Profile, by: User) -> ProfileProposal | None:
    """
    After ``by`` changed what is on record of a person: hold back what lets the person do more.

    ``before`` is what was on record. What is held back waits for the person, or where it was the
    person who changed it, for an administrator or editor-in-chief. Returns the proposal, or None
    where nothing was gained, or the only one who ever looked after accounts changed their own.
    """
    gained = gains(before, profile_of(person))
    alone = person == by and looks_after_accounts(by) and not was_never_alone(by, person, set())
    waits = bool(gained) and not alone
    if waits:
        _put_back(person, before, gained)
    stored = profile_of(person)
    changed = {name: [old, stored[name]] for name, old in before.items() if old != stored[name]}
    if changed:
        record("profile.changed", person, by=by, changes=changed, alone=bool(gained) and not waits)
    if not waits:
        return None
    already = ProfileProposal.objects.filter(person=person, by=by, decided_at=None, changes=gained)
    if proposal := already.first():
        return proposal
    proposal = ProfileProposal.objects.create(
        person=person, changes=gained, by=by, at=timezone.now()
    )
    record("profile.proposed", proposal, by=by, person=person.pk, changes=gained)
    notify(
        may_agree(by, person) if by == person else [person],
        subject=f"{by} wants to change what is on record of {person}",
        text="\n".join(f"{name}: {old} -> {new}" for name, old, new in proposal.differences)
        + "\nIt takes effect when you agree.",
        path=f"/admin/education/profileproposal/{proposal.pk}/change/",
        about=f"profile-{proposal.pk}",
    )
    return proposal


def _put_back(person: User, before: Profile, gained: Profile) -> None:
    for name in set(gained) - {"conflicts"}:
        setattr(person, name, _as_stored(name, before[name]))
    person.save(update_fields=[*TEXTS, *DATES])
    for slug in gained.get("conflicts", [[]])[0]:
        description, declared_on = before["conflicts"][slug]
        ConflictOfInterest.objects.create(
            person=person,
            topic=Topic.objects.get(slug=slug),
            description=description,
            declared_on=declared_on,
        )


@operation
def change_own_profile(
    *, by: User, details: Mapping[str, Any], taken_back: "QuerySet[Topic] | None" = None
) -> ProfileProposal | None:
    """
    Change one's own specialty, credentials or their last day; ask to take back conflicts.

    ``details`` are new values by field; ``taken_back`` the topics of conflicts that ended. Returns
    what waits for a second person, if anything does; raises ``MayNotChangeProfileError``.
    """
    person = User.objects.get(pk=by.pk)
    if not person.is_active:
        raise MayNotChangeProfileError("The account is switched off.")
    before = profile_of(person)
    for name, value in details.items():
        if name in FIELDS and value != before[name] and (problems := problems_of(name, value)):
            raise MayNotChangeProfileError(" ".join(problems))
        setattr(person, name, value)
    person.save(update_fields=list(details))
    if taken_back is not None:
        ConflictOfInterest.objects.filter(person=person, topic__in=taken_back).delete()
    return settle_profile(person=person, before=before, by=person)


@operation
def decide_profile(*, proposal: ProfileProposal, by: User, accepted: bool) -> ProfileProposal:
    """
    Agree to what was proposed of a person, or refuse it.

    Raises ``MayNotChangeProfileError`` for who may not, ``StaleError`` where what is on record is
    not what it was when it was proposed.
    """
    proposal = ProfileProposal.objects.select_related("person", "by").get(pk=proposal.pk)
    if reasons := reasons_against_agreeing(proposal, by):
        raise MayNotChangeProfileError(" ".join(reasons))
    if accepted:
        _apply(proposal)
    proposal.decided_by, proposal.decided_at, proposal.accepted = by, timezone.now(), accepted
    proposal.save(update_fields=["decided_by", "decided_at", "accepted"])
    record(
        "profile.agreed" if accepted else "profile.refused",
        proposal,
        by=by,
        person=proposal.person_id,
        changes=proposal.changes,
    )
    outcome = "agreed to" if accepted else "refused"
    notify(
        [proposal.by],
        subject=f"What you proposed of {proposal.person} was {outcome}",
        text=f"{by} decided.",
        path=f"/admin/education/profileproposal/{proposal.pk}/change/",
        about=f"profile-decided-{proposal.pk}",
    )
    return proposal


def _apply(proposal: ProfileProposal) -> None:
    person, stored = proposal.person, profile_of(proposal.person)
    for name, (old, new) in proposal.changes.items():
        if name == "conflicts":
            if _conflicts_changed_since(proposal):
                raise StaleError("A conflict changed meanwhile; refuse this and propose it again.")
            ConflictOfInterest.objects.filter(person=person, topic__slug__in=old).delete()
        elif stored[name] != old:
            raise StaleError("This changed meanwhile; refuse it and propose it again.")
        else:
            setattr(person, name, _as_stored(name, new))
    person.save(update_fields=[*TEXTS, *DATES])


def _conflicts_changed_since(proposal: ProfileProposal) -> bool:
    """Whether a stake was described otherwise, or taken back and perhaps declared again, since."""
    events = Event.objects.filter(
        action__in=["profile.changed", "profile.agreed"], at__gt=proposal.at
    )
    changed = set[str]()
    for event in events:
        if str(event.data.get("person", event.subject_id)) == str(proposal.person_id):
            old, new = event.data["changes"].get("conflicts", [[], []])
            # A proposal names topics alone; a change also says how each stake was described.
            was, is_now = (
                stakes if isinstance(stakes, dict) else dict.fromkeys(stakes, "")
                for stakes in (old, new)
            )
            changed |= {slug for slug in was | is_now if was.get(slug) != is_now.get(slug)}
    return not changed.isdisjoint(proposal.changes["conflicts"][0])


def reasons_against_agreeing(proposal: ProfileProposal, by: User) -> list[str]:
    """Why this person may not agree to or refuse what was proposed of a person, as sentences."""
    if proposal.decided_at:
        return ["This is decided already."]
    person = proposal.person
    if proposal.by == person:
        may = by in may_agree(person, person)
        return [] if may else ["An administrator or editor-in-chief must agree, nobody else."]
    if by != person:
        return [f"{person} must agree: it is about them."]
    if not looks_after_accounts(proposal.by):
        return [f"{proposal.by} does not look after accounts any more."]
    return []


def waiting_for(person: User) -> list[ProfileProposal]:
    """What was proposed of somebody, and this person may agree to or refuse."""
    waiting = ProfileProposal.objects.filter(decided_at=None).select_related("person", "by")
    if not looks_after_accounts(person):
        waiting = waiting.filter(person=person)
    return [proposal for proposal in waiting if not reasons_against_agreeing(proposal, person)]


def _as_text(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""


def _as_stored(name: str, value: str) -> Any:
    return value if name in TEXTS else datetime.date.fromisoformat(value) if value else None
