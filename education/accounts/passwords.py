"""Passwords that somebody would try first: words about us, and what was stolen elsewhere."""

import hashlib
import http.client
import logging
import re

from django.conf import settings
from django.core.exceptions import ValidationError

from education.http_client import ask
from education.people.models import User

# What the site is about, and what its roles are called (OWASP ASVS 5, 6.1.2).
ABOUT_US = frozenset(
    {
        "admin", "auditor", "cerebral", "clinic", "editor", "education", "evidence", "fspr",
        "medical", "palsy", "patient", "portal", "publish", "reviewer", "rhizotomy", "spasticity",
        "stemcell", "writer",
    }
)  # fmt: skip
# What is left of a password without such words must be a password still.
SHORTEST_REST = 8

# Seconds and bytes of one answer about stolen passwords; a usual one comes at once and has 40 kB.
PATIENCE = 3
MOST = 1024 * 1024

logger = logging.getLogger(__name__)


class NotAboutUsValidator:
    """Refuses a password that is little more than words about this site."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ``ValidationError`` when too little is left without our own words."""
        ours = ABOUT_US | set(re.findall(r"[a-z]{4,}", _plain(settings.SITE_NAME)))
        rest = "".join(_plain(password).split())
        for word in sorted(ours, key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(rest) < SHORTEST_REST and len(rest) < len(password):
            raise ValidationError(self.get_help_text(), code="about_us")

    def get_help_text(self) -> str:
        """What a person is told beside the field."""
        return "Your password can’t be little more than words about this site, such as “portal”."


class NotStolenValidator:
    """
    Refuses a password that was stolen from some site (OWASP ASVS 5, 6.2.12).

    ``PASSWORD_RANGE_URL`` is asked, in the manner of Have I Been Pwned: it hears the first 5 of the
    40 digits of the password's SHA-1, which hundreds of stolen ones share, and names the others of
    each. While it does not answer nobody is held up; Django's list of common ones holds anyway.
    """

    # pwned-passwords-django does the same and more; it would bring httpx and all it rests on, for
    # one GET.

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ``ValidationError`` when the password is known to have been stolen."""
        if settings.PASSWORD_RANGE_URL and _is_stolen(password):
            raise ValidationError(
                "This password was stolen from some site and is on lists that are tried "
                "everywhere. Choose another.",
                code="stolen",
            )

    def get_help_text(self) -> str:
        """What a person is told beside the field."""
        return "Your password can’t be one that was ever stolen from some site."


def _is_stolen(password: str) -> bool:
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        known = _known(digest[:5])
    except (OSError, http.client.HTTPException, ValueError) as error:
        logger.warning("Nobody said whether a password was stolen: %r", error)
        return False
    return re.search(rf"^{digest[5:]}:0*[1-9]", known, re.MULTILINE | re.IGNORECASE) is not None


def _known(start: str) -> str:
    """The rest of each stolen password's SHA-1 that begins so, and how often it was seen."""
    answer = ask(
        f"{settings.PASSWORD_RANGE_URL.rstrip('/')}/{start}",
        # Padded with some that were seen 0 times, so that its length tells nobody what was asked.
        headers={"Add-Padding": "true"},
        seconds=PATIENCE,
        seconds_in_all=PATIENCE,
        max_bytes=MOST,
    )
    if answer.status != 200:
        raise http.client.HTTPException(f"status {answer.status}")
    return answer.body.decode("ascii")


def _plain(text: str) -> str:
    return text.casefold()
