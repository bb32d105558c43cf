"""Who is told of a decision: those concerned, and nobody else."""

import pytest

from education.people.models import Message
from education.review.models import Review
from tests.factories import (
    make_decision,
    make_editor,
    make_medical_reviewer,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def test_a_decision_is_told_to_writers_and_a_full_approval_to_publishers():
    writer = make_writer(email="writer@example.org")
    editor = make_editor(email="editor@example.org")
    make_writer(email="somebody@example.org")
    revision = make_revision_in_review(by=writer)

    make_decision(revision, make_medical_reviewer(email="reviewer@example.org"))

    told = {(message.to, message.subject) for message in Message.objects.all()}
    assert told == {
        (writer, f"{revision.title}: approve"),
        (editor, f"{revision.title} can be published"),
    }


def test_a_request_for_changes_tells_the_writers_why():
    writer = make_writer(email="writer@example.org")
    make_editor(email="editor@example.org")
    revision = make_revision_in_review(by=writer)

    make_decision(revision, make_medical_reviewer(), Review.Decision.CHANGES_REQUESTED)

    message = Message.objects.get()
    assert message.to == writer
    assert "Please say it plainly." in message.body
