"""Asking reviewers by a day."""

import datetime

import pytest
from django.utils import timezone

from education.people.models import Message
from education.review.assignments import MayNotAssignError, assign_reviewer, candidates
from education.review.models import Assignment, Review
from tests.factories import (
    make_medical_reviewer,
    make_plain_language_reviewer,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def in_a_week() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=7)


def test_assign_asks_a_reviewer_and_mails_only_them():
    revision = make_revision_in_review()
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    make_medical_reviewer(email="other@example.org")

    assign_reviewer(
        revision=revision,
        reviewer=reviewer,
        reviewed_as=Review.As.MEDICAL,
        due_on=in_a_week(),
        by=make_writer(),
    )

    assert Assignment.objects.get().reviewer == reviewer
    message = Message.objects.get()
    assert message.to == reviewer
    assert f"/admin/education/revision/{revision.pk}/review/" in message.body


@pytest.mark.parametrize("who", ["writer", "unfit", "plain"])
def test_assign_refuses_who_may_not_review(who):
    writer = make_writer()
    revision = make_revision_in_review(by=writer)
    reviewer = {
        "writer": writer,
        "unfit": make_medical_reviewer(interests=""),
        "plain": make_plain_language_reviewer(),
    }[who]

    with pytest.raises(MayNotAssignError):
        assign_reviewer(
            revision=revision,
            reviewer=reviewer,
            reviewed_as=Review.As.MEDICAL,
            due_on=in_a_week(),
            by=writer,
        )

    assert not Assignment.objects.exists()


def test_assign_refuses_a_day_that_has_passed_and_people_who_may_not_ask():
    revision = make_revision_in_review()
    reviewer = make_medical_reviewer()
    yesterday = timezone.localdate() - datetime.timedelta(days=1)

    for by, due_on in ((make_writer(), yesterday), (make_medical_reviewer(), in_a_week())):
        with pytest.raises(MayNotAssignError):
            assign_reviewer(
                revision=revision,
                reviewer=reviewer,
                reviewed_as=Review.As.MEDICAL,
                due_on=due_on,
                by=by,
            )

    assert not Assignment.objects.exists()


def test_candidates_are_those_who_may_review():
    writer = make_writer()
    revision = make_revision_in_review(by=writer)
    fit = make_medical_reviewer()
    make_medical_reviewer(credentials="")

    named = candidates(revision, Review.As.MEDICAL)

    assert fit in named
    assert all(person.credentials and person != writer for person in named)
