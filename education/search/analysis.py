"""How words are cut for search: the one analysis, for texts and for what readers type."""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

LONGEST_WORD = 40
# A Chinese character is a word of its own; elsewhere a word is a run of letters and digits.
WORD = re.compile(r"[^\W_㐀-鿿]+|[㐀-鿿]")
# Marks inside words that nobody sees: soft hyphens, joiners, blanks without width.
_FORMAT = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
# Words that say nothing of what is looked for, as long as others are there.
_SMALL = frozenset(
    """
    a an and are as at be by can could did do does for from has have how i if in is it its me
    my of on or our she he her his should that the their them they this to versus vs was we what
    when which who why will with would you your
    """.split()  # noqa: SIM905 - a list of forty lines says no more
)
# A stemmer holds the word it works on, so each thread has one of its own.
_of_thread = threading.local()


def words(text: str) -> list[str]:
    """The words of a text in order: without case and accents, at most ``LONGEST_WORD`` long."""
    found = WORD.findall(_FORMAT.sub("", unicodedata.normalize("NFC", text)))
    return [word for word in map(folded, found) if word]


@lru_cache(maxsize=50_000)
def folded(word: str) -> str:
    """One word without case and accents."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in plain if letter.isalnum()).casefold()[:LONGEST_WORD]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The part that a folded word shares with its other forms."""
    if not hasattr(_of_thread, "stemmer"):
        _of_thread.stemmer = snowballstemmer.stemmer("english")
    return str(_of_thread.stemmer.stemWord(word)) or word


SMALL_STEMS = frozenset(map(stem, _SMALL))


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order."""
    return [stem(word) for word in words(text)]


@lru_cache(maxsize=10_000)
def is_marked(word: str, marks: tuple[str, ...]) -> bool:
    """Whether a word is one of ``marks``: stems, and beginnings with a star after them."""
    whole, beginnings = _kinds(marks)
    plain = folded(word)
    return stem(plain) in whole or plain.startswith(beginnings)


@lru_cache(maxsize=1_000)
def _kinds(marks: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Marks as stems and as beginnings."""
    beginnings = tuple(mark[:-1] for mark in marks if mark.endswith("*"))
    return frozenset(mark for mark in marks if not mark.endswith("*")), beginnings


def telling(found: list[str]) -> list[str]:
    """The words that say what is looked for; all of them when there are no others."""
    return [word for word in found if word not in _SMALL] or found
