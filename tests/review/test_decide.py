"""Who may decide on a revision, on what, and what a decision does."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from education.articles.models import Article, Contribution, Revision
from education.articles.operations import LockedTextError, content_hash
from education.articles.states import WrongStateError
from education.audit.models import Event
from education.errors import StaleError
from education.evidence.operations import change_item
from education.people.models import ConflictOfInterest, Role
from education.review.models import Review
from education.review.operations import (
    MayNotReviewError,
    MayNotSubmitError,
    NotReadyError,
    decide,
    submit_for_review,
)
from education.review.rules import missing_approvals
from tests.factories import (
    edit,
    make_article,
    make_decision,
    make_draft,
    make_item,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_topic,
    make_writer,
)

pytestmark = pytest.mark.django_db


def test_decide_approves_with_one_medical_reviewer_in_class_c():
    revision = make_revision_in_review()

    make_decision(revision, make_medical_reviewer())

    revision.refresh_from_db()
    assert revision.state == Revision.State.APPROVED


def test_decide_refuses_the_author_and_changes_nothing():
    author = make_person(Role.WRITER, Role.MEDICAL_REVIEWER, specialty="Neurosurgery")
    revision = make_revision_in_review(by=author)

    with pytest.raises(MayNotReviewError, match="did not write or submit"):
        make_decision(revision, author)

    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW
    assert not Review.objects.exists()


def test_decide_refuses_everyone_who_contributed():
    helper = make_person(Role.WRITER, Role.MEDICAL_REVIEWER, specialty="Neurosurgery")
    writer = make_writer()
    revision = make_revision(by=writer)
    revision = edit(revision, helper, unknowns="- How long it lasts.")
    revision = submit_for_review(revision=revision, by=writer)

    with pytest.raises(MayNotReviewError, match="did not write or submit"):
        make_decision(revision, helper)

    assert not Review.objects.exists()


def test_database_refuses_a_review_by_a_contributor():
    revision = make_revision_in_review()
    author = revision.contributors().get()

    with pytest.raises(DatabaseError, match="Nobody reviews"), transaction.atomic():
        Review.objects.create(
            revision=revision,
            round=1,
            reviewer=author,
            reviewed_as=Review.As.MEDICAL,
            specialty="Neurosurgery",
            decision=Review.Decision.APPROVED,
            content_hash="0" * 64,
            interests="None",
            decided_at=timezone.now(),
        )

    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"credentials_expire_on": datetime.date(2020, 1, 1)}, "expired"),
        ({"credentials": ""}, "expired"),
        ({"interests_declared_on": datetime.date(2020, 1, 1)}, "not declared interests"),
        ({"interests": ""}, "not declared interests"),
        ({"is_active": False}, "switched off"),
        ({"specialty": ""}, "no specialty"),
    ],
)
def test_decide_refuses_an_unfit_reviewer(flaw, reason):
    revision = make_revision_in_review()
    reviewer = make_medical_reviewer(**flaw)

    with pytest.raises(MayNotReviewError, match=reason):
        make_decision(revision, reviewer)

    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW
    assert not Review.objects.exists()


@pytest.mark.parametrize("conflict_on", ["parent", "child"])
def test_decide_refuses_a_conflict_on_the_topic_or_the_one_above(conflict_on):
    topics = {"parent": make_topic("parent")}
    topics["child"] = make_topic("child", parent=topics["parent"])
    revision = make_revision_in_review(article=make_article(topic=topics["child"]))
    reviewer = make_medical_reviewer()
    ConflictOfInterest.objects.create(
        person=reviewer, topic=topics[conflict_on], description="Owns a clinic."
    )

    with pytest.raises(MayNotReviewError, match="conflict of interest"):
        make_decision(revision, reviewer)

    assert not Review.objects.exists()


def test_decide_gives_a_superuser_no_way_round():
    revision = make_revision_in_review()
    superuser = make_person(is_superuser=True, specialty="Neurosurgery")

    with pytest.raises(MayNotReviewError, match="does not have the role"):
        make_decision(revision, superuser)

    assert not Review.objects.exists()


def test_decide_refuses_without_confirmed_interests():
    revision = make_revision_in_review()

    with pytest.raises(MayNotReviewError, match="Confirm your declaration"):
        make_decision(revision, make_medical_reviewer(), interests_confirmed=False)

    assert not Review.objects.exists()


def test_decide_refuses_to_ask_for_changes_without_saying_which():
    revision = make_revision_in_review()

    with pytest.raises(MayNotReviewError, match="Say what needs to change"):
        make_decision(
            revision,
            make_medical_reviewer(),
            Review.Decision.CHANGES_REQUESTED,
            comments="  ",
        )

    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW


def test_decide_pressed_twice_counts_once():
    revision = make_revision_in_review(article=make_article(risk_class=Article.RiskClass.A))
    reviewer = make_medical_reviewer()

    first = make_decision(revision, reviewer)
    second = make_decision(revision, reviewer)

    assert first == second
    assert Review.objects.count() == 1
    assert Event.objects.filter(action="revision.approved").count() == 1


def test_decide_refuses_when_the_evidence_changed_since_it_was_read():
    item = make_item()
    revision = make_revision_in_review(draft=make_draft(item.key))
    seen = content_hash(revision)
    change_item(item=item, details={"sample_size": 41}, by=make_writer())

    with pytest.raises(StaleError, match="changed while you were reading"):
        make_decision(revision, make_medical_reviewer(), content_hash_seen=seen)

    assert not Review.objects.exists()


def test_decide_refuses_a_draft():
    with pytest.raises(WrongStateError):
        make_decision(make_revision(), make_medical_reviewer())


def test_decide_refuses_a_published_revision():
    publication = make_publication()

    with pytest.raises(WrongStateError):
        make_decision(publication.revision, make_medical_reviewer("Neurosurgery"))


def test_class_a_needs_two_specialties_and_a_plain_language_reviewer():
    revision = make_revision_in_review(article=make_article(risk_class=Article.RiskClass.A))

    make_decision(revision, make_medical_reviewer("Neurology"))
    make_decision(revision, make_medical_reviewer("neurology"))
    make_decision(revision, make_plain_language_reviewer(), reviewed_as=Review.As.PLAIN_LANGUAGE)

    assert missing_approvals(revision) == ["1 medical reviewer of another specialty"]
    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW

    make_decision(revision, make_medical_reviewer("Neurosurgery"))

    revision.refresh_from_db()
    assert missing_approvals(revision) == []
    assert revision.state == Revision.State.APPROVED


def test_one_person_fills_one_part_on_a_revision():
    both = make_person(
        Role.MEDICAL_REVIEWER, Role.PLAIN_LANGUAGE_REVIEWER, specialty="Neurosurgery"
    )
    revision = make_revision_in_review(article=make_article(risk_class=Article.RiskClass.B))
    make_decision(revision, both)

    with pytest.raises(MayNotReviewError, match="in another part"):
        make_decision(revision, both, reviewed_as=Review.As.PLAIN_LANGUAGE)

    assert Review.objects.count() == 1


def test_changes_requested_reopens_the_text_and_puts_the_approvals_aside():
    writer = make_writer()
    revision = make_revision_in_review(
        by=writer, article=make_article(risk_class=Article.RiskClass.A)
    )
    reviewer = make_medical_reviewer()
    make_decision(revision, make_medical_reviewer("Neurosurgery"))

    make_decision(revision, reviewer, Review.Decision.CHANGES_REQUESTED)
    revision.refresh_from_db()
    assert revision.state == Revision.State.CHANGES_REQUESTED
    revision = submit_for_review(revision=revision, by=writer)

    assert revision.round == 2
    assert missing_approvals(revision) == [
        "2 medical reviewers of different specialties",
        "1 plain-language reviewer",
    ]


def test_a_reviewer_who_approved_may_still_ask_for_changes():
    revision = make_revision_in_review()
    reviewer = make_medical_reviewer()
    make_decision(revision, reviewer)

    make_decision(revision, reviewer, Review.Decision.CHANGES_REQUESTED)

    revision.refresh_from_db()
    assert revision.state == Revision.State.CHANGES_REQUESTED


def test_an_approval_lapses_when_a_number_of_the_evidence_changes():
    item = make_item()
    revision = make_revision_in_review(draft=make_draft(item.key))
    make_decision(revision, make_medical_reviewer())
    assert missing_approvals(revision) == []

    change_item(item=item, details={"sample_size": 4000}, by=make_writer())

    assert missing_approvals(revision) == ["1 medical reviewer"]


def test_an_approval_stops_counting_when_its_reviewer_declares_a_conflict():
    revision = make_revision_in_review()
    reviewer = make_medical_reviewer()
    make_decision(revision, reviewer)
    ConflictOfInterest.objects.create(
        person=reviewer, topic=revision.article.topic, description="Joined a clinic."
    )

    assert missing_approvals(revision) == ["1 medical reviewer"]


def test_text_in_review_is_locked():
    writer = make_writer()
    revision = make_revision_in_review(by=writer)

    with pytest.raises(LockedTextError, match="can't be changed"):
        edit(revision, writer, body="## Other\n\nOther words.\n")

    revision.refresh_from_db()
    assert "Other words" not in revision.body


def test_submit_refuses_an_unknown_citation_key():
    writer = make_writer()
    revision = make_revision(by=writer, draft=make_draft("nobody2020"))

    with pytest.raises(NotReadyError, match="nobody2020"):
        submit_for_review(revision=revision, by=writer)

    revision.refresh_from_db()
    assert revision.state == Revision.State.DRAFT


def test_submit_refuses_an_item_that_may_not_be_cited():
    writer = make_writer()
    item = make_item(usable=False, unusable_reason="only an advertisement", verified=False)
    revision = make_revision(by=writer, draft=make_draft(item.key))

    with pytest.raises(NotReadyError, match="only an advertisement"):
        submit_for_review(revision=revision, by=writer)

    revision.refresh_from_db()
    assert revision.state == Revision.State.DRAFT


def test_submit_refuses_an_unverified_item():
    writer = make_writer()
    revision = make_revision(by=writer, draft=make_draft(make_item(verified=False).key))

    with pytest.raises(NotReadyError, match="not verified by two people"):
        submit_for_review(revision=revision, by=writer)


@pytest.mark.parametrize("part", ["short_answer", "unknowns", "funding"])
def test_submit_refuses_a_missing_part(part):
    writer = make_writer()
    revision = make_revision(by=writer, draft=make_draft(**{part: ""}))

    with pytest.raises(NotReadyError):
        submit_for_review(revision=revision, by=writer)


def test_submit_refuses_someone_without_a_role_to_write():
    revision = make_revision()

    with pytest.raises(MayNotSubmitError):
        submit_for_review(revision=revision, by=make_person(Role.AUDITOR))

    revision.refresh_from_db()
    assert revision.state == Revision.State.DRAFT


def test_who_submits_counts_as_a_contributor():
    submitter = make_person(Role.WRITER, Role.MEDICAL_REVIEWER, specialty="Neurosurgery")
    revision = submit_for_review(revision=make_revision(), by=submitter)

    assert Contribution.objects.filter(revision=revision, person=submitter).exists()
    with pytest.raises(MayNotReviewError):
        make_decision(revision, submitter)


def test_decide_needs_the_hash_that_was_seen():
    revision = make_revision_in_review()

    with pytest.raises(StaleError):
        decide(
            revision=revision,
            by=make_medical_reviewer(),
            reviewed_as=Review.As.MEDICAL,
            decision=Review.Decision.APPROVED,
            content_hash_seen="",
            interests_confirmed=True,
        )

    assert not Review.objects.exists()
