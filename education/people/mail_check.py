"""A test mail that provably arrives: it holds a code, which somebody types at the desk."""

import hashlib
import secrets

from django.conf import settings
from django.utils import timezone

from education.errors import EditorialError
from education.people.bounces import note_arrived
from education.people.mail import send_now
from education.people.models import MailTest

# Read off one screen and typed into another.
DIGITS, LENGTH = "0123456789", 8


class CodeIsWrongError(EditorialError):
    """No test mail holds this code."""


def mail_settings_hash() -> str:
    """Changes with the server that mail goes through and the address it comes from."""
    names = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "DEFAULT_FROM_EMAIL")
    values = [str(getattr(settings, name, "")) for name in names]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


def send_test_mail(address: str) -> MailTest:
    """Send a mail with a new code to an address; the code of the last one ends."""
    code = "".join(secrets.choice(DIGITS) for _ in range(LENGTH))
    error = send_now(
        address,
        subject=f"Test mail of {settings.SITE_NAME}",
        text=f"This mail arrived. Say so with its code: {code}\n\n"
        f"Type it at {settings.SITE_URL}/admin/start/ under “Mail”, or on the server:\n"
        f"manage.py send_test_mail --arrived {code}\n\n"
        "If you did not ask for this mail, you need not do anything.\n",
    )
    MailTest.objects.all().delete()
    return MailTest.objects.create(
        address=address,
        code=code,
        sent_by=mail_settings_hash(),
        sent_at=timezone.now(),
        error=error,
    )


def confirm_test_mail(code: str) -> MailTest:
    """Note that the test mail with this code arrived; raises ``CodeIsWrongError``."""
    test = MailTest.objects.first()
    if test is None or not secrets.compare_digest(test.code.encode(), code.strip().encode()):
        raise CodeIsWrongError("This is not the code of the last test mail.")
    if test.arrived_at is None:
        test.arrived_at = timezone.now()
        test.save(update_fields=["arrived_at"])
    note_arrived(test.address)
    return test


def state_of_mail() -> tuple[bool, str]:
    """Whether mail is known to arrive, and a sentence about it, which names nobody."""
    if settings.DEMO:
        return True, "This is a demonstration: its mail reaches nobody."
    test = MailTest.objects.first()
    if test is None:
        return False, "Nobody knows whether mail arrives: no test mail was sent yet."
    day = timezone.localtime(test.sent_at).date().isoformat()
    if test.error:
        return False, f"The test mail of {day} was not sent: {test.error.partition(':')[0]}."
    if test.arrived_at is None:
        return False, f"A test mail was sent on {day}; its code was not typed yet."
    if test.sent_by != mail_settings_hash():
        return False, f"How mail is sent was changed since the test mail of {day} arrived."
    return True, f"The test mail of {day} arrived."
