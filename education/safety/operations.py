"""Recording and lifting what became of a work, with all that must follow at once."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from education.articles.models import Revision
from education.articles.operations import content_hash, on_current_content
from education.articles.states import move
from education.audit.operations import operation, record
from education.errors import EditorialError, StaleError
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.rules import standing_events
from education.people.mail import notify
from education.people.models import User
from education.publishing.models import Publication
from education.publishing.operations import cancel_schedule
from education.review.models import Review
from education.review.rules import missing_approvals
from education.safety.models import Task
from education.safety.registry import Update, is_news
from education.safety.rules import (
    Effects,
    effects_of,
    effects_of_lifting,
    may_record_status,
    reasons_against_closing,
    reasons_against_lifting,
    reasons_against_recording,
    waiting_on,
)

Status = StatusEvent.Status

# Rule 6: a retraction is acted on within 7 days; a concern, and what is less, within 30.
DAYS_FOR_A_RETRACTION = 7
DAYS_OTHERWISE = 30

DONE = {
    Status.CURRENT: "cleared",
    Status.CORRECTED: "corrected",
    Status.CONCERN: "put_under_concern",
    Status.RETRACTED: "retracted",
    Status.SUPERSEDED: "superseded",
}


class MayNotRecordError(EditorialError):
    """The status can't be recorded or lifted by this person or in this way."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@operation
def record_status(
    *,
    item: EvidenceItem,
    status: StatusEvent.Status | str,
    occurred_on: datetime.date,
    reason: str,
    by: User,
    source_url: str = "",
    effects_seen: str = "",
) -> StatusEvent:
    """
    Record what became of a work, and do at once all that rule 6 asks.

    Pages follow by themselves: words that rest on retracted works alone are masked, notices are
    shown and printing stops, because all of that is derived from this event. Written beside it:
    tasks with a clock for each page that rests on the work, cancelled schedules, and unpublished
    approvals back in review. All of it happens or none.

    ``reason`` is in words for readers. ``effects_seen`` is the hash of what the person was shown
    that this would touch: when that has changed since, nothing is done.
    """
    item = EvidenceItem.objects.get(pk=item.pk)
    status = Status(status)
    standing = standing_events([item.key]).get(item.key)
    facts = (status, occurred_on, reason.strip(), source_url, by.pk)
    if standing and facts == (
        standing.status,
        standing.occurred_on,
        standing.reason,
        standing.source_url,
        standing.by_id,
    ):
        return standing
    reasons = reasons_against_recording(item, status, by)
    if not reason.strip():
        reasons.append("Say what happened; readers will see it.")
    if occurred_on > timezone.localdate():
        reasons.append("The date is in the future.")
    if reasons:
        raise MayNotRecordError(reasons)
    effects = effects_of(item, status)
    _refuse_unseen(effects, effects_seen)
    event = StatusEvent(
        item=item,
        status=status,
        occurred_on=occurred_on,
        source_url=source_url,
        reason=reason.strip(),
        by=by,
        at=timezone.now(),
    )
    event.full_clean()
    event.save(force_insert=True)
    record(
        f"evidence_item.{DONE[status]}",
        item,
        by=by,
        event=event.pk,
        occurred_on=occurred_on.isoformat(),
        reason=event.reason,
        source_url=source_url,
    )
    for task in Task.objects.filter(item=item, kind=Task.Kind.CHECK, status=status, closed_at=None):
        _close(task, outcome=Task.Outcome.RECORDED, by=by)
    _follow(effects, event)
    return event


@operation
def lift_status(
    *, event: StatusEvent, by: User, reason: str, effects_seen: str = ""
) -> StatusEvent:
    """
    Lift a status that was recorded by mistake; a second person must. Both events stay visible.

    Pages are what they were, to the byte; approvals of the evidence as it is again count again. A
    schedule that was cancelled stays cancelled.
    """
    event = StatusEvent.objects.select_related("item").get(pk=event.pk)
    reasons = reasons_against_lifting(event, by)
    if not reason.strip():
        reasons.append("Say why it is lifted.")
    if reasons:
        raise MayNotRecordError(reasons)
    effects = effects_of_lifting(event)
    _refuse_unseen(effects, effects_seen)
    lifting = StatusEvent(
        item=event.item,
        status=Status.CURRENT,
        lifts=event,
        occurred_on=timezone.localdate(),
        reason=reason.strip(),
        by=by,
        at=timezone.now(),
    )
    lifting.full_clean()
    lifting.save(force_insert=True)
    record(
        "evidence_item.status_lifted",
        event.item,
        by=by,
        event=lifting.pk,
        lifts=event.pk,
        status=event.status,
        reason=lifting.reason,
    )
    _follow(effects, lifting)
    return lifting


