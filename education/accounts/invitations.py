"""
How somebody sets their own password: an administrator invites, a link opens one page once.

Nobody else ever knows the password, and the link is kept nowhere: not with the mails that the desk
shows, not in the record.
"""

import datetime
import logging

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.formats import date_format
from django.utils.http import base36_to_int, urlsafe_base64_encode

from education.accounts.operations import DAY_AND_TIME, end_all
from education.audit.operations import CLOCKS_DIFFER, operation, record
from education.errors import EditorialError
from education.people.mail import notify, send_now
from education.people.models import User
from education.people.rules import desk_path

CONSOLE = "django.core.mail.backends.console.EmailBackend"

logger = logging.getLogger("education.signin")


class MayNotInviteError(EditorialError):
    """The person can't be invited, or not by this one."""


class LinkEndedError(EditorialError):
    """The link was used, is too old, or another took its place; nothing was set."""


class LinkTokens(PasswordResetTokenGenerator):
    """Django's tokens: they end with the password, a sign-in, the address, or after 3 days."""

    key_salt = "education.accounts.invitations"

    def check_token(self, user: User | None, token: str | None) -> bool:
        """Refuse also what a clock that was ahead has made: it would be good for too long."""
        if user is None or not token or not super().check_token(user, token):
            return False
        made_at = base36_to_int(token.partition("-")[0])
        return made_at <= self._num_seconds(self._now()) + CLOCKS_DIFFER.total_seconds()


tokens = LinkTokens()


def why_by_hand(person: User) -> str:
    """Why the link can't go by mail, as a sentence; empty when it can."""
    if settings.EMAIL_BACKEND == CONSOLE:
        return "Mail is not set up on this site."
    return "" if person.email else f"{person} has no mail address."


@operation
def invite(*, person: User, by: User) -> str:
    """
    Take a person's password away and return the address at which they set their own, once.

    Every sign-in of theirs ends, and so does any link given before; the second step stays as it is.
    The record says who invited, and whether the link goes by mail or by hand. Raises
    ``MayNotInviteError``.
    """
    person = User.objects.get(pk=person.pk)
    if not (by.is_active and by.is_superuser):
        raise MayNotInviteError("Only an administrator invites.")
    if by == person:
        raise MayNotInviteError("Change your own password under “Change password”.")
    if not person.is_active:
        raise MayNotInviteError(f"The account of {person} is switched off.")
    return take_password(person=person, by=by)


@operation
def take_password(*, person: User, by: User) -> str:
    """
    What an invitation does, for a caller that has made sure that ``by`` may invite this person.

    Returns the address at which they set their own password, once.
    """
    person.set_unusable_password()
    person.save(update_fields=["password"])
    end_all(person)
    record("person.invited", person, by=by, by_hand=bool(why_by_hand(person)))
    return link_for(person)


def link_for(person: User) -> str:
    """The address at which a person sets their own password, once."""
    name = urlsafe_base64_encode(force_bytes(person.pk))
    path = reverse("admin:set-password", args=[name, tokens.make_token(person)])
    return f"{settings.SITE_URL}{path}"


def send_forgotten_link(typed: str) -> None:
    """
    Mail a link to whoever has this name or mail address and forgot their password.

    Nothing else changes until they set another: a stranger who types a name takes nothing away. No
    caller learns whether there is such an account.
    """
    named = Q(username__iexact=typed) | Q(email__iexact=typed)
    for person in User.objects.filter(named, is_active=True).exclude(email=""):
        mail_link(
            person,
            link_for(person),
            opening=f"Somebody asked for a new password at {settings.SITE_NAME}. "
            f"Your name there: {person.username}",
            closing="If it was not you, do nothing: your password stays as it is.",
        )
        logger.info("%s asked for a link to set a password.", person.username)


def mail_link(person: User, link: str, *, opening: str = "", closing: str = "") -> str:
    """Send a link; empty when it went out, else what the mail server said."""
    until = timezone.localtime() + datetime.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    opening = opening or (
        f"An account waits for you at {settings.SITE_NAME}. Your name there: {person.username}"
    )
    closing = closing or "If you did not expect this, tell whoever looks after accounts."
    text = (
        f"{opening}\n\n"
        f"Choose your password here, until {date_format(until, DAY_AND_TIME)}; the "
        f"link opens once:\n\n{link}\n\n"
        f"Nobody else learns your password. {closing}\n"
    )
    error = send_now(person.email, subject="Choose your password", text=text)
    if error:
        logger.warning("A link could not be mailed: %s", error.partition(":")[0])
    return error


def set_own_password(*, person: User, token: str, password: str) -> None:
    """
    Set the password of the person who holds the link, and tell them; the link ends.

    The password was checked by the form. Raises ``LinkEndedError``, also for the second of two at
    the same moment.
    """
    # Slow on purpose, so it is done before the lock is held.
    _set_own_password(person=person, token=token, hashed=make_password(password))


@operation
def _set_own_password(*, person: User, token: str, hashed: str) -> None:
    person = User.objects.get(pk=person.pk)
    if not (person.is_active and tokens.check_token(person, token)):
        raise LinkEndedError("This link does not open any more.")
    person.password = hashed
    person.save(update_fields=["password"])
    end_all(person)
    record("password.set", person, by=person)
    notify(
        [person],
        subject="Your password was set",
        text=f"Somebody set the password of {person.username} with the link that was given to you. "
        "If it was not you, tell whoever looks after accounts at once.",
        path=desk_path(person),
    )
