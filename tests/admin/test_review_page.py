"""The page on which a reviewer judges."""

import pytest
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Article
from education.articles.operations import content_hash
from education.evidence.operations import change_item, verify_item
from education.people.models import Role
from education.review.assignments import assign_reviewer
from education.review.checklists import CHECKLISTS
from education.review.comments import add_comment, reply
from education.review.models import Comment, Review
from education.review.operations import submit_for_review
from education.safety.models import EmergencyNote
from education.safety.operations import record_status
from tests.factories import (
    answered_checklist,
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
    make_plain_language_reviewer,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def review_page(client, revision) -> str:
    return client.get(
        reverse("admin:education_revision_review", args=[revision.pk])
    ).content.decode()


def test_the_text_stands_beside_its_evidence(client):
    item = make_item(
        finding="Scores rose by <b>two</b> points.",
        limitations="It was small.",
        age_from_months=24,
        age_to_months=72,
        gmfcs_levels=[2, 3],
        registration="NCT00000000",
    )
    revision = make_revision_in_review(draft=make_draft(item.key))
    client.force_login(make_medical_reviewer())

    shown = review_page(client, revision)

    frame = reverse("admin:education_revision_as_readers", args=[revision.pk, "page"])
    assert f'src="{frame}"' in shown
    assert f"Statement about {item.key}" in client.get(frame).content.decode()
    assert "Scores rose by &lt;b&gt;two&lt;/b&gt; points." in shown
    for detail in ("It was small.", "2 to 6 years", "II, III", "NCT00000000"):
        assert detail in shown


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

    press(client, revision, decision(revision) | {"medical-harms": "no"})

    given = Review.objects.get().checklist
    assert given["harms"] == "no"
    assert given.keys() == {question.name for question in CHECKLISTS["medical"]}


def test_an_approval_without_every_answer_is_refused_and_keeps_what_was_typed(client):
    revision = make_revision_in_review()
    client.force_login(make_medical_reviewer())
    data = decision(revision)
    del data["medical-harms"]

    shown = press(client, revision, data)

    assert "Your checklist has one question without an answer." in shown
    assert "Answer this before you approve." in shown
    assert '<details class="desk-checklist" open>' in shown
    assert_all_is_there(shown)
    assert not Review.objects.exists()


def test_asking_for_changes_takes_a_checklist_that_is_not_finished(client):
    revision = make_revision_in_review()
    client.force_login(make_medical_reviewer())
    data = decision(revision, decision="changes_requested")
    del data["medical-harms"]

    press(client, revision, data)

    assert "harms" not in Review.objects.get().checklist


def test_a_note_is_written_and_approved_at_the_desk(client):
    publication = make_publication()
    client.force_login(make_editor())
    client.post(
        reverse("admin:education_emergencynote_add"),
        {"slug": publication.slug, "text": "Recalled today."},
    )
    refused = client.post(
        reverse("admin:education_emergencynote_add"), {"slug": "nowhere", "text": "Recalled."}
    )
    assert "There is no public page at this address." in refused.content.decode()
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
    assert "Evidence that moved" in shown
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


def decision(revision, **fields) -> dict[str, str]:
    return {
        "content_hash_seen": content_hash(revision),
        "reviewed_as": "medical",
        "decision": "approved",
        "comments": "Well said.",
        **answered_checklist(answer="partly"),
        "interests_confirmed": "on",
    } | fields


def press(client, revision, data) -> str:
    """Record a decision by a hand-made request, as a browser without scripts would."""
    address = reverse("admin:education_revision_review", args=[revision.pk])
    return client.post(address, data, follow=True).content.decode()


def assert_all_is_there(shown: str) -> None:
    assert "Nothing was recorded." in shown
    assert "Well said.</textarea>" in shown
    assert shown.count("checked") >= 2


def test_a_decision_without_confirmed_interests_is_refused_and_keeps_what_was_typed(client):
    revision = make_revision_in_review()
    client.force_login(make_medical_reviewer())
    data = decision(revision)
    del data["interests_confirmed"]

    shown = press(client, revision, data)

    assert "Confirm your declaration of interests first." in shown
    assert_all_is_there(shown)
    assert not Review.objects.exists()


def test_a_decision_on_evidence_that_moved_is_refused_once_then_taken_knowingly(client):
    item = make_item("trial2020", sample_size=63)
    revision = make_revision_in_review(draft=make_draft(item.key))
    client.force_login(make_medical_reviewer())
    data = decision(revision)
    change_item(item=item, details={"sample_size": 36}, by=make_writer())

    shown = press(client, revision, data)

    assert "please read it again" in shown
    assert_all_is_there(shown)
    assert content_hash(revision) in shown
    assert 'name="interests_confirmed" id="id_interests_confirmed">' in shown
    assert not Review.objects.exists()

    press(client, revision, decision(revision))
    assert Review.objects.get().content_hash == content_hash(revision)


def test_what_was_typed_stays_when_the_text_went_back_meanwhile(client):
    revision = make_revision_in_review()
    client.force_login(make_medical_reviewer())
    data = decision(revision)
    make_decision(
        revision, make_medical_reviewer("Neurosurgery"), Review.Decision.CHANGES_REQUESTED
    )

    shown = press(client, revision, data)

    assert "changes requested" in shown
    assert_all_is_there(shown)
    assert Review.objects.count() == 1


def test_a_draft_asks_for_no_decision(client):
    revision = make_revision()
    client.force_login(make_medical_reviewer())

    shown = review_page(client, revision)

    assert "A decision is taken while it is in review." in shown
    assert "Record my decision" not in shown


def test_the_page_says_who_approved_who_was_asked_and_who_is_missing(client):
    revision = make_revision_in_review(article=make_article(risk_class=Article.RiskClass.A))
    first = make_medical_reviewer("Neurosurgery", display_name="First reviewer")
    make_decision(revision, first)
    assign_reviewer(
        revision=revision,
        reviewer=make_plain_language_reviewer(display_name="Plain reader"),
        reviewed_as="plain_language",
        due_on=timezone.localdate(),
        by=make_editor(),
    )
    client.force_login(make_person(Role.AUDITOR))

    shown = " ".join(review_page(client, revision).split())

    assert "Approved: First reviewer, medical reviewer (Neurosurgery)" in shown
    assert "Still to approve: 1 medical reviewer of another specialty" in shown
    assert "Still to approve: 1 plain-language reviewer" in shown
    assert "Asked: Plain reader, plain-language reviewer, by" in shown


def test_a_reviewer_who_sent_it_back_sees_what_became_of_it(client):
    writer, reviewer = make_writer(), make_medical_reviewer()
    revision = make_revision_in_review(by=writer)
    make_decision(revision, reviewer, Review.Decision.CHANGES_REQUESTED)
    revision.refresh_from_db()
    edit(revision, writer, unknowns="- Whether it lasts long.")
    submit_for_review(revision=revision, by=writer)
    client.force_login(reviewer)

    shown = review_page(client, revision)

    assert "Since you asked for changes on" in shown
    assert "<ins>lasts long.</ins>" in shown


def test_evidence_that_moved_since_the_published_version_is_shown(client):
    number, status = make_item("number2020", sample_size=63), make_item("status2020")
    gone, new = make_item("gone2020"), make_item("new2020")
    first = make_publication(draft=make_draft(number.key, status.key, gone.key))
    change_item(item=number, details={"sample_size": 36}, by=make_writer())
    for specialty in ("Paediatric neurology", "Neurosurgery"):
        verify_item(item=number, by=make_medical_reviewer(specialty), level="abstract")
    record_status(
        item=status,
        status="corrected",
        occurred_on=timezone.localdate(),
        reason="A table was wrong.",
        by=make_editor(),
    )
    revision = make_revision_in_review(
        article=first.revision.article,
        draft=make_draft(number.key, status.key, new.key, what_changed="We said it better."),
    )
    client.force_login(make_medical_reviewer())

    shown = review_page(client, revision)

    assert "Since the published version (1" in shown
    assert "<del>63</del>" in shown
    assert "<ins>36</ins>" in shown
    assert "<del>Current</del>" in shown
    assert "<ins>Corrected</ins>" in shown
    assert "Newly cited: new2020." in shown
    assert "No longer cited: gone2020." in shown


def comment(client, revision, **data) -> str:
    address = reverse("admin:education_revision_comment", args=[revision.pk])
    return client.post(address, data, follow=True).content.decode()


def test_a_comment_that_is_refused_keeps_all_that_was_typed(client):
    revision = make_revision_in_review()
    client.force_login(make_medical_reviewer())

    shown = comment(client, revision, passage="Never said", text="Is it so?", is_blocking="on")

    assert "The text does not hold these words." in shown
    assert "Never said</textarea>" in shown
    assert "Is it so?</textarea>" in shown
    assert 'name="is_blocking" id="id_is_blocking" checked' in shown
    assert not Comment.objects.exists()


def test_an_answer_that_is_refused_keeps_what_was_typed(client):
    revision = make_revision_in_review()
    thread = add_comment(revision=revision, by=make_medical_reviewer(), text="Is it so?")
    client.force_login(make_person(Role.AUDITOR))

    shown = comment(client, revision, comment=thread.pk, text="It is.")

    assert "Commenting needs an editorial role." in shown
    assert "It is.</textarea>" in shown
    assert Comment.objects.count() == 1


def test_a_thread_offers_to_resolve_it_to_those_who_may(client):
    writer, reviewer = make_writer(), make_medical_reviewer()
    revision = make_revision_in_review(by=writer)
    thread = add_comment(revision=revision, by=reviewer, text="Is it so?", is_blocking=True)
    reply(comment=thread, by=writer, text="It is.")

    for person, offered in ((writer, False), (reviewer, True), (make_editor(), True)):
        client.force_login(person)
        assert ('name="resolve"' in review_page(client, revision)) is offered

    shown = comment(client, revision, comment=thread.pk, resolve="Resolve")
    assert "resolved by" in shown
    assert "Answer" not in shown


def test_a_comment_survives_edits_and_says_when_its_passage_is_gone(client):
    writer, reviewer = make_writer(), make_medical_reviewer()
    revision = make_revision_in_review(by=writer)
    add_comment(revision=revision, by=reviewer, passage="Whether it lasts.", text="How long?")
    make_decision(revision, reviewer, Review.Decision.CHANGES_REQUESTED)
    revision.refresh_from_db()
    revision = edit(revision, writer, short_answer=revision.short_answer.replace("may", "might"))
    client.force_login(writer)

    assert "no longer in the text" not in review_page(client, revision)
    revision = edit(revision, writer, unknowns="- How long it lasts.")

    shown = review_page(client, revision)
    assert "This passage is no longer in the text." in shown
    assert "Whether it lasts." in shown
    assert "How long?" in shown


def test_the_writing_page_is_answered_in_json_with_the_comments_or_why_not(client):
    writer, reviewer = make_writer(), make_medical_reviewer()
    revision = make_revision_in_review(by=writer)
    address = reverse("admin:education_revision_comment", args=[revision.pk])
    client.force_login(reviewer)
    fields = {"passage": "Whether it lasts.", "text": "How long?", "words_after": "How do"}

    answer = client.post(address, fields, headers={"Accept": "application/json"})

    assert (
        'data-words="Whether it lasts." data-before="" data-after="How do"' in answer.json()["html"]
    )
    refused = client.post(
        address, fields | {"passage": "Never written"}, headers={"Accept": "application/json"}
    )
    assert refused.status_code == 409
    assert "does not hold these words" in refused.json()["refusal"]
    assert Comment.objects.count() == 1


def test_comments_stand_beside_the_text_that_is_written(client):
    writer, reviewer = make_writer(), make_medical_reviewer()
    revision = make_revision(by=writer)
    add_comment(
        revision=revision, by=reviewer, text="", passage="Whether it lasts.", proposal="How long."
    )
    client.force_login(writer)

    shown = client.get(reverse("admin:education_revision_change", args=[revision.pk]))

    assert "Comments (1 open)" in shown.content.decode()
    assert 'data-proposal="How long."' in shown.content.decode()


@pytest.mark.engine
def test_an_answer_with_a_sign_that_no_database_keeps_is_taken_without_it(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    comment = add_comment(revision=revision, by=writer, text="Is this so?")
    client.force_login(writer)

    address = reverse("admin:education_revision_comment", args=[revision.pk])
    client.post(address, {"comment": comment.pk, "text": "It\x00 is."})

    assert comment.replies.get().text == "It is."
