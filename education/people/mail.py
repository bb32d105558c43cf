"""Mail to those concerned, after the step that concerns them."""

import datetime
import logging
from collections.abc import Iterable, Mapping
from functools import partial, update_wrapper
from itertools import groupby

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from education.people.bounces import note_accepted, note_refused
from education.people.models import MailChoice, MailTopic, Message, User

# A mail that was sent is of no use after so long; the record keeps what it was about.
KEEP_MAIL = datetime.timedelta(days=365)
# Mail of the day before goes out from this hour on, before people begin to work.
DAILY_HOUR = 7
# Where a person chooses what they get; stands below each mail that has a topic.
CHOICES = "/admin/account/"

logger = logging.getLogger(__name__)


def notify(
    people: Iterable[User],
    *,
    subject: str,
    text: str,
    path: str,
    about: str = "",
    also_if_off: bool = False,
    topic: MailTopic | None = None,
) -> list[Message]:
    """
    Write a mail to each person in the running transaction; it is sent when that commits.

    ``path`` is the page to open, on this site. ``about`` names the cause: the same person is told
    of the same cause once, however often this is called. People without an address are left out,
    and those whose account is off, unless the mail is ``also_if_off``.

    Mail of a ``topic`` goes as each person chose; without one, at once to all.
    """
    people = list(people)
    paces = _paces(people, topic) if topic else {}
    below = f"\nWhich mail you get, and when: {settings.SITE_URL}{CHOICES}\n" if topic else ""
    messages = []
    for person in people:
        if not person.email or not (person.is_active or also_if_off):
            continue
        pace = paces.get(person.pk, MailChoice.Pace.AT_ONCE)
        if pace == MailChoice.Pace.NEVER:
            continue
        if about and Message.objects.filter(to=person, about=about).exists():
            continue
        message = Message(to=person, about=about, is_daily=pace == MailChoice.Pace.DAILY)
        messages.append(_write(message, subject, text, path, below))
    return messages


def notify_mailbox(
    address: str, *, subject: str, text: str, path: str, about: str = ""
) -> Message | None:
    """
    The same to the shared mailbox of a clinic; None where it was told of the cause before.

    That the clinic reads this mailbox must be known: nobody can switch off mail sent to it.
    """
    if about and Message.objects.filter(mailbox=address, about=about).exists():
        return None
    return _write(Message(mailbox=address, about=about), subject, text, path)


def _write(message: Message, subject: str, text: str, path: str, below: str = "") -> Message:
    message.subject = " ".join(subject.split())[:200]
    message.body = f"{text}\n\n{settings.SITE_URL}{path}\n{below}"
    message.save(force_insert=True)
    if message.is_daily:
        return message
    # The step is done by then, whatever becomes of its mail.
    send = update_wrapper(partial(deliver, message.pk), deliver)  # with a name for the log
    transaction.on_commit(send, robust=True)
    return message


def _paces(people: Iterable[User], topic: MailTopic) -> dict[int, str]:
    """How each of some people wants the mail of a topic, where they chose."""
    choices = MailChoice.objects.filter(person__in=people, topic=topic)
    return dict(choices.values_list("person", "pace"))


def choose_mail(person: User, paces: Mapping[str, str]) -> None:
    """
    Keep how a person wants the mail of each topic.

    Raises ``ValidationError`` where a topic can't have the pace, such as requests never.
    """
    with transaction.atomic():
        MailChoice.objects.filter(person=person).delete()
        for topic, pace in paces.items():
            choice = MailChoice(person=person, topic=topic, pace=pace)
            choice.full_clean()
            if pace != MailChoice.Pace.AT_ONCE:
                choice.save(force_insert=True)


def send_now(address: str, *, subject: str, text: str) -> str:
    """
    Send one mail; empty when a server took it, else what it said.

    An address that was refused is kept, and forgotten when mail to it is taken again.
    """
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [address])
    except Exception as error:  # noqa: BLE001 - a mail server fails in many ways; none may stop us
        note_refused(address, error)
        return f"{type(error).__name__}: {error}"[:300]
    note_accepted(address)
    return ""


def deliver(message_id: int) -> bool:
    """Send one mail; whether it went out. A failure is kept with the mail and logged."""
    message = Message.objects.select_related("to").get(pk=message_id)
    if message.sent_at:
        return True
    message.attempts += 1
    message.error = send_now(message.address, subject=message.subject, text=message.body)
    if message.error:
        logger.warning("Mail %s was not sent: %s", message.pk, message.error)
    else:
        message.sent_at = timezone.now()
    message.save(update_fields=["attempts", "sent_at", "error"])
    return message.sent_at is not None


def deliver_waiting(now: datetime.datetime | None = None) -> tuple[int, int]:
    """
    Send again what was not sent, and the mail of the day before to who wants one a day.

    How many went out, and how many still wait; mail of today waits for tomorrow and counts as
    neither.
    """
    unsent = Message.objects.filter(sent_at=None)
    waiting = list(unsent.filter(is_daily=False).values_list("pk", flat=True))
    sent = sum(deliver(pk) for pk in waiting)
    of_before = unsent.filter(
        is_daily=True, created_at__lt=_last_daily_hour(now), to__is_active=True
    )
    days = groupby(of_before.select_related("to").order_by("to", "pk"), lambda one: one.to)
    for person, group in days:
        messages = list(group)
        waiting += [message.pk for message in messages]
        sent += _deliver_together(person, messages)
    return sent, len(waiting) - sent


def _last_daily_hour(now: datetime.datetime | None) -> datetime.datetime:
    """The moment up to which mail of the day goes out now."""
    local = timezone.localtime(now or timezone.now())
    hour = local.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return hour if hour <= local else hour - datetime.timedelta(days=1)


def _deliver_together(person: User, messages: list[Message]) -> int:
    """Send some messages as one mail; how many went out."""
    subject = messages[0].subject if len(messages) == 1 else f"{len(messages)} messages of the day"
    parts = [f"{message.subject}\n\n{message.body}" for message in messages]
    error = send_now(person.email, subject=subject, text="\n\n".join(parts))
    sent_at = None if error else timezone.now()
    if error:
        logger.warning("Mail of the day %s was not sent: %s", messages[0].pk, error)
    for message in messages:
        message.attempts, message.sent_at, message.error = message.attempts + 1, sent_at, error
    Message.objects.bulk_update(messages, ["attempts", "sent_at", "error"])
    return len(messages) if sent_at else 0


def forget_mail() -> int:
    """Delete mail that was sent more than a year ago; how many there were."""
    return Message.objects.filter(sent_at__lt=timezone.now() - KEEP_MAIL).delete()[0]
