"""Passwords that somebody who knows us would try first."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError

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


def _plain(text: str) -> str:
    return text.casefold()
