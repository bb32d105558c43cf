"""Signing in: failures counted, sign-ins listed and ended, the second step set up and used."""

import datetime
import logging
import secrets

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django_otp.plugins.otp_totp.models import TOTPDevice

from education.accounts.models import FailedSignIn, RecoveryCode, SignIn
from education.accounts.rules import (
    FREE_OF_NAME,
    FREE_OF_NAME_AND_PLACE,
    FREE_OF_PLACE,
    KEEP_FAILURES,
    KEEP_SIGN_INS,
    LONGEST_WAIT,
    LONGEST_WAIT_BY_OTHERS,
    RECOVERY_CODES,
    wait_after,
)
from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.mail import notify
from education.people.models import User
from education.people.rules import desk_path
from education.pseudonyms import household, pseudonym, pseudonyms

logger = logging.getLogger("education.signin")

DAY_AND_TIME = "j F Y, H:i"
# Without letters and digits that look alike.
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


class SecondStepError(EditorialError):
    """The second step can't be set up so; the message says what to do."""


class MayNotEndError(EditorialError):
    """Sign-ins of the person can't be ended by this one, or not without a reason."""


# Failures


def wait_for(name: str, address: str) -> datetime.timedelta:
    """How long this name, from this address, must wait before another try; zero if not at all."""
    now = timezone.now()
    rules = {mark: (free, longest) for mark, free, longest in _counted(name, address)}
    kept = FailedSignIn.objects.filter(mark__in=rules)
    # The clock was set back: the wait begins again, but nobody waits until that moment returns.
    kept.filter(last_at__gt=now).update(last_at=now)
    waits = [
        failed.last_at + wait_after(failed.count, *rules[failed.mark]) - now
        for failed in kept.filter(last_at__gt=now - KEEP_FAILURES)
    ]
    return max([*waits, datetime.timedelta(0)])


@transaction.atomic
def note_failure(name: str, address: str) -> None:
    """Count a failure: of the name from this place, of the place, and of the name."""
    forget_failures()
    now = timezone.now()
    # No name: people type passwords there too. The mark tells tries at one name apart from others.
    logger.warning(
        "A sign-in failed for %s.", pseudonym("sign-in of", name.strip().casefold())[:12]
    )
    for mark, _free, _longest in _counted(name, address):
        failed, _ = FailedSignIn.objects.get_or_create(mark=mark, defaults={"last_at": now})
        FailedSignIn.objects.filter(pk=failed.pk).update(count=F("count") + 1, last_at=now)


def note_success(name: str, address: str) -> None:
    """Forget the failures of this name from this place; those of others go on counting."""
    mark, *_ = _counted(name, address)[0]
    FailedSignIn.objects.filter(mark=mark).delete()


def forget_failures() -> int:
    """Delete what is older than a day; how many there were."""
    old = FailedSignIn.objects.filter(last_at__lte=timezone.now() - KEEP_FAILURES)
    return old.delete()[0]


def _counted(name: str, address: str) -> list[tuple[str, int, datetime.timedelta]]:
    """What a try counts for: (its mark, failures that cost nothing, the longest wait)."""
    who, where = name.strip().casefold(), household(address)
    return [
        (pseudonym("sign-in", who, where), FREE_OF_NAME_AND_PLACE, LONGEST_WAIT),
        (pseudonym("sign-in from", where), FREE_OF_PLACE, LONGEST_WAIT),
        (pseudonym("sign-in of", who), FREE_OF_NAME, LONGEST_WAIT_BY_OTHERS),
    ]


# Sign-ins


@transaction.atomic
def begin(*, person: User, session_key: str, browser: str) -> SignIn:
    """List a sign-in; one from a kind of browser not seen for 90 days is told to the person."""
    now = timezone.now()
    known = SignIn.objects.filter(person=person, browser=browser).exists()
    sign_in = SignIn.objects.create(
        person=person, session_key=session_key, browser=browser, began_at=now, seen_at=now
    )
    logger.info("%s signed in with %s.", person.username, browser)
    if not known:
        notify(
            [person],
            subject="A new sign-in to your account",
            text=f"Somebody signed in as {person.username} with {browser}, "
            f"{date_format(timezone.localtime(now), DAY_AND_TIME)}.\n\n"
            "If it was you, there is nothing to do. If not: end that sign-in and change your "
            "password now, and tell whoever looks after accounts.",
            path="/admin/account/" if person.is_staff else desk_path(person),
        )
    return sign_in


@transaction.atomic
def end(sign_ins: "list[SignIn]") -> int:
    """End sign-ins wherever they are; how many."""
    keys = [sign_in.session_key for sign_in in sign_ins if sign_in.session_key]
    Session.objects.filter(session_key__in=keys).delete()
    return SignIn.objects.filter(session_key__in=keys).update(session_key=None)


