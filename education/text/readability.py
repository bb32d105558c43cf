"""
How hard a text is to read: words, syllables and the Flesch-Kincaid grade.

Formula: Kincaid JP, Fishburne RP, Rogers RL, Chissom BS. Derivation of new readability formulas for
Navy enlisted personnel. Naval Technical Training Command, Research Branch Report 8-75; 1975:

    grade = 0.39 * words / sentences + 11.8 * syllables / words - 15.59

What is a word follows Flesch R. How to Write Plain English (1979), chapter 2: whatever stands
between blanks, hyphens and all; figures, symbols and abbreviations count as one syllable. We are
stricter in one thing: only a full stop, question mark or exclamation mark ends a sentence.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache

from education.text.sentences import sentences
from education.text.tree import Passage, Tree, passages, plain_text

# Measured in words of English a minute; slower than the 238 of fluent adults (Brysbaert M. How
# many words do we read per minute? J Mem Lang 2019), because our readers weigh a decision.
WORDS_A_MINUTE = 200
CHARACTERS_A_MINUTE = 300  # Chinese and Japanese

_WORD = re.compile(r"[^\W_](?:[^\s\u2014\u2013/]*[^\W_])?")
_CHARACTER = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WIDE_STOP = re.compile("[\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")

# Headings, tables, captions and other people's words are not our prose.
_PROSE = frozenset(("short_answer", "key_message", "paragraph", "item", "icons", "definition"))

# Words that the rules below miscount, as clinicians and dictionaries speak them; plurals follow.
_KNOWN = {
    word: count
    for count, listed in {
        1: "aged asked caused chose fused whose",
        2: "being beyond business create diet doing every evening fluid going hundred lion muscle "
        "people poem quiet science seeing someone something sometimes surgeon therefore trial",
        3: "anaemia anyone area average baclofen catheter created creates embryo everyday everyone "
        "evidence haemorrhage idea neural oedema placebo recipe",
        4: "anaesthetic anxiety ataxia athetosis autologous botulinum "
        "caesarean diarrhoea diplegia dyskinetic dystonia embryonic epilepsy "
        "hemiplegia intrathecal ischaemia laboratory mesenchymal neurologist orthopaedic "
        "paediatric posterior prognosis rhizotomy scoliosis society spasticity tenotomy variety",
        5: "allogeneic anaesthesia dyskinesia hypertonia hypotonia laminectomy paediatrician "
        "physiotherapist physiotherapy quadriplegia",
        6: "encephalopathy leukomalacia periventricular reliability",
    }.items()
    for word in listed.split()
}
_KNOWN |= {
    "australia": 3, "australian": 3, "behaviour": 3, "everything": 3, "laboratories": 4,
    "laminectomies": 5, "rhizotomies": 4,
}  # fmt: skip

_VOWELS = re.compile(r"[aeiouy]+")
# A last e, es or ed is silent, but not in "muscle", "boxes", "wanted".
_SILENT = re.compile(
    r"(?<!^th)(?<!^sh)(?:(?<![^aeiouylrw]l)(?<![bt]r)e|(?<![td])(?<![^aeiouylrw]l)ed"
    r"|(?<![csxz])(?<![^n]g)(?<!ng)(?<![cs]h)(?<![bt]r)(?<![^aeiouylrw]l)es)$"
)
# An e inside a word is silent before an ending: "safely", "movement", "something".
_SILENT_INSIDE = re.compile(
    r"(?<=[^aeiouyl])e(?=(?:ly|less|ful|fully|ment|ments|ness|where|thing|times?|ty"
    r"|lines?|long|guards?|ways|like|work|some|day)$)"
)
# Vowels side by side that are one sound: "station", "special", "serious", "studies".
_TOGETHER = (
    re.compile(r"(?:[cgst]|ss|x)i(?:on|ou|al|a$|an|ent|enc)|(?:ll|in)ion"),
    re.compile(r"ie(?:s|d)?$"),
)
# Vowels side by side that are two sounds: "radio", "video", "actual", "idea".
_APART = (
    re.compile(r"i(?:a|o|u|er$|ers$|est$|ent|enc|et)"),
    re.compile(r"[aeiouy](?:ing|ism|isms|ist|ists)$"),
    re.compile(r"e(?:o(?!u|pl)|a$|um$)|(?<=cr)ea(?=t)"),
    re.compile(r"(?<![gq])u(?:a[ltr]|ou|ity)"),
    re.compile(r"(?:s|th)m$"),
    re.compile(r"^re(?:i|o[cp]|e[lvx]|a(?:p|ss|ct))|^co(?:op|ord)|^pree[mx]"),
)


def words(text: str) -> list[str]:
    """The words of a text as a reader counts them: "4.5" and "full-text" are one each."""
    return _WORD.findall(text)


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """
    The syllables of one English word, counted by rule with corrections; 1 at least.

    Figures and abbreviations count as one (see the module). Parts joined by hyphens add up.
    """
    if "-" in word or "‑" in word:
        return sum(syllables(part) for part in re.split("[-‑]", word) if part) or 1
    letters = re.sub(r"[^a-zà-ü']", "", word.replace("’", "'").lower())
    if word.isupper() or any(sign.isdigit() for sign in word):
        return 1
    letters = re.sub(r"'(?:s|d|m|ll|re|ve|t)?$", "", letters).replace("'", "")
    known = _KNOWN.get(letters) or _KNOWN.get(letters.removesuffix("s"))
    return known or max(1, _by_rule(letters))


def _by_rule(letters: str) -> int:
    spoken = _SILENT.sub("", _SILENT_INSIDE.sub("", letters))
    count = len(_VOWELS.findall(spoken))
    count += sum(len(pattern.findall(spoken)) for pattern in _APART)
    return count - sum(len(pattern.findall(spoken)) for pattern in _TOGETHER)


def grade(text: str) -> float:
    """
    The Flesch-Kincaid grade of English prose: the school year that reads it with ease.

    Line breaks end sentences. A text without words has grade 0. Under 100 words the figure is
    only a hint.
    """
    counted = [spoken_words for sentence in sentences(text) if (spoken_words := words(sentence))]
    total = sum(len(found) for found in counted)
    if not total:
        return 0.0
    spoken = sum(syllables(word) for found in counted for word in found)
    return round(0.39 * total / len(counted) + 11.8 * spoken / total - 15.59, 1)


def prose(tree: Tree) -> Iterator[Passage]:
    """What is measured: our own sentences, without headings, tables, captions and quotations."""
    return (part for part in passages(tree) if part.kind in _PROSE and not part.quoted)


def reading_grade(tree: Tree) -> float | None:
    """The Flesch-Kincaid grade of a text's prose; None in a language the formula is not for."""
    if not tree["language"].startswith("en"):
        return None
    return grade("\n".join(part.text for part in prose(tree)))


def word_count(tree: Tree) -> int:
    """The words of a text's prose; in Chinese and Japanese each character counts as one."""
    texts = [part.text for part in prose(tree)]
    characters = sum(len(_CHARACTER.findall(text)) for text in texts)
    return characters + sum(len(words(_CHARACTER.sub(" ", text))) for text in texts)


def reading_minutes(tree: Tree) -> int:
    """
    How long all of a text takes to read, in whole minutes, 1 at least.

    Headings, tables and the words of others are read too; so words are what stands between blanks,
    and characters are counted each where there are no blanks between words.
    """
    text = plain_text(tree)
    characters = len(_CHARACTER.findall(text))
    words_between = len(_CHARACTER.sub(" ", _WIDE_STOP.sub(" ", text)).split())
    return max(1, math.ceil(words_between / WORDS_A_MINUTE + characters / CHARACTERS_A_MINUTE))
