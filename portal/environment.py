"""Settings read from the environment; one that can't be used is named in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

OFF = frozenset({"", "false", "off", "no", "n", "none"})


class NamedEnv(environ.Env):  # type: ignore[misc]  # it has no types
    """
    django-environ, which takes any word that it does not know for off and names no setting.

    Raises ``ImproperlyConfigured`` with the setting's name and what it must be, never with its
    value: that may be a password.
    """

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The value, as django-environ reads it."""
        with naming(var, "on or off" if cast is bool else "a number"):
            return super().get_value(var, cast, *args, **kwargs)

    @classmethod
    def parse_value(cls, value: Any, cast: Any) -> Any:
        """As django-environ does. Raises ``ValueError`` where a switch is neither on nor off."""
        parsed = super().parse_value(value, cast)
        if cast is bool and not parsed and not value.isdigit() and value.strip().lower() not in OFF:
            raise ValueError(value)
        return parsed


@contextmanager
def naming(setting: str, must_be: str) -> Iterator[None]:
    """
    Say whose value can't be used, and what it must be.

    Raises ``ImproperlyConfigured``, without what it came from: that holds the value.
    """
    try:
        yield
    except (ValueError, KeyError, OSError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{setting} must be {must_be}.") from None
