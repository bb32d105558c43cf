"""The page on which a reviewer judges."""

import pytest
from django.urls import reverse

from education.articles.models import Article
from education.articles.operations import content_hash
from education.review.models import Review
from education.review.operations import submit_for_review
from education.safety.models import EmergencyNote
from tests.factories import (
    edit,
    make_article,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def review_page(client, revision) -> str:
    return client.get(
        reverse("admin:education_revision_review", args=[revision.pk])
    ).content.decode()


def test_the_text_stands_beside_its_evidence(client):
    item = make_item(finding="Scores rose by <b>two</b> points.", limitations="It was small.")
    revision = make_revision_in_review(draft=make_draft(item.key))
    client.force_login(make_medical_reviewer())

    shown = review_page(client, revision)

    assert f"Statement about {item.key}" in shown
    assert "Scores rose by &lt;b&gt;two&lt;/b&gt; points." in shown
    assert "It was small." in shown


def test_a_reviewer_sees_what_changed_since_their_own_approval(client):
    writer = make_writer()
    revision = make_revision_in_review(
        by=writer, article=make_article(risk_class=Article.RiskClass.A)
    )
    reviewer = make_medical_reviewer()
    make_decision(revision, reviewer)
    make_decision(
        revision, make_medical_reviewer("Neurosurgery"), Review.Decision.CHANGES_REQUESTED
    )
    revision.refresh_from_db()
    revision = edit(revision, writer, unknowns="- Whether it lasts long.")
    submit_for_review(revision=revision, by=writer)
    client.force_login(reviewer)

    shown = review_page(client, revision)

    assert "Since you approved it on" in shown
    assert "<ins>lasts long.</ins>" in shown


def test_a_reviewer_sees_what_changed_since_the_published_version(client):
    first = make_publication()
    revision = make_next_publication(first, title="Does it really help?").revision
    client.force_login(make_medical_reviewer())

    shown = review_page(client, revision)

    assert "Since the published version" in shown
    assert "<ins>really " in shown


def test_the_checklist_is_stored_with_the_decision(client):
    revision = make_revision_in_review()
    client.force_login(make_medical_reviewer())

    client.post(
        reverse("admin:education_revision_review", args=[revision.pk]),
        {
            "content_hash_seen": content_hash(revision),
            "reviewed_as": "medical",
            "decision": "approved",
            "comments": "",
            "interests_confirmed": "on",
            "medical-sources": "yes",
            "medical-harms": "partly",
        },
    )

    assert Review.objects.get().checklist == {"sources": "yes", "harms": "partly"}


def test_a_note_is_written_and_approved_at_the_desk(client):
    publication = make_publication()
    client.force_login(make_editor())
    client.post(
        reverse("admin:education_emergencynote_add"),
        {"slug": publication.slug, "text": "Recalled today."},
    )
    note = EmergencyNote.objects.get()
    approve = reverse("admin:education_emergencynote_approve", args=[note.pk])

    client.post(approve)
    note.refresh_from_db()
    assert note.approved_at is None
    client.force_login(make_medical_reviewer())
    client.post(approve)

    note.refresh_from_db()
    assert note.approved_at is not None


def test_a_correction_is_frozen_and_listed(client):
    first = make_publication()
    correction = "We wrote 12 children; it was 21."

    second = make_next_publication(first, correction=correction)

    assert second.correction == correction
    assert correction in client.get("/corrections/").content.decode()
    assert correction in client.get(f"/articles/{second.slug}/").content.decode()
