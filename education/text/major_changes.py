"""
Whether two versions of a text differ in wording alone. What may count as a minor change is decided
here, whatever people propose.

Major is a number and the words beside it, a word of certainty, a negation or an opposite, a modal
verb, a name, a word of treatment, harm or danger, what a reader takes away first (title, short
answer, key messages, answers of a comparison, verdicts, findings, what is not known) and the words
it is said in, a heading, a warning, a drawing, a citation, where a link leads, a correction. So is
what can't be judged word by word: a part that is new or gone, words that changed places, and any
change in a language whose guarded words are not listed here.
"""

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import Any

import snowballstemmer

from education.canonical import digest
from education.text.figures import canonical_svg
from education.text.tree import Node, Tree, drawings, plain, walk
from education.text.wording import wording

# English words that carry how much, how sure, whether, for whom or when. A change that touches one
# of them is never a change of wording alone.
_GUARDED_WORDS = (
    "no not none nor never neither without cannot nothing nobody hardly rarely unless except only "
    "can could may might must shall should will would need needs ought probably possibly likely "
    "unlikely perhaps certain certainly certainty uncertain unclear sure unsure known unknown "
    "proven unproven high moderate low very evidence strong weak more less fewer most least "
    "better worse best worst higher lower larger smaller increase increases increased decrease "
    "decreases decreased improve improves improved improvement worsen worsens worsened reduce "
    "reduces reduced same different difference equal than all any some many few each every both "
    "half third quarter double twice once several often sometimes always usually about around "
    "nearly almost at under over above below between up to before after during until since within "
    "while daily weekly monthly yearly hour hours day days week weeks month months year years and "
    "or either if when because safe unsafe risk risks harm harms dangerous danger warning benefit "
    "benefits serious severe mild death die dies died zero one two three four five six seven "
    "eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands "
    "million first second"
)
# Words of treatment, harm and danger, and of what was found: every form of each counts, so "helped"
# with "help". What families do or expect changes with one of them.
_MEDICAL_WORDS = (
    "abnormal absent adult advise against allergy alone ambulance anaesthesia antibiotic appear "
    "approve avoid begin bladder bleed blood bone brain breath cancer cause child chronic "
    "common complicate confirm contraindicated convulsion cough cure deteriorate disable "
    "disease dose drug effect emergency encourage established expect fail fall false fever find "
    "forbid found frequent gain harm heal heart help hip hurt illegal immediate immune "
    "important impossible infant infect inject injure invasive keep lack last left legal limit "
    "lose lost medicine muscle nausea necessary negative nerve normal numb operate overdose own "
    "pain paralyse permanent permit placebo poison positive possible predict pregnant prevent "
    "prohibit prove rare recommend recover refuse reject relapse relieve remove replace reverse "
    "right rise scan seizure show significant slow spasm spine start stay steroid stop strength "
    "succeed sudden suffer sufficient suggest surgeon survive swallow swell symptom temporary "
    "test therapy together toxic transplant treat trial tumour unable unconscious urgent useful "
    "useless usual vaccine vomit walk weak withdraw withhold wound wrong yes cell stem "
    "rhizotomy baclofen botulinum dantrolene diazepam gabapentin ibuprofen morphine opioid "
    "paracetamol sedate tizanidine"
)
# American spellings of these are the same words.
_MEDICAL_SPELT = "anesthesia paralyze tumor"
_GUARDED = frozenset(_GUARDED_WORDS.split())
# What makes a word its opposite, before it or behind it.
_OPPOSITE = re.compile(
    r"^(anti|contra|de|dis|hyper|hypo|il|im|in|inter|intra|ir|mis|non|out|over|post|pre|re|sub|un|"
    r"under)|(ful|less)$"
)
_LANGUAGES_LISTED = frozenset({"en"})
# Words so small that one which goes and comes again in a paragraph has not changed places.
_SMALL_WORDS = "a an the of in on for by with is are be it its this that these those"
_SMALL = frozenset(_SMALL_WORDS.split())
# Shorter words say nothing of what a text is about.
_SHORT = 3
# More of a paragraph than this in new words is a new paragraph.
_MOST_CHANGED = 0.34
_NEGATED = re.compile(r"n[’']t$")


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
    """What is cited where in the text, and how the works are described."""
    cited = [
        [[item.get("key"), item.get("locator")] for item in node["items"]]
        for node in _walk(tree)
        if node["t"] == "cite"
    ]
    works = [[reference["key"], reference["text"]] for reference in tree["references"]]
    return [cited, works]


