"""What was approved and scheduled with an older format of the content hash."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from education.admin.dashboard_texts import to_publish
from education.articles.models import Revision
from education.articles.operations import CONTENT_FORMAT, content_hash
from education.audit import triggers
from education.audit.models import Event
from education.audit.operations import exclusive_transaction
from education.evidence.operations import change_item
from education.people.models import Message
from education.publishing.models import Publication, PublicationEvent
from education.publishing.operations import publish
from education.review.models import Review
from education.review.rules import counting_approvals, missing_approvals
from tests.factories import (
    make_approved_revision,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def as_before_formats(model, revision: Revision) -> None:
    """Seal what is bound to the revision as it was sealed before formats had numbers."""
    triggers.remove(connection)
    model.objects.filter(revision=revision).update(
        content_hash=content_hash(revision, None, 1), content_format=1
    )
    triggers.install(connection)


@pytest.fixture
def item():
    return make_item(sample_size=63)


@pytest.fixture
def approved(item):
    revision = make_approved_revision(draft=make_draft(item.key))
    as_before_formats(Review, revision)
    return revision


def test_a_decision_carries_the_current_format():
    revision = make_revision_in_review()
    review = make_decision(revision, make_medical_reviewer())

    assert review.content_format == CONTENT_FORMAT
    assert review.content_hash == content_hash(revision)
    events = Event.objects.filter(action__in=["revision.submitted", "revision.approved"])
    assert [event.data["content_format"] for event in events] == [CONTENT_FORMAT] * 2


def test_an_approval_of_an_older_format_counts_and_can_be_published(approved):
    assert len(counting_approvals(approved)) == 1

    publication = publish(revision=approved, by=make_editor())

    assert publication.content_format == CONTENT_FORMAT
    assert publication.content_hash == content_hash(approved)
    assert len(publication.reviewers) == 1


def test_the_editor_in_chief_is_told_what_was_approved_with_an_older_format(approved):
    today = make_approved_revision()

    told = {row.url: "before the rules of today" in row.why for row in to_publish(make_editor())}

    assert {told[url] for url in told if f"/{approved.pk}/" in url} == {True}
    assert {told[url] for url in told if f"/{today.pk}/" in url} == {False}


def test_it_lapses_when_the_evidence_changes_and_returns_with_it(approved, item):
    change_item(item=item, details={"sample_size": 36}, by=make_writer())
    approved.refresh_from_db()
    assert approved.state == Revision.State.IN_REVIEW
    assert missing_approvals(approved)

    change_item(item=item, details={"sample_size": 63}, by=make_writer())
    approved.refresh_from_db()
    assert approved.state == Revision.State.APPROVED
    assert not missing_approvals(approved)


def test_a_hash_counts_in_its_own_format_only(approved):
    triggers.remove(connection)
    Review.objects.update(content_format=CONTENT_FORMAT)
    triggers.install(connection)

    assert counting_approvals(approved) == []


def test_who_approved_with_an_older_format_and_approves_again_has_approved_once():
    revision = make_revision_in_review(draft=make_draft(make_item().key))
    revision.article.risk_class = "A"
    revision.article.save()
    reviewer = make_medical_reviewer()
    before = make_decision(revision, reviewer)
    as_before_formats(Review, revision)

    assert make_decision(revision, reviewer) == before
    assert Review.objects.count() == 1


@pytest.fixture
def scheduled(item):
    revision = make_approved_revision(draft=make_draft(item.key))
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    publication = publish(revision=revision, by=make_editor(), goes_live_at=tomorrow)
    as_before_formats(Review, revision)
    as_before_formats(Publication, revision)
    Message.objects.all().delete()
    return publication


def test_a_scheduled_copy_of_an_older_format_goes_on_waiting(scheduled):
    with exclusive_transaction():
        pass

    assert Publication.objects.scheduled().get() == scheduled
    assert not Message.objects.exists()


def test_it_is_cancelled_when_its_evidence_changes(scheduled, item):
    change_item(item=item, details={"sample_size": 36}, by=make_writer())

    event = PublicationEvent.objects.get()
    assert (event.publication, event.kind) == (scheduled, PublicationEvent.Kind.CANCELLED)
