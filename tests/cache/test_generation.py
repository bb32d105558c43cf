"""Whatever the public may see otherwise changes the number that stores look at."""

import datetime
from dataclasses import replace

import pytest
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from education.articles.operations import draft_of, save_text
from education.audit.models import Event, EventHead
from education.audit.operations import INTERNAL_ACTIONS
from education.feedback.operations import answer_report
from education.handouts.operations import print_copy, save_pack
from education.people.models import TopicProposal
from education.people.topic_changes import decide_topic
from education.public.freshness import content_state
from education.publishing.models import Publication
from education.publishing.operations import publish, withdraw
from education.review.assignments import assign_reviewer
from education.review.comments import add_comment, reply, resolve_comment
from education.safety.models import NOTE_LASTS
from education.safety.notes import approve_note, write_note
from tests.factories import (
    make_approved_revision,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_topic,
    make_writer,
)
from tests.feedback.reports import make_report
from tests.handouts.clinics import make_clinic_person
from tests.public.reading import make_site

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

NOON = datetime.datetime(2026, 4, 9, 12, tzinfo=datetime.UTC)


def number():
    return EventHead.objects.aggregate(last=Max("last_seen_outside"))["last"] or 0


@pytest.mark.slow
def test_what_is_done_inside_changes_no_page_and_keeps_what_is_kept(client):
    addresses = [one for one in make_site() if not one.startswith("/reports/")]
    writer, editor, clinic = make_writer(), make_editor(), make_clinic_person()
    revision = make_revision(by=writer)
    reviewed = make_revision_in_review()
    report = make_report(Publication.objects.current().first())
    shown = {address: client.get(address).content for address in addresses}
    before, recorded = number(), Event.objects.count()

    save_text(
        revision=revision,
        draft=replace(draft_of(revision), title="Another title"),
        by=writer,
        expected_version=revision.version,
    )
    comment = add_comment(revision=reviewed, by=editor, text="Why?")
    reply(comment=comment, by=writer, text="Because.")
    resolve_comment(comment=comment, by=editor)
    assign_reviewer(
        revision=reviewed, reviewer=make_medical_reviewer(), reviewed_as="medical",
        due_on=timezone.localdate(), by=editor,
    )  # fmt: skip
    slug = Publication.objects.current().filter(kind="article").first().slug
    desk = clinic.clinic_staff.clinic
    print_copy(clinic=desk, by=clinic, slug=slug)
    save_pack(clinic=desk, by=clinic, name="A pack", note="", slugs=[slug])
    answer_report(report=report, words="Yes.", by=editor, outcome="changed")

    done = set(Event.objects.filter(sequence__gt=recorded).values_list("action", flat=True))
    assert done <= INTERNAL_ACTIONS
    assert len(done) >= 8
    assert number() == before
    for address in addresses:
        assert client.get(address).content == shown[address], address


def test_a_topic_that_is_renamed_is_in_the_record(client):
    topic = make_topic("rhizotomy")
    make_publication()
    client.force_login(make_editor())
    before = number()
    address = reverse("admin:education_topic_change", args=[topic.pk])
    form = {
        "title": "Another name", "summary": "About it.", "position": "1", "parent": "",
        "codes-TOTAL_FORMS": "0", "codes-INITIAL_FORMS": "0",
    }  # fmt: skip
    response = client.post(address, form)
    assert number() == before
    decide_topic(proposal=TopicProposal.objects.get(), by=make_editor(), accepted=True)

    topic.refresh_from_db()
    assert (response.status_code, topic.title) == (302, "Another name")
    assert number() == before + 2  # after the event that proposed it


def test_a_person_that_is_changed_is_in_the_record_with_the_roles(client):
    person = make_editor()
    client.force_login(make_person(is_superuser=True))
    before = number()
    address = reverse("admin:education_user_change", args=[person.pk])
    page = client.get(address)
    form = {
        name: value
        for name, value in page.context["adminform"].form.initial.items()
        if value not in (None, False) and not isinstance(value, (list, datetime.datetime))
    }
    form |= {"conflicts-TOTAL_FORMS": "0", "conflicts-INITIAL_FORMS": "0", "groups": []}
    response = client.post(address, form)

    assert response.status_code == 302
    assert not person.groups.exists()
    assert number() == before + 1
    assert Event.objects.latest("sequence").data["rights"] == ["is_active"]


def next_change(moment):
    """When a date changes pages next."""
    seconds = content_state(moment).changes_at
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def test_where_nothing_else_is_days_change_pages(settings):
    settings.TIME_ZONE = "UTC"
    midnight = NOON.replace(hour=0)
    assert content_state(NOON).version == ""
    assert next_change(NOON) == midnight + datetime.timedelta(days=1)


def test_a_step_of_the_work_names_the_content_and_one_inside_does_not():
    publication = make_publication()
    named = Event.objects.latest("sequence")
    assert content_state(timezone.now()).version == named.hash
    draft = make_revision()
    before = content_state(timezone.now())
    save_text(
        revision=draft, draft=replace(draft_of(draft), title="Another title"), by=draft.created_by,
        expected_version=draft.version,
    )  # fmt: skip
    assert content_state(timezone.now()).version == before.version

    withdraw(publication=publication, by=make_editor(), reason="Wrong.")
    assert content_state(timezone.now()).version != before.version


def test_a_scheduled_text_is_the_next_change():
    moment = timezone.now() + datetime.timedelta(minutes=5)
    publish(revision=make_approved_revision(), by=make_editor(), goes_live_at=moment)

    assert next_change(timezone.now()) <= moment
    assert next_change(moment) > moment


def test_the_end_of_an_emergency_note_is_a_change():
    publication = make_publication()
    note = write_note(slug=publication.slug, text="Read this.", by=make_editor())
    note = approve_note(note=note, by=make_medical_reviewer())
    end = note.approved_at + NOTE_LASTS

    assert next_change(end - datetime.timedelta(seconds=1)) == end
    assert next_change(end) > end
