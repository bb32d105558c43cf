"""What every page says about the site itself; from settings alone, no query."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from education import languages

DEMONSTRATION_NOTICE = _(
    "Demonstration: this text has not been reviewed by a clinician. "
    "Do not use it to make decisions."
)


def site(request: HttpRequest) -> dict[str, Any]:
    """``portal``: name, publisher, emergency, the page's language, a demonstration's notice."""
    return {
        "portal": {
            "name": settings.SITE_NAME,
            "language": languages.current(),
            "publisher": settings.PUBLISHER_NAME,
            "address": settings.SITE_URL.rstrip("/"),
            "contact_email": settings.CONTACT_EMAIL,
            "emergency_number": settings.EMERGENCY_NUMBER,
            "emergency_text": settings.EMERGENCY_TEXT,
            "demonstration_notice": DEMONSTRATION_NOTICE if settings.DEMO else "",
        }
    }
