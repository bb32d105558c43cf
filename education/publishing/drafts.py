"""A text as the copy that readers would get, before it is published; nothing is stored."""

from django.utils import timezone

from education.articles.models import Revision
from education.articles.operations import content_hash
from education.evidence.models import StatusEvent
from education.people.models import User
from education.publishing.models import ConcernNote, Publication
from education.publishing.operations import definitions_carried, unsaved_copy
from education.publishing.status import PublicationStatus, draft_status
from education.review.models import Review
from education.review.rules import counting_approvals, may_review
from education.text.rendering import Rendered

# Prints of a draft carry a code that no copy ever had, so checking it says that it is not ours.
_NO_HASH = "0" * 64


def draft_copy(revision: Revision, rendered: Rendered, person: User) -> Publication:
    """
    The copy that publishing this text now would freeze.

    Reviewers are those whose approvals count, and ``person`` where they may review it, with what
    readers would be told of them.
    """
    current = content_hash(revision, rendered)
    approvals = counting_approvals(revision, current)
    if not any(review.reviewer_id == person.pk for review in approvals):
        approvals = [*approvals, *_own_review(revision, person)]
    copy = unsaved_copy(revision, rendered, current, approvals)
    copy.published_at = copy.goes_live_at = timezone.now()
    copy.frozen_hash = _NO_HASH
    return copy


def draft_copy_status(copy: Publication) -> PublicationStatus:
    """How a copy that is not stored would stand: what became of its evidence, said as notices."""
    defined = definitions_carried(copy)
    keys = {*copy.cited_keys, *(key for _, _, key in defined)}
    events = StatusEvent.objects.standing().filter(item__key__in=keys).select_related("item")
    notes = ConcernNote.objects.filter(revision=copy.revision_id)
    explained = dict(notes.values_list("event", "reason"))
    return draft_status(copy, events.order_by("pk"), explained, defined)


def _own_review(revision: Revision, person: User) -> list[Review]:
    """What an approval by this person would say of them; nothing where they may not review."""
    return [
        Review(
            revision=revision,
            reviewer=person,
            reviewed_as=part,
            specialty=person.specialty,
            reviewer_name=str(person),
            credentials=person.credentials,
            interests=person.interests,
            decided_at=timezone.now(),
        )
        for part in may_review(person, revision)[:1]
    ]
