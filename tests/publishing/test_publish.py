"""What becomes public, by whom, and what can never be changed afterwards."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from education.articles.models import Revision
from education.articles.operations import LockedTextError, content_hash
from education.articles.states import WrongStateError
from education.audit.operations import exclusive_transaction
from education.evidence.models import EvidenceItem
from education.evidence.operations import change_item
from education.people.models import Message, Role
from education.publishing.models import Publication, PublicationEvent
from education.publishing.operations import (
    MayNotExtendError,
    MayNotPublishError,
    MayNotWithdrawError,
    cancel_schedule,
    extend_review,
    frozen_hash,
    months_later,
    publish,
    withdraw,
)
from education.review.operations import submit_for_review
from tests.factories import (
    approve_fully,
    edit,
    make_approved_revision,
    make_article,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_person,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_writer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_publish_freezes_exactly_what_was_approved():
    revision = make_approved_revision()
    approved = content_hash(revision)

    publication = publish(revision=revision, by=make_editor())

    assert publication.content_hash == approved
    assert publication.title == revision.title
    assert publication.frozen_hash == frozen_hash(Publication.objects.get(pk=publication.pk))
    assert [reviewer["specialty"] for reviewer in publication.reviewers] == ["Paediatric neurology"]
    assert Publication.objects.current().get() == publication
    revision.refresh_from_db()
    assert revision.state == Revision.State.PUBLISHED


def test_publish_refuses_a_revision_that_is_not_approved():
    revision = make_revision_in_review()

    with pytest.raises(WrongStateError, match="in review"):
        publish(revision=revision, by=make_editor())

    assert not Publication.objects.exists()


def test_publish_refuses_someone_who_is_not_editor_in_chief():
    revision = make_approved_revision()

    for person in (make_writer(), make_medical_reviewer(), make_person(is_superuser=True)):
        with pytest.raises(MayNotPublishError, match="does not have the role"):
            publish(revision=revision, by=person)

    assert not Publication.objects.exists()


def test_publish_refuses_an_editor_who_contributed():
    editor = make_person(Role.WRITER, Role.EDITOR_IN_CHIEF)
    revision = make_approved_revision(by=editor)

    with pytest.raises(MayNotPublishError, match="someone else must publish"):
        publish(revision=revision, by=editor)

    assert not Publication.objects.exists()


def test_database_refuses_a_publication_by_a_contributor():
    writer = make_writer()
    publication = make_publication()
    draft = make_draft(what_changed="Something.")
    article = publication.revision.article
    revision = make_revision_in_review(by=writer, article=article, draft=draft)
    publication.pk = None
    publication.revision, publication.published_by, publication.number = revision, writer, 2
    publication.what_changed = "Something."

    with pytest.raises(DatabaseError, match="Nobody publishes"), transaction.atomic():
        publication.save(force_insert=True)

    assert Publication.objects.count() == 1


def test_publish_refuses_a_text_changed_behind_the_approvals():
    revision = make_approved_revision()
    Revision.objects.filter(pk=revision.pk).update(body="## New\n\nNobody approved this.\n")

    with pytest.raises(MayNotPublishError, match="Missing: 1 medical reviewer"):
        publish(revision=revision, by=make_editor())

    assert not Publication.objects.exists()


def test_publish_refuses_when_cited_evidence_changed_after_approval():
    item = make_item()
    revision = make_approved_revision(draft=make_draft(item.key))
    change_item(item=item, details={"finding": "The opposite was found."}, by=make_writer())

    with pytest.raises(WrongStateError, match="in review"):
        publish(revision=revision, by=make_editor())

    assert not Publication.objects.exists()


def test_publish_pressed_twice_publishes_once():
    revision = make_approved_revision()
    editor = make_editor()
    publish(revision=revision, by=editor)

    with pytest.raises(WrongStateError):
        publish(revision=revision, by=editor)

    assert Publication.objects.count() == 1


def test_publish_refuses_a_second_version_that_does_not_say_what_changed():
    first = make_publication()
    draft = make_draft(what_changed="We said it better.")
    revision = make_approved_revision(article=first.revision.article, draft=draft)
    Revision.objects.filter(pk=revision.pk).update(what_changed="")

    with pytest.raises(MayNotPublishError, match="what changed"):
        publish(revision=revision, by=make_editor())

    assert Publication.objects.get() == first


def test_published_text_cannot_be_saved():
    writer = make_writer()
    publication = make_publication(by=writer)

    with pytest.raises(LockedTextError):
        edit(publication.revision, writer, title="Another title")

    publication.revision.refresh_from_db()
    assert publication.revision.title != "Another title"


def test_database_refuses_to_change_a_publication():
    publication = make_publication()

    publication.title = "It works wonders"
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        publication.save()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Publication.objects.update(title="It works wonders")

    publication.refresh_from_db()
    assert publication.title == "Does it help?"


def test_database_refuses_to_delete_a_publication():
    publication = make_publication()

    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        Publication.objects.filter(pk=publication.pk)._raw_delete(using="default")

    assert Publication.objects.filter(pk=publication.pk).exists()


def test_cited_evidence_cannot_be_deleted():
    item = make_item()
    make_publication(draft=make_draft(item.key))

    with pytest.raises(ProtectedError):
        item.delete()

    assert EvidenceItem.objects.filter(pk=item.pk).exists()


def test_the_next_version_takes_the_place_of_the_one_before():
    first = make_publication()

    second = make_next_publication(first)

    assert second.number == 2
    assert Publication.objects.current().get() == second
    assert list(Publication.objects.order_by("number")) == [first, second]


def test_a_scheduled_publication_goes_live_by_the_clock_alone():
    first = make_publication()
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    revision = approve_fully(
        make_revision_in_review(
            article=first.revision.article, draft=make_draft(what_changed="New study.")
        )
    )
    second = publish(revision=revision, by=make_editor(), goes_live_at=tomorrow)

    assert Publication.objects.current().get() == first
    assert Publication.objects.current(tomorrow).get() == second


def test_withdraw_takes_the_article_off_the_site_and_brings_no_old_version_back():
    first = make_publication()
    second = make_next_publication(first)

    withdraw(publication=second, by=make_editor(), reason="A source was wrong.")

    assert not Publication.objects.current().exists()
    assert Publication.objects.withdrawn().get() == second
    assert second.withdrawal.reason == "A source was wrong."


def test_withdraw_pressed_twice_happens_once():
    publication = make_publication()
    editor = make_editor()

    withdraw(publication=publication, by=editor, reason="A source was wrong.")
    withdraw(publication=publication, by=editor, reason="A source was wrong.")

    assert PublicationEvent.objects.count() == 1


def test_withdraw_needs_a_reason_and_the_role():
    publication = make_publication()

    with pytest.raises(MayNotWithdrawError, match="reason"):
        withdraw(publication=publication, by=make_editor(), reason=" ")
    with pytest.raises(MayNotWithdrawError, match="role"):
        withdraw(publication=publication, by=make_writer(), reason="I do not like it.")

    assert Publication.objects.current().get() == publication


def test_withdraw_is_the_one_power_of_a_superuser():
    publication = make_publication()

    withdraw(publication=publication, by=make_person(is_superuser=True), reason="An emergency.")

    assert not Publication.objects.current().exists()


def test_a_new_version_ends_a_withdrawal():
    first = make_publication()
    withdraw(publication=first, by=make_editor(), reason="A source was wrong.")

    second = make_next_publication(first)

    assert Publication.objects.current().get() == second


def test_review_is_due_by_the_cycle_of_the_article():
    publication = make_publication(article=make_article(review_every_months=24))

    assert publication.review_due_on == months_later(publication.reviewed_on, 24)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2027, 12, 15), 1, (2028, 1, 15)),
        ((2024, 2, 29), 12, (2025, 2, 28)),
    ],
)
def test_months_later_keeps_to_the_month(day, months, expected):
    assert months_later(datetime.date(*day), months) == datetime.date(*expected)


def scheduled(**kwargs):
    """A copy that goes live tomorrow, and its editor."""
    editor = make_editor(email="editor@example.org")
    publication = publish(
        revision=make_approved_revision(**kwargs),
        by=editor,
        goes_live_at=timezone.now() + datetime.timedelta(days=1),
    )
    return publication, editor


def test_a_schedule_is_cancelled_when_its_evidence_changes():
    item = make_item()
    publication, editor = scheduled(draft=make_draft(item.key))

    change_item(item=item, details={"sample_size": 4000}, by=make_writer())

    assert not Publication.objects.scheduled().exists()
    assert publication.events.get().kind == PublicationEvent.Kind.CANCELLED
    assert publication.events.get().by is None
    assert Message.objects.get(to=editor, subject__endswith="was cancelled")
    publication.revision.refresh_from_db()
    assert publication.revision.state == Revision.State.APPROVED


def test_a_schedule_is_cancelled_when_a_reviewer_loses_the_role():
    publication, _ = scheduled()
    reviewer = publication.revision.reviews.get().reviewer

    with exclusive_transaction():
        reviewer.groups.clear()

    assert not Publication.objects.scheduled().exists()


def test_a_schedule_stands_while_nothing_breaks_its_gates():
    publication, _ = scheduled()

    make_publication()

    assert Publication.objects.scheduled().get() == publication


def test_a_schedule_needs_approvals_that_still_count_on_its_day():
    revision = make_revision_in_review()
    soon = timezone.localdate() + datetime.timedelta(days=10)
    make_decision(revision, make_medical_reviewer(credentials_expire_on=soon))
    later = timezone.now() + datetime.timedelta(days=20)

    with pytest.raises(MayNotPublishError, match="Missing: 1 medical reviewer"):
        publish(revision=revision, by=make_editor(), goes_live_at=later)

    assert not Publication.objects.exists()


def test_a_cancelled_copy_may_be_published_again():
    publication, editor = scheduled()
    cancel_schedule(publication=publication, by=editor, reason="Not yet.")

    again = publish(revision=publication.revision, by=editor)

    assert Publication.objects.current().get() == again


def test_cancel_refuses_a_live_copy_and_other_people():
    live = make_publication()
    waiting, _ = scheduled()

    with pytest.raises(MayNotWithdrawError, match="live already"):
        cancel_schedule(publication=live, by=make_editor(), reason="Not yet.")
    with pytest.raises(MayNotWithdrawError, match="role"):
        cancel_schedule(publication=waiting, by=make_writer(), reason="Not yet.")

    assert Publication.objects.scheduled().get() == waiting


def test_extend_moves_the_review_date_once():
    publication = make_publication()
    extend_review(publication=publication, by=make_editor(), days=90, reason="A trial is due.")

    with pytest.raises(MayNotExtendError, match="once already"):
        extend_review(publication=publication, by=make_editor(), days=1, reason="Again.")

    assert publication.due_on == publication.review_due_on + datetime.timedelta(days=90)


@pytest.mark.parametrize(("days", "reason"), [(0, "Why."), (91, "Why."), (30, "  ")])
def test_extend_refuses_too_long_or_without_a_reason(days, reason):
    publication = make_publication()

    with pytest.raises(MayNotExtendError):
        extend_review(publication=publication, by=make_editor(), days=days, reason=reason)

    assert publication.due_on == publication.review_due_on


def test_extend_needs_the_role():
    publication = make_publication()

    with pytest.raises(MayNotExtendError, match="role"):
        extend_review(publication=publication, by=make_writer(), days=9, reason="Why.")


def test_every_step_asks_the_database_the_same_however_many_works_a_text_cites():
    few, many = _queries_of_each_step(2), _queries_of_each_step(12)

    assert few == many


def _queries_of_each_step(works):
    """How many queries a text of so many works takes from its submission to its publication."""
    draft = make_draft(*(make_item().key for _ in range(works)))
    writer, reviewer, editor = make_writer(), make_medical_reviewer(), make_editor()
    revision = make_revision(by=writer, draft=draft)
    counts = {}

    def count(name, step):
        with CaptureQueriesContext(connection) as queries:
            step()
        counts[name] = len(queries)

    count("submit", lambda: submit_for_review(revision=revision, by=writer))
    count("decide", lambda: make_decision(revision, reviewer))
    count("publish", lambda: publish(revision=revision, by=editor))
    return counts
