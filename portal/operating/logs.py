"""Every line of the log names the request it belongs to, and no reader."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_under_way: ContextVar[str] = ContextVar("request_under_way", default="-")

# What a proxy may call a request; anything else gets a name of ours.
_NAME = re.compile(r"[A-Za-z0-9_-]{8,64}")


class RequestName(logging.Filter):
    """Adds ``request_id`` to a record: ``-`` outside requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass."""
        record.request_id = _under_way.get()
        return True


def named_requests(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """
    Middleware that gives each request a name and returns it as ``X-Request-ID``.

    A name that the proxy gave is kept, so that one request is found in both logs.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if _NAME.fullmatch(given) else uuid.uuid4().hex
        _under_way.set(name)  # until the next: Django logs an answer after all middleware
        response = get_response(request)
        response["X-Request-ID"] = name
        return response

    return respond
