"""How many examples Hypothesis tries where a test says a number of its own."""

from hypothesis import settings


def examples(number: int) -> int:
    """This many in ``start.py check``, a fifth of them in ``start.py test`` (tests/conftest.py)."""
    return max(number * settings.default.max_examples // 100, 1)
