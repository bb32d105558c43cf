"""Hiding the text of a version that is not live any more, by two people, where it would do harm."""

from django.utils import timezone

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import Role, User
from education.publishing.models import Publication, PublicationEvent

Kind = PublicationEvent.Kind


class MayNotHideError(EditorialError):
    """The text of the version can't be hidden by this person or now."""


@operation
def propose_hiding(*, publication: Publication, by: User, reason: str) -> PublicationEvent:
    """
    Propose that the text of an old or withdrawn version is not shown any more, for a reason.

    By an editor-in-chief. Nothing is hidden until a second person confirms it; a live page is
    withdrawn, or a passage of it masked, by one person at once.
    """
    publication = Publication.objects.select_related("revision").get(pk=publication.pk)
    if not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotHideError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if not reason.strip():
        raise MayNotHideError("Give a reason; readers will see it in place of the text.")
    if not may_be_hidden(publication):
        raise MayNotHideError(f"{publication} is what the public sees now, or never was.")
    proposed_before = publication.events.filter(kind=Kind.HIDING_PROPOSED).first()
    if proposed_before:
        return proposed_before
    event = PublicationEvent.objects.create(
        publication=publication,
        kind=Kind.HIDING_PROPOSED,
        at=timezone.now(),
        by=by,
        reason=reason.strip(),
    )
    record(
        "publication.hiding_proposed",
        publication,
        by=by,
        article_id=publication.revision.article_id,
        reason=event.reason,
    )
    roles = [Role.EDITOR_IN_CHIEF.label, Role.MEDICAL_REVIEWER.label]
    notify(
        User.objects.filter(is_active=True, groups__name__in=roles).exclude(pk=by.pk).distinct(),
        subject=f"{publication}: hiding its text waits for a second person",
        text=f"{by} proposes it: {event.reason}",
        path=f"/admin/education/publication/{publication.pk}/hide/",
        about=f"hiding-{event.pk}",
    )
    return event


@operation
def confirm_hiding(*, publication: Publication, by: User) -> PublicationEvent:
    """Hide the text of a version for which that was proposed; by somebody else."""
    publication = Publication.objects.select_related("revision").get(pk=publication.pk)
    hidden_before = publication.events.filter(kind=Kind.HIDDEN).first()
    if hidden_before:
        return hidden_before
    reasons = reasons_against_hiding(publication, by)
    if reasons:
        raise MayNotHideError(" ".join(reasons))
    proposal = publication.events.get(kind=Kind.HIDING_PROPOSED)
    event = PublicationEvent.objects.create(
        publication=publication, kind=Kind.HIDDEN, at=timezone.now(), by=by, reason=proposal.reason
    )
    record(
        "publication.hidden",
        publication,
        by=by,
        article_id=publication.revision.article_id,
        reason=event.reason,
    )
    return event


def may_be_hidden(publication: Publication) -> bool:
    """Whether readers find its text among the older versions: it was live, and is not current."""
    same = Publication.objects.filter(pk=publication.pk)
    return same.live().exists() and not same.current().exists()


def reasons_against_hiding(publication: Publication, by: User) -> list[str]:
    """Why this person may not be the second who hides this text, as sentences."""
    if not (by.has_role(Role.EDITOR_IN_CHIEF) or by.has_role(Role.MEDICAL_REVIEWER)):
        return ["This needs an editor-in-chief or a medical reviewer."]
    proposal = publication.events.filter(kind=Kind.HIDING_PROPOSED).first()
    if proposal is None:
        return ["Nobody has proposed to hide it."]
    if proposal.by_id == by.pk:
        return [f"{by} proposed it; a second person must confirm it."]
    if not may_be_hidden(publication):
        return [f"{publication} is what the public sees now."]
    return []
