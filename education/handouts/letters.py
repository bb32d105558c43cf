"""Letters of a text that paper can't show, told while it is written."""

import re
from collections.abc import Iterator
from unicodedata import category, normalize

from education.handouts.typesetting import in_words, unprintable
from education.text.lint import Problem
from education.text.tree import Tree, drawings, passages, strings

_MOST_NAMED = 10  # letters in one message
# Letters that our font draws by two glyphs. They look right on paper, but Typst writes them twice
# into the PDF, or with a blank behind: who listens to it, or copies from it, gets other words.
DRAWN_IN_TWO = frozenset(
    "ĈĉĔĕĜĝĤĥĨĩĬĭĴĵŌōŎŏŖŗŜŝŨũŬŭǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǢǣǦǧǨǩǪǫǬǭǰǴǵǸǹǺǻǼǽǾǿȞȟȦȧȨȩȪȫȬȭȮȯȰ"
    "ȱȲȳḂḃḅḇḈḉḊḋḐḑḔḕḖḗḜḝḞḟḠḡḢḣḦḧḨḩḮḯḰḱḲḳḴḵḾḿṀṁṄṅṌṍṎṏṐṑṒṓṔṕṖṗṘṙṠṡṤṥṦṧṪṫṲṳṸṹṺṻṼṽẆẇẊẋẌẍẎ"
    "ẏẐẑẔẕẖẗẘẙẤấẦầẪẫẮắẰằẴẵẼẽẾếỀềỄễỐốỒồỖỗỸỹ"
)
_MARKUP = re.compile(r"<desc\b.*?</desc>|<[^<>]*>", re.DOTALL)
# What of a tree is no word on paper.
_NO_WORDS = frozenset({"html", "href", "id", "slug", "key", "t", "kind", "language", "url"})


def problems_on_paper(tree: Tree) -> list[Problem]:
    """
    Advice for each place of a text with letters that no font on this machine can print, or that a
    program reads otherwise from the PDF.

    The former stop every print of the text, and in a drawing they are left out without a word.
    Fonts are the machine's own, so this is advice, and nothing that keeps a text from readers.
    """
    return [*_unprintable(tree), *_read_otherwise(tree)]


def read_otherwise(words: str) -> list[str]:
    """The letters of some words that a program reads otherwise from the PDF than they look."""
    return [letter for letter in dict.fromkeys(normalize("NFC", words)) if letter in DRAWN_IN_TWO]


def _read_otherwise(tree: Tree) -> Iterator[Problem]:
    for where, label, words in _places(tree):
        if letters := read_otherwise(words):
            named = ", ".join(letters[:_MOST_NAMED])
            yield Problem(
                "read-otherwise",
                f"{label}: {named} can be read on paper, but a program that reads the PDF aloud "
                "says it twice or breaks the word. Who listens needs the page instead.",
                where,
            )


def _unprintable(tree: Tree) -> list[Problem]:
    letters = unprintable(_each_letter_once(" ".join(_words(tree))))
    if not letters:
        return []
    by_place = [
        (where, label, [letter for letter in letters if letter in words])
        for where, label, words in _places(tree)
    ]
    placed = {letter for _, _, here in by_place for letter in here}
    by_place.append(
        ("", "Another part of the text", [letter for letter in letters if letter not in placed])
    )
    return [
        Problem("unprintable", _message(label, here), where)
        for where, label, here in by_place
        if here
    ]


def _message(label: str, letters: list[str]) -> str:
    more = len(letters) - _MOST_NAMED
    named = in_words(letters[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{label}: paper can’t show {named}. Write it otherwise, or no handout is made."


def _places(tree: Tree) -> Iterator[tuple[str, str, str]]:
    """(path of the field, how an editor knows it, its words)."""
    yield "title", "Title", str(tree["title"])
    of_fields: dict[tuple[str, str], list[str]] = {}
    for part in passages(tree):
        of_fields.setdefault((part.where, part.label or "Text"), []).append(part.text)
    for (where, label), words in of_fields.items():
        yield where, label, " ".join(words)
    for drawing in drawings(tree):
        yield "", f"The drawing “{drawing['alt']}”", _MARKUP.sub(" ", drawing["svg"])
    for reference in tree["references"]:
        yield "", f"The reference of {reference['key']}", reference["text"]


def _words(tree: Tree) -> Iterator[str]:
    """Every word of a tree."""
    for name, text in strings(tree, _NO_WORDS):
        yield _MARKUP.sub(" ", text) if name == "svg" else text


def _each_letter_once(words: str) -> str:
    """The letters of some words with the marks that belong to them, each once and in one order."""
    letters: list[str] = []
    for letter in words:
        if letters and category(letter).startswith("M"):
            letters[-1] += letter
        elif not letter.isspace():
            letters.append(letter)
    return " ".join(sorted(set(letters)))