@operation
def end_for(*, person: User, by: User, reason: str) -> int:
    """
    End every sign-in of somebody else, and tell them; how many there were.

    The password stays good: who must be kept out is invited anew or switched off. Raises
    ``MayNotEndError``.
    """
    if not (by.is_active and by.is_superuser):
        raise MayNotEndError("Only an administrator ends sign-ins of others.")
    if by == person:
        raise MayNotEndError("End your own sign-ins on the page of your account.")
    if not reason.strip():
        raise MayNotEndError("Give a reason.")
    ended = end_all(person)
    record("sign_ins.ended", person, by=by, reason=reason.strip(), ended=ended)
    notify(
        [person],
        subject="Your sign-ins were ended",
        text=f"{by} ended every sign-in of {person.username}: {reason.strip()}\n\n"
        "Sign in again when you need to. If you don’t know why, ask whoever looks after accounts.",
        path=desk_path(person),
    )
    return ended


@transaction.atomic
def end_all(person: User) -> int:
    """End every sign-in of a person, also one that still waits for its code; how many."""
    who = str(person.pk)
    keys = [
        session.session_key
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == who
    ]
    Session.objects.filter(session_key__in=keys).delete()
    SignIn.objects.filter(person=person).update(session_key=None)
    return len(keys)


def rekey_session(was: str | None, now: str | None) -> bool:
    """Note that a session has a new key; whether a sign-in was listed under the old one."""
    return bool(SignIn.objects.filter(session_key=was or "").update(session_key=now))


def active(person: User) -> list[SignIn]:
    """Where a person is signed in now, the latest first."""
    listed = SignIn.objects.filter(person=person).exclude(session_key=None)
    there = Session.objects.filter(expire_date__gt=timezone.now())
    return list(listed.filter(session_key__in=there.values("session_key")))


def forget_sign_ins() -> int:
    """Delete what is listed for longer than 90 days; how many there were."""
    return SignIn.objects.filter(seen_at__lt=timezone.now() - KEEP_SIGN_INS).delete()[0]


# The second step


def device_to_set_up(person: User) -> TOTPDevice:
    """The telephone that a person is about to set up, with a key of its own."""
    device, _ = TOTPDevice.objects.get_or_create(
        user=person, confirmed=False, defaults={"name": "Telephone"}
    )
    return device


@operation
def confirm_device(*, person: User, code: str) -> list[str]:
    """
    Take a telephone into use, instead of the one before, once it shows the right code.

    Returns new recovery codes, which are shown once and never again. Raises ``SecondStepError``
    when the code is not the one that the telephone should show.
    """
    device = device_to_set_up(person)
    if not device.verify_token(code):
        raise SecondStepError(
            "This is not the code that your telephone should show now. "
            "Wait for the next one; if it is refused too, look whether its clock is right."
        )
    TOTPDevice.objects.filter(user=person).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    record("second_step.set_up", person, by=person)
    return _new_codes(person)


@operation
def renew_codes(*, person: User) -> list[str]:
    """New recovery codes instead of those before; returned to be shown once."""
    record("recovery_codes.renewed", person, by=person)
    return _new_codes(person)


@transaction.atomic
def use_code(person: User, code: str) -> bool:
    """Whether this was a recovery code not used yet; it is used now, and the person is told."""
    marks = _marks_of_code(person, code)
    unused = RecoveryCode.objects.filter(person=person, mark__in=marks, used_at=None)
    if not unused.update(used_at=timezone.now()):
        return False
    left = RecoveryCode.objects.filter(person=person, used_at=None).count()
    notify(
        [person],
        subject="A recovery code was used",
        text=f"Somebody signed in as {person.username} with a recovery code; {left} are left. "
        "If it was not you, change your password now and tell whoever looks after accounts.",
        path="/admin/account/",
    )
    return True


@operation
def reset_second_step(*, person: User, by: User | None) -> None:
    """Take telephone and recovery codes from an account, end its sign-ins, and tell the person."""
    TOTPDevice.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(person=person).delete()
    end_all(person)
    record("second_step.reset", person, by=by)
    notify(
        [person],
        subject="The second step of your sign-in was taken away",
        text="At your next sign-in you set it up again. If you did not ask for this, tell "
        "whoever looks after accounts at once.",
        path="/admin/",
    )


def _new_codes(person: User) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = [  # of 122 bits: nobody finds one by trying, whatever they hold
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(5))
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, mark=_marks_of_code(person, code)[0]) for code in codes
    )
    return codes


def _marks_of_code(person: User, code: str) -> list[str]:
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return pseudonyms("recovery code", person.pk, plain)
