"""
The elements of a reference, one at a time: names, dates, pages, languages, addresses.

Rules and their source: ``education.evidence.references``. Whatever a record holds, nothing here
raises: a field of the wrong type counts as missing.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from education.evidence.identifiers import clean_doi

AUTHORS_SHOWN = 6
DATE_UNKNOWN = "[date unknown]"

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# CSL writes a season as month 13 to 16 or 21 to 24.
SEASONS = ("Spring", "Summer", "Autumn", "Winter")

# Languages our works are written in; a reference to any other says nothing about language.
LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "es": "Spanish",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian",
    "nb": "Norwegian", "nn": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ru": "Russian",
    "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "zh": "Chinese",
    # MARC codes, as PubMed writes them
    "chi": "Chinese", "zho": "Chinese", "fre": "French", "fra": "French", "ger": "German",
    "deu": "German", "spa": "Spanish", "ita": "Italian", "jpn": "Japanese", "kor": "Korean",
    "nor": "Norwegian", "por": "Portuguese", "rus": "Russian", "swe": "Swedish",
}  # fmt: skip

MARC_TO_TAG = {"chi": "zh", "zho": "zh", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de",
                "spa": "es", "ita": "it", "jpn": "ja", "kor": "ko", "nor": "no", "por": "pt",
                "rus": "ru", "swe": "sv"}  # fmt: skip

# What the people who collected the works wrote where a name should stand.
_NO_NAME = re.compile(
    r"\s*\(?\b(?:no authors?(?: or date)?|authors?(?: or date)? not) (?:shown|given|known|named)\b"
    r"[^()]*\)?\s*$",
    re.IGNORECASE,
)
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
# Characters that are not text: controls, surrogates, and the marks that turn writing around.
_NOT_TEXT = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


# People


def authors_complete(csl: Mapping[str, Any]) -> bool:
    """Whether the list of authors is whole; a record says so when it is not."""
    custom = csl.get("custom")
    if csl.get("authors_complete") is False:
        return False
    return not (isinstance(custom, Mapping) and custom.get("authors_complete") is False)


def people(value: Any, *, role: str = "", complete: bool = True) -> str:
    """
    Return names with a full stop: persons by commas, organisations after semicolons.

    ``role`` is said after the names, in the plural for several. An incomplete list of persons ends
    in "et al."; an organisation speaks for all its people.
    """
    names = value if isinstance(value, (list, tuple)) else []
    persons: list[str] = []
    groups: list[str] = []
    for name in names:
        written, is_person = _name(name)
        if written.lower().rstrip(".") == "et al":
            complete = False
        elif written:
            (persons if is_person else groups).append(written)
    shown = persons[:AUTHORS_SHOWN]
    if persons and (len(persons) > AUTHORS_SHOWN or not complete):
        shown.append("et al.")
    parts = [", ".join(shown)] if shown else []
    parts += groups
    if not parts:
        return ""
    several = len(persons) + len(groups) > 1 or "et al." in shown
    return ended("; ".join(parts) + (f", {role}{'s' if several else ''}" if role else ""))


def _name(name: Any) -> tuple[str, bool]:
    """Return a name as printed, and whether it is a person's."""
    if isinstance(name, str):
        return _NO_NAME.sub("", text_of(name)), False
    if not isinstance(name, Mapping):
        return "", False
    family = text_of(name.get("family"))
    if not family:
        return _NO_NAME.sub("", text_of(name.get("literal")) or text_of(name.get("given"))), False
    particle = text_of(name.get("non-dropping-particle")) or text_of(name.get("dropping-particle"))
    joint = "" if particle.endswith(("'", "’", "-")) else " "
    family = f"{particle}{joint}{family}" if particle else family
    given = text_of(name.get("given"))
    if CJK.search(family) and (not given or CJK.search(given)):
        return f"{family}{given}", True
    words = [family, initials(given), _rank(text_of(name.get("suffix")))]
    return " ".join(word for word in words if word), True


def initials(given: str) -> str:
    """
    Return at most two initials, as the guide has it: ``Jean-Louis P`` becomes ``JL``.

    Given names that came as initials (``RWR``, ``A. C.``) are read letter by letter.
    """
    letters = ""
    for word in re.split(r"[\s.\u00b7\u2010\u2011-]+", given):
        plain = unicodedata.normalize("NFC", word)
        if not plain or not plain[0].isalpha():
            continue
        is_initials = len(plain) <= 3 and plain.isupper()
        letters += plain if is_initials else plain[0].upper()[:1]
    return letters[:2]


def _rank(suffix: str) -> str:
    """``Jr.`` loses its stop and Roman numerals become ordinals: ``III`` is ``3rd``."""
    suffix = suffix.strip(" .,")
    return {"II": "2nd", "III": "3rd", "IV": "4th", "V": "5th"}.get(suffix, suffix)


# Numbers


