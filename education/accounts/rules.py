"""How long a sign-in lasts, how long one waits after failures, who needs a second step."""

import datetime
import re

from django.conf import settings
from django_otp.plugins.otp_totp.models import TOTPDevice

from education.audit.operations import CLOCKS_DIFFER
from education.people.models import User

# OWASP ASVS 5, 7.3: an end after disuse, and one whatever is done.
IDLE = datetime.timedelta(hours=2)
LONGEST = datetime.timedelta(hours=12)
# What can't be undone, and who may do what, wants a person who has just shown who they are.
FRESH = datetime.timedelta(minutes=15)

KEEP_SIGN_INS = datetime.timedelta(days=90)
KEEP_FAILURES = datetime.timedelta(hours=24)

# Failures that cost nothing: of one name from one place; of one place, which may be a whole
# hospital; of one name from anywhere.
FREE_OF_NAME_AND_PLACE = 5
FREE_OF_PLACE = 30
FREE_OF_NAME = 50
LONGEST_WAIT = datetime.timedelta(hours=1)
# Nobody can lock a person out from elsewhere for longer than this.
LONGEST_WAIT_BY_OTHERS = datetime.timedelta(minutes=5)

RECOVERY_CODES = 10

_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def wait_after(failures: int, free: int, longest: datetime.timedelta) -> datetime.timedelta:
    """How long one waits after so many failures: a minute after the free ones, then doubling."""
    beyond = failures - free
    if beyond < 0:
        return datetime.timedelta(0)
    return min(datetime.timedelta(minutes=2 ** min(beyond, 10)), longest)


def is_within(moment: float, longest: datetime.timedelta, now: float) -> bool:
    """
    Whether a moment, in seconds since 1970, is at most so long ago, and not ahead of now.

    What a session notes while the clock is ahead would else be good until then.
    """
    return -CLOCKS_DIFFER.total_seconds() <= now - moment <= longest.total_seconds()


def needs_second_step(person: User) -> bool:
    """Whether this account must show a code after its password."""
    return bool(settings.SECOND_FACTOR if person.is_staff else settings.CLINIC_SECOND_FACTOR)


def device_of(person: User) -> TOTPDevice | None:
    """The telephone that shows a person's codes; None before it is set up."""
    return TOTPDevice.objects.filter(user=person, confirmed=True).first()


def browser_in_words(user_agent: str) -> str:
    """What a browser calls itself, as people say it: Firefox on Windows."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "A browser")
    system = next((name for sign, name in _SYSTEMS if re.search(sign, user_agent)), "")
    return f"{browser} on {system}" if system else browser
