"""Forbidden ways through the desk: tried by hand-made requests, refused, nothing changed."""

import re

import pytest
from django.urls import reverse

from education.articles.models import Revision
from education.articles.operations import content_hash
from education.evidence.models import EvidenceItem
from education.people.models import Role
from education.publishing.models import Publication, PublicationEvent
from education.review.models import Comment, Review
from tests.factories import (
    answered_checklist,
    make_approved_revision,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"admin:education_{name}", args=args)


def decision(revision: Revision, **fields) -> dict[str, str]:
    return {
        "content_hash_seen": content_hash(revision),
        "reviewed_as": "medical",
        "decision": "approved",
        "comments": "",
        "interests_confirmed": "on",
        **answered_checklist(),
    } | fields


def text_form(client, revision: Revision, **changes) -> dict[str, str]:
    """What the browser would post from a revision's page, with some fields changed."""
    response = client.get(page("revision_change", revision.pk))
    assert response.status_code == 200
    data = {}
    for form in [response.context["adminform"].form] + [
        part
        for inline in response.context["inline_admin_formsets"]
        for part in [inline.formset.management_form, *inline.formset.forms]
    ]:
        for bound in form:
            value = bound.value()
            data[bound.html_name] = "" if value is None else value
    return data | changes


def test_writing_and_saving_goes_through_the_form(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    client.force_login(writer)

    response = client.post(
        page("revision_change", revision.pk), text_form(client, revision, title="A better title")
    )

    assert response.status_code == 302
    revision.refresh_from_db()
    assert revision.title == "A better title"
    assert revision.key_messages.count() == 1


def test_a_contributor_cannot_approve_by_direct_post(client):
    author = make_person(Role.WRITER, Role.MEDICAL_REVIEWER, specialty="Neurosurgery")
    revision = make_revision_in_review(by=author)
    client.force_login(author)

    response = client.post(page("revision_review", revision.pk), decision(revision))

    assert response.status_code == 200
    assert "did not write or submit" in response.content.decode()
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "roles", [(Role.WRITER,), (Role.EDITOR_IN_CHIEF,), (Role.AUDITOR,)], ids=str
)
def test_nobody_without_the_role_approves_by_direct_post(client, roles):
    revision = make_revision_in_review()
    client.force_login(make_person(*roles))

    client.post(page("revision_review", revision.pk), decision(revision))

    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW
    assert not Review.objects.exists()


def test_a_superuser_reads_and_cannot_approve_or_publish_or_write(client):
    in_review = make_revision_in_review()
    approved = make_approved_revision()
    draft = make_revision()
    client.force_login(make_person(is_superuser=True))

    client.post(page("revision_review", in_review.pk), decision(in_review))
    client.post(page("revision_publish", approved.pk), {"goes_live_at": ""})
    response = client.post(page("revision_change", draft.pk), {"title": "Mine"})

    assert response.status_code == 403
    assert not Review.objects.filter(revision=in_review).exists()
    assert not Publication.objects.exists()
    draft.refresh_from_db()
    assert draft.title != "Mine"


def test_a_text_edited_after_approval_is_not_published(client):
    revision = make_approved_revision()
    Revision.objects.filter(pk=revision.pk).update(body="## New\n\nNobody approved this.\n")
    client.force_login(make_editor())

    response = client.post(page("revision_publish", revision.pk), {"goes_live_at": ""})

    assert "Missing: 1 medical reviewer" in response.content.decode()
    assert not Publication.objects.exists()


