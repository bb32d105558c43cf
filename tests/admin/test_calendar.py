"""What has a day, what waits, and what is kept of a person."""

import datetime
import json

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from education.people.models import Message
from education.publishing.models import Publication
from education.publishing.operations import extend_review, publish
from education.review.assignments import assign_reviewer
from education.review.models import Assignment, Review
from education.safety.models import EmergencyNote
from tests.factories import (
    PASSWORD,
    make_approved_revision,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_publication,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def address(name: str, revision) -> str:
    return reverse(f"admin:education_revision_{name}", args=[revision.pk])


def test_the_calendar_holds_what_has_a_day_in_its_order(client):
    editor, today = make_editor(), timezone.localdate()
    page = make_publication()
    extend_review(publication=page, by=editor, days=30, reason="A trial is due.")
    moment = timezone.now() + datetime.timedelta(days=3)
    copy = publish(revision=make_approved_revision(), by=editor, goes_live_at=moment)
    revision, reviewer = make_revision_in_review(), make_medical_reviewer()
    assign_reviewer(
        revision=revision,
        reviewer=reviewer,
        reviewed_as=Review.As.MEDICAL,
        due_on=today,
        by=make_writer(),
    )
    client.force_login(editor)

    page.refresh_from_db()
    months = client.get(reverse("admin:calendar")).context["months"]

    assert [(row.day, row.what) for _, rows in months for row in rows] == [
        (today, f"{reviewer} was asked to review by this day"),
        (timezone.localtime(copy.goes_live_at).date(), "Goes live"),
        *([(page.due_on, "Review is due")] if (page.due_on - today).days <= 366 else []),
    ]


def test_a_scheduled_copy_says_when_it_goes_live(client, django_capture_on_commit_callbacks):
    writer = make_writer(email="writer@portal.example")
    revision = make_approved_revision(by=writer)
    moment = timezone.now() + datetime.timedelta(days=3)
    with django_capture_on_commit_callbacks(execute=True):
        publish(revision=revision, by=make_editor(), goes_live_at=moment)
    when = date_format(timezone.localtime(Publication.objects.get().goes_live_at), "j F Y, H:i")
    client.force_login(writer)

    assert (
        f"scheduled: it goes live on {when}"
        in client.get(address("change", revision)).content.decode()
    )
    (told,) = [sent for sent in mail.outbox if "goes live" in sent.subject]
    assert when in told.subject
    assert "was published" not in told.body


def test_several_are_asked_at_once_within_two_weeks_of_working_days(client):
    revision = make_revision_in_review()
    asked = [make_medical_reviewer(), make_plain_language_reviewer()]
    client.force_login(make_writer())
    form = client.get(address("assign", revision)).context["form"]
    due = form["due_on"].initial
    assert due >= timezone.localdate() + datetime.timedelta(days=14)
    assert due.weekday() < 5

    values = [f"medical:{asked[0].pk}", f"plain_language:{asked[1].pk}"]
    client.post(address("assign", revision), {"reviewers": values, "due_on": due})

    assert {(row.reviewer, row.due_on) for row in Assignment.objects.all()} == {
        (person, due) for person in asked
    }


def test_all_are_asked_or_nobody(client):
    revision = make_revision_in_review()
    asked = [make_medical_reviewer(), make_plain_language_reviewer()]
    client.force_login(make_writer())
    values = [f"medical:{asked[0].pk}", f"plain_language:{asked[1].pk}"]

    shown = client.post(
        address("assign", revision), {"reviewers": values, "due_on": "2020-01-01"}
    ).content.decode()

    assert "The due date is in the past." in shown
    assert not Assignment.objects.exists()


def test_a_request_that_is_not_answered_is_told_to_who_asked_and_the_editors(client):
    writer = make_writer(email="w@portal.example", username="writer")
    make_editor(email="e@portal.example", username="editor")
    reviewer = make_medical_reviewer(email="r@portal.example", username="reviewer")
    today = timezone.localdate()
    assign_reviewer(
        revision=make_revision_in_review(),
        reviewer=reviewer,
        reviewed_as=Review.As.MEDICAL,
        due_on=today,
        by=writer,
    )
    told = {}
    for days in (1, 3, 4, 5):
        before = set(Message.objects.values_list("pk", flat=True))
        call_command("send_reminders", on=today + datetime.timedelta(days=days))
        messages = Message.objects.exclude(pk__in=before)
        told[days] = sorted(message.to.username for message in messages)

    assert told == {1: ["reviewer"], 3: [], 4: ["editor", "writer"], 5: []}


def test_an_emergency_note_chooses_its_page_and_says_that_it_waits(client):
    page = make_publication()
    client.force_login(make_editor())
    add = reverse("admin:education_emergencynote_add")
    assert f'<option value="{page.slug}">{page.title}</option>' in client.get(add).content.decode()

    shown = client.post(add, {"slug": page.slug, "text": "Recalled."}, follow=True).content.decode()

    assert EmergencyNote.objects.get().slug == page.slug
    assert "The note waits." in shown
    assert "readers don’t see it yet" in shown


def test_a_person_gets_what_is_kept_of_them_and_no_secret(client):
    revision = make_revision_in_review()
    person = make_medical_reviewer(email="r@portal.example")
    other = make_person()
    client.force_login(person)
    told = {"step": "data", "confirm_password": PASSWORD}

    data = json.loads(client.post(reverse("admin:account"), told).content)

    assert data["account"]["rows"][0]["email"] == "r@portal.example"
    assert data["roles"]["rows"] == [{"name": "Medical reviewer"}]
    assert all(part["why"] for part in data.values())
    text = json.dumps(data)
    assert person.password not in text
    assert other.username not in text
    assert revision.title not in text
