"""What takes protection or criticism of a text away is not done by who wrote that text."""

import pytest
from django.urls import reverse

from education.people.models import Role
from education.publishing.operations import publish
from education.review.readiness import unexplained_concerns
from education.safety.notes import approve_note, write_note
from education.safety.rules import effects_of_lifting
from tests.factories import (
    make_approved_revision,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_person,
    make_publication,
)
from tests.feedback.reports import make_report
from tests.promises.worlds import make_explaining_draft, make_glossary_revision, record_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_person(*Role, specialty="Orthopaedics")


def send(client, by, name, pk, **fields):
    client.force_login(by)
    client.post(reverse(f"admin:education_{name}", args=[pk]), fields)
    client.logout()


def lift(client, by, event):
    seen = effects_of_lifting(event).seen()
    fields = {"reason": "It was another study.", "effects_seen": seen}
    send(client, by, "statusevent_lift", event.pk, **fields)


def test_who_wrote_a_page_on_a_study_does_not_lift_its_retraction(client, author):
    item = make_item()
    make_publication(by=author, draft=make_draft(item.key))
    event = record_as(item, "retracted")

    lift(client, author, event)
    assert item.status == "retracted"

    lift(client, make_medical_reviewer(), event)
    assert item.status == "current"


def test_nor_gives_some_of_it_back_by_a_lesser_status(client, author):
    item = make_item()
    make_publication(by=author, draft=make_draft(item.key))
    record_as(item, "concern")
    fields = {
        "status": "corrected",
        "occurred_on": "2026-01-02",
        "reason": "It was corrected.",
        "source_url": "",
    }

    send(client, author, "statusevent_record", item.pk, **fields)

    assert item.status == "concern"


def test_who_wrote_a_text_does_not_take_away_what_a_reader_says_of_it(client, author):
    report = make_report(make_publication(by=author))

    send(client, author, "report_blank", report.pk)
    report.refresh_from_db()
    assert report.words

    send(client, make_editor(), "report_blank", report.pk)
    report.refresh_from_db()
    assert report.words == ""


def test_a_note_stands_above_older_versions_too(client):
    first = make_publication()
    make_next_publication(first)
    note = write_note(slug=first.slug, text="Ring your hospital first.", by=make_editor())
    approve_note(note=note, by=make_medical_reviewer())

    for number in (1, 2):
        page = client.get(f"/articles/{first.slug}/versions/{number}/").content.decode()
        assert "Ring your hospital first." in page


def test_a_concern_about_what_explains_a_word_asks_for_a_reason_too():
    item = make_item()
    glossary = make_glossary_revision(f"Stiff muscles [@{item.key}].", item.key)
    publish(revision=glossary, by=make_editor())
    revision = make_approved_revision(article=make_article(), draft=make_explaining_draft())

    event = record_as(item, "concern")

    assert [each.pk for each in unexplained_concerns(revision)] == [event.pk]
