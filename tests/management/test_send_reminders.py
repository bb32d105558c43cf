"""Reminders: each once, to those concerned."""

import datetime

import pytest
from django.core.management import call_command
from django.utils import timezone

from education.people.models import Message
from education.review.assignments import assign_reviewer
from education.review.models import Review
from tests.factories import (
    make_decision,
    make_editor,
    make_medical_reviewer,
    make_publication,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def remind(day: datetime.date) -> list[str]:
    """Who is written to on a day."""
    before = set(Message.objects.values_list("pk", flat=True))
    call_command("send_reminders", on=day)
    return sorted(m.to.username for m in Message.objects.exclude(pk__in=before))


def test_reminders_go_out_at_their_days_and_once():
    writer = make_writer(email="w@example.org", username="writer")
    make_editor(email="e@example.org", username="editor")
    make_medical_reviewer(email="r@example.org")
    due = make_publication(by=writer).due_on
    told = {
        days: remind(due - datetime.timedelta(days=days))
        for days in (120, 90, 89, 60, 30, 29, 7, 0)
    }

    assert told == {
        120: [],
        90: ["editor", "writer"],
        89: [],
        60: ["editor", "writer"],
        30: ["editor", "writer"],
        29: [],
        7: ["editor", "writer"],
        0: ["editor", "writer"],
    }


def test_a_late_reviewer_is_reminded_once_and_not_after_deciding():
    revision = make_revision_in_review()
    late = make_medical_reviewer(email="late@example.org", username="late")
    done = make_medical_reviewer("Neurosurgery", email="done@example.org", username="done")
    today = timezone.localdate()
    for reviewer in (late, done):
        assign_reviewer(
            revision=revision,
            reviewer=reviewer,
            reviewed_as=Review.As.MEDICAL,
            due_on=today,
            by=make_writer(),
        )
    make_decision(revision, done, Review.Decision.CHANGES_REQUESTED)
    revision.refresh_from_db()

    tomorrow = today + datetime.timedelta(days=1)

    assert remind(tomorrow) == []  # sent back: nobody is waited for


def test_a_reviewer_who_is_late_is_told_once():
    revision = make_revision_in_review()
    late = make_medical_reviewer(email="late@example.org", username="late")
    today = timezone.localdate()
    assign_reviewer(
        revision=revision,
        reviewer=late,
        reviewed_as=Review.As.MEDICAL,
        due_on=today,
        by=make_writer(),
    )

    assert remind(today) == []
    assert remind(today + datetime.timedelta(days=1)) == ["late"]
    assert remind(today + datetime.timedelta(days=2)) == []
