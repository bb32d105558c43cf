"""My work: what waits for a person, in the order of risk to readers, each row saying why."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from education.articles.models import Revision
from education.articles.rules import may_write
from education.evidence.models import EvidenceItem
from education.people.models import Message, Role, User
from education.publishing.models import Publication
from education.publishing.rules import reasons_against_publishing
from education.review.models import Assignment, Comment, Review
from education.review.rules import may_review, missing_approvals
from education.safety.models import Task
from education.safety.rules import may_record_status

SOON = datetime.timedelta(days=90)


@dataclass(frozen=True)
class Row:
    """One thing to do: what it is about, why it is here, what to press."""

    what: str
    why: str
    action: str
    url: str
    due_on: datetime.date | None = None

    @property
    def is_late(self) -> bool:
        """Whether the day has passed."""
        return self.due_on is not None and self.due_on < timezone.localdate()


@dataclass(frozen=True)
class Pile:
    """Rows of one kind, under one heading."""

    title: str
    rows: list[Row]


def my_work(person: User) -> list[Pile]:
    """What waits for this person; only piles with something in them."""
    piles = [
        Pile("Evidence that fell", list(_fallen(person))),
        Pile("Overdue pages", list(_overdue(person))),
        Pile("Changes requested", list(_changes_requested(person))),
        Pile("To review", list(_to_review(person))),
        Pile("To publish", list(_to_publish(person))),
        Pile("Comments to answer", list(_comments(person))),
        Pile("To write", list(_to_write(person))),
        Pile("Evidence to verify", list(_to_verify(person))),
        Pile("Mail that was not sent", list(_failed_mail(person))),
        Pile("Waiting for others", list(_waiting(person))),
    ]
    return [pile for pile in piles if pile.rows]


def _page(page: str, revision: Revision) -> str:
    return reverse(f"admin:education_revision_{page}", args=[revision.pk])


def _fallen(person: User) -> Iterator[Row]:
    if not may_record_status(person):
        return
    for task in Task.objects.open().select_related("item", "publication"):
        status = task.get_status_display().lower()
        why = f"{task.item.key}, which it cites: {status}."
        yield Row(
            task.publication.title if task.publication else f"{task.item.key}: {status}?",
            why if task.publication else task.report,
            task.get_kind_display(),
            reverse("admin:education_task_change", args=[task.pk]),
            task.due_on,
        )


def _overdue(person: User) -> Iterator[Row]:
    if not (person.has_role(Role.EDITOR_IN_CHIEF) or may_write(person)):
        return
    today = timezone.localdate()
    pages = Publication.objects.current().filter(review_due_on__lte=today + SOON)
    for publication in sorted(pages, key=lambda page: page.due_on):
        late = (today - publication.due_on).days
        if late < -SOON.days:
            continue
        why = f"The review was due {late} days ago." if late > 0 else "The review is due soon."
        yield Row(
            publication.title,
            f"{why} Readers see a notice from the day it is due.",
            "Start the next revision",
            reverse("admin:education_article_change", args=[publication.revision.article_id]),
            publication.due_on,
        )


def _open(person: User) -> Iterator[Revision]:
    contributed = Revision.objects.open().filter(contributions__person=person)
    yield from contributed.select_related("article__topic").order_by("updated_at")


def _changes_requested(person: User) -> Iterator[Row]:
    for revision in _open(person):
        if revision.state == Revision.State.CHANGES_REQUESTED:
            request = revision.reviews.filter(decision=Review.Decision.CHANGES_REQUESTED).last()
            why = f"{request.reviewer}: {request.comments[:200]}" if request else ""
            yield Row(revision.title, why, "Change the text", _page("change", revision))


def _to_review(person: User) -> Iterator[Row]:
    assigned = {
        assignment.revision_id: assignment
        for assignment in Assignment.objects.filter(reviewer=person)
    }
    waiting = Revision.objects.in_review().select_related("article__topic")
    rows = []
    for revision in waiting.order_by("submitted_at"):
        decided = revision.reviews.filter(reviewer=person, round=revision.round).exists()
        parts = [] if decided else may_review(person, revision)
        if not parts:
            continue
        assignment = assigned.get(revision.pk)
        missing = ", ".join(missing_approvals(revision))
        why = f"Still to approve: {missing}."
        if assignment:
            why = f"{assignment.assigned_by} asked you. {why}"
        due_on = assignment.due_on if assignment else None
        rows.append(Row(revision.title, why, "Review", _page("review", revision), due_on))
    yield from sorted(rows, key=lambda row: (row.due_on is None, row.due_on or datetime.date.max))


def _to_publish(person: User) -> Iterator[Row]:
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    for revision in Revision.objects.filter(state=Revision.State.APPROVED).select_related(
        "article"
    ):
        if not reasons_against_publishing(person, revision):
            yield Row(
                revision.title,
                "Everyone required has approved it.",
                "Check the gates and publish",
                _page("publish", revision),
            )


def _comments(person: User) -> Iterator[Row]:
    comments = (
        Comment.objects.open()
        .filter(revision__contributions__person=person)
        .filter(revision__state__in=Revision.OPEN_STATES)
        .exclude(by=person)
        .select_related("revision", "by")
    )
    for comment in comments:
        blocks = " It stops publication." if comment.is_blocking else ""
        yield Row(
            comment.revision.title,
            f"{comment.by}: {comment.text[:200]}{blocks}",
            "Answer",
            f"{_page('review', comment.revision)}#comment-{comment.pk}",
        )


def _to_write(person: User) -> Iterator[Row]:
    for revision in _open(person):
        if revision.state == Revision.State.DRAFT:
            yield Row(
                revision.title,
                "You began this draft; nobody has been asked to review it.",
                "Go on writing",
                _page("change", revision),
            )


def _to_verify(person: User) -> Iterator[Row]:
    if not person.has_role(Role.MEDICAL_REVIEWER):
        return
    cited = EvidenceItem.objects.filter(
        usable=True, citations__revision__state__in=Revision.OPEN_STATES
    ).distinct()
    for item in cited.exclude(pk__in=EvidenceItem.objects.verified().values("pk"))[:20]:
        if not item.verifications.filter(by=person, details_hash=item.details_hash).exists():
            yield Row(
                f"{item.key}: {item.title[:120]}",
                "A text that is on its way cites it, and it is not verified yet.",
                "Verify",
                reverse("admin:education_evidenceitem_verify", args=[item.pk]),
            )


def _failed_mail(person: User) -> Iterator[Row]:
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    for message in Message.objects.filter(sent_at=None).exclude(error="").select_related("to")[:20]:
        yield Row(
            f"{message.subject}, to {message.to}",
            f"{message.error} It is tried again by send_mail_queue.",
            "Look at it",
            reverse("admin:education_message_change", args=[message.pk]),
        )


def _waiting(person: User) -> Iterator[Row]:
    for revision in _open(person):
        if revision.state == Revision.State.IN_REVIEW:
            missing = ", ".join(missing_approvals(revision)) or "nobody"
            yield Row(
                revision.title, f"Still to approve: {missing}.", "Look", _page("change", revision)
            )
        elif revision.state == Revision.State.APPROVED:
            why = "It waits for an editor-in-chief to publish it."
            yield Row(revision.title, why, "Look", _page("change", revision))
