"""When a sign-in ends by itself."""

import time
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from education.accounts.models import SignIn
from education.accounts.rules import IDLE, LONGEST, is_within
from education.accounts.sessions import BEGAN, SEEN
from education.people.models import User
from education.people.rules import counts_here

DOORS = ("/admin/", "/clinic/")
# Asked by a page that lies open, whether or not anybody sits before it.
BY_ITSELF = "/writing/"
# Seconds between two notes that somebody is there.
NOTED_EVERY = 60


def session_rules(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """
    Middleware: a sign-in ends after disuse, and after half a day whatever is done.

    It ends too when the clock was set back: nobody can tell how old it is then. One of a
    demonstration's accounts ends when the site is no demonstration any more.

    Pages of readers are not looked at: they know no session.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(DOORS) and request.user.is_authenticated:
            now = time.time()
            began = request.session.setdefault(BEGAN, now)
            seen = request.session.setdefault(SEEN, now)
            lasts = is_within(began, LONGEST, now) and is_within(seen, IDLE, now)
            if not (lasts and isinstance(request.user, User) and counts_here(request.user)):
                SignIn.objects.filter(session_key=request.session.session_key).update(
                    session_key=None
                )
                logout(request)
            elif now - seen > NOTED_EVERY and not request.path.endswith(BY_ITSELF):
                request.session[SEEN] = now
                SignIn.objects.filter(session_key=request.session.session_key).update(
                    seen_at=timezone.now()
                )
        return get_response(request)

    return respond
