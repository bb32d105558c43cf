"""When a page can't be made: the fault is told, and what somebody typed is given back."""

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from django.contrib.messages import get_messages
from django.db import DatabaseError, IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from education.audit.models import Event
from education.errors import RETRY_AFTER
from portal.database import UnsureError

# Never shown again, nor sent on.
SECRET = ("csrfmiddlewaretoken", "password", "code", "stamp")
# Every step of the work writes an event; who has a draft open and the like is no step.
STEP = f'INSERT INTO "{Event._meta.db_table}"'
DONE = "portal.done"  # noted on a request one of whose steps stays


def remembers_what_was_done(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """
    Middleware: note on a request that a step of the work was done in it.

    It may still fail after that; then ``failed`` must not say that nothing was.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        def done() -> None:
            request.META[DONE] = True

        def watch(execute: Callable[..., Any], sql: str, *how: Any) -> Any:
            if sql.startswith(STEP):
                connection.on_commit(done)
            return execute(sql, *how)

        with connection.execute_wrapper(watch):
            return get_response(request)

    return respond


def failed(request: HttpRequest) -> HttpResponse:
    """
    Answer a request that failed: 503 where the database is away, slow, full or read-only.

    What was typed stands on that page and can be sent again from it. Nothing of it was saved, for
    a step is one transaction; unless the database went while it ended one or after that: then the
    page says that nobody knows. Any other failure is ours: 500.
    """
    fault = sys.exc_info()[1]
    if not isinstance(fault, DatabaseError) or isinstance(fault, IntegrityError):
        return server_error(request)
    if request.method == "POST":
        with contextlib.suppress(DatabaseError):
            list(get_messages(request))  # what the step said on its way is not so: it is let go
    typed, files = _typed(request)
    page = render_to_string(
        "503_typed.html" if typed else "503.html",
        {
            "typed": typed,
            "files": files,
            "token": request.POST.get("csrfmiddlewaretoken", ""),
            "may_be_saved": _may_be_saved(request, fault),
        }
        if typed
        else {},
    )
    return HttpResponse(page, status=503, headers={"Retry-After": RETRY_AFTER})


def _may_be_saved(request: HttpRequest, fault: BaseException | None) -> bool:
    while fault:  # the last may be that no new connection could be made
        if isinstance(fault, UnsureError):
            return True
        fault = fault.__cause__ or fault.__context__
    return DONE in request.META


def _typed(request: HttpRequest) -> tuple[list[tuple[str, str]], bool]:
    """What a form held, in its order, and whether files came with it."""
    if request.method != "POST":
        return [], False
    values = [
        (name, value)
        for name, found in request.POST.lists()
        if not any(secret in name for secret in SECRET)
        for value in found
    ]
    return values, bool(request.FILES)
