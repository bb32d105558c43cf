"""How words are cut for search: the one analysis, for texts and for what readers type."""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

LONGEST_WORD = 40
# A Chinese character is a word of its own; elsewhere a word is a run of letters and digits.
WORD = re.compile(r"[^\W_㐀-鿿]+|[㐀-鿿]")
# Format characters and variation selectors: nobody sees them, so they part no word.
_FORMAT = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e01ef]"
)
# Function words of English and Spanish: never looked for while there are others.
_SMALL = frozenset(
    """
    a am an and are as at be been being between by can could did do does doing done for from had
    has have having he her hers him his how i if in into is isn it its ll m me mine my of on or
    our ours s shall she should so t than that the their theirs them then there these they this
    those to us ve versus vs was we were what when where whether which while who whom whose why
    will with would you your yours d don doesn didn re al con cual como de del el ella en es
    esta este hay la las le lo los mi mis para por porque pero puede que se ser si sin su sus
    tiene un una y
    """.split()  # noqa: SIM905 - a list of a hundred lines says no more
)
# Words that belong to asking more than to what is asked about: they help to rank, and no text needs
# to hold them.
_WEAK = frozenset(
    """
    about actually after again all also always another any anybody anyone anything around ask
    away back bad because before believe best better big both but cause chance come day describe
    difference different each either else even ever every everything exactly explain feel few
    find first friend get give go good great guy happen happens hear heard hello help here hi
    hope important info information instead just keep kind know last late least let like little
    long look lot made make many matter may maybe mean meaning means might more most much must
    my near need needed never new next nice no nobody normal not nothing now off often ok okay
    old once one only other others out over page part people person place please possible put
    question rather read real really reason right said same say see seem show since some
    somebody someone something sometimes soon still such sure take tell thank thanks think thing
    things through time today together too try truly two under until up use used very want way
    website week well without word work works worry worth wrong year years yes yet three four five
    six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    along doctor doctors later upfront
    """.split()  # noqa: SIM905
)
# A stemmer holds the word it works on, so each thread has one of its own.
_of_thread = threading.local()


def words(text: str) -> list[str]:
    """The words of a text in order: without case and accents, at most ``LONGEST_WORD`` long."""
    cut = WORD.findall(_FORMAT.sub("", unicodedata.normalize("NFC", text)))
    return [word for word in map(folded, cut) if word]


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
_WEAK_STEMS = frozenset(map(stem, _WEAK))


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order."""
    return [stem(word) for word in words(text)]


def is_small(word: str) -> bool:
    """Whether a folded word says nothing of what is looked for."""
    return word in _SMALL


def is_weak(stem: str) -> bool:
    """Whether a text may answer without this stem; a number is of the asker's own case."""
    return stem in _WEAK_STEMS or stem.isdecimal()


def is_chinese(word: str) -> bool:
    """Whether a word is one Chinese character, which by itself seldom means anything."""
    return "㐀" <= word[0] <= "鿿"


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
