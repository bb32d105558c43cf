"""
Where sentences begin and end: one splitter for measuring, for checking and for citations.

A citation supports its whole sentence, so a wrong end would mask too little or too much. When in
doubt two sentences stay one, which masks more.
"""

import re

# Stands for a citation where a text is split. It belongs to the sentence before it.
MARK = "\ufffc"

# A stop after one of these never ends a sentence.
_NEVER_LAST = frozenset(
    ("e.g", "i.e", "vs", "cf", "viz", "dr", "drs", "mr", "mrs", "ms", "prof", "st", "resp")
)
# A stop after one of these belongs to the number that follows: "Fig. 2", but "No. It is not."
_BEFORE_NUMBER = frozenset(
    ("no", "nos", "fig", "figs", "p", "pp", "vol", "ch", "sec", "ref", "refs", "approx", "ca", "c")
)
# Words that open a sentence, so that "vitamin C. The" is two and "J. Smith" is one.
_SENTENCE_OPENERS = """
    a after all an and another as at because before but by children each even every few for from he
    her his how if in it its many most my no none not one only or other our parents she since so
    some studies such that the their then there these they this those though three to two until we
    what when where which while who why with without yes you your
"""
_OPENERS = frozenset(_SENTENCE_OPENERS.split())

_END = re.compile(
    rf"""
    (?: [。！？｡।॥؟۔]+ [”’」』）】》〉)\]]*            # ends a sentence by itself
      | (?<![.!?…]) [.!?…]++ [”’"')\]»]*+ (?=\s|{MARK}|\Z)    # ends one before a space
    )
    (?: \s*{MARK} )*                                 # a citation after the stop looks back
    """,
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\s(\[“‘\"'\ufffc]*\Z")
_NEXT_WORD = re.compile(r"\s*([(\[“‘\"'«*_]*)(\w*)")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence in one paragraph, without the blanks between them."""
    spans = []
    start = 0
    for match in _END.finditer(text):
        if _ends_sentence(text, match):
            spans.append((start, match.end()))
            start = match.end()
    spans.append((start, len(text)))
    return [trimmed for span in spans if (trimmed := _trim(text, *span))]


def sentences(text: str) -> list[str]:
    """
    The sentences of a text, line by line: a line break always ends one.

    Knows abbreviations ("e.g. 1.4 points"), initials ("J. Smith"), decimals, closing quotation
    marks, and the full stops of Chinese, Japanese, Hindi, Urdu and Arabic.
    """
    return [line[start:end] for line in text.split("\n") for start, end in sentence_spans(line)]


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    words = text[start:end]
    begin = start + len(words) - len(words.lstrip())
    return (begin, start + len(words.rstrip())) if words.strip() else None


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    stop = match[0].rstrip(f"{MARK} \t")
    after = _NEXT_WORD.match(text, match.end())
    following = after[2] if after else ""
    if stop[0] not in ".!?…" or not following:
        return True
    # "iPSCs" opens a sentence, "then" does not.
    if following[0].islower() and following == following.lower():
        return False
    if stop != ".":
        return True
    # No abbreviation is longer than this; a bound keeps the search linear.
    before = _LAST_WORD.search(text[max(0, match.start() - 40) : match.start()])
    word = before[0] if before else ""
    if word.casefold() in _NEVER_LAST:
        return False
    if following[0].isdigit() and word.casefold() in _BEFORE_NUMBER:
        return False
    return not _is_initial(word, following)


def _is_initial(word: str, following: str) -> bool:
    """Whether "S." is somebody's initial: one capital, or capitals with stops as in J.R."""
    letters = word.split(".")
    if not all(len(letter) == 1 and letter.isalpha() and letter.isupper() for letter in letters):
        return False
    # "I." is a level more often than a name: "GMFCS level I. Children ...".
    return word != "I" and following.casefold() not in _OPENERS
