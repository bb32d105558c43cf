"""Giving a text in review back to its writers: taken back by one of them, or sent back."""

from typing import Any

from django.db.models import Q

from education.articles.models import Revision
from education.articles.rules import may_write
from education.articles.states import move, require_state
from education.audit.models import Event
from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import MailTopic, Role, User
from education.review.models import Review

RETURNED = ("revision.taken_back", "revision.sent_back")


class MayNotReturnError(EditorialError):
    """The text can't be given back by this person, or not without a reason."""


def reasons_against_taking_back(person: User, revision: Revision) -> list[str]:
    """Why this person may not take a text back from its review, as sentences."""
    if not may_write(person):
        return [f"{person} does not have the role Writer."]
    if not revision.at_work().filter(pk=person.pk).exists():
        return [f"{person} did not write {revision}; only its writers take it back."]
    return []


def reasons_against_sending_back(person: User) -> list[str]:
    """Why this person may not send a text back to its writers, as sentences."""
    if person.has_role(Role.EDITOR_IN_CHIEF):
        return []
    return [f"{person} does not have the role {Role.EDITOR_IN_CHIEF.label}."]


@operation
def take_back(*, revision: Revision, by: User, reason: str) -> Revision:
    """
    Open a text in review again, by one of those who wrote it.

    It begins its next round when it is submitted again: what was approved counts no more. Those who
    were asked or have decided are told why. Raises ``MayNotReturnError``.
    """
    revision = Revision.objects.select_related("article").get(pk=revision.pk)
    if reasons := reasons_against_taking_back(by, revision):
        raise MayNotReturnError(" ".join(reasons))
    _return(revision, "take_back", reason)
    record("revision.taken_back", revision, by=by, **_about(revision, reason))
    people = User.objects.filter(
        Q(assignments__revision=revision)
        | Q(reviews__revision=revision, reviews__round=revision.round)
    )
    notify(
        people.distinct(),
        subject=f"{revision.title} was taken back from review",
        text=f"{by}: {reason.strip()} You need not read it now; you are told when it returns.",
        path=f"/admin/education/revision/{revision.pk}/review/",
        topic=MailTopic.TEXTS,
    )
    return revision


@operation
def send_back(*, revision: Revision, by: User, reason: str) -> Revision:
    """
    Give a text in review back to its writers, by an editor-in-chief, as ``take_back`` does.

    For what a reviewer need not judge: something is missing, or the text rests on work that fell.
    """
    revision = Revision.objects.select_related("article").get(pk=revision.pk)
    if reasons := reasons_against_sending_back(by):
        raise MayNotReturnError(" ".join(reasons))
    _return(revision, "send_back", reason)
    record("revision.sent_back", revision, by=by, **_about(revision, reason))
    people = User.objects.filter(
        Q(pk__in=revision.at_work().values("pk")) | Q(assignments__revision=revision)
    )
    notify(
        people.exclude(pk=by.pk).distinct(),
        subject=f"{revision.title} was sent back",
        text=f"{by}: {reason.strip()}",
        path=f"/admin/education/revision/{revision.pk}/change/",
        topic=MailTopic.TEXTS,
    )
    return revision


def _return(revision: Revision, step: str, reason: str) -> None:
    require_state(revision, step)
    if not reason.strip():
        raise MayNotReturnError("Say why; those who work on the text are told.")
    move(revision, step, Revision.State.CHANGES_REQUESTED)
    revision.save(update_fields=["state", "updated_at"])


def _about(revision: Revision, reason: str) -> dict[str, Any]:
    """What the record says of it."""
    return {"article_id": revision.article_id, "round": revision.round, "reason": reason.strip()}


def last_return(revision: Revision) -> Event | None:
    """How the text was last taken or sent back, unless a reviewer asked for changes since."""
    event = Event.objects.filter(
        subject_type="revision", subject_id=str(revision.pk), action__in=RETURNED
    ).last()
    request = _last_request(revision)
    return None if event and request and request.decided_at > event.at else event


def why_returned(revision: Revision) -> tuple[str, str]:
    """Who last gave the text back to its writers, and why; both empty where nobody did."""
    if event := last_return(revision):
        return event.by_name, str(event.data["reason"])
    request = _last_request(revision)
    return (str(request.reviewer), request.comments) if request else ("", "")


def _last_request(revision: Revision) -> Review | None:
    return revision.reviews.filter(decision=Review.Decision.CHANGES_REQUESTED).last()
