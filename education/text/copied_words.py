"""
Sentences as they are recognised again: word for word, or nearly.

Only what somebody wrote counts. Headings and names, words that are quoted, the line about funding
and fixed phrases are nobody's; citations leave no trace in words, so reference details don't count,
and neither do punctuation, capitals and blanks.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from education.canonical import digest
from education.text.sentences import sentences
from education.text.tree import Tree, passages

# From so many words on, a sentence is recognised in another article, and when words of it changed.
# Shorter ones ("Whether it lasts.") are the same by chance; within one article they are copies.
WHOLE = 6
# So much of two sentences is the same when one is nearly the other.
NEARLY = 0.8
# So many words at either end find a sentence again of which something else changed; more of a long
# one, because many begin alike.
FEW, MORE, LONG = 3, 4, 8

# The wording of GRADE is everybody's. Sources: Guyatt GH et al., BMJ 2008;336:924; Balshem H et
# al., J Clin Epidemiol 2011;64:401.
_GRADE = """
Further research is very unlikely to change our confidence in the estimate of effect.
Further research is likely to have an important impact on our confidence in the estimate of effect
and may change the estimate.
Further research is very likely to have an important impact on our confidence in the estimate of
effect and is likely to change the estimate.
Any estimate of effect is very uncertain.
We are very confident that the true effect lies close to that of the estimate of the effect.
We are moderately confident in the effect estimate.
The true effect is likely to be close to the estimate of the effect, but there is a possibility that
it is substantially different.
Our confidence in the effect estimate is limited.
The true effect may be substantially different from the estimate of the effect.
We have very little confidence in the effect estimate.
The true effect is likely to be substantially different from the estimate of effect.
"""
_NOT_WRITTEN = frozenset({"heading"})
# Chinese and Japanese set no blanks, so each character is a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_]+")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a text: as it reads, and its words alone with single blanks between."""

    text: str
    words: str

    @property
    def is_whole(self) -> bool:
        """Whether it is long enough to be recognised wherever it stands."""
        return len(self.words.split()) >= WHOLE

    @property
    def digest(self) -> str:
        """The same for the same words."""
        return _short(self.words)

    @property
    def ends(self) -> tuple[str, str]:
        """What stands for its first words and its last; nothing where it is not whole."""
        openings, endings = self.possible_ends()
        return (openings[-1], endings[-1]) if self.is_whole else ("", "")

    def possible_ends(self) -> tuple[list[str], list[str]]:
        """Its ends as they would be kept of a sentence that is nearly this one."""
        words = self.words.split()
        counts = [FEW, MORE] if len(words) >= LONG else [FEW]
        return (
            [_short(" ".join(words[:count])) for count in counts],
            [_short(" ".join(words[-count:])) for count in counts],
        )


def written_sentences(tree: Tree) -> list[Sentence]:
    """Every sentence, message, cell and claim that somebody wrote, each once, in reading order."""
    sentences_here: dict[str, Sentence] = {}
    for text in _texts(tree):
        for sentence in sentences(text):
            words = normal_words(sentence)
            if " " in words and words not in _FIXED:
                sentences_here.setdefault(words, Sentence(sentence, words))
    return list(sentences_here.values())


def sentences_when_replaced(tree: Tree, passage: str, proposal: str) -> list[Sentence]:
    """The sentences that a text would have, and has not, with other words for a passage of it."""
    there = {sentence for text in _texts(tree) for sentence in sentences(_single_blanks(text))}
    changed = [
        sentence
        for text in _texts(tree)
        if passage in _single_blanks(text)
        for sentence in sentences(_single_blanks(text).replace(passage, proposal))
    ]
    # A passage of several paragraphs stands in none of them.
    proposed = changed or sentences(proposal)
    return [
        Sentence(sentence, words)
        for sentence in proposed
        if sentence not in there
        and " " in (words := normal_words(sentence))
        and words not in _FIXED
    ]


def _single_blanks(text: str) -> str:
    return " ".join(text.split())


def _texts(tree: Tree) -> Iterator[str]:
    for passage in passages(tree):
        if not passage.quoted and passage.kind not in _NOT_WRITTEN:
            yield passage.text
    for claim in tree["claims"]:
        yield claim["said"]


def normal_words(text: str) -> str:
    """The words of a text alone: no marks, one blank between, in small letters."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def nearly_the_same(words: str, others: str) -> bool:
    """Whether one sentence is the other but for a word or two."""
    one, other = words.split(), others.split()
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= NEARLY and matcher.ratio() >= NEARLY


def spelt_otherwise(words: str, others: str) -> bool:
    """Whether one sentence is the other with some words spelt in another way, and nothing else."""
    one, other = words.split(), others.split()
    return len(one) == len(other) and all(
        word == spelt or _same_word(word, spelt) for word, spelt in zip(one, other, strict=True)
    )


def _same_word(word: str, spelt: str) -> bool:
    # A number is never a slip of the pen, and "no" is not "not".
    if len(min(word, spelt, key=len)) <= 3 or any(map(str.isdigit, word + spelt)):
        return False
    return SequenceMatcher(None, word, spelt, autojunk=False).ratio() >= NEARLY


def _short(words: str) -> str:
    return digest(words)[:32]


_FIXED = frozenset(normal_words(sentence) for sentence in sentences(" ".join(_GRADE.split())))
