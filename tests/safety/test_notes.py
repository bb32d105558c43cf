"""Emergency notes: two people, thirty days, and never a changed word below."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from education.people.models import Role
from education.publishing.models import Publication
from education.safety.models import EmergencyNote
from education.safety.notes import (
    MayNotNoteError,
    approve_note,
    end_note,
    notes_above,
    write_note,
)
from tests.factories import (
    make_editor,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_writer,
)
from tests.public.reading import make_claims, make_comparison, make_glossary

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

TEXT = "One clinic’s product was recalled today. Do not use it."


def test_readers_see_a_note_once_it_is_approved_and_the_page_below_is_unchanged(client):
    publication = make_publication()
    note = write_note(slug=publication.slug, text=TEXT, by=make_editor())
    address = f"/articles/{publication.slug}/"
    before = client.get(address).content.decode()
    assert TEXT not in before

    approve_note(note=note, by=make_medical_reviewer())

    after = client.get(address).content.decode()
    assert TEXT in after
    assert Publication.objects.get().frozen_hash == publication.frozen_hash


def test_a_note_stands_on_every_page_that_shows_a_piece_of_the_text(client):
    for publication in (make_claims(), make_glossary(), make_comparison()):
        note = write_note(slug=publication.slug, text=f"Of {publication.slug}.", by=make_editor())
        approve_note(note=note, by=make_medical_reviewer())
    claims = "Of claims-you-may-hear."
    for address in ("/articles/claims-you-may-hear/", "/claims/", "/claims/claim-2/"):
        assert claims in client.get(address).content.decode(), address
    assert "Of stem-cells-or-fspr." in client.get("/").content.decode()
    assert "Of glossary." in client.get("/glossary/").content.decode()
    assert claims not in client.get("/glossary/").content.decode()


def test_a_note_is_escaped(client):
    publication = make_publication()
    note = write_note(slug=publication.slug, text="<script>x</script>", by=make_editor())
    approve_note(note=note, by=make_medical_reviewer())

    assert "<script>x" not in client.get(f"/articles/{publication.slug}/").content.decode()


def test_a_note_leaves_after_thirty_days():
    publication = make_publication()
    note = approve_note(
        note=write_note(slug=publication.slug, text=TEXT, by=make_editor()),
        by=make_medical_reviewer(),
    )

    assert notes_above(publication.slug) == [note]
    later = note.approved_at + datetime.timedelta(days=30)
    assert notes_above(publication.slug, at=later) == []
    assert notes_above(publication.slug, at=later - datetime.timedelta(seconds=1)) == [note]


def test_a_note_is_written_by_an_editor_in_chief_for_a_public_page():
    publication = make_publication()

    for by in (make_writer(), make_medical_reviewer(), make_person(is_superuser=True)):
        with pytest.raises(MayNotNoteError, match="role"):
            write_note(slug=publication.slug, text=TEXT, by=by)
    with pytest.raises(MayNotNoteError, match="no public page"):
        write_note(slug="nowhere", text=TEXT, by=make_editor())

    assert not EmergencyNote.objects.exists()


def test_nobody_approves_their_own_note_or_one_above_their_own_page():
    both = make_person(*Role, specialty="Neurosurgery")
    author = make_person(Role.WRITER, Role.MEDICAL_REVIEWER, specialty="Orthopaedics")
    publication = make_publication(by=author)
    note = write_note(slug=publication.slug, text=TEXT, by=both)

    with pytest.raises(MayNotNoteError, match="Somebody else"):
        approve_note(note=note, by=both)
    with pytest.raises(MayNotNoteError, match="not independent"):
        approve_note(note=note, by=author)
    with pytest.raises(MayNotNoteError, match="role"):
        approve_note(note=note, by=make_editor())

    assert notes_above(publication.slug) == []


def test_database_refuses_a_note_approved_by_its_author():
    editor = make_editor()

    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyNote.objects.create(
            slug="x",
            text=TEXT,
            by=editor,
            at=timezone.now(),
            approved_by=editor,
            approved_at=timezone.now(),
        )


def test_a_note_can_be_ended_and_does_not_come_back():
    publication = make_publication()
    note = approve_note(
        note=write_note(slug=publication.slug, text=TEXT, by=make_editor()),
        by=make_medical_reviewer(),
    )

    end_note(note=note, by=make_editor())

    assert notes_above(publication.slug) == []
    with pytest.raises(MayNotNoteError):
        end_note(note=note, by=make_writer())
