"""Every line of the log names the request it belongs to, and no reader or what they typed."""

import copy
import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from pythonjsonlogger import json

_under_way: ContextVar[str] = ContextVar("request_under_way", default="-")

# What a proxy may call a request; anything else gets a name of ours.
_NAME = re.compile(r"[A-Za-z0-9_-]{8,64}")


# Whoever has the code of a printed copy or the number of a report opens what belongs to it; a link
# to choose a password opens an account; a clinic's feed and the link to its mailbox are its own.
_ADDRESS = re.compile(
    r"(/(?:check|v|reports|admin/password|clinic/(?:mailbox|recalls|printed|bin))/)[^\s?\"']+"
)
# What PostgreSQL says beside an error holds the values of rows: what people typed, hashes too.
_DETAIL = re.compile(
    r"^(?:DETAIL|CONTEXT|QUERY):.*?(?=\n\n|\nTraceback|\Z)", re.DOTALL | re.MULTILINE
)
_VALUE = re.compile(r'(invalid (?:input syntax|input value) for [^:\n]+: )".*?"', re.DOTALL)


def without_secrets(text: str) -> str:
    """A text for the log without codes, numbers of reports, links of accounts and stored values."""
    text = _ADDRESS.sub(r"\1…", text)
    return _VALUE.sub(r"\1…", _DETAIL.sub("(what the database said beside it is left out)", text))


class _WithoutSecrets(logging.Formatter):
    """A formatter that writes no secret, wherever a message or a traceback holds one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, with what must not be written taken out; others get it as it is."""
        record = copy.copy(record)
        record.msg, record.args = without_secrets(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = without_secrets(self.formatException(record.exc_info))
            record.exc_info = None
        return super().format(record)


class PlainFormatter(_WithoutSecrets):
    """One line of words."""


class JsonFormatter(_WithoutSecrets, json.JsonFormatter):
    """One line of JSON for a collector of logs."""


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
