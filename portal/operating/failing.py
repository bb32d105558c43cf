"""When a page can't be made: the fault is told, and what somebody typed is given back."""

import sys

from django.contrib.messages import get_messages
from django.db import DatabaseError, IntegrityError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

# Never shown again, nor sent on.
SECRET = ("csrfmiddlewaretoken", "password", "code", "stamp")
RETRY_AFTER = 30  # seconds


def failed(request: HttpRequest) -> HttpResponse:
    """
    Answer a request that failed: 503 where the database is away, slow, full or read-only.

    What was typed stands on that page and can be sent again from it; nothing of it was saved, for
    a step is one transaction. Any other failure is ours: 500.
    """
    fault = sys.exc_info()[1]
    if not isinstance(fault, DatabaseError) or isinstance(fault, IntegrityError):
        return server_error(request)
    queued = getattr(get_messages(request), "_queued_messages", [])
    queued.clear()  # what the step said on its way is not so
    typed, files = _typed(request)
    page = render_to_string(
        "503_typed.html" if typed else "503.html",
        {"typed": typed, "files": files, "token": request.POST.get("csrfmiddlewaretoken", "")}
        if typed
        else {},
    )
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


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
