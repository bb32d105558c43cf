"""What a deployment must get right, as Django system checks."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register


@register(Tags.security, deploy=True)
def demonstration_is_off(**_kwargs: Any) -> list[CheckMessage]:
    """A public site must not run with role accounts whose passwords were printed."""
    if settings.DEMO:
        return [
            checks.Error(
                "This is a demonstration site.",
                hint="Unset DEMO before real readers and editors use it.",
                id="education.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def publisher_is_named(**_kwargs: Any) -> list[CheckMessage]:
    """Readers and printed copies must say who publishes."""
    if settings.PUBLISHER_NAME == "Demonstration publisher":
        return [
            checks.Warning(
                "The site does not say who publishes it.",
                hint="Set PUBLISHER_NAME, SITE_NAME, SITE_URL and CONTACT_EMAIL.",
                id="education.W001",
            )
        ]
    return []
