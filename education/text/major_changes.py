"""
Whether two versions of a text differ in wording alone. What may count as a minor change is decided
here, whatever people propose.

Minor is what is listed here: case, punctuation inside a sentence, hyphens, spelling (American for
British, a typing error in a plain word), a contraction, an article, a word that stood twice, how a
work is cited. Every other word that comes, goes or changes is major, and so are, whatever changes
in them, the parts that a reader takes away first (title, short answer, key messages, answers of a
comparison, verdicts, definitions, findings, what is not known), a heading, a warning, a drawing, a
citation, where a link leads, a correction, a part that is new or gone. No list of dangerous words
is complete, so this one is of harmless exchanges. In another language than English none is listed.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from education.canonical import digest
from education.text.citation_scope import sentences_of
from education.text.figures import canonical_svg
from education.text.tree import Node, Tree, drawings, passages, plain, walk
from education.text.wording import wording


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LANGUAGES_LISTED = frozenset({"en"})
_ARTICLES = frozenset({"a", "an", "the"})
# With an article beside them these mean something else: "few" and "a few", "most" and "the most".
_COUNTING = _set_of(
    "few fewer little lot number couple bit half third quarter most least more less only other "
    "same all both many whole one two three four five six seven eight nine ten eleven twelve "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million first second "
    "dozen once twice none no not nor never"
)
# "That" may be left out before these: "the care that they were given".
_BEGIN_A_CLAUSE = _ARTICLES | _set_of("i you he she it we they this these those their")
# Said twice, these mean more, or the opposite.
_SAID_TWICE = frozenset({"no", "not", "never", "very", "much", "more", "less"})
_CONTRACTIONS = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not",
    "it's": "it is", "that's": "that is", "there's": "there is", "let's": "let us",
    "i'm": "i am",
}  # fmt: skip
_ENDINGS = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will"}
# A typing error that leaves another word, and errors of words too short to be known by one letter.
_TYPED_FOR = {
    ("it's", "its"), ("its", "it's"), ("teh", "the"), ("hte", "the"), ("adn", "and"),
    ("taht", "that"), ("wich", "which"), ("wiht", "with"), ("thier", "their"),
}  # fmt: skip
# Plain words, of which one letter typed wrong, too much, too little or too early makes no other
# word that is not listed here or below.
_PLAIN_WORDS = _set_of(
    "english about against already although always another anybody anything because become before "
    "beginning behind believe between brought carefully centre children choice choose clinic "
    "comparison consider considered country decision definitely different difficult doctor enough "
    "especially everybody everyone everything example experience explain explained families "
    "family following government happened hospital hospitals however immediately important "
    "information knowledge language mentioned movement necessary nobody occasionally occurred "
    "operation opinion outcome perhaps physiotherapist physiotherapists physiotherapy possible "
    "practical probably problem programme published question questions receive received recommend "
    "recommended research researcher researchers result rhizotomy separate separately several "
    "should somebody someone something sometimes specialist specialists stiffness studies surgeon "
    "surgeons surgery surprised themselves therapist therapists therapy together tomorrow towards "
    "treatment treatments understand usually visited weakness whether which without women"
)
_NEAR_THEM = _set_of(
    "abort abut allays anther anythings became becomes beginnings behinds believed believer "
    "centred centres programmes "
    "believes bought center centra choices chooser chooses choosy chose clinics comparisons "
    "considers county decisions derision difficulty doctors examples expedience experienced "
    "experiences explainer explains fallowing followings governments languages movements "
    "operations opinions outcomes passible possibly practicals probable problems programmed "
    "programmer provably publisher publishes receiver receives recommenced recommends researched "
    "researches results separated separates someones somethings sometime specialism specialisms "
    "studied studios sturgeon sturgeons surprise surprises tomorrows toward understands wether "
    "whither woken woman woven"
)
# American spellings beside British ones: both are read as the same word.
_SPELT = tuple(
    (re.compile(pattern), same)
    for pattern, same in (
        (r"(\w{3,})(?:[iy]z|ys)(e|ed|es|er|ers|ing|ation|ations)$", r"\1is\2"),
        (r"aesth", "esth"),
        (r"paed", "ped"),
        (r"haem", "hem"),
        (r"(an|isch|leuk)aem", r"\1em"),
        (r"^oe(?=dema|soph|strogen)", "e"),
        (r"rrhoea", "rrhea"),
        (r"^foet", "fet"),
        (r"^(behavi|col|fav|harb|hum|lab|neighb|od|tum)our", r"\1or"),
        (r"(cance|counse|labe|mode|signa|trave)ll(ed|ing)$", r"\1l\2"),
    )
)
_SPELT_WHOLE = {
    "center": "centre", "centers": "centres", "liter": "litre", "liters": "litres",
    "fiber": "fibre", "fibers": "fibres", "program": "programme", "programs": "programmes",
    "toward": "towards", "afterward": "afterwards", "amongst": "among", "whilst": "while",
    "judgment": "judgement", "aging": "ageing", "gray": "grey", "learnt": "learned",
}  # fmt: skip
# What a reference says of a work, beside how it is cited.
_OF_A_WORK = ("design", "sample_size", "follow_up", "funding", "finding", "limitations")
# So many of the words that make a change major are named.
_MOST_NAMED = 12
# A word of so many letters is the same in large and small ones.
_LETTERS_ENOUGH = 5


def reasons_for_major(old: Tree, new: Tree) -> list[str]:
    """Why a change from one version to another is major, as sentences; empty where it is minor."""
    if old["language"] != new["language"]:
        return ["It is in another language."]
    if new["language"] not in _LANGUAGES_LISTED:
        if wording(old) == wording(new):
            return []
        return ["What carries the meaning is not listed for this language, so any change is major."]
    reasons = [reason for reason, part in _ALWAYS.items() if digest(part(old)) != digest(part(new))]
    correction = _words_of("correction")
    if correction(new) and correction(new) != correction(old):
        reasons.append("An error is corrected.")
    return [*reasons, *_of_words(old, new)]


def _words_of(name: str) -> Callable[[Tree], Any]:
    return lambda tree: wording({name: tree.get(name)})


def _warnings(tree: Tree) -> Any:
    return [wording(node) for node in _walk(tree) if node["t"] == "callout"]


def _citations(tree: Tree) -> Any:
    """What is cited where in the text, and what is said of the works beside how they are cited."""
    cited = [
        [[item.get("key"), item.get("locator")] for item in node["items"]]
        for node in _walk(tree)
        if node["t"] == "cite"
    ]
    by_sentence = [
        [[item.get("key"), item.get("locator")] for item in node["items"]]
        if node
        else None  # where a sentence ends
        for passage in passages(tree)
        for sentence in sentences_of(passage.nodes)
        for node in (*(node for node in walk(sentence) if node["t"] == "cite"), None)
    ]
    works = [
        [reference["key"], *(reference.get(name) for name in _OF_A_WORK)]
        for reference in tree["references"]
    ]
    return [cited, by_sentence, works]


def _headings(tree: Tree) -> Any:
    return [
        [node["level"], [word.shown for word in _words(plain(node["c"]))]]
        for node in _walk(tree)
        if node["t"] == "heading"
    ]


def _structure(tree: Tree) -> Any:
    """The blocks of the text in their order, without words."""
    return [[name, *_blocks(tree.get(name) or [])] for name in _PROSE]


def _blocks(nodes: list[Node]) -> list[Any]:
    shape: list[Any] = []
    for node in nodes:
        if node["t"] == "list":
            shape.append(["list", node.get("ordered"), *(_blocks(item) for item in node["items"])])
        elif node["t"] == "table":
            shape.append(["table", len(node["head"]), len(node["rows"])])
        else:
            shape.append([node["t"]])
    return shape


_PROSE = ("body", "questions")
# What is major when it differs at all, and the sentence that says so.
_ALWAYS: dict[str, Callable[[Tree], Any]] = {
    "The title changes.": lambda tree: tree["title"],
    "The one-sentence answer changes.": _words_of("short_answer"),
    "A key message changes.": _words_of("key_messages"),
    "The comparison changes.": _words_of("comparison"),
    "A checked claim changes.": _words_of("claims"),
    "A definition changes.": _words_of("terms"),
    "The table of findings changes.": _words_of("findings"),
    "What we do not know changes.": _words_of("unknowns"),
    "A warning or another box changes.": _warnings,
    "A citation changes, or how a work is described.": _citations,
    "Who paid for the text changes.": lambda tree: tree.get("funding", ""),
    "A drawing changes.": lambda tree: [
        [node["name"], node["alt"], digest(canonical_svg(node["svg"]))] for node in drawings(tree)
    ],
    "A heading changes.": _headings,
    "A link leads elsewhere.": lambda tree: [
        node["href"] for node in _walk(tree) if node["t"] == "link"
    ],
    "A paragraph, list or table is new or gone.": _structure,
}


@dataclass(frozen=True)
class _Word:
    """A word as it is shown, and what it is the same as: one of the words it stands for."""

    shown: str
    same: str


def _of_words(old: Tree, new: Tree) -> Iterator[str]:
    """What the running text says against a minor change."""
    olds, news = _paragraphs(old), _paragraphs(new)
    if len(olds) != len(news):
        yield "A line is new or gone."
    changed = [
        word.shown
        for before, after in zip(olds, news, strict=False)
        for word in _changed(before, after)
    ]
    if changed:
        named = [f"“{word}”" for word in dict.fromkeys(changed)]
        more = " and others" if len(named) > _MOST_NAMED else ""
        words = ", ".join(named[:_MOST_NAMED])
        yield f"More changes than spelling, punctuation and articles: {words}{more}."


def _changed(before: list[_Word], after: list[_Word]) -> list[_Word]:
    """The words of a line that came or went otherwise than by a harmless exchange."""
    was, is_now = ([word.same for word in words] for words in (before, after))
    changed: list[_Word] = []
    for tag, i, j, k, m in SequenceMatcher(None, was, is_now, autojunk=False).get_opcodes():
        gone, come = before[i:j], after[k:m]
        if (
            tag == "equal"
            or _was_said_twice(was, i, j, come)
            or _is_harmless(
                gone, come, left=was[i - 1] if i else "", right=was[j] if j < len(was) else ""
            )
        ):
            continue
        changed += [*gone, *come]
    return changed


def _was_said_twice(was: list[str], start: int, end: int, come: list[_Word]) -> bool:
    """Whether words went that stood twice, one after the other."""
    gone = was[start:end]
    size = len(gone)
    beside = (was[max(start - size, 0) : start], was[end : end + size])
    means_more = _SAID_TWICE.intersection(gone) or any(map(_holds_number, gone))
    return not come and gone in beside and not means_more


def _is_harmless(gone: list[_Word], come: list[_Word], left: str, right: str) -> bool:
    """Whether the words that came say the same as those that went, between two that stayed."""
    pair = tuple(
        " ".join(dict.fromkeys(_lower(word.shown) for word in words)) for words in (gone, come)
    )
    if pair in _TYPED_FOR:
        return True
    kept = [[word for word in words if word.same not in _ARTICLES] for words in (gone, come)]
    if sum(map(len, kept)) < len(gone) + len(come):
        near = {left, right, *(word.same for words in kept for word in words)}
        if near & _COUNTING or any(map(_holds_number, near)):
            return False
    if right in _BEGIN_A_CLAUSE:
        kept = [words[:-1] if words and words[-1].same == "that" else words for words in kept]
    old, new = kept
    return _differ_by_hyphen(old, new) or (
        len(old) == len(new)
        and all(map(_is_typing_error, [word.same for word in old], [word.same for word in new]))
    )


def _differ_by_hyphen(old: list[_Word], new: list[_Word]) -> bool:
    """Whether a word is written with a hyphen here and as one there; "re-cover" is no "recover"."""
    parts, whole = sorted((old, new), key=len, reverse=True)
    return (
        len(whole) == 1
        and len({word.shown for word in parts}) == 1
        and parts[0].same != "re"
        and "".join(word.same for word in parts) == whole[0].same
    )


def _is_typing_error(old: str, new: str) -> bool:
    """Whether a plain word stands where there was none of our language, one letter from it."""
    is_known = old in _PLAIN_WORDS or old in _NEAR_THEM
    return old == new or (
        new in _PLAIN_WORDS and not is_known and old[:1] == new[:1] and _is_one_letter_off(old, new)
    )


def _is_one_letter_off(old: str, new: str) -> bool:
    """Whether one letter is another, too much or missing, or two have changed places."""
    if abs(len(old) - len(new)) > 1:
        return False
    start = next(
        (i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None
    )
    if start is None:
        return len(old) != len(new)
    longer, shorter = sorted((old[start:], new[start:]), key=len, reverse=True)
    if len(longer) > len(shorter):
        return longer[1:] == shorter
    swapped = longer[1::-1] + longer[2:]
    return longer[1:] == shorter[1:] or swapped == shorter


def _holds_number(word: str) -> bool:
    return any(character.isnumeric() or character in "%‰±<>≤≥" for character in word)


def _paragraphs(tree: Tree) -> list[list[_Word]]:
    """The words of every line of the running text, in its order."""
    lines = [
        line
        for name in _PROSE
        for block in tree.get(name) or []
        for line in plain([block]).splitlines()
    ]
    return [words for line in lines if (words := _words(line))]


def _words(line: str) -> list[_Word]:
    """
    Words with their figures, signs and question marks, and a point where a sentence ends inside the
    line, without other punctuation; the first of a sentence in small letters, unless more than its
    first letter is large.
    """
    words: list[_Word] = []
    begins = True
    for written in line.split():
        # A point or a dash before a figure belongs to it: .5 is not 5, nor is –5.
        bare = re.sub(r"^[.,;:!()\[\]“”\"'‘’…–—]+(?<![.–—](?=\d))", "", written)
        bare = bare.rstrip(".,;:!()[]“”\"'‘’…–—")
        if bare:
            shown = bare.lower() if begins and bare[1:] == bare[1:].lower() else bare
            words += [_Word(shown, same) for same in _same_as(shown)]
            if re.search(r"[.!?…][)\]”\"'’]*$", written) and "." not in bare:
                words.append(_Word(".", "."))
        begins = bool(re.search(r"[.!?:][)”\"'’]*$", written)) or (begins and not bare)
    while words and words[-1].same == ".":
        words.pop()
    return words


@functools.lru_cache(maxsize=10_000)
def _same_as(shown: str) -> tuple[str, ...]:
    """The words that a written one stands for: "can't" is "can not", "follow-up" is "follow up"."""
    word = _lower(shown)
    if _holds_number(word):
        return (word,)
    if word in _CONTRACTIONS:
        return tuple(_CONTRACTIONS[word].split())
    for ending, full in _ENDINGS.items():
        if word.endswith(ending):
            return (_spelling(word.removesuffix(ending)), full)
    parts = re.split("[-‐‑]", word.replace("'", ""))
    if "" in parts or (len(parts) > 1 and not _COUNTING.isdisjoint(parts)):
        return (word,)
    return tuple(map(_spelling, parts))


def _lower(word: str) -> str:
    """Small letters, unless large ones may make it another word: WHO, IT, AIDS, US."""
    is_name = word[1:] != word[1:].lower() and len(word) < _LETTERS_ENOUGH
    is_sign = len(word) == 1 and word != "I"  # vitamin A; the first word of a line is small here
    return (word if is_name or is_sign else word.lower()).replace("’", "'")


def _spelling(word: str) -> str:
    for pattern, same in _SPELT:
        word = pattern.sub(same, word)
    return _SPELT_WHOLE.get(word, word)


def _walk(tree: Tree) -> Iterator[Node]:
    for name in _PROSE:
        yield from walk(tree.get(name) or [])
