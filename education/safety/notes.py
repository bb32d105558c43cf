"""Emergency notes: text above a page, by two people, for 30 days."""

import datetime
from collections.abc import Iterable

from django.utils import timezone

from education.articles.models import Contribution
from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import Role, User
from education.people.rules import conflicts_on, unfit_to_review
from education.publishing.models import Publication
from education.safety.models import EmergencyNote


class MayNotNoteError(EditorialError):
    """The note can't be written, approved or ended by this person or now."""


@operation
def write_note(*, slug: str, text: str, by: User, language: str = "en") -> EmergencyNote:
    """Write a note for a public page; readers see it once a medical reviewer approves it."""
    if not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotNoteError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if not text.strip():
        raise MayNotNoteError("Say what readers should know.")
    publication = _page(slug, language)
    note = EmergencyNote.objects.create(
        slug=slug, language=language, text=text.strip(), by=by, at=timezone.now()
    )
    record("note.written", note, by=by, article_id=publication.revision.article_id, text=note.text)
    notify(
        User.objects.filter(groups__name=Role.MEDICAL_REVIEWER.label).exclude(pk=by.pk),
        subject=f"{publication.title}: an emergency note waits for approval",
        text=note.text,
        path="/admin/education/emergencynote/",
    )
    return note


@operation
def approve_note(*, note: EmergencyNote, by: User) -> EmergencyNote:
    """Show a note to readers from now on, for 30 days; by an independent medical reviewer."""
    note = EmergencyNote.objects.get(pk=note.pk)
    if note.approved_at:
        return note
    if note.ended_at:
        raise MayNotNoteError("The note was ended.")
    publication = _page(note.slug, note.language)
    reasons = unfit_to_review(by, role=Role.MEDICAL_REVIEWER, topic=publication.topic)
    if by.pk == note.by_id:
        reasons.append("Somebody else must approve the note.")
    if Contribution.objects.filter(revision=publication.revision, person=by).exists():
        reasons.append(f"{by} wrote the page and is not independent.")
    if reasons:
        raise MayNotNoteError(" ".join(reasons))
    note.approved_by, note.approved_at = by, timezone.now()
    note.save(update_fields=["approved_by", "approved_at"])
    record("note.approved", note, by=by, article_id=publication.revision.article_id)
    return note


@operation
def end_note(*, note: EmergencyNote, by: User) -> EmergencyNote:
    """
    Take a note off its page before its 30 days are over.

    A note that readers see is ended by somebody who wrote neither it nor any version of the page,
    and has no conflict on its topic.
    One that nobody has approved yet is taken back by whoever may end notes.
    """
    note = EmergencyNote.objects.get(pk=note.pk)
    if note.ended_at and (by.has_role(Role.EDITOR_IN_CHIEF) or by.has_role(Role.MEDICAL_REVIEWER)):
        return note
    reasons = reasons_against_ending(note, by)
    if reasons:
        raise MayNotNoteError(" ".join(reasons))
    note.ended_by, note.ended_at = by, timezone.now()
    note.save(update_fields=["ended_by", "ended_at"])
    record("note.ended", note, by=by)
    return note


def reasons_against_ending(note: EmergencyNote, by: User) -> list[str]:
    """Why this person may not end this note, as sentences; empty when they may."""
    if not (by.has_role(Role.EDITOR_IN_CHIEF) or by.has_role(Role.MEDICAL_REVIEWER)):
        return [f"{by} may not end a note."]
    if not note.approved_at:
        return []
    reasons = []
    if by.pk == note.by_id:
        reasons.append(f"{by} wrote the note; somebody else must end it.")
    written = Publication.objects.live().filter(slug=note.slug, language=note.language)
    if Contribution.objects.filter(revision__in=written.values("revision"), person=by).exists():
        reasons.append(f"{by} wrote the page; somebody else must end a note above it.")
    newest = written.select_related("topic").order_by("number").last()
    return reasons + (conflicts_on(by, newest.topic) if newest else [])


def notes_above(
    slug: str, language: str = "en", at: datetime.datetime | None = None
) -> list[EmergencyNote]:
    """The notes that readers of a page see at a moment, oldest first."""
    return list(EmergencyNote.objects.shown(at).filter(slug=slug, language=language))


def notes_of(publications: Iterable[Publication]) -> dict[int, list[EmergencyNote]]:
    """The notes that readers see above each page now, oldest first, by number; one query."""
    publications = list(publications)
    shown = EmergencyNote.objects.shown().filter(slug__in={each.slug for each in publications})
    notes = list(shown)
    return {
        publication.pk: [
            note
            for note in notes
            if (note.slug, note.language) == (publication.slug, publication.language)
        ]
        for publication in publications
    }


def _page(slug: str, language: str) -> Publication:
    publication = Publication.objects.current().filter(slug=slug, language=language).first()
    if publication is None:
        raise MayNotNoteError("There is no public page at this address.")
    return publication
