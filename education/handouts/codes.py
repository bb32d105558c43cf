"""
The short code on every page of a printed copy, and how people type it back.

Crockford's base 32 (https://www.crockford.com/base32.html): digits and capital letters without I,
L, O and U. Eight random characters and a check character, in three groups: ``7F3-K9Q-2MF``. Eight
characters are 40 bits, so that codes can't be listed by guessing: with 100,000 copies in use, one
guess in 11 million meets a copy.

Crockford's own check character needs five signs more, ``* ~ $ = U``, which confuse. Ours stays in
the alphabet: read as elements of the field of 32, the characters times 1, α, α² … add up to zero.
Any one wrong character is found, and any two that changed places.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 9  # the check character among them
GROUP = 3
LONGEST_TYPED = 200  # a pasted address with its code

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = re.compile(r"[\W_]+")  # blanks, hyphens, dashes, dots, invisible marks
_ADDRESS = re.compile(r"/check/([^/?#\s]+)")
_FIELD = 0b100101  # x⁵ + x² + 1, which makes 0 to 31 a field


class CodeError(ValueError):
    """What was typed is not a code of ours; the message is for the person who typed it."""


def new_code() -> str:
    """A code nobody can foresee, as it is stored: nine characters without hyphens."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return drawn + check_character(drawn)


def format_code(code: str) -> str:
    """A stored code as people read it: ``7F3-K9Q-2MF``."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def parse_code(typed: str) -> str:
    """
    The stored form of a typed, pasted or scanned code.

    Capital or small, with or without blanks and hyphens, O for 0, I or L for 1, full-width
    characters and the address of a check page are all understood. Raises ``CodeError``.
    """
    if len(typed) > LONGEST_TYPED:
        raise CodeError("This is too long for a code.")
    address = _ADDRESS.search(typed)
    text = unicodedata.normalize("NFKC", address[1] if address else typed).upper()
    code = _BETWEEN.sub("", text).translate(_LOOKS_LIKE)
    if not code:
        raise CodeError("Type the code, for example 7F3-K9Q-2MF.")
    for character in code:
        if character not in _VALUES:
            raise CodeError(f"“{character}” is not used in codes. Please look at the paper again.")
    if len(code) != LENGTH:
        raise CodeError(f"A code has {LENGTH} letters and digits; this has {len(code)}.")
    if check_character(code[:-1]) != code[-1]:
        raise CodeError("One character is wrong, or two changed places. Please look again.")
    return code


@dataclass(frozen=True)
class TypedCode:
    """One line of a list of codes: as typed, and the code it is, or why it is none."""

    typed: str
    code: str = ""
    error: str = ""


def parse_codes(typed: str) -> list[TypedCode]:
    """
    Every code in a list, by lines, commas, semicolons or blanks, in order.

    The same code twice counts once. Never raises: a line that is no code says why.
    """
    codes: dict[str, TypedCode] = {}
    for line in re.split(r"[\n\r,;，；、]+", typed):
        for read in _on_one_line(line.strip()):
            codes.setdefault(read.code or read.typed, read)
    return list(codes.values())


def _on_one_line(line: str) -> list[TypedCode]:
    """Usually one code, perhaps with blanks inside; else several with blanks between them."""
    if not line:
        return []
    try:
        return [TypedCode(line, code=parse_code(line))]
    except CodeError as error:
        refused = TypedCode(line, error=str(error))
    try:
        return [TypedCode(word, code=parse_code(word)) for word in line.split()]
    except CodeError:
        return [refused]


def check_character(characters: str) -> str:
    """The character that makes the weighted sum zero: ``characters`` are of the alphabet."""
    total = 0
    for character in reversed(characters):
        total = _times_alpha(total ^ _VALUES[character])
    return ALPHABET[total]


def _times_alpha(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD if doubled & 0b100000 else doubled
