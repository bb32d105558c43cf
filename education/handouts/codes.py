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
from urllib.parse import unquote

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 9  # the check character among them
GROUP = 3
MOST_TEXTS_OF_AN_ADDRESS = 10  # that hands over several, their codes joined by +
LONGEST_TYPED = 200  # a pasted address with its code

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = re.compile(r"[\W_]+")  # blanks, hyphens, dashes, dots, invisible marks
# A check page with its code, and the month that may follow it. A scanner without a blank or line
# end between two addresses runs them together.
_ADDRESS = re.compile(
    r"/check/(?:([^/?#\s]+)/?|\?(?:\S{0,99}?&)?code=([^&#\s]+))"
    r"((?:[?&#](?:(?!https?:)\S)*)?)",
    re.IGNORECASE,
)
_PRINTED = re.compile(r"[?&]printed=(\d{4}-\d{2})(?!\d)")
_SCANNERS_MARK = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # ISO/IEC 15424: what kind of code it was
_DATE_OR_TIME = re.compile(
    r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(T[\d:.+Z-]+)?|\d{1,2}:\d{2}(:[\d.]+)?Z?"
)
_WORD = re.compile(
    "[^\\s:\u2e80-\U0010ffff]+"
)  # Chinese labels stand before a code without a blank
_HYPHENS = re.compile(r"[-–]")
_GROUPS = re.compile(r"\w{3}[-–\s]?\w{3}[-–\s]?\w{3}")  # as a code is printed, or run together
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
    characters, the address of a check page and words around the code (``Code 7F3-K9Q-2MF``, as it
    is printed) are all understood. Raises ``CodeError``.
    """
    if len(typed) > LONGEST_TYPED:
        raise CodeError("This is too long for a code.")
    try:
        return _read_code(typed)
    except CodeError:
        read = {each.code for each in _on_one_line(typed) if each.code}
        if len(read) != 1:
            raise
        return read.pop()


def code_searched_for(words: str) -> str | None:
    """
    The stored form of a code that was typed into a search of texts; None for other words.

    What has no digit, or not the groups of a code, is words to whoever searches. What has a slip
    but the hyphens of a code comes back too: its check page says that it is wrong.
    """
    if not (_GROUPS.fullmatch(words) and any(character.isdigit() for character in words)):
        return None
    try:
        return parse_code(words)
    except CodeError:
        return _HYPHENS.sub("", words) if len(_HYPHENS.findall(words)) == 2 else None


def _read_code(typed: str) -> str:
    """The code where nothing else was typed, or the address of its check page."""
    address = _ADDRESS.search(typed)
    text = unquote(address[1] or address[2]) if address else typed
    text = unicodedata.normalize("NFKC", text).upper()
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
    """
    One code of a list: as typed, and the code it is, or why it is none.

    ``printed`` is the month of printing that its address names, such as ``2026-11``, or empty.
    """

    typed: str
    code: str = ""
    error: str = ""
    printed: str = ""


def parse_codes(typed: str) -> list[TypedCode]:
    """
    Every code in a list, by lines, commas, semicolons, tabs or blanks, in order.

    The same code of the same month counts once. Never raises, and leaves out nothing that can have
    been a code: what can't be read says why.
    """
    codes: dict[tuple[str, str], TypedCode] = {}
    for line in re.split(r"[\n\r,;，；、]+", typed):
        for read in _on_one_line(line):
            codes.setdefault((read.code or read.typed, read.printed), read)
    return list(codes.values())


def _on_one_line(line: str) -> list[TypedCode]:
    """The codes of a line, which may be addresses, or have blanks inside and words around them."""
    line = unicodedata.normalize("NFKC", line).strip()
    typed_codes: list[TypedCode] = []
    at = 0
    for address in _ADDRESS.finditer(line):
        before = re.match(r"(.*\s)?", line[at : address.start()], re.DOTALL)
        typed_codes += _among_words(before[0] if before else "")
        printed = _PRINTED.search(address[3])
        typed_codes.append(_typed(address[0], printed=printed[1] if printed else ""))
        at = address.end()
    typed_codes += _among_words(line[at:])
    if any(each.code for each in typed_codes):
        return [each for each in typed_codes if each.code or _may_be_a_code(each.typed)]
    if at or all(len(_squeezed(each.typed)) == LENGTH for each in typed_codes):
        return typed_codes
    return [_typed(line)] if line and not _DATE_OR_TIME.fullmatch(line) else []


def _among_words(text: str) -> list[TypedCode]:
    """Codes of one word or of several, and what stands between them as one entry each."""
    words = [_SCANNERS_MARK.sub("", word, count=1) for word in _WORD.findall(text)]
    words = [word for word in words if _squeezed(word) and not _DATE_OR_TIME.fullmatch(word)]
    typed_codes: list[TypedCode] = []
    unread: list[str] = []
    while words:
        taken, codes = _first_codes(words)
        if codes:
            typed_codes += _unread(unread) + codes
            unread = []
        else:
            unread.append(words[0])
        del words[:taken]
    return typed_codes + _unread(unread)


def _first_codes(words: list[str]) -> tuple[int, list[TypedCode]]:
    """How many words the codes at the beginning take, and these codes; one and none otherwise."""
    whole = _squeezed(words[0])
    if len(whole) > LENGTH and len(whole) % LENGTH == 0:  # several, with nothing between them
        run = [_typed(whole[at : at + LENGTH]) for at in range(0, len(whole), LENGTH)]
        return 1, run if all(each.code for each in run) else []
    for taken in range(1, min(len(words), LENGTH) + 1):
        length = len(_squeezed("".join(words[:taken])))
        read = _typed(" ".join(words[:taken])) if length == LENGTH else None
        if read and (read.code or taken == 1):
            return taken, [read]
        if length >= LENGTH:
            break
    return 1, []


def _unread(words: list[str]) -> list[TypedCode]:
    return [_typed(" ".join(words))] if words else []


def _typed(text: str, printed: str = "") -> TypedCode:
    try:
        return TypedCode(text, code=_read_code(text), printed=printed)
    except CodeError as error:
        return TypedCode(text, error=str(error))


def _may_be_a_code(text: str) -> bool:
    """Beside a code, short words without a digit are what is printed before it, and no code."""
    squeezed = _squeezed(text)
    return len(squeezed) >= LENGTH - 1 or (
        len(squeezed) > GROUP and any(character.isdigit() for character in squeezed)
    )


def _squeezed(text: str) -> str:
    return _BETWEEN.sub("", text)


def check_character(characters: str) -> str:
    """The character that makes the weighted sum zero: ``characters`` are of the alphabet."""
    total = 0
    for character in reversed(characters):
        total = _times_alpha(total ^ _VALUES[character])
    return ALPHABET[total]


def _times_alpha(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD if doubled & 0b100000 else doubled
