r"""
What can be said of a text's language without understanding it: one measure for desk and tests.

``check(tree)`` looks at a rendered text; ``render`` calls it, so its findings are among
``Rendered.problems``. The reading grade aims at 6 to 8 and fails above 9 (``FAILING_GRADE``).

To check a file while writing, without a database::

    .venv/bin/python -c "
    import sys, yaml
    from education.text.rendering import Draft, render
    _, front, body = open(sys.argv[1]).read().split('---\n', 2)
    fields = {k: v for k, v in yaml.safe_load(front).items() if k in Draft.__dataclass_fields__}
    for problem in render(Draft(body=body, **fields), {}).problems:
        if problem.code != 'unknown-evidence':
            print(problem.code, problem.message)
    " education/content/articles/NAME.md
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from education.text.readability import reading_grade, word_count, words
from education.text.sentences import sentences
from education.text.tree import Node, Passage, Tree, passages, plain, walk

AIM_GRADE = 8.0
FAILING_GRADE = 9.0
LONG_SENTENCE = 25  # words; GOV.UK and NHS content guides ask for fewer
SHORTEST_MEASURED = 100  # words; below this a grade says little
MOST_WARNINGS = 2  # callouts on one page; more, and none is read


@dataclass(frozen=True)
class Problem:
    """
    Something to look at before readers see the text.

    ``where`` is the path of the field (see ``Passage``); ``message`` is for the editor and stands
    alone; what is ``blocking`` keeps the text from review and publication.
    """

    code: str
    message: str
    where: str
    blocking: bool = False
    # Which words of the field are meant, as they stand in its passages, and how many times they
    # stood there before; none where the whole field is.
    words: str = field(default="", compare=False)
    nth: int = field(default=0, compare=False)


HYPE = {
    "en": re.compile(
        r"(?<![\w-])(?:cur(?:e|es|ed|ing|able|ative)|miracle\w*|miraculous\w*|break-?throughs?"
        r"|revolutionary|revolutioni[sz]\w+|guarantee\w*|game[- ]chang\w+|wonder[- ](?:drug|cure)s?"
        r"|magic\w*|ground-?breaking|cutting[- ]edge|state[- ]of[- ]the[- ]art|world[- ]class"
        r"|life[- ]changing|risk[- ]free|eradicat\w+|amazing\w*|astonishing\w*|unprecedented"
        r"|100 ?% (?:safe|effective|success\w*))(?![\w-])",
        re.IGNORECASE,
    ),
    "zh": re.compile("根治|治愈|奇迹|神奇|突破性|革命性|保证有效|包治|百分之百有效"),
}

# What to write instead, and what it replaces.
_INSTEAD: dict[str, tuple[str, ...]] = {
    "intellectual disability": (
        r"mental(?:ly)? (?:retard|handicap)\w*",
        r"retard(?:ed|ation|s)",
    ),
    "has or with, as in “a child with cerebral palsy”": (
        r"suffer(?:s|ed|ing)? (?:from|with)",
        r"(?:is|are|was|were) afflicted (?:with|by)",
        r"victims? of (?:cerebral palsy|cp)",
        r"cerebral palsy (?:victim|sufferer)s?",
    ),
    "“a child with cerebral palsy”": (
        r"(?:cp|cerebral[- ]pals(?:y|ied)|palsied) (?:child(?:ren)?|kids?|patients?|adults?)",
        r"(?:cp|cerebral[- ]pals(?:y|ied)|palsied) (?:bab(?:y|ies)|boys?|girls?)",
    ),
    "“a child with spasticity”": (
        r"spastics",
        r"a spastic(?= ?[.,;:!?]|$)",
        r"spastic (?:child(?:ren)?|kids?|patients?)",
    ),
    "“uses a wheelchair”": (
        r"wheelchair[- ]bound",
        r"confined to (?:a|the|their|his|her) wheelchair",
    ),
    "“disabled”, or what is hard to do": (
        r"handicap(?:ped|s)?",
        r"crippl(?:e|es|ed|ing)",
        r"invalids",
    ),
    "“a person with epilepsy”": (
        r"epileptics",
        r"(?:an|the) epileptic(?= ?[.,;:!?]|$| (?:child|who|is|was))",
    ),
    "“disabled people”": (r"the disabled(?! (?:child|person|people|adult|man|woman|boy|girl))",),
    "“children without cerebral palsy”": (
        r"(?:ab)?normal (?:child(?:ren)?|kids?|bab(?:y|ies)|people)",
    ),
    "“deaf”": (r"deaf and dumb", r"deaf-mutes?"),
}
OUTDATED = tuple(
    (re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE), instead)
    for instead, patterns in _INSTEAD.items()
)

_QUOTED = re.compile(r"“[^“”]*”|\"[^\"]*\"|‘[^‘’]*’|«[^«»]*»|「[^「」]*」|『[^『』]*』")
# A figure, but not one inside a name such as GMFM-66, G80.1 or L1.
_NUMBER = re.compile(
    r"(?<![\w.,-])\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|none)"
    r" (?:out of|of every|in every)\b|[一二三四五六七八九十百千]+分之|一半",
    re.IGNORECASE,
)
_MAY = re.compile(r"\bmay\b|(?:^|(?<=[.!?] ))May\b(?! \d)")
_PROBABLY = re.compile(r"\bprobably\b", re.IGNORECASE)
_VERY_UNCERTAIN = re.compile(r"\bvery uncertain\b", re.IGNORECASE)

# GRADE's verbs, as architecture and editorial policy fix them. High certainty states the thing.
_WORDING = {
    "moderate": (_PROBABLY, "moderate certainty is written with “probably”"),
    "low": (_MAY, "low certainty is written with “may”"),
    "very_low": (_VERY_UNCERTAIN, "very low certainty is written “we are very uncertain”"),
}
GRADES_WITH_A_VERB = tuple(_WORDING)


def check(tree: Tree) -> list[Problem]:
    """Everything the rules below find in one rendered text, place by place."""
    problems = [*_grade_problems(tree), *_heading_problems(tree), *_warning_problems(tree)]
    english = tree["language"].startswith("en")
    above: dict[str, str] = {}  # the words of the field so far, by its path
    for part in passages(tree):
        before = above.get(part.where, "")
        problems += _passage_problems(part, before, tree, english=english)
        above[part.where] = f"{before}{part.text}\n"
    for part, certainty in _graded(tree):
        if english and (reason := certainty_wording(part.text, certainty)):
            problems.append(_problem("certainty-word", part, f"{reason}."))
    return problems


def _hype(text: str, language: str) -> Iterator[re.Match[str]]:
    pattern = HYPE.get(language[:2])
    return pattern.finditer(_unquoted(text)) if pattern else iter(())


def hype_words(text: str, language: str = "en") -> list[str]:
    """Words that sell rather than inform; allowed inside quotation marks."""
    return [match[0] for match in _hype(text, language)]


def outdated_terms(text: str) -> list[tuple[str, str]]:
    """English terms that hurt or mislead, each with what to write instead; quotations may."""
    return [(match[0], instead) for match, instead in _outdated(text)]


def _outdated(text: str) -> Iterator[tuple[re.Match[str], str]]:
    unquoted = _unquoted(text)
    return (
        (match, instead) for pattern, instead in OUTDATED for match in pattern.finditer(unquoted)
    )


def long_sentences(text: str) -> list[tuple[str, int]]:
    """Sentences of more than 25 words, each with its number of words."""
    counted = ((sentence, len(words(sentence))) for sentence in sentences(text))
    return [(sentence, count) for sentence, count in counted if count > LONG_SENTENCE]


def uncited_numbers(nodes: Iterable[Node]) -> list[str]:
    """
    Factual sentences with a number that no citation supports.

    A question states nothing, and a number in a name (GMFM-66) is no finding.
    """
    return [
        sentence
        for sentence in sentences(_unsupported(nodes))
        if not sentence.rstrip("”’\"')").endswith(("?", "？")) and _NUMBER.search(sentence)
    ]


def certainty_wording(text: str, certainty: str) -> str:
    """
    Why a statement's verb does not fit its GRADE certainty; empty when it does.

    High states it, moderate says "probably", low "may", very low "we are very uncertain".
    """
    if certainty == "high":
        hedged = _PROBABLY.search(text) or _MAY.search(text) or _VERY_UNCERTAIN.search(text)
        return f"high certainty states it, without “{hedged[0]}”" if hedged else ""
    pattern, rule = _WORDING.get(certainty, (None, ""))
    return rule if pattern and text.strip() and not pattern.search(text) else ""


def _passage_problems(
    part: Passage, before: str, tree: Tree, *, english: bool
) -> Iterator[Problem]:
    """What to say of one passage; ``before``: the words of its field above it."""
    text = part.text

    def problem(code: str, message: str, words: str, start: int) -> Problem:
        nth = before.count(words) + (text.count(words, 0, start) if start > 0 else 0)
        return replace(_problem(code, part, message), words=words, nth=nth)

    if not part.quoted:
        for match in _hype(text, tree["language"]):
            message = f"“{match[0]}” promises too much; say what was found."
            yield problem("hype-word", message, match[0], match.start())
        for match, instead in _outdated(text) if english else ():
            message = f"instead of “{match[0]}” write {instead}."
            yield problem("outdated-term", message, match[0], match.start())
    if part.kind in {"heading", "figure"}:
        return
    if english and not part.quoted:
        for sentence, count in long_sentences(text):
            message = f"{count} words in one sentence: “{shortened(sentence)}”"
            yield problem("long-sentence", message, sentence, text.find(sentence))
    # How we work is described without a source.
    describes_work = tree["kind"] == "policy" or part.where.startswith("outcomes.")
    if not describes_work and part.where != "questions":
        for sentence in uncited_numbers(part.nodes):
            message = f"a number without a citation: “{shortened(sentence)}”"
            yield problem("uncited-number", message, sentence, text.find(sentence))


def _graded(tree: Tree) -> Iterator[tuple[Passage, str]]:
    """Every statement that carries a certainty, with it."""
    for index, message in enumerate(tree["key_messages"]):
        part = Passage(
            f"key_messages.{index}", f"Key message {index + 1}", "key_message", message["c"]
        )
        yield part, message["certainty"]
    grid = tree["comparison"] or {"options": [], "rows": []}
    names = {option["slug"]: option["name"] for option in grid["options"]}
    for index, row in enumerate(grid["rows"]):
        for cell in row["cells"]:
            label = f"“{row['question']}”, {names[cell['option']]}"
            part = Passage(f"rows.{index}.{cell['option']}", label, "cell", cell["c"])
            if not cell["unknown"]:
                yield part, cell["certainty"]
    for index, claim in enumerate(tree["claims"]):
        part = Passage(f"claims.{index}", f"Claim “{claim['said']}”", "claim", claim["c"])
        yield part, claim["certainty"]


def _grade_problems(tree: Tree) -> Iterator[Problem]:
    measured = reading_grade(tree)
    if measured is None or measured <= AIM_GRADE or word_count(tree) < SHORTEST_MEASURED:
        return
    verdict = "too hard" if measured > FAILING_GRADE else "harder than we aim for"
    yield Problem(
        "reading-grade",
        f"The text reads at grade {measured}, which is {verdict}: aim at 6 to 8, at most 9. "
        "Shorter sentences and shorter words help most.",
        "body",
    )


def _heading_problems(tree: Tree) -> Iterator[Problem]:
    level = 1
    for block in tree["body"]:
        if block["t"] != "heading":
            continue
        text = shortened(plain(block["c"])) or "an empty heading"
        if not plain(block["c"]).strip():
            yield Problem("heading-empty", "A heading has no words.", "body", blocking=True)
        if block["level"] > level + 1:
            yield Problem(
                "heading-order",
                f"“{text}” is a heading of level {block['level']} after one of level {level}; "
                f"use {'#' * (level + 1)}.",
                "body",
                blocking=True,
                words=plain(block["c"]),
            )
        level = block["level"]


def _warning_problems(tree: Tree) -> Iterator[Problem]:
    count = sum(node["t"] == "callout" and node["kind"] == "warning" for node in walk(tree["body"]))
    if count > MOST_WARNINGS:
        yield Problem(
            "many-warnings",
            f"{count} warnings on one page; keep the {MOST_WARNINGS} that matter most.",
            "body",
        )


def _problem(code: str, part: Passage, message: str) -> Problem:
    sentence = f"{part.label}: {message}" if part.label else message[0].upper() + message[1:]
    return Problem(code, sentence, part.where)


def _unquoted(text: str) -> str:
    """The text with blanks in place of what is quoted, so that all else keeps its place."""
    return _QUOTED.sub(lambda match: " " * len(match[0]), text)


def _unsupported(nodes: Iterable[Node]) -> str:
    """The words of inline nodes that no citation supports; a line ends where others stood."""
    parts = []
    for node in nodes:
        if node["t"] == "supported":
            parts.append("\n")
        elif "c" in node:
            parts.append(_unsupported(node["c"]))
        else:
            parts.append(plain([node]))
    return "".join(parts)


def shortened(text: str, length: int = 60) -> str:
    """The beginning of a text, for a message."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[:length].rstrip()}…"
