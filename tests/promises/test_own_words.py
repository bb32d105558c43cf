"""
Nobody says of what they wrote that it may stay; everybody with the power may protect readers.

What takes words from readers, or puts a note above them, needs one person, author or not. What
gives them back needs somebody else.
"""

import pytest
from django.urls import reverse
from django.utils import timezone

from education.evidence.models import StatusEvent
from education.feedback.models import Report
from education.people.models import Role
from education.publishing.models import Publication, PublicationEvent
from education.safety.models import EmergencyNote, Task
from education.safety.notes import approve_note, write_note
from education.safety.operations import record_status, report_change
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_person,
    make_publication,
)
from tests.feedback.test_reports import make_report

pytestmark = pytest.mark.django_db

TEXT = "One clinic’s product was recalled today. Do not use it."


@pytest.fixture
def author():
    return make_person(*Role, specialty="Orthopaedics")


@pytest.fixture
def page(author):
    return make_publication(by=author)


@pytest.fixture
def note(page):
    """A note that readers of the page see."""
    return approve_note(
        note=write_note(slug=page.slug, text=TEXT, by=make_editor()), by=make_medical_reviewer()
    )


@pytest.fixture
def send(client):
    """Send a form of the desk as a person; what the desk answers."""

    def send(by, name, *args, **fields):
        client.force_login(by)
        address = reverse(f"admin:education_{name}", args=args)
        answer = client.post(address, fields, follow=True).content.decode()
        client.logout()
        return answer

    return send


def seen(client, page):
    return TEXT in client.get(f"/articles/{page.slug}/").content.decode()


def test_who_wrote_the_page_does_not_end_a_note_above_it(client, send, note, page, author):
    send(author, "emergencynote_end", note.pk)
    assert seen(client, page)

    send(make_medical_reviewer(), "emergencynote_end", note.pk)
    assert not seen(client, page)


def test_who_wrote_an_earlier_version_does_not_end_it_either(client, send, page, note, author):
    make_next_publication(page)

    send(author, "emergencynote_end", note.pk)

    assert seen(client, page)


def test_who_wrote_the_note_does_not_end_it_alone_once_readers_see_it(client, send, page, note):
    send(note.by, "emergencynote_end", note.pk)

    assert seen(client, page)


def test_a_note_that_nobody_approved_is_taken_back_by_who_wrote_it(send, page):
    note = write_note(slug=page.slug, text=TEXT, by=make_editor())

    send(note.by, "emergencynote_end", note.pk)

    assert EmergencyNote.objects.get().ended_by == note.by


def test_the_page_of_a_note_says_who_may_end_it(client, page, note, author):
    address = reverse("admin:education_emergencynote_change", args=[note.pk])
    client.force_login(author)
    assert "wrote the page; somebody else must end" in client.get(address).content.decode()
    client.force_login(make_editor())
    assert "End this note" in client.get(address).content.decode()


def test_who_wrote_the_page_does_not_move_its_review_date(send, page, author):
    send(author, "publication_extend", page.pk, days=30, reason="It is fine.")
    assert not PublicationEvent.objects.exists()

    send(make_editor(), "publication_extend", page.pk, days=30, reason="A trial is due.")
    assert PublicationEvent.objects.exists()


def test_who_wrote_about_a_work_does_not_dismiss_what_a_registry_says_of_it(send, author):
    item = make_item()
    make_publication(by=author, draft=make_draft(item.key))
    task = report_change(item=item, status="retracted", reference="x", report="It was retracted.")

    send(author, "task_close", task.pk, outcome="dismissed", note="It is another paper.")
    assert Task.objects.get().closed_at is None

    send(make_editor(), "task_close", task.pk, outcome="dismissed", note="It is another paper.")
    assert Task.objects.get().closed_at


def test_who_wrote_the_page_does_not_dismiss_a_report_that_it_harms(send, page, author):
    report = make_report(page, kind="safety")

    send(author, "report_dismiss", report.pk)
    assert Report.objects.get().closed_at is None

    send(make_editor(), "report_dismiss", report.pk)
    assert Report.objects.get().closed_at


def test_who_wrote_the_page_may_withdraw_it(client, send, page, author):
    send(author, "publication_withdraw", page.pk, reason="It harms.")

    assert not Publication.objects.current().exists()


def test_who_wrote_the_page_may_record_a_retraction_but_not_lift_it(author):
    item = make_item()
    make_publication(by=author, draft=make_draft(item.key, make_item().key))

    record_status(
        item=item, status=StatusEvent.Status.RETRACTED, occurred_on=timezone.localdate(),
        reason="Retracted.", by=author,
    )  # fmt: skip

    assert StatusEvent.objects.get().by == author


def test_who_wrote_the_page_may_write_a_note_above_it(page, author):
    assert write_note(slug=page.slug, text=TEXT, by=author).by == author
