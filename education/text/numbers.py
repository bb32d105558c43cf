"""
Numbers in a text: what each counts, of how many, when, against what, which way, how sure.

The ledger of numbers (``education/content/numbers.json``) holds one row for each number in the text
that ships. Everything here works on words alone and needs no database.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from education.text.sentences import MARK, sentences
from education.text.tree import Node, Tree, findings_of, passages, walk

# A figure, but not one inside a name such as GMFM-66, G80.1, L1 or NCT01988584.
NUMBER = re.compile(r"(?<![\w.,/])(?<![\w.,/]-)\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w/]|-[A-Za-z])")
_OF = re.compile(
    r"(?P<value>\d[\d.,]*)(?:\s+\w+){0,2}?\s+(?:of|in|for)\s+(?:every\s+|the\s+|all\s+)?"
    r"(?P<of>\d[\d,]*)(?![\d.]*\s+(?:years?|months?|weeks?|days?|hours?)\b)"
)
_AMOUNT = (
    r"(?:\d[\d.,]*|an?|half an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve"
    r"|few|several)"
)
_TIME = re.compile(
    rf"\b{_AMOUNT}(?: (?:to|or|and) {_AMOUNT})?[ -](?:more )?"
    r"(?:years?|months?|weeks?|days?|hours?)\b",
    re.IGNORECASE,
)
_COMPARATORS = re.compile(
    r"\b(?:dumm(?:y|ies)|pretend|sham|placebo|saline|without(?: cells| it)?"
    r"|no cells|no operation|alone"
    r"|physiotherapy|therapy only|untreated|usual care|than|against|nobody to compare|expected"
    r"|forecast|before)\b",
    re.IGNORECASE,
)
_DIRECTIONS = re.compile(
    r"\b(?:more|less|fewer|higher|lower|better|worse|larger|smaller|longer|shorter|most|least"
    r"|r[io]se|rises|risen|f[ae]ll|falls|fallen|gain(?:s|ed)?|los[est]+|ahead|behind|improve[sd]?"
    r"|increase[sd]?|decrease[sd]?|helps?|harms?|no|not|nobody|none|never|without difference)\b",
    re.IGNORECASE,
)
_SURENESS = re.compile(
    r"\b(?:may|might|probably|likely|very uncertain|certain|clearly|surely|always|proven|will)\b",
    re.IGNORECASE,
)
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_FIGURE_OF = (
    {word: str(number) for number, word in enumerate(_ONES)}
    | {word: str(10 * number) for number, word in enumerate(_TENS, 2)}
    | {
        f"{tens}-{ones}": str(10 * number + place)
        for number, tens in enumerate(_TENS, 2)
        for place, ones in enumerate(_ONES[1:10], 1)
    }
)
# Parts that works give in words, of 100.
_SHARES = {"half": 50, "a quarter": 25, "a third": 33, "two thirds": 67, "three quarters": 75}
# "Of every 100 children" begins a list of shares; "3." is the number of a step.
_FRAME = re.compile(r"\b(?:of every|out of|for every|in every)\s+$", re.IGNORECASE)
_LABEL = re.compile(r"\d+\.?")
ROUND = frozenset({"100", "1000"})
# What a row of a table of findings says of its studies beside its words.
FIELDS_OF_ROWS = ("people", "who", "comparator", "time", "effect")


@dataclass(frozen=True)
class NumberUse:
    """One number in a text, with what its sentence says of it."""

    where: str
    value: str
    of: str
    time: str
    comparator: str
    direction: str
    certainty: str
    cites: tuple[str, ...]
    passage: str

    def row(self) -> dict[str, Any]:
        """As it stands in the ledger."""
        return {name: value for name, value in asdict(self).items() if value not in ("", ())}

    def key(self) -> tuple[Any, ...]:
        """What must not change unseen; the rest of the sentence may be worded otherwise."""
        return key_of(self.row())


def key_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What must not change unseen in a row of the ledger."""
    parts = ("where", "value", "of", "time", "comparator", "direction", "certainty")
    return (*(row.get(name, "") for name in parts), tuple(row.get("cites", ())))


