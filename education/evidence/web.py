"""
Asking one of two public services for JSON, and nobody else.

Only the configured hosts are asked, over https; no redirect leads elsewhere; a name that resolves
into a private network is refused, and the address that was checked is the one connected to. For
tests and trials a base address may be plain http, if it is explicitly this machine (127.0.0.1).
Answers are limited in time and size. Every failure is an ``EvidenceImportError`` whose message
names what was asked for. Proxies are not used: a site behind one imports files instead.
"""

import datetime as dt
import email.utils
import http.client
import json
import re
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils import timezone

from education.errors import EditorialError
from education.http_client import (
    ClientResponse,
    PrivateAddressError,
    TooLargeError,
    ask,
    is_this_machine,
)

MAX_ANSWER = 2 * 1024 * 1024
MAX_REDIRECTS = 3
SECONDS_FOR_A_STEP = 10.0
SECONDS_IN_ALL = 30.0
LONGEST_WAIT = 24 * 60 * 60


class EvidenceImportError(EditorialError):
    """Nothing could be imported; the message names what was asked for and says why."""


class UnknownWorkError(EvidenceImportError):
    """The service has no record under this identifier."""


class NoAnswerError(EvidenceImportError):
    """The service can't be reached, took too long, or is out of order."""


class WrongAnswerError(EvidenceImportError):
    """The service answered with something that is not the record asked for."""


class TooManyRequestsError(EvidenceImportError):
    """The service asks us to wait: ``retry_after`` seconds, when it says how long."""

    def __init__(self, message: str, retry_after: int | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Service:
    """A public service: its name for people, and the setting that holds its base address."""

    name: str
    setting: str
    default: str

    def base(self) -> SplitResult:
        """Return the base address from the settings; refuse one that is not safe to ask."""
        written = getattr(settings, self.setting, "") or self.default
        try:
            base = urlsplit(written)
            secure = base.scheme == "https" or (base.scheme == "http" and is_this_machine(base))
            valid = bool(base.hostname) and secure and (base.port is None or base.port > 0)
        except ValueError:
            valid = False
        if not valid:
            raise EvidenceImportError(f"{self.setting} must be an https address, not “{written}”.")
        return base


def get_json(service: Service, path: str, *, subject: str, accept: str) -> Any:
    """
    Return the JSON a service answers for a path; ``subject`` is named in every refusal.

    ``path`` is put after the base address as it is: quote what comes from people. Raises a subclass
    of ``EvidenceImportError``.
    """
    base = service.base()
    url = base.geturl().rstrip("/") + path
    for _ in range(MAX_REDIRECTS + 1):
        target = urlsplit(url)
        if (target.scheme, target.netloc) != (base.scheme, base.netloc):
            raise WrongAnswerError(
                f"{service.name} sent us elsewhere for {subject}, to {target.netloc or 'nowhere'}; "
                "we only ask the service itself."
            )
        answer = _ask(service, url, subject=subject, accept=accept)
        if answer.status not in {301, 302, 303, 307, 308}:
            _check_status(service, answer, subject)
            return _json(service, answer, subject)
        url = urljoin(url, answer.headers.get("Location", ""))
    raise WrongAnswerError(f"{service.name} sent us in circles for {subject}.")


def user_agent() -> str:
    """
    Return how we introduce ourselves: the site and how to reach the people who run it.

    Crossref gives better service to those who do (its "polite pool").
    """
    contact = getattr(settings, "CONTACT_EMAIL", "") or getattr(settings, "SITE_URL", "")
    mail = f"mailto:{contact}" if "@" in contact else contact
    words = f"PatientEducationPortal/1.0 ({mail or 'no contact given'})"
    return re.sub(r"[^\x20-\x7e]", "", words)


def _ask(service: Service, url: str, *, subject: str, accept: str) -> ClientResponse:
    """Send one request, within the limits."""
    try:
        return ask(
            url,
            headers={"Accept": accept, "User-Agent": user_agent()},
            seconds=float(getattr(settings, "EVIDENCE_FETCH_SECONDS", SECONDS_FOR_A_STEP)),
            seconds_in_all=SECONDS_IN_ALL,
            max_bytes=MAX_ANSWER,
            public_only=True,
        )
    except PrivateAddressError:
        raise EvidenceImportError(
            f"The address of {service.name} leads into a private network; it was not asked."
        ) from None
    except TooLargeError:
        raise WrongAnswerError(
            f"{service.name} answered more than {MAX_ANSWER // 1024 // 1024} MB about "
            f"{subject}; it was not read."
        ) from None
    except TimeoutError:
        raise NoAnswerError(
            f"{service.name} did not answer in time when asked for {subject}. Try again later."
        ) from None
    except ssl.SSLError as problem:
        reason = problem.reason or "unknown reason"
        raise NoAnswerError(
            f"No secure connection to {service.name} for {subject} ({reason.lower()})."
        ) from None
    except OSError:
        raise NoAnswerError(
            f"{service.name} can't be reached for {subject}: no network, or the service is down."
        ) from None
    except (http.client.HTTPException, ValueError):
        raise WrongAnswerError(
            f"{service.name} broke off its answer about {subject}, or answered nonsense."
        ) from None


def _check_status(service: Service, answer: ClientResponse, subject: str) -> None:
    """Raise unless the service answered with a record."""
    status = answer.status
    if status == 200:
        return
    if status in {400, 404, 410}:
        raise UnknownWorkError(f"{service.name} does not know {subject}. Is it written correctly?")
    seconds = _retry_after(answer.headers.get("Retry-After", ""))
    if status == 429 or (status == 503 and seconds is not None):
        when = f"in {_in_words(seconds)}" if seconds is not None else "later"
        raise TooManyRequestsError(
            f"{service.name} asks us to wait before {subject} is fetched: try again {when}.",
            seconds,
        )
    raise NoAnswerError(
        f"{service.name} answered with error {status} when asked for {subject}. Try again later."
    )


def _retry_after(value: str) -> int | None:
    """Return the seconds of a Retry-After header, which may be a number or a date (RFC 9110)."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return min(int(value), LONGEST_WAIT)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    seconds = int((when - timezone.now()).total_seconds())
    return max(0, min(seconds, LONGEST_WAIT))


def _in_words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    return f"{-(-seconds // 60)} minutes"


def _json(service: Service, answer: ClientResponse, subject: str) -> Any:
    kind = answer.headers.get_content_type()
    if not re.fullmatch(r"(?:application|text)/(?:[\w.-]+\+)?json", kind):
        raise WrongAnswerError(
            f"{service.name} answered about {subject} with {kind} instead of a record."
        )
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise WrongAnswerError(
            f"{service.name} answered about {subject} with something that can't be read."
        ) from None