@operation
def close_task(*, task: Task, by: User, outcome: Task.Outcome | str, note: str) -> Task:
    """
    Close a task by a judgement: the text may stay as it is, or a report changes nothing here.

    Tasks of a retraction don't end this way. Who wrote a text does not judge that it may stay.
    """
    task = Task.objects.select_related("publication__revision", "item").get(pk=task.pk)
    reasons = reasons_against_closing(task, outcome, by)
    if not note.strip():
        reasons.append("Say what you checked.")
    if reasons:
        raise MayNotRecordError(reasons)
    return _close(task, outcome=Task.Outcome(outcome), by=by, note=note.strip())


@operation
def report_change(
    *,
    item: EvidenceItem,
    status: StatusEvent.Status | str,
    reference: str,
    report: str,
) -> Task | None:
    """
    Ask the editors to check what a registry says of a work; None when that was reported before.

    A registry can be wrong, so nothing else follows until a person records the change.
    """
    if Task.objects.filter(item=item, reference=reference).exists():
        return None
    task = Task.objects.create(
        item=item,
        kind=Task.Kind.CHECK,
        status=status,
        reference=reference,
        report=report,
        opened_at=timezone.now(),
        due_on=_due_on(status),
    )
    record("task.opened", task, by=None, item=item.key, status=str(status), report=report)
    notify(
        _deciders(),
        subject=f"{item.key}: a registry reports that it is {task.get_status_display().lower()}",
        text=f"{report}\n\nPlease check it and record the change, or dismiss the report.",
        path=f"/admin/education/task/{task.pk}/change/",
        about=f"task-{task.pk}",
    )
    return task


def report_news(item: EvidenceItem, updates: Iterable[Update]) -> list[Task]:
    """Report to the editors each update of an item that nobody has recorded; what was new."""
    news = (update for update in updates if is_news(item, update))
    tasks = [
        report_change(
            item=item, status=update.status, reference=update.reference, report=update.report
        )
        for update in news
    ]
    return [task for task in tasks if task is not None]


def report_imported_news(news: Iterable[Sequence[str]]) -> list[Task]:
    """
    Report to the editors what imported records say became of works; what was new.

    ``news`` is that of ``importing.Outcome``: key, status, kind and notice of each.
    """
    tasks: list[Task] = []
    for key, status, kind, notice in news:
        if item := EvidenceItem.objects.filter(key=key).first():
            update = Update(
                StatusEvent.Status(status), kind, "The imported record", notice_doi=notice
            )
            tasks += report_news(item, [update])
    return tasks


def queue_lapsed_approvals(item: EvidenceItem, by: User | None, moved: dict[str, Any]) -> None:
    """
    Put unpublished texts back in line whose approvals rest on an item that is not what it was.

    An approved text whose approvals lapsed goes back to its reviewers, one whose approvals count
    again is approved again. ``moved`` maps what changed to its old and new value; the record keeps
    it, so that reviewers see the difference. Runs inside the step that changed the item.
    """
    for revision in waiting_on(item, Revision.objects.all()):
        _queue(revision, item, by, moved)


def _queue(revision: Revision, item: EvidenceItem, by: User | None, moved: dict[str, Any]) -> None:
    current_hash = content_hash(revision)
    approvals = revision.reviews.filter(
        round=revision.round, decision=Review.Decision.APPROVED
    ).select_related("reviewer")
    current = on_current_content(revision, approvals, current_hash)
    lapsed = [review for review in approvals if review not in current]
    missing = missing_approvals(revision, current_hash)
    action = "approvals_lapsed"
    if revision.state == Revision.State.APPROVED and missing:
        move(revision, "approvals_lapse", Revision.State.IN_REVIEW)
    elif revision.state == Revision.State.IN_REVIEW and not missing:
        move(revision, "approvals_return", Revision.State.APPROVED)
        action = "approvals_returned"
    elif not lapsed:
        return
    revision.save(update_fields=["state", "updated_at"])
    record(
        f"revision.{action}",
        revision,
        by=by,
        article_id=revision.article_id,
        item=item.key,
        moved=moved,
        missing=missing,
    )
    if missing:
        notify(
            [review.reviewer for review in lapsed],
            subject=f"{revision.title}: please read it again",
            text=f"{item.key}, which this text cites, is not what it was when you approved it: "
            f"{', '.join(sorted(moved))}. Your approval no longer counts.",
            path=f"/admin/education/revision/{revision.pk}/review/",
        )