def numbers_in(tree: Tree) -> Iterator[NumberUse]:
    """Every figure in the text, in the order of the page; what is quoted is left out."""
    grades = _grades(tree)
    for part in passages(tree):
        if part.quoted:
            continue
        cites_of_all = _cited(part.nodes)
        certainty = grades.get(part.where, "")
        for sentence, cites in _sentences(part.nodes):
            yield from _in_sentence(part.where, sentence, cites or cites_of_all, certainty)
    for outcome in findings_of(tree):
        for row in outcome["rows"]:
            for name in FIELDS_OF_ROWS:
                where = f"findings.{row['slug']}.{name}"
                for sentence in sentences(row[name]):
                    yield from _in_sentence(
                        where, sentence, row["evidence"], row["certainty"], times_too=True
                    )


def numbers_of(record: Any) -> frozenset[str]:
    """Every number that a record holds, in figures and in words."""
    return _numbers_in_words(_words_of(record))


@lru_cache(maxsize=2_048)
def _numbers_in_words(text: str) -> frozenset[str]:
    figures = {_digits(figure[0]) for figure in re.finditer(r"\d(?:[\d,]*\d)?(?:\.\d+)?", text)}
    words = re.findall(r"[a-z]+(?:-[a-z]+)?", text.lower())
    return frozenset(figures | {_FIGURE_OF[word] for word in words if word in _FIGURE_OF})


def _words_of(record: Any) -> str:
    if isinstance(record, Mapping):
        return " ".join(map(_words_of, record.values()))
    if isinstance(record, list | tuple):
        return " ".join(map(_words_of, record))
    return str(record)


def _in_sentence(
    where: str, sentence: str, cites: Sequence[str], certainty: str, *, times_too: bool = False
) -> Iterator[NumberUse]:
    """The numbers of a sentence; those of its times stand beside the others, or also alone."""
    text = sentence.replace(MARK, "")
    times = list(_TIME.finditer(text))
    frames = {match.start("value"): _digits(match["of"]) for match in _OF.finditer(text)}
    counted = {match.start("of") for match in _OF.finditer(text)}
    in_times = [range(match.start(), match.end()) for match in times]
    qualifiers = {
        "time": "; ".join(match[0].lower() for match in times),
        "comparator": _matches(_COMPARATORS, text),
        "direction": _matches(_DIRECTIONS, text),
        "certainty": "; ".join(filter(None, (certainty, _matches(_SURENESS, text)))),
    }
    for match in NUMBER.finditer(text):
        if match.start() in counted:
            continue  # it stands in the row as denominator
        if not times_too and any(match.start() in span for span in in_times):
            continue  # it stands in the row as time
        if _FRAME.search(text[: match.start()]) or _LABEL.fullmatch(text.strip()):
            continue
        yield NumberUse(
            where=where,
            value=_digits(match[0]),
            of=frames.get(match.start(), ""),
            cites=tuple(cites),
            passage=" ".join(text.split()),
            **qualifiers,
        )


def _matches(words: re.Pattern[str], text: str) -> str:
    return "; ".join(match[0].lower() for match in words.finditer(text))


def _digits(figure: str) -> str:
    return figure.rstrip(".,").replace(",", "")


def _sentences(nodes: Sequence[Node]) -> Iterator[tuple[str, list[str]]]:
    """Each sentence with the works it cites itself."""
    keys: list[list[str]] = []

    def written(node: Node) -> str:
        if node["t"] == "cite":
            keys.append([item["key"] for item in node["items"]])
            return MARK
        if node["t"] == "text":
            return str(node["text"])
        if node["t"] == "break":
            return " "
        return "".join(map(written, node.get("c", [])))

    text = "".join(map(written, nodes)).replace("\n", " ")
    waiting = iter(keys)
    for sentence in sentences(text):
        own = [key for _ in range(sentence.count(MARK)) for key in next(waiting, [])]
        yield sentence, list(dict.fromkeys(own))


