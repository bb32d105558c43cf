"""Marks: what stands for somebody's address for a day, from which nobody can tell the address."""

import hmac
import ipaddress

from django.conf import settings


def pseudonym(*parts: object) -> str:
    """A keyed hash; without the site's key nobody can make or guess it."""
    return pseudonyms(*parts)[0]


def pseudonyms(*parts: object) -> list[str]:
    """The mark with the key of today, then with each key of before that still holds."""
    words = "|".join(map(str, parts)).encode()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hmac.new(f"mark|{key}".encode(), words, "sha256").hexdigest() for key in keys]


def household(address: str) -> str:
    """What one household has: an address of version 4, or the first half of one of version 6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return (
        address if parsed.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
    )
