"""What a session knows of its sign-in: when it began, was last used, and was last confirmed."""

import time

from django.http import HttpRequest

from education.accounts.operations import begin
from education.accounts.rules import FRESH, browser_in_words, is_within, needs_second_step
from education.people.models import User

BEGAN, SEEN, CONFIRMED = "began", "seen", "confirmed"


def begin_sign_in(request: HttpRequest, person: User) -> None:
    """Note in the session that its sign-in is complete, and list it."""
    now = time.time()
    request.session.update({BEGAN: now, SEEN: now, CONFIRMED: now})
    request.session.save()
    begin(
        person=person,
        session_key=request.session.session_key or "",
        browser=browser_in_words(request.headers.get("User-Agent", "")),
    )


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person has just shown who they are."""
    return is_within(float(request.session.get(CONFIRMED, 0)), FRESH, time.time())


def confirm(request: HttpRequest) -> None:
    """Note that the person has shown again who they are."""
    request.session[CONFIRMED] = time.time()


def has_shown_enough(request: HttpRequest) -> bool:
    """Whether somebody signed in has taken the second step, where the account needs one."""
    person = request.user
    return not (isinstance(person, User) and needs_second_step(person)) or is_verified(request)


def is_verified(request: HttpRequest) -> bool:
    """Whether the second step was taken in this sign-in."""
    return bool(getattr(request.user, "is_verified", bool)())