def _cited(nodes: Collection[Node]) -> list[str]:
    keys = (item["key"] for node in walk(nodes) if node["t"] == "cite" for item in node["items"])
    return list(dict.fromkeys(keys))


def _grades(tree: Tree) -> dict[str, str]:
    """The certainty of each unit that has one, by its path."""
    grades = {
        f"key_messages.{i}": message["certainty"] for i, message in enumerate(tree["key_messages"])
    }
    for i, row in enumerate((tree["comparison"] or {"rows": []})["rows"]):
        grades |= {f"rows.{i}.{cell['option']}": cell["certainty"] for cell in row["cells"]}
    return grades | {f"claims.{i}": claim["certainty"] for i, claim in enumerate(tree["claims"])}


def traced(value: str, of: str, records: Collection[Any]) -> str:
    """
    How a number stands in the records it cites: as written, rounded, or as a share.

    Empty where it stands in none, or where its denominator does not stand beside it. "6.7%" may be
    told as 7 out of 100, "57%" of 95 people as 54 and "1 in 3" as 33 out of 100: each is arithmetic
    on what one record says. Nothing else is worked out here.
    """
    for record in records:
        figures = numbers_of(record)
        if of and of not in ROUND and of not in figures:
            continue
        if value in figures:
            return "as written"
        if any(_rounds_to(figure, value) for figure in figures):
            return "rounded"
        if value in _from_shares(_words_of(record), of, figures):
            return "from a share"
    return ""


def _from_shares(text: str, of: str, figures: Collection[str]) -> set[str]:
    """Whole numbers that the shares in a record come to, of 100, or of so many people in it."""
    shares = [float(share) for share in re.findall(r"(\d+(?:\.\d+)?)\s?%", text)]
    shares += [
        100 * int(part) / int(whole)
        for part, whole in re.findall(r"\b(\d{1,2}) (?:in|out of|of) (\d{1,3})\b", text)
        if 0 < int(part) <= int(whole)
    ]
    shares += [share for words, share in _SHARES.items() if words in text.lower()]
    frames = [int(of)] if of in ROUND or of in figures else [100] if not of else []
    return {str(int(share * frame / 100 + 0.5)) for share in shares for frame in frames}


def _rounds_to(figure: str, value: str) -> bool:
    """Half goes up, as readers round: 13.5 is told as 14."""
    places = len(value.partition(".")[2])
    if len(figure.partition(".")[2]) <= places:
        return False
    step = Decimal(1).scaleb(-places)
    return str(Decimal(figure).quantize(step, ROUND_HALF_UP)) == value


def ledger_problems(
    listed: Sequence[Mapping[str, Any]], uses: Sequence[NumberUse], records: Mapping[str, Any]
) -> list[str]:
    """
    What is wrong between a text and its rows of the ledger, a sentence each.

    ``records`` has what is held of each work, by key. A number that is not listed, or of which the
    sentence now says another denominator, time, comparator, direction or certainty; a row that
    nothing in the text is of any more; a value that its findings don't hold.
    """
    rows = Counter(key_of(row) for row in listed)
    now = Counter(use.key() for use in uses)
    because = {key_of(row) for row in listed if row.get("because")}
    problems = [
        f"{use.where}: {use.value} is not in the ledger as the text tells it now: “{use.passage}”"
        for use in uses
        if now[use.key()] > rows[use.key()]
    ]
    problems += [
        f"{row['where']}: {row['value']} stands in the ledger and no longer in the text: "
        f"“{row['passage']}”"
        for row in listed
        if rows[key_of(row)] > now[key_of(row)]
    ]
    problems += [
        f"{use.where}: {use.value} is not what {' or '.join(use.cites) or 'no work'} found, and no "
        f"row says why: “{use.passage}”"
        for use in uses
        if use.key() not in because
        and not traced(use.value, use.of, [records.get(key, {}) for key in use.cites])
    ]
    return problems
