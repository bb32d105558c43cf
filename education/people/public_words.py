"""What may stand in the words about a person that readers see: names, credentials, interests."""

import re
from collections.abc import Mapping

LONGEST_NAME = 80  # characters
LONGEST_CREDENTIALS = 200
LONGEST_INTERESTS = 1_000

FIELDS: Mapping[str, tuple[str, int]] = {
    "display_name": ("The name", LONGEST_NAME),
    "specialty": ("The specialty", LONGEST_NAME),
    "credentials": ("The credentials", LONGEST_CREDENTIALS),
    "interests": ("The declaration of interests", LONGEST_INTERESTS),
}

_DOMAINS = (
    "com|org|net|info|biz|clinic|health|shop|io|eu|uk|ie|de|at|ch|fr|nl|it|es|us|ca|au|nz|cn|jp|in"
)
_WEB = re.compile(rf"://|\bwww\.|\b[\w-]{{3,}}\.(?:{_DOMAINS})\b", re.IGNORECASE)
_MAIL = re.compile(r"\S@\S|\bat\b\s*\S+\s*\bdot\b", re.IGNORECASE)
_MARKUP = re.compile(r"[<>\[\]{}`|\\]|\*\*|__|^\s*[#>*]", re.MULTILINE)
_STREET = re.compile(
    r"\b\d+[a-z]?,?\s+(?:\w+\s+){1,3}(?:street|road|avenue|lane|drive|boulevard)\b",
    re.IGNORECASE,
)
# Digits in groups, as telephone numbers are written; a registration is one run of digits.
_NUMBER = re.compile(r"\+?\(?\d+\)?(?:[\s.\-/]*\(0\)\s*\d+)?(?:[\s.\-/]{1,2}\d+)*")
_YEAR = r"(?:19|20)\d\d"
_DATES = re.compile(
    rf"{_YEAR}(?:[\s\-/]+(?:19|20)?\d\d)*|{_YEAR}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]{_YEAR}"
)
_FEWEST_DIGITS, _LONGEST_REGISTRATION = 7, 10


def problems_of(field: str, words: str) -> list[str]:
    """
    Why these words about a person may not be public, as sentences; empty when they may.

    ``field`` is one of ``FIELDS``. The words identify somebody and say what their interests are:
    they are no place for an advertisement, so no way to reach anybody may stand in them.
    """
    label, longest = FIELDS[field]
    problems = []
    if len(words) > longest:
        problems.append(f"{label} has {len(words):,} characters; {longest:,} fit.")
    if field != "interests" and len(words.splitlines()) > 1:
        problems.append(f"{label} stands on one line.")
    if _WEB.search(words):
        problems.append(f"{label} holds a web address; leave it out.")
    if _MAIL.search(words):
        problems.append(f"{label} holds an e-mail address; leave it out.")
    if _STREET.search(words):
        problems.append(f"{label} holds a postal address; leave it out.")
    if _holds_telephone(field, words):
        problems.append(f"{label} holds a telephone number; leave it out.")
    if _MARKUP.search(words):
        problems.append(f"{label} holds Markdown or HTML; write plain words.")
    return problems


def _holds_telephone(field: str, words: str) -> bool:
    for match in _NUMBER.finditer(words):
        written = match[0].strip()
        digits = re.sub(r"\D", "", written)
        if len(digits) < _FEWEST_DIGITS or _DATES.fullmatch(written):
            continue
        is_registration = written.isdigit() and len(digits) <= _LONGEST_REGISTRATION
        # As in NCT01832454, the number of a trial.
        follows_letters = words[: match.start()][-1:].isalpha()
        if not (is_registration and (field == "credentials" or follows_letters)):
            return True
    return False
