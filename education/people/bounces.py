"""
Mail that comes back: refused when it was sent, or reported undelivered afterwards (RFC 3464).

Of either only the address, the day and the code are kept, and only of an address that we write to.
"""

import datetime
import email
import email.policy
import re
from collections.abc import Iterator
from email.message import Message as ParsedMail
from pathlib import Path
from smtplib import SMTPRecipientsRefused

from django.utils import timezone

from education.people.models import BouncedAddress, Message, User

# Servers try for four to five days before they give up (RFC 5321, 4.5.4.1): a mail of which nothing
# was heard for longer has arrived.
GIVES_UP = datetime.timedelta(days=5)
# A report holds at least the head of the mail that came back; nobody needs to read more of it.
MOST_BYTES = 1_000_000
# Enhanced codes of RFC 3463; class 5 will not change by itself, 4 was tried for days.
_STATUS = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")


def note_refused(address: str, error: Exception) -> None:
    """Keep that a server refused the address itself, for good; other failures say nothing of it."""
    if not isinstance(error, SMTPRecipientsRefused):
        return
    code, words = next(iter(error.recipients.values()), (0, b""))  # each mail goes to one address
    if 500 <= code < 600:
        text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        status = _STATUS.search(text)
        if status and status[0].startswith("5.7."):
            return  # a policy about who sends (RFC 3463, 3.8), which says nothing of the address
        _keep(address, status[0] if status else str(code), is_reported=False)


def note_accepted(address: str) -> None:
    """
    A server took a mail to this address.

    Where it had refused, that is over. Where a report had come, the same may happen again: that is
    over when none comes for as long as servers try.
    """
    bounced = BouncedAddress.objects.filter(address=address.lower()).first()
    if bounced and not bounced.is_reported:
        bounced.delete()
    elif bounced and not bounced.resent_at:
        bounced.resent_at = timezone.now()
        bounced.save(update_fields=["resent_at"])


def note_arrived(address: str) -> None:
    """Somebody read a mail at this address."""
    BouncedAddress.objects.filter(address=address.lower()).delete()


def note_report(content: bytes) -> int | None:
    """
    Keep which addresses a delivery status notification says have failed; how many we write to.

    None where it is no such notification.
    """
    try:
        mail = email.message_from_bytes(content[:MOST_BYTES], policy=email.policy.compat32)
    except RecursionError:  # parts in parts, deeper than any server writes them
        return None
    if mail.get_content_type() != "multipart/report":
        return None
    parts = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    if not parts:
        return None
    failed = dict(failure for part in parts for failure in _failures(part))
    for address, status in failed.items():
        _keep(address, status, is_reported=True)
    return len(failed)


def _failures(part: ParsedMail) -> Iterator[tuple[str, str]]:
    """Each of our addresses that failed for good, with its code."""
    fields = part.get_payload()
    for recipient in fields if isinstance(fields, list) else ():
        if not isinstance(recipient, ParsedMail):
            continue
        if str(recipient.get("Action", "")).strip().lower() != "failed":
            continue  # delayed, relayed, delivered
        status = _STATUS.search(str(recipient.get("Status", "")))
        for field in ("Original-Recipient", "Final-Recipient"):
            address = str(recipient.get(field, "")).replace("\0", "").rpartition(";")[2]
            address = address.strip(" \t\r\n<>").lower()
            if address and _is_ours(address):
                yield address, status[0] if status else "5.0.0"
                break


def _is_ours(address: str) -> bool:
    return (
        User.objects.filter(email__iexact=address).exists()
        or Message.objects.filter(mailbox__iexact=address).exists()
    )


def _keep(address: str, status: str, *, is_reported: bool) -> None:
    BouncedAddress.objects.update_or_create(
        address=address.lower(),
        defaults={
            "status": status, "at": timezone.now(), "is_reported": is_reported, "resent_at": None,
        },
    )  # fmt: skip


def read_maildir(folder: Path) -> int:
    """
    Read what came into a Maildir, and delete the reports among it; how many addresses failed.

    Other mail stays there, as read, for whoever looks after the site.
    """
    failed = 0
    for path in sorted((folder / "new").iterdir()):
        with path.open("rb") as file:
            number = note_report(file.read(MOST_BYTES))
        if number is None:
            path.rename(folder / "cur" / f"{path.name}:2,S")  # read, as Maildir writes it
        else:
            failed += number
            path.unlink()
    return failed
