"""Recording, lifting and settling at the desk: what is listed first is what is done."""

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Revision
from education.evidence.models import StatusEvent
from education.people.models import Role
from education.safety.models import Task
from education.safety.operations import record_status, report_change
from education.safety.rules import effects_of_lifting
from tests.factories import (
    make_approved_revision,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_writer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    """Sign in, open or send a page of the desk, read it as words."""

    class Desk:
        def sign_in(self, person):
            client.force_login(person)
            return person

        def open(self, name, *args):
            return self.read(client.get(reverse(f"admin:education_{name}", args=args)))

        def home(self):
            return self.read(client.get(reverse("admin:index")))

        def send(self, name, *args, **fields):
            return client.post(reverse(f"admin:education_{name}", args=args), fields)

        def read(self, response, status=200):
            assert response.status_code == status
            text = re.sub(r"<[^>]+>", " ", response.content.decode())
            return " ".join(html.unescape(text).split())

    return Desk()


def fall(item, by=None, status="retracted"):
    return record_status(
        item=item,
        status=status,
        occurred_on=timezone.localdate(),
        reason="The data could not be trusted.",
        by=by or make_medical_reviewer(),
    )


def said(**fields):
    return {
        "status": "retracted",
        "occurred_on": timezone.localdate().isoformat(),
        "source_url": "",
        "reason": "The data could not be trusted.",
    } | fields


def seen_in(response):
    return re.search(r'name="effects_seen" value="(\w+)"', response.content.decode())[1]


def test_a_retraction_is_listed_before_it_is_done(desk):
    item = make_item()
    publication = make_publication(draft=make_draft(item.key, title="A page that rests on it"))
    revision = make_approved_revision(draft=make_draft(item.key, title="A text on its way"))
    desk.sign_in(make_medical_reviewer())
    assert "the next page lists what this touches" in desk.open("statusevent_record", item.pk)

    listed = desk.send("statusevent_record", item.pk, **said())

    page = desk.read(listed)
    assert "A page that rests on it , version 1: 3 statements taken out" in page
    assert "A text on its way" in page
    assert "1 approval no longer counts" in page
    assert not StatusEvent.objects.exists()

    done = desk.send("statusevent_record", item.pk, **said(effects_seen=seen_in(listed)))

    assert done.status_code == 302
    assert item.status == "retracted"
    assert Task.objects.open().get().publication == publication
    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW


def test_a_list_that_changed_meanwhile_is_shown_again(desk):
    item = make_item()
    desk.sign_in(make_medical_reviewer())
    listed = desk.send("statusevent_record", item.pk, **said())
    assert "No text cites it." in desk.read(listed)
    make_publication(draft=make_draft(item.key, title="A new page"))

    again = desk.send("statusevent_record", item.pk, **said(effects_seen=seen_in(listed)))

    page = desk.read(again)
    assert "changed while you were reading" in page
    assert "A new page" in page
    assert item.status == "current"
    assert seen_in(again) != seen_in(listed)


@pytest.mark.parametrize(
    "fields", [{"reason": " "}, {"occurred_on": "2999-01-01"}, {"status": "x"}]
)
def test_a_slip_in_the_form_is_named_and_nothing_is_done(desk, fields):
    item = make_item()
    desk.sign_in(make_medical_reviewer())

    page = desk.read(desk.send("statusevent_record", item.pk, **said(**fields)))

    assert f"What became of {item.key}" in page
    assert "All of this happens at once" not in page
    assert not StatusEvent.objects.exists()


@pytest.mark.parametrize("role", [Role.WRITER, Role.AUDITOR, Role.PLAIN_LANGUAGE_REVIEWER])
def test_who_may_only_read_is_told_so_and_can_do_nothing(desk, role):
    item = make_item()
    event = fall(make_item())
    desk.sign_in(make_person(role))

    assert "A medical reviewer or an editor-in-chief records" in desk.open(
        "statusevent_record", item.pk
    )
    page = desk.read(desk.send("statusevent_record", item.pk, **said(effects_seen="x" * 64)))
    assert "needs a medical reviewer or an editor-in-chief" in page
    page = desk.read(desk.send("statusevent_lift", event.pk, reason="No.", effects_seen="x"))
    assert "needs a medical reviewer or an editor-in-chief" in page
    assert StatusEvent.objects.get() == event


@pytest.mark.parametrize("page", ["statusevent_record", "statusevent_lift", "task_close"])
def test_the_clinic_sees_nothing_of_it(desk, client, page):
    event = fall(make_item())
    client.force_login(make_person(Role.CLINIC))

    response = client.get(reverse(f"admin:education_{page}", args=[event.pk]))

    assert response.status_code == 403


def test_a_false_alarm_is_lifted_by_another_person_at_the_desk(desk):
    item = make_item()
    make_publication(draft=make_draft(item.key))
    first = desk.sign_in(make_medical_reviewer())
    event = fall(item, by=first)
    assert "a second person must lift it" in desk.open("statusevent_lift", event.pk)
    assert "Lift it as a false alarm" not in desk.open("statusevent_change", event.pk)

    desk.sign_in(make_editor())
    assert "Lift it as a false alarm" in desk.open("statusevent_change", event.pk)
    page = desk.open("statusevent_lift", event.pk)
    assert "3 statements shown again" in page
    response = desk.send("statusevent_lift", event.pk, reason="It was another study.")
    assert "Look at what it touches first" in desk.read(response)

    seen = effects_of_lifting(event).seen()
    response = desk.send(
        "statusevent_lift", event.pk, reason="It was another study.", effects_seen=seen
    )

    assert response.status_code == 302
    assert item.status == "current"
    listed = desk.open("statusevent_changelist")
    assert "Retracted lifted" in listed
    assert "Retracted" in listed


def test_the_list_of_tasks_shows_what_is_left_of_each_clock(desk):
    item, other = make_item(), make_item()
    make_publication(draft=make_draft(item.key, title="A page that rests on it"))
    fall(item)
    report_change(item=other, status="concern", reference="concern 10.1000/n", report="It says.")
    desk.sign_in(make_editor())

    page = desk.open("task_changelist")

    assert re.search(r"Revise the page: retracted A page that rests on it \S+ .*? 7 ", page)
    assert re.search(r"Check a report: expression of concern – \S+ .*? 30 ", page)


def test_a_report_is_dismissed_at_the_desk(desk):
    task = report_change(
        item=make_item(), status="concern", reference="concern 10.1000/n", report="Crossref says."
    )
    desk.sign_in(make_editor())
    page = desk.open("task_change", task.pk)
    assert "Dismiss the report" in page
    assert "Record the change" in page

    response = desk.send("task_close", task.pk, note="It is about another paper.")

    assert response.status_code == 302
    task.refresh_from_db()
    assert task.outcome == Task.Outcome.DISMISSED
    assert "Dismiss the report" not in desk.open("task_change", task.pk)


def test_the_task_of_a_retraction_offers_no_word_to_end_it(desk):
    item = make_item()
    make_publication(draft=make_draft(item.key))
    fall(item)
    desk.sign_in(make_editor())
    task = Task.objects.get()

    page = desk.open("task_change", task.pk)
    assert "Write a new version" in page
    assert "The text may stay" not in page
    page = desk.read(desk.send("task_close", task.pk, note="It is fine."))

    assert "settled by a new version" in page
    assert Task.objects.open().exists()


def test_a_concern_is_explained_from_the_publish_page(desk):
    item = make_item()
    revision = make_approved_revision(draft=make_draft(item.key))
    event = fall(item, status="concern")
    make_decision(revision, make_medical_reviewer("Neurosurgery"))
    desk.sign_in(make_editor())
    assert f"Write why the text may rest on {item.key}" in desk.open(
        "revision_publish", revision.pk
    )
    assert "Readers see your reason" in desk.open("statusevent_explain", event.pk, revision.pk)

    response = desk.send(
        "statusevent_explain", event.pk, revision.pk, reason="The doubt is about another outcome."
    )

    assert response.status_code == 302
    assert revision.concern_notes.get().event == event
    assert "Write why the text may rest" not in desk.open("revision_publish", revision.pk)


def test_a_writer_does_not_explain_a_concern(desk):
    item = make_item()
    revision = make_approved_revision(draft=make_draft(item.key))
    event = fall(item, status="concern")
    make_decision(revision, make_medical_reviewer("Neurosurgery"))
    desk.sign_in(make_writer())

    page = desk.read(desk.send("statusevent_explain", event.pk, revision.pk, reason="It is fine."))

    assert "does not have the role" in page
    assert not revision.concern_notes.exists()


def test_the_page_of_an_item_leads_to_recording_what_became_of_it(desk):
    item = make_item()
    desk.sign_in(make_medical_reviewer())

    assert "Record a retraction, concern or correction" in desk.open("evidenceitem_change", item.pk)


def test_my_work_begins_with_what_fell(desk):
    item = make_item()
    make_publication(draft=make_draft(item.key, title="A page that rests on it"))
    fall(item)
    report_change(item=item, status="concern", reference="concern 10.1000/n", report="It says so.")
    desk.sign_in(make_editor())

    page = desk.home()

    assert "Evidence that fell (2) A page that rests on it due" in page
    assert f"{item.key}: expression of concern?" in page
    assert "It says so." in page
