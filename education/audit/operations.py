"""The global editorial lock, and writing down what was done."""

import datetime
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import models, transaction
from django.utils import timezone

from education.audit.models import Event, EventHead, JobRun

if TYPE_CHECKING:
    from education.people.models import User

# Steps that change no page of readers, so that pages kept for them stay good while editors write.
# Whatever is not named here may change one.
INTERNAL_ACTIONS = frozenset(
    {
        "comment.answered", "comment.made", "comment.resolved", "pack.put_away", "pack.saved",
        "passage.mask_confirmed", "password.set", "person.invited", "printed_copy.printed",
        "clinic.mailbox_agreed", "clinic.mailbox_asked", "clinic.mailbox_ended",
        "clinic.drill_started", "clinic.webhook_changed", "clinic.webhook_ended",
        "clinic.recall_feed_renewed", "clinic.manager_changed", "clinic.person_ended",
        "evidence_candidate.accepted", "evidence_candidate.dismissed", "evidence_candidate.put_off",
        "publication.hiding_proposed", "recall.answered", "recovery_codes.renewed",
        "report.answered", "report.blanked", "report.dismissed", "reviewer.assigned",
        "revision.change_proposed", "revision.saved", "second_step.reset", "second_step.set_up",
        "sign_ins.ended", "topic.proposed", "topic.refused", "watch_question.changed",
        "watch_question.saved",
    }
)  # fmt: skip

GENESIS = "0" * 64
# Machines that write to one database may differ by this much.
CLOCKS_DIFFER = datetime.timedelta(minutes=1)

P = ParamSpec("P")
R = TypeVar("R")


# Called at the end of the outermost exclusive transaction, inside it, with the events that were
# recorded there. None at all means that what was done is unknown: then a hook assumes the most.
# A package that comes later in the flow adds its hook when the app is ready (``apps.py``), so that
# those before it need not know of it.
post_operation_hooks: list[Callable[[Sequence[Event]], None]] = []
# Who hears of an event that may change a page of readers, once it is so. None can fail the step.
when_seen: list[Callable[[Event], None]] = []
# The events of the exclusive transaction that is open; None when none is.
_recorded: ContextVar[list[Event] | None] = ContextVar("recorded_events", default=None)


@contextmanager
def exclusive_transaction() -> Iterator[None]:
    """
    Open a transaction that holds the global editorial lock; run the post-operation hooks after the
    outermost call.

    All of it happens or none. The event head is locked first, so an operation never decides on what
    another is just changing, and two operations can't wait for each other. Slow work that needs no
    lock belongs before it (``holds_lock`` tells).
    """
    if holds_lock():
        with transaction.atomic():
            lock_event_head()
            yield
        return
    events: list[Event] = []
    token = _recorded.set(events)
    try:
        with transaction.atomic():
            lock_event_head()
            yield
            _run_hooks(events)
    finally:
        _recorded.reset(token)


def _run_hooks(events: list[Event]) -> None:
    """Call every hook, and again with what the hooks recorded, until they record nothing more."""
    done = 0
    while True:
        latest, done = events[done:], len(events)
        for hook in post_operation_hooks:
            hook(latest)
        if len(events) == done:
            return


def holds_lock() -> bool:
    """Whether this thread is inside an exclusive transaction."""
    return _recorded.get() is not None


def operation(step: Callable[P, R]) -> Callable[P, R]:
    """Run a function inside ``exclusive_transaction``."""

    @functools.wraps(step)
    def exclusively(*args: P.args, **kwargs: P.kwargs) -> R:
        with exclusive_transaction():
            return step(*args, **kwargs)

    return exclusively


def lock_event_head() -> EventHead:
    """Lock the end of the event chain until the running transaction ends, and return it."""
    head, _ = EventHead.objects.select_for_update().get_or_create(pk=1)
    return head


def record(
    action: str,
    subject: models.Model,
    *,
    by: "User | None",
    article_id: int | None = None,
    **data: Any,
) -> Event:
    """
    Append an event in the running transaction.

    ``data`` must be JSON; it names no reader or patient. ``by`` is None when a command did it.
    """
    head = lock_event_head()
    event = Event(
        sequence=head.sequence + 1,
        at=timezone.now(),
        by=by,
        by_name=str(by) if by else "command",
        action=action,
        subject_type=subject._meta.model_name or "",
        subject_id=str(subject.pk),
        subject=str(subject)[:300],
        article_id=article_id,
        data=data,
        previous_hash=head.hash,
    )
    event.hash = event.computed_hash()
    event.save(force_insert=True)
    if (recorded := _recorded.get()) is not None:
        recorded.append(event)
    head.sequence, head.hash = event.sequence, event.hash
    if action not in INTERNAL_ACTIONS:
        head.last_seen_outside = event.sequence
        for hear in when_seen:
            call = functools.update_wrapper(functools.partial(hear, event), hear)
            transaction.on_commit(call, robust=True)  # with a name for the log
    head.save(update_fields=["sequence", "hash", "last_seen_outside"])
    return event


def record_job_run(name: str, *, failure: str = "") -> None:
    """
    Note that a command of the timers came to its end, now, or why it failed.

    After a failure the end before stays: it says since when the command does nothing.
    """
    if failure and JobRun.objects.filter(name=name).update(failure=failure[:300]):
        return
    JobRun.objects.update_or_create(
        name=name, defaults={"ended_at": timezone.now(), "failure": failure[:300]}
    )


def events_dated_backwards() -> Iterator[str]:
    """
    Say of every event that is dated before the one before it how far the clock was set back.

    Nothing is wrong with such an event: the record is in the order of its numbers, and each says
    what the clock said. Reads only.
    """
    before: datetime.datetime | None = None
    moments = Event.objects.order_by("sequence").values_list("sequence", "at").iterator()
    for sequence, at in moments:
        if before and before - at > CLOCKS_DIFFER:
            yield f"Event {sequence} is dated {before - at} before the event before it."
        before = at


def broken_links() -> Iterator[str]:
    """Say of every event what is wrong with it: altered, missing, out of order. Reads only."""
    previous_hash, expected = GENESIS, 1
    for event in Event.objects.order_by("sequence").iterator():
        if event.sequence != expected:
            missing = (
                f"{expected}"
                if event.sequence == expected + 1
                else (f"{expected} to {event.sequence - 1}")
            )
            yield f"Event {missing} is missing."
        elif event.previous_hash != previous_hash:
            yield f"Event {event.sequence} does not follow the event before it."
        if event.hash != event.computed_hash():
            yield f"Event {event.sequence} ({event.action}, {event.subject}) was altered."
        previous_hash, expected = event.hash, event.sequence + 1
    head = EventHead.objects.filter(pk=1).first()
    if head and (head.sequence, head.hash) != (expected - 1, previous_hash):
        yield f"The chain should end at event {head.sequence}; it ends at {expected - 1}."
