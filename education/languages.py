"""
The languages of the site for readers: which are offered, and which one a page speaks.

Texts name theirs by a language tag such as ``en`` or ``zh-hans``, small. Words of the site itself
are in ``education/locale``; how a language is added and approved is in ``docs/languages.md``.
"""

import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.dates import MONTHS

ENGLISH = "en"
# Its letters have accents: what has none on a page was never given to translators.
TEST_LANGUAGE = "en-xa"
LOCALE = Path(__file__).resolve().parent / "locale"


def current() -> str:
    """The language of the page that is being made."""
    return _tag(translation.get_language() or settings.LANGUAGE_CODE)


def offered_languages() -> dict[str, str]:
    """Every language that readers may choose, with its own name, English first."""
    return {_tag(code): str(name) for code, name in settings.LANGUAGES}


@contextmanager
def language_override(language: str) -> Iterator[None]:
    """The site's own words and addresses in a language; English where it is not offered."""
    known = supported_language(language)
    with translation.override(settings.LANGUAGE_CODE if known == ENGLISH else known):
        yield


def supported_language(language: str) -> str:
    """The language the site speaks beside a text in ``language``: the same, or English."""
    small = language.lower()
    return small if small in offered_languages() else ENGLISH


def plain_date(day: datetime.date) -> str:
    """
    A day as readers write it, which can be read in one way only: 3 March 2026.

    A translation may use ``{number}``, that of the month, instead of its name.
    """
    pattern = translation.gettext("{day} {month} {year}")
    return pattern.format(day=day.day, month=MONTHS[day.month], year=day.year, number=day.month)


def plain_month(day: datetime.date) -> str:
    """The month of a day as readers write it: March 2026."""
    pattern = translation.gettext("{month} {year}")
    return pattern.format(month=MONTHS[day.month], year=day.year, number=day.month)


def translated_labels(language: str, words: Mapping[str, str]) -> dict[str, str]:
    """Words of the site by name, in a language; English where it is not offered."""
    with language_override(language):
        return {name: translation.gettext(text) for name, text in words.items()}


def problem_with(code: str) -> str:
    """Why a language may not be offered to readers, in a sentence; empty when it may."""
    folder = LOCALE / translation.to_locale(code) / "LC_MESSAGES"
    source, record = folder / "django.po", folder / "approved.json"
    if not source.exists():
        return f"There is no catalogue of the language {code}."
    if not record.exists():
        return f"No qualified reader has approved the catalogue of {code}."
    approved = json.loads(record.read_text(encoding="utf-8"))["sha256"]
    if approved != hashlib.sha256(source.read_bytes()).hexdigest():
        return f"The catalogue of {code} is not what was approved."
    return ""


def _tag(code: str) -> str:
    return ENGLISH if code == settings.LANGUAGE_CODE else code