def _follow(effects: Effects, event: StatusEvent) -> None:
    """Do what a change of status asks for beside the pages, which follow by themselves."""
    item, by = event.item, event.by
    for publication in effects.schedules:
        _cancel(publication, event)
    moved = {"status": [effects.before, effects.after]}
    queue_lapsed_approvals(item, by, moved)
    opened = _settle_tasks(item, by)
    if opened:
        pages = "1 page rests" if len(opened) == 1 else f"{len(opened)} pages rest"
        notify(
            _deciders(),
            subject=f"{item.key} is {opened[0].get_status_display().lower()}: {pages} on it",
            text="\n".join(
                [event.reason, "", *(f"{task.publication}, by {task.due_on}" for task in opened)]
            ),
            path="/admin/education/task/",
            about=f"status-event-{event.pk}",
        )


def _cancel(publication: Publication, event: StatusEvent) -> None:
    reason = f"{event.item.key}, which it cites, is not what it was: {event.reason}"
    cancel_schedule(publication=publication, by=None, reason=reason)
    notify(
        [publication.published_by],
        subject=f"{publication.title}: the scheduled publication was cancelled",
        text=reason,
        path=f"/admin/education/revision/{publication.revision_id}/publish/",
    )


def _settle_tasks(item: EvidenceItem, by: User) -> list[Task]:
    """
    Keep open exactly the tasks of the status that stands now; returns those it opened.

    A task somebody settled by a judgement on the same event is not opened again.
    """
    standing = standing_events([item.key]).get(item.key)
    open_tasks = Task.objects.filter(item=item, kind=Task.Kind.REVISE, closed_at=None)
    for task in open_tasks.select_related("cause", "publication"):
        if task.cause != standing:
            lifted = StatusEvent.objects.filter(lifts=task.cause_id).exists()
            outcome = Task.Outcome.LIFTED if lifted else Task.Outcome.OVERTAKEN
            _close(task, outcome=outcome, by=by)
    if standing is None:
        return []
    pages = Publication.objects.current().resting_on([item.key])
    settled = Task.objects.filter(cause=standing).exclude(outcome=Task.Outcome.OVERTAKEN)
    return [
        _open(publication, standing)
        for publication in pages.exclude(pk__in=settled.values("publication")).order_by("slug")
    ]


def _open(publication: Publication, event: StatusEvent) -> Task:
    task = Task.objects.create(
        item=event.item,
        kind=Task.Kind.REVISE,
        status=event.status,
        publication=publication,
        cause=event,
        opened_at=timezone.now(),
        due_on=_due_on(event.status),
    )
    record(
        "task.opened",
        task,
        by=event.by,
        article_id=publication.revision.article_id,
        item=event.item.key,
        status=event.status,
        due_on=task.due_on.isoformat(),
    )
    return task


def _close(task: Task, *, outcome: Task.Outcome, by: User, note: str = "") -> Task:
    task.closed_at = timezone.now()
    task.closed_by = by
    task.outcome = outcome
    task.note = note
    task.full_clean()
    task.save(update_fields=["closed_at", "closed_by", "outcome", "note"])
    article_id = task.publication.revision.article_id if task.publication else None
    record("task.closed", task, by=by, article_id=article_id, outcome=str(outcome), note=note)
    return task


def _due_on(status: StatusEvent.Status | str) -> datetime.date:
    days = DAYS_FOR_A_RETRACTION if status == Status.RETRACTED else DAYS_OTHERWISE
    return timezone.localdate() + datetime.timedelta(days=days)


def _refuse_unseen(effects: Effects, seen: str) -> None:
    if seen and seen != effects.seen():
        raise StaleError(
            "What this touches changed while you were reading. Nothing was recorded; please look "
            "at the list again."
        )


def _deciders() -> list[User]:
    people = User.objects.filter(is_active=True).order_by("pk")
    return [person for person in people if may_record_status(person)]
