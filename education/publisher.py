"""
What a publisher of health information has to say of itself: the settings that say it, in one list.

Pages for readers show them, ``manage.py check --deploy`` asks for those that are not set, and the
desk shows the administrator the same list. Only the publisher can make these statements true, so
none has a default that claims something.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class PublisherSetting:
    """
    One statement of the publisher.

    ``name`` is the setting and the environment variable, ``asks`` what it should say, ``page`` the
    URL name of the page that shows it. ``is_asked`` is off where a publisher may have nothing to
    say.
    """

    name: str
    asks: str | Promise
    page: str
    is_asked: bool = True

    @property
    def value(self) -> str:
        """What the publisher says; empty where it says nothing yet."""
        return str(getattr(settings, self.name)).strip()


# In the order of the pages. Sources: Directive 2000/31/EC article 5, the German DDG section 5 and
# MStV section 18 (imprint); Directive 2016/2102 (accessibility); GDPR article 13 (privacy); HONcode
# principles 7 and 8 (funding, advertising).
PUBLISHER_SETTINGS = (
    PublisherSetting("PUBLISHER_ADDRESS", _("The publisher’s postal address."), "imprint"),
    PublisherSetting("CONTACT_EMAIL", _("An e-mail address that people read."), "imprint"),
    PublisherSetting(
        "CONTACT_PHONE", _("A telephone number for questions."), "imprint", is_asked=False
    ),
    PublisherSetting(
        "RESPONSIBLE_PERSON",
        _("Who is responsible for the content: name and postal address."),
        "imprint",
    ),
    PublisherSetting(
        "PUBLISHER_REGISTRATION",
        _("Register and number, supervisory body, tax number, as far as the publisher has them."),
        "imprint",
        is_asked=False,
    ),
    PublisherSetting(
        "FUNDING_STATEMENT", _("Who pays for this site and who gave anything else."), "imprint"
    ),
    PublisherSetting(
        "ADVERTISING_STATEMENT",
        _("Whether there is advertising, affiliate links or payment for referrals."),
        "imprint",
    ),
    PublisherSetting(
        "EMERGENCY_NUMBER", _("The emergency number where most readers live."), "disclaimer"
    ),
    PublisherSetting(
        "EMERGENCY_TEXT",
        _("What to do in an emergency, in place of the standard sentence."),
        "disclaimer",
        is_asked=False,
    ),
    PublisherSetting(
        "DISCLAIMER",
        _("What the publisher’s lawyer adds to the limits of this information."),
        "disclaimer",
        is_asked=False,
    ),
    PublisherSetting(
        "ACCESSIBILITY_STATEMENT",
        _("How far the site conforms to WCAG 2.2 AA, who assessed it, how and when."),
        "accessibility",
    ),
    PublisherSetting(
        "ACCESSIBILITY_COMPLAINTS",
        _("The body that takes complaints about accessibility."),
        "accessibility",
    ),
    PublisherSetting(
        "DATA_CONTROLLER",
        _("Who is responsible for personal data, and how to reach them."),
        "privacy",
    ),
    PublisherSetting(
        "DATA_LEGAL_BASIS",
        _("The legal basis, who receives data, and whether they leave the country."),
        "privacy",
    ),
    PublisherSetting(
        "DATA_COMPLAINTS", _("The authority that takes complaints about privacy."), "privacy"
    ),
)


def publisher_statements() -> dict[str, str]:
    """What the publisher says, by the setting's name in lower case; empty where it says nothing."""
    return {setting.name.lower(): setting.value for setting in PUBLISHER_SETTINGS}


def unset_statements() -> list[PublisherSetting]:
    """What a publisher should say and does not yet."""
    return [setting for setting in PUBLISHER_SETTINGS if setting.is_asked and not setting.value]


def licence() -> dict[str, str]:
    """Under which licence the site's texts may be used again: its name and address, or nothing."""
    address = settings.CONTENT_LICENCE
    names = {"https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0"}
    return {"name": names.get(address, address), "url": address} if address else {}
