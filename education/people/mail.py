"""Mail to those concerned, after the step that concerns them."""

import datetime
import logging
from collections.abc import Iterable
from functools import partial, update_wrapper

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from education.people.models import Message, User

# A mail that was sent is of no use after so long; the record keeps what it was about.
KEEP_MAIL = datetime.timedelta(days=365)

logger = logging.getLogger(__name__)


def notify(
    people: Iterable[User],
    *,
    subject: str,
    text: str,
    path: str,
    about: str = "",
    also_if_off: bool = False,
) -> list[Message]:
    """
    Write a mail to each person in the running transaction; it is sent when that commits.

    ``path`` is the page to open, on this site. ``about`` names the cause: the same person is told
    of the same cause once, however often this is called. People without an address are left out,
    and those whose account is off, unless the mail is ``also_if_off``.
    """
    messages = []
    for person in people:
        if not person.email or not (person.is_active or also_if_off):
            continue
        if about and Message.objects.filter(to=person, about=about).exists():
            continue
        messages.append(_write(Message(to=person, about=about), subject, text, path))
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


def _write(message: Message, subject: str, text: str, path: str) -> Message:
    message.subject = " ".join(subject.split())[:200]
    message.body = f"{text}\n\n{settings.SITE_URL}{path}\n"
    message.save(force_insert=True)
    # The step is done by then, whatever becomes of its mail.
    send = update_wrapper(partial(deliver, message.pk), deliver)  # with a name for the log
    transaction.on_commit(send, robust=True)
    return message


def deliver(message_id: int) -> bool:
    """Send one mail; whether it went out. A failure is kept with the mail and logged."""
    message = Message.objects.select_related("to").get(pk=message_id)
    if message.sent_at:
        return True
    message.attempts += 1
    try:
        send_mail(message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.address])
    except Exception as error:  # noqa: BLE001 - a mail server fails in many ways; none may stop us
        message.error = f"{type(error).__name__}: {error}"[:300]
        logger.warning("Mail %s was not sent: %s", message.pk, message.error)
    else:
        message.sent_at, message.error = timezone.now(), ""
    message.save(update_fields=["attempts", "sent_at", "error"])
    return message.sent_at is not None


def deliver_waiting() -> tuple[int, int]:
    """Send again what was not sent; how many went out, and how many still wait."""
    waiting = list(Message.objects.filter(sent_at=None).values_list("pk", flat=True))
    sent = sum(deliver(pk) for pk in waiting)
    return sent, len(waiting) - sent


def forget_mail() -> int:
    """Delete mail that was sent more than a year ago; how many there were."""
    return Message.objects.filter(sent_at__lt=timezone.now() - KEEP_MAIL).delete()[0]