def _headings(tree: Tree) -> Any:
    return [
        [node["level"], _words(plain(node["c"]))] for node in _walk(tree) if node["t"] == "heading"
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


def _of_words(old: Tree, new: Tree) -> Iterator[str]:
    """What single words of the running text say against a minor change."""
    guarded: list[str] = []
    moved = rewritten = False
    olds, news = _paragraphs(old), _paragraphs(new)
    subject = _subject(old) | _subject(new)
    if len(olds) != len(news):
        yield "A line is new or gone."
    for before, after in zip(olds, news, strict=False):
        if before == after:
            continue
        gone, come, beside_number = _exchanged(before, after)
        guarded += [*beside_number, *_opposites(gone, come)]
        guarded += [
            word for word in (*gone, *come) if _is_guarded(word) or _stem(word.lower()) in subject
        ]
        gone, come = [word.lower() for word in gone], [word.lower() for word in come]
        moved = moved or bool((Counter(gone) & Counter(come)).keys() - _SMALL)
        longest = max(len(before), len(after))
        rewritten = rewritten or max(len(gone), len(come)) > max(2, _MOST_CHANGED * longest)
    if guarded:
        words = ", ".join(f"“{word}”" for word in dict.fromkeys(guarded))
        yield f"A number or a word that carries the meaning changes: {words}."
    if moved:
        yield "Words change places."
    if rewritten:
        yield "A paragraph is written anew."


def _exchanged(before: list[str], after: list[str]) -> tuple[list[str], list[str], list[str]]:
    """The words that went, those that came, and those of them that stand beside a number."""
    gone: list[str] = []
    come: list[str] = []
    beside: list[str] = []
    was, is_now = ([word.lower() for word in words] for words in (before, after))
    for tag, i, j, k, m in SequenceMatcher(None, was, is_now, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += before[i:j]
            come += after[k:m]
            if any(map(_holds_number, before[max(i - 1, 0) : j + 1])):
                beside += [*before[i:j], *after[k:m]]
    return gone, come, beside


def _opposites(gone: list[str], come: list[str]) -> list[str]:
    """The words of which the same word stood there with something before or behind it."""
    pairs = [
        (word, other)
        for word in gone
        for other in come
        if _OPPOSITE.sub("", word.lower()) == _OPPOSITE.sub("", other.lower())
    ]
    return [word for pair in pairs for word in pair if pair[0].lower() != pair[1].lower()]


def _is_guarded(word: str) -> bool:
    parts = re.split(r"[-–—/’']", word.lower())
    return (
        not _GUARDED.isdisjoint(parts)
        or not _MEDICAL.isdisjoint(map(_stem, parts))
        or bool(_NEGATED.search(word.lower()))
        or _holds_number(word)
        or word != word.lower()  # a name; the first word of a sentence is small here
        or "?" in word
    )


def _holds_number(word: str) -> bool:
    return any(character.isnumeric() or character in "%‰±<>≤≥" for character in word)


@functools.lru_cache(maxsize=10_000)
def _stem(word: str) -> str:
    """The part that a word shares with its other forms."""
    return str(snowballstemmer.stemmer("english").stemWord(word))


_MEDICAL = frozenset(map(_stem, f"{_MEDICAL_WORDS} {_MEDICAL_SPELT}".split()))


def _subject(tree: Tree) -> set[str]:
    """The stems of the words in which the text says what readers take away first."""
    texts = [tree["title"], plain(tree["short_answer"])]
    texts += [plain(message["c"]) for message in tree["key_messages"]]
    for term in tree.get("terms") or []:
        texts += [term["term"], *term["also"]]
    if comparison := tree.get("comparison"):
        texts += [option["name"] for option in comparison["options"]]
    words = {word.lower() for text in texts for word in _words(text)}
    return {_stem(word) for word in words - _SMALL if len(word) > _SHORT}


def _paragraphs(tree: Tree) -> list[list[str]]:
    """The words of every line of the running text, in its order."""
    lines = [
        line
        for name in _PROSE
        for block in tree.get(name) or []
        for line in plain([block]).splitlines()
    ]
    return [words for line in lines if (words := _words(line))]


def _words(line: str) -> list[str]:
    """
    Words with their figures, signs and question marks, without other punctuation around them; the
    first of a sentence in small letters, unless more than its first letter is large.
    """
    words: list[str] = []
    begins = True
    for written in line.split():
        # A point or a dash before a figure belongs to it: .5 is not 5, nor is –5.
        bare = re.sub(r"^[.,;:!()\[\]“”\"'‘’…–—]+(?<![.–—](?=\d))", "", written)
        bare = bare.rstrip(".,;:!()[]“”\"'‘’…–—")
        if bare:
            words.append(bare.lower() if begins and bare[1:] == bare[1:].lower() else bare)
        begins = bool(re.search(r"[.!?:][)”\"'’]*$", written)) or (begins and not bare)
    return words


def _walk(tree: Tree) -> Iterator[Node]:
    for name in _PROSE:
        yield from walk(tree.get(name) or [])
