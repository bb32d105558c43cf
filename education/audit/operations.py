"""Taking turns, and writing down what was done."""

import datetime
import functools
from collections.abc import Callable, Iterator
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
INSIDE = frozenset(
    {
        "comment.answered", "comment.made", "comment.resolved", "pack.put_away", "pack.saved",
        "password.set", "person.invited", "printed_copy.printed", "recovery_codes.renewed",
        "report.answered", "report.blanked", "report.dismissed", "reviewer.assigned",
        "revision.saved", "second_step.reset", "second_step.set_up", "sign_ins.ended",
    }
)  # fmt: skip

GENESIS = "0" * 64
# Machines that write to one database may differ by this much.
CLOCKS_DIFFER = datetime.timedelta(minutes=1)

P = ParamSpec("P")
R = TypeVar("R")


# What must hold at the end of every step, whatever the step was about. A package that comes later
# in the flow adds its check here when the app is ready (``apps.py``), so that those before it need
# not know of it.
checks_at_the_end: list[Callable[[], None]] = []
# Who hears of an event that may change a page of readers, once it is so. None can fail the step.
when_seen: list[Callable[[Event], None]] = []
_steps_under_way: ContextVar[int] = ContextVar("steps_under_way", default=0)


@contextmanager
def turn() -> Iterator[None]:
    """
    Take one step of the work: all of it happens or none, one step at a time.

    The event head is locked first, so a step never decides on what another is just changing, and
    two steps can't wait for each other. The checks at the end run once, after the outermost step.
    """
    token = _steps_under_way.set(_steps_under_way.get() + 1)
    try:
        with transaction.atomic():
            take_turn()
            yield
            if _steps_under_way.get() == 1:
                for check in checks_at_the_end:
                    check()
    finally:
        _steps_under_way.reset(token)


def operation(step: Callable[P, R]) -> Callable[P, R]:
    """Make a function one step of the work (see ``turn``)."""

    @functools.wraps(step)
    def in_turn(*args: P.args, **kwargs: P.kwargs) -> R:
        with turn():
            return step(*args, **kwargs)

    return in_turn


def take_turn() -> EventHead:
    """Wait for one's turn, inside a transaction; returns the end of the chain."""
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
    head = take_turn()
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
    head.sequence, head.hash = event.sequence, event.hash
    if action not in INSIDE:
        head.last_seen_outside = event.sequence
        for hear in when_seen:
            told = functools.update_wrapper(functools.partial(hear, event), hear)
            transaction.on_commit(told, robust=True)  # with a name for the log
    head.save(update_fields=["sequence", "hash", "last_seen_outside"])
    return event


def note_run(name: str, *, failure: str = "") -> None:
    """
    Note that a command of the timers came to its end, now, or why it failed.

    After a failure the end before stays: it says since when the command does nothing.
    """
    if failure and JobRun.objects.filter(name=name).update(failure=failure[:300]):
        return
    JobRun.objects.update_or_create(
        name=name, defaults={"ended_at": timezone.now(), "failure": failure[:300]}
    )


def set_back() -> Iterator[str]:
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
