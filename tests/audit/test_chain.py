"""The record can't be changed, and a change made behind the database's back is found."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from education.audit import triggers
from education.audit.models import Event
from education.audit.operations import broken_links
from education.publishing.models import Publication
from tests.factories import make_publication

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def without_triggers():
    """As someone who may change the database's schema."""
    triggers.remove(connection)
    yield
    triggers.install(connection)


def test_every_step_of_the_work_is_recorded():
    make_publication()

    actions = list(Event.objects.order_by("sequence").values_list("action", flat=True))
    assert {"evidence_item.entered", "evidence_item.verified"} <= set(actions)
    assert {"revision.started", "revision.submitted", "revision.approved"} <= set(actions)
    assert actions[-1] == "publication.published"
    assert not list(broken_links())


@pytest.mark.parametrize("change", ["UPDATE education_event SET by_name = 'Nobody'",
                                    "DELETE FROM education_event"])  # fmt: skip
def test_database_refuses_to_alter_or_delete_an_event(change):
    make_publication()
    before = list(Event.objects.values_list("hash", flat=True))

    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        connection.cursor().execute(change)

    assert list(Event.objects.values_list("hash", flat=True)) == before


@pytest.mark.usefixtures("without_triggers")
@pytest.mark.parametrize(
    "change",
    [
        {"by_name": "Somebody else"},
        {"data": {"details_hash": "another"}},
        {"at": timezone.now() - datetime.timedelta(days=1)},
        {"action": "evidence_item.corrected"},
        {"subject_type": "user"},
        {"subject_id": "0"},
        {"subject": "another2020"},
        {"article_id": 7},
    ],
)
def test_verify_audit_names_an_altered_event(change):
    make_publication()
    Event.objects.filter(sequence=3).update(**change)

    assert [text for text in broken_links() if "Event 3" in text and "altered" in text]
    with pytest.raises(CommandError):
        call_command("verify_audit")


@pytest.mark.usefixtures("without_triggers")
def test_verify_audit_names_a_missing_event():
    make_publication()
    Event.objects.filter(sequence=2).delete()

    assert "Event 2 is missing." in list(broken_links())


@pytest.mark.usefixtures("without_triggers")
def test_verify_audit_notices_that_the_end_was_cut_off():
    make_publication()
    Event.objects.order_by("-sequence").first().delete()

    assert any("should end" in text for text in broken_links())


@pytest.mark.usefixtures("without_triggers")
def test_verify_audit_names_an_altered_publication(capsys):
    publication = make_publication()
    Publication.objects.update(title="It works wonders")

    with pytest.raises(CommandError, match="1 found"):
        call_command("verify_audit")

    assert f"The published copy {publication}" in capsys.readouterr().err


def test_verify_audit_is_content_with_an_untouched_record(capsys):
    make_publication()

    call_command("verify_audit")

    assert "1 published copies are whole" in capsys.readouterr().out