def edition_words(csl: Mapping[str, Any]) -> str:
    """``4`` becomes ``4th ed.``; the first edition goes unsaid."""
    edition = text_of(csl.get("edition"))
    if edition.isascii() and edition.isdigit():
        edition = _ordinal(int(edition[:4]))
    if edition in {"", "1st"}:
        return ""
    says_so = re.search(r"\bed(?:ition|\.)?$", edition, re.IGNORECASE)
    return edition if says_so else f"{edition} ed."


def _ordinal(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def pages(csl: Mapping[str, Any]) -> str:
    """
    Return pages as NLM writes them: ``284-287`` is ``284-7``, ``S93-S99`` is ``S93-9``.

    A number followed by a letter, and Roman numerals, are kept whole.
    """
    page = re.sub(r"\s*(?:[\u2010-\u2015\u2212]|--+|-)\s*", "-", text_of(csl.get("page")))
    return re.sub(
        r"(?<![\w-])([A-Za-z]*)([0-9]{1,9})-([A-Za-z]*)([0-9]{1,9})(?![\w-])", _shortened, page
    )


def _shortened(match: re.Match[str]) -> str:
    prefix, first, other, last = match.groups()
    if prefix != other or int(first) >= int(last):
        return match[0]
    if len(first) == len(last):
        kept = next(i for i, (a, b) in enumerate(zip(first, last, strict=True)) if a != b)
        last = last[kept:]
    return f"{prefix}{first}-{last}"


# Dates, languages, addresses, words


def date_words(value: Any, *, unknown: str = DATE_UNKNOWN) -> str:
    """``2002 Jul 25``, ``2006 Nov-Dec``, ``2000-2001``; ``unknown`` when there is no year."""
    if not isinstance(value, Mapping):
        return unknown
    parts = value.get("date-parts")
    dates = [_one_date(part) for part in parts] if isinstance(parts, (list, tuple)) else []
    dates = [date for date in dates[:2] if date]
    if not dates:
        return text_of(value.get("literal")) or text_of(value.get("raw")) or unknown
    written = " ".join(dates[0])
    if len(dates) == 2 and dates[0] != dates[1]:
        shared = 0
        while shared < min(map(len, dates)) and dates[0][shared] == dates[1][shared]:
            shared += 1
        written = f"{written}-{' '.join(dates[1][shared:])}" if dates[1][shared:] else written
    return f"[{written}?]" if value.get("circa") else written


def _one_date(parts: Any) -> list[str]:
    """Year, month and day as words; what is out of range, and what follows it, is left out."""
    numbers = [number(part) for part in parts[:3]] if isinstance(parts, (list, tuple)) else []
    if not numbers or not 0 < numbers[0] < 10000:
        return []
    words = [str(numbers[0])]
    month = numbers[1] if len(numbers) > 1 else 0
    if 1 <= month <= 12:
        words.append(MONTHS[month - 1])
        if len(numbers) > 2 and 1 <= numbers[2] <= 31:
            words.append(str(numbers[2]))
    elif month in {13, 14, 15, 16, 21, 22, 23, 24}:
        words.append(SEASONS[(month - 1) % 4])
    return words


def number(value: Any) -> int:
    """Return a date part as a number; 0 when it is none."""
    text = text_of(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0


def language_name(csl: Mapping[str, Any]) -> str:
    """Return the English name of a work's language; empty for English and for the unknown."""
    tag = text_of(csl.get("language")).lower().replace("_", "-").split("-")[0]
    return LANGUAGES.get(tag, "")


def foreign_language(csl: Mapping[str, Any]) -> str:
    """Return the language tag of a work that is not in English, when we know the language."""
    tag = text_of(csl.get("language")).lower().replace("_", "-").split("-")[0]
    return MARC_TO_TAG.get(tag, tag) if tag in LANGUAGES else ""


def doi_href(doi: str) -> str:
    """Return the address a DOI leads to; empty when it is none."""
    bare = clean_doi(doi)
    return f"https://doi.org/{quote(bare, safe='/:;().,-_~')}" if bare else ""


def safe_href(url: str) -> str:
    """Return the address when it may be followed: http or https, with a host, without blanks."""
    if re.search(r"[\s<>\"\\^`{|}]", url):
        return ""
    try:
        parts = urlsplit(url)
        return url if parts.scheme in {"http", "https"} and parts.hostname else ""
    except ValueError:
        return ""


def ended(text: str) -> str:
    """Return the text with a full stop, unless it ends as a sentence already."""
    return text if text.endswith((".", "?", "!", "\u3002", "\uff1f", "\uff01")) else f"{text}."


def custom_text(csl: Mapping[str, Any], name: str) -> str:
    """Return a field of the record's ``custom`` part as text."""
    custom = csl.get("custom")
    return text_of(custom.get(name)) if isinstance(custom, Mapping) else ""


def text_of(value: Any) -> str:
    """Return a field as one line of text; anything that is neither text nor number is nothing."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, (int, float)):
        return str(value) if abs(value) < 10**15 else ""
    if not isinstance(value, str):
        return ""
    return " ".join(_NOT_TEXT.sub("", value).split())
