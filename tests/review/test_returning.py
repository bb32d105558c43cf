"""A text in review goes back to its writers without a reviewer's decision."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Revision
from education.articles.operations import render_revision
from education.audit.models import Event
from education.review.assignments import assign_reviewer
from education.review.models import Review
from education.review.operations import submit_for_review
from education.review.rules import missing_approvals
from tests.factories import (
    approve_fully,
    make_editor,
    make_medical_reviewer,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return make_writer(email="writer@example.org")


@pytest.fixture
def revision(writer):
    return make_revision_in_review(by=writer)


def address(name: str, revision: Revision) -> str:
    return reverse(f"admin:education_revision_{name}", args=[revision.pk])


def test_a_writer_takes_a_text_back_with_a_reason_that_those_asked_are_told(
    client, writer, revision, django_capture_on_commit_callbacks
):
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    assign_reviewer(
        revision=revision,
        reviewer=reviewer,
        reviewed_as=Review.As.MEDICAL,
        due_on=timezone.localdate(),
        by=writer,
    )
    client.force_login(writer)
    assert (
        address("take_back", revision) in client.get(address("change", revision)).content.decode()
    )

    assert (
        "This field is required."
        in client.post(address("take_back", revision), {"reason": " "}).content.decode()
    )
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("take_back", revision), {"reason": "A number is wrong."})

    revision.refresh_from_db()
    assert revision.state == Revision.State.CHANGES_REQUESTED
    event = Event.objects.get(action="revision.taken_back")
    assert (event.by, event.data["reason"]) == (writer, "A number is wrong.")
    assert [message.to for message in mail.outbox] == [["reviewer@example.org"]]
    assert "A number is wrong." in mail.outbox[0].body
    assert "A number is wrong." in client.get(address("change", revision)).content.decode()
    assert "A number is wrong." in client.get(reverse("admin:index")).content.decode()


def test_an_editor_in_chief_sends_a_text_back_and_the_writers_are_told(
    client, revision, django_capture_on_commit_callbacks
):
    approve_fully(revision)
    client.force_login(make_editor())

    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("send_back", revision), {"reason": "A part is missing."})

    revision.refresh_from_db()
    assert revision.state == Revision.State.CHANGES_REQUESTED
    assert [message.to for message in mail.outbox] == [["writer@example.org"]]
    assert Event.objects.get(action="revision.sent_back").data["reason"] == "A part is missing."


def test_what_was_approved_counts_no_more_when_it_is_submitted_again_unchanged(
    client, writer, revision
):
    approve_fully(revision)
    client.force_login(writer)
    client.post(address("take_back", revision), {"reason": "To look once more."})
    revision.refresh_from_db()
    assert missing_approvals(revision) == ["1 medical reviewer"]

    submit_for_review(revision=revision, by=writer)

    revision.refresh_from_db()
    assert (revision.round, revision.state) == (2, Revision.State.IN_REVIEW)
    assert missing_approvals(revision) == ["1 medical reviewer"]


def test_who_was_asked_is_told_when_the_text_returns(
    client, writer, revision, django_capture_on_commit_callbacks
):
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    assign_reviewer(
        revision=revision,
        reviewer=reviewer,
        reviewed_as=Review.As.MEDICAL,
        due_on=timezone.localdate(),
        by=writer,
    )
    client.force_login(writer)
    client.post(address("take_back", revision), {"reason": "To look once more."})

    with django_capture_on_commit_callbacks(execute=True):
        submit_for_review(revision=revision, by=writer)

    assert [message.subject for message in mail.outbox] == [f"{revision.title} is in review again"]


def test_nobody_is_led_to_a_decision_that_they_can_not_take(client, writer, revision):
    """From a gate of the text that is not passed, each person is led to what they may do."""
    Revision.objects.filter(pk=revision.pk).update(funding="")  # as a text of before the gate
    revision.refresh_from_db()
    assert render_revision(revision)
    for person, leads_to in (
        (writer, address("take_back", revision)),
        (make_editor(), address("send_back", revision)),
        (make_medical_reviewer(), f"{address('review', revision)}#your-decision"),
    ):
        client.force_login(person)
        shown = client.get(address("publish", revision)).content.decode()
        assert f'<a href="{leads_to}">' in shown
        if leads_to.endswith("#your-decision"):
            assert "You can’t decide" not in client.get(leads_to).content.decode()
        else:
            assert client.get(leads_to).status_code == 200


def test_after_asking_for_changes_a_reviewer_is_back_at_the_review_and_not_in_the_form(
    client, revision
):
    client.force_login(make_medical_reviewer())
    shown = client.get(address("review", revision)).context["form"]

    answer = client.post(
        address("review", revision),
        {
            "content_hash_seen": shown.initial["content_hash_seen"],
            "reviewed_as": "medical",
            "decision": "changes_requested",
            "comments": "Say how many.",
            "interests_confirmed": "on",
        },
        follow=True,
    )

    assert answer.redirect_chain[-1][0] == address("review", revision)
    assert "recorded." in answer.content.decode()
