"""The page on which a reviewer judges."""

import pytest
from django.urls import reverse

from education.articles.models import Article
from education.articles.operations import content_hash
from education.evidence.operations import change_item
from education.review.comments import add_comment
from education.review.models import Review
from education.review.operations import submit_for_review
from education.safety.models import EmergencyNote
from tests.factories import (
    edit,
    make_approved_revision,
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


def test_a_reviewer_sees_what_moved_in_the_evidence_since_they_approved(client):
    item = make_item("trial2020", sample_size=63)
    revision = make_revision_in_review(
        article=make_article(risk_class=Article.RiskClass.A), draft=make_draft(item.key)
    )
    reviewer = make_medical_reviewer()
    make_decision(revision, reviewer)
    client.force_login(reviewer)
    assert "Evidence that moved" not in review_page(client, revision)

    change_item(item=item, details={"sample_size": 36}, by=make_writer())

    shown = review_page(client, revision)
    assert "Evidence that moved since you approved" in shown
    assert "<del>63</del>" in shown
    assert "<ins>36</ins>" in shown
    assert "Number of participants" in shown


def test_what_moved_back_is_not_told(client):
    item = make_item("trial2020", sample_size=63)
    revision = make_revision_in_review(
        article=make_article(risk_class=Article.RiskClass.A), draft=make_draft(item.key)
    )
    reviewer = make_medical_reviewer()
    make_decision(revision, reviewer)
    change_item(item=item, details={"sample_size": 36}, by=make_writer())
    item.refresh_from_db()
    change_item(item=item, details={"sample_size": 63}, by=make_writer())
    client.force_login(reviewer)

    assert "Evidence that moved" not in review_page(client, revision)


def test_each_gate_that_is_not_passed_leads_to_where_it_is_mended(client):
    item = make_item("trial2020")
    revision = make_approved_revision(draft=make_draft(item.key))
    add_comment(
        revision=revision, by=make_medical_reviewer(), text="Please check.", is_blocking=True
    )
    change_item(item=item, details={"sample_size": 36}, by=make_writer())
    client.force_login(make_editor())

    address = reverse("admin:education_revision_publish", args=[revision.pk])
    shown = client.get(address).content.decode()

    for link in (
        reverse("admin:education_revision_assign", args=[revision.pk]),
        reverse("admin:education_evidenceitem_change", args=[item.pk]),
        f"{reverse('admin:education_revision_review', args=[revision.pk])}#comments",
    ):
        assert f'<p><a href="{link}">' in shown
        assert client.get(link).status_code == 200