def test_what_was_typed_into_a_locked_text_is_refused_and_kept(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    client.force_login(writer)
    data = text_form(client, revision, body="## Long\n\nAn hour of work.\n")
    client.post(page("revision_submit", revision.pk))

    response = client.post(page("revision_change", revision.pk), data)

    assert response.status_code == 200
    assert "An hour of work." in response.content.decode()
    assert "can&#x27;t be changed" in response.content.decode()
    revision.refresh_from_db()
    assert "An hour of work." not in revision.body


def test_a_stale_save_is_refused_with_both_texts_on_the_page(client):
    first, second = make_writer(), make_writer()
    revision = make_revision(by=first)
    client.force_login(second)
    data = text_form(client, revision, body="## Mine\n\nThe text of the second.\n")
    client.force_login(first)
    client.post(
        page("revision_change", revision.pk),
        text_form(client, revision, body="## Theirs\n\nThe text of the first.\n"),
    )
    client.force_login(second)

    response = client.post(page("revision_change", revision.pk), data)

    shown = re.sub(r"</?mark>", "", response.content.decode())  # around words that one side has
    assert "The text of the second." in shown
    assert "The text of the first." in shown
    revision.refresh_from_db()
    assert "The text of the first." in revision.body


def test_saving_again_after_seeing_both_texts_loses_neither(client):
    first, second = make_writer(), make_writer()
    revision = make_revision(by=first)
    client.force_login(second)
    data = text_form(client, revision, body="## Mine\n\nThe text of the second.\n")
    client.force_login(first)
    client.post(
        page("revision_change", revision.pk),
        text_form(client, revision, body="## Theirs\n\nThe text of the first.\n"),
    )
    client.force_login(second)
    client.post(page("revision_change", revision.pk), data)
    revision.refresh_from_db()

    client.post(page("revision_change", revision.pk), data | {"expected_version": revision.version})

    revision.refresh_from_db()
    assert "The text of the second." in revision.body
    kept = [saved.draft["body"] for saved in revision.saved_texts.all()]
    assert any("The text of the first." in body for body in kept)


def test_a_published_text_cannot_be_edited(client):
    writer = make_writer()
    publication = make_publication(by=writer)
    client.force_login(writer)

    response = client.get(page("revision_change", publication.revision_id))

    assert response.status_code == 200
    assert "expected_version" not in response.content.decode()
    client.post(page("publication_change", publication.pk), {"title": "It works wonders"})
    publication.refresh_from_db()
    assert publication.title == "Does it help?"


def test_nothing_is_deleted_at_the_desk(client):
    publication = make_publication()
    item = EvidenceItem.objects.first()
    client.force_login(make_person(*Role, is_superuser=True, specialty="Neurosurgery"))

    for name, pk in (
        ("publication", publication.pk),
        ("revision", publication.revision_id),
        ("evidenceitem", item.pk),
        ("article", publication.revision.article_id),
    ):
        response = client.post(page(f"{name}_delete", pk), {"post": "yes"})
        assert response.status_code == 403
        client.post(
            page(f"{name}_changelist"),
            {"action": "delete_selected", "_selected_action": pk, "post": "yes"},
        )

    assert Publication.objects.filter(pk=publication.pk).exists()
    assert EvidenceItem.objects.filter(pk=item.pk).exists()


def test_withdrawing_by_direct_post_needs_the_role(client):
    publication = make_publication()
    client.force_login(make_writer())

    client.post(page("publication_withdraw", publication.pk), {"reason": "I do not like it."})

    assert not PublicationEvent.objects.exists()


def test_people_without_a_role_at_the_desk_see_nothing(client):
    revision = make_revision()
    client.force_login(make_person())

    for name in ("revision_change", "revision_review", "revision_preview", "revision_publish"):
        assert client.get(page(name, revision.pk)).status_code in {302, 403}
    for name in ("revision_comment",):
        client.post(page(name, revision.pk), {"text": "Hello."})
    assert not Comment.objects.exists()


def test_clinics_do_not_get_into_the_desk(client):
    client.force_login(make_person(Role.CLINIC, is_staff=False))

    assert client.get(reverse("admin:index")).status_code == 302


def test_an_edit_of_evidence_at_the_desk_ends_its_verification(client):
    item = make_item()
    client.force_login(make_medical_reviewer())
    response = client.get(page("evidenceitem_change", item.pk))
    form = response.context["adminform"].form
    data = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    for inline in response.context["inline_admin_formsets"]:
        for bound in inline.formset.management_form:
            data[bound.html_name] = bound.value()

    response = client.post(
        page("evidenceitem_change", item.pk),
        data | {"authors": "[]", "csl_extra": "{}", "sample_size": 41},
    )

    assert response.status_code == 302
    item.refresh_from_db()
    assert item.sample_size == 41
    assert not item.is_verified()
