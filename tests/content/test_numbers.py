"""
The ledger of numbers: every figure in shipped text stands in it and in the finding that it is from.

``education/content/numbers.json`` is written anew by ``docs/number_ledger.py``, which says what a
person then has to read. Nothing here needs a database.
"""

import copy
import json
import re
from functools import cache

import pytest
import yaml

from education.articles.files import SafeLoader
from education.text.numbers import key_of, ledger_problems, numbers_in, traced
from education.text.tree import findings_of, passages, walk
from tests.content.test_content import CONTENT, FILES, rendered

LEDGER = json.loads((CONTENT / "numbers.json").read_text("utf-8"))
WHAT_TO_DO = (
    "Run `.venv/bin/python docs/number_ledger.py`, read each line that it prints against the work, "
    "and say in “because” why a number stands in no finding."
)
# Each word told the other way round.
OPPOSITE = {
    "more": "fewer", "fewer": "more", "better": "worse", "worse": "better", "higher": "lower",
    "lower": "higher", "rose": "fell", "fell": "rose", "gained": "lost", "less": "more",
    "ahead": "behind", "larger": "smaller", "smaller": "larger", "no": "more", "not": "always",
}  # fmt: skip
OTHER_COMPARATOR = {
    "dummy": "untreated", "pretend": "untreated", "sham": "placebo", "placebo": "sham",
    "than": "before", "alone": "sham",
    "physiotherapy": "placebo", "without": "against", "expected": "before",
}  # fmt: skip
SURER = {"may": "will", "probably": "certainly", "likely": "certainly"}
SURER_GRADE = {"very_low": "low", "low": "moderate", "moderate": "high", "not_graded": "high"}
KINDS = ("value", "denominator", "direction", "certainty", "comparator", "time")
OF_EACH_KIND = 9


@cache
def records():
    works = json.loads((CONTENT / "evidence.json").read_text("utf-8"))
    findings = yaml.load((CONTENT / "findings.yaml").read_text("utf-8"), SafeLoader)
    return {work["id"]: [work, findings.get(work["id"], {})] for work in works}


TREES = {path.stem: path for path in FILES}


def problems(name, tree):
    return ledger_problems(LEDGER.get(name, ()), list(numbers_in(tree)), records())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_number_stands_in_the_ledger_and_in_its_finding(path):
    found = problems(path.stem, rendered(path).tree)
    assert not found, "\n".join([*found, WHAT_TO_DO])


def test_the_ledger_is_of_the_articles_that_ship():
    assert set(LEDGER) == set(TREES), WHAT_TO_DO


def changed(name, row, pattern, put):
    """The article's tree with one word of the row's passage put otherwise; None where not found."""
    tree = copy.deepcopy(rendered(TREES[name]).tree)
    for part in passages(tree):
        if part.where != row["where"] or part.quoted:
            continue
        if row["passage"] not in " ".join(part.text.split()):
            continue  # the word may stand in another paragraph too
        for node in walk(part.nodes):
            text = node.get("text") if node["t"] == "text" else None
            for word in re.finditer(pattern, text or "", re.IGNORECASE):
                around = " ".join(text[max(0, word.start() - 20) : word.end() + 20].split())
                if around in row["passage"]:
                    node["text"] = text[: word.start()] + put(word[0]) + text[word.end() :]
                    return tree
    return None


def error_in(name, row, kind):
    """The article with one error of a kind seeded in a row's passage; None where it has no such."""
    words = set(row.get(kind, "").split("; "))
    pairs = {}
    match kind:
        case "value" if "because" not in row:
            wrong = next(
                str(n)
                for n in range(3, 9_999, 7)
                if not traced(str(n), "", [records()[key] for key in row.get("cites", ())])
            )
            return changed(
                name, row, rf"(?<![\w.,]){re.escape(row['value'])}(?![\w.,]*\d)", lambda _: wrong
            )
        case "denominator" if row.get("of"):
            return changed(name, row, rf"(?<=of ){row['of']}\b", lambda _: "77")
        case "direction":
            pairs = {word: other for word, other in OPPOSITE.items() if word in words}
        case "comparator":
            pairs = {word: other for word, other in OTHER_COMPARATOR.items() if word in words}
        case "certainty":
            pairs = {word: other for word, other in SURER.items() if word in words}
            if row["where"].startswith("key_messages."):
                tree = copy.deepcopy(rendered(TREES[name]).tree)
                message = tree["key_messages"][int(row["where"].partition(".")[2])]
                message["certainty"] = SURER_GRADE[message["certainty"]]
                return tree
        case "time" if row.get("time"):
            first = row["time"].split("; ")[0]
            return changed(name, row, rf"\b{re.escape(first)}", lambda _: "thirty years")
    for word, other in pairs.items():
        if tree := changed(name, row, rf"\b{word}\b", lambda _, other=other: other):
            return tree
    return None


@cache
def seeded(kind):
    """So many errors of one kind, each in another article as far as there are enough."""
    rows = [(name, row) for name in LEDGER for row in LEDGER[name] if row.get("cites")]
    step = max(1, len(rows) // 60)
    chosen = []
    for start in range(step):
        for name, row in rows[start::step]:
            if (tree := error_in(name, row, kind)) is not None:
                chosen.append((name, row, tree))
                if len(chosen) == OF_EACH_KIND:
                    return chosen
    return chosen


@pytest.mark.parametrize("number", range(OF_EACH_KIND))
@pytest.mark.parametrize("kind", KINDS)
def test_a_seeded_error_is_caught(kind, number):
    name, row, tree = seeded(kind)[number]

    found = problems(name, tree)

    assert any(row["where"] in problem for problem in found)


@pytest.mark.parametrize("number", range(OF_EACH_KIND))
def test_a_wrong_value_is_caught_also_where_somebody_put_it_in_the_ledger(number):
    _, _, tree = seeded("value")[number]
    uses = list(numbers_in(tree))

    found = ledger_problems([use.row() for use in uses], uses, records())

    assert any("is not what" in problem and "no row says why" in problem for problem in found)


@pytest.mark.parametrize(
    ("field", "told", "wrong"),
    [
        ("effect", "1.36 points more", "1.63 points more"),
        ("people", "341 children", "431 children"),
        ("time", "6 and 12 months", "6 and 24 months"),
    ],
)
def test_a_wrong_figure_beside_the_words_of_a_row_is_caught(field, told, wrong):
    tree = copy.deepcopy(rendered(TREES["table-of-findings"]).tree)
    rows = (row for outcome in findings_of(tree) for row in outcome["rows"])
    row = next(row for row in rows if row["slug"] == "movement-1y/cord-own-2")
    assert told in row[field]
    row[field] = row[field].replace(told, wrong)

    found = problems("table-of-findings", tree)

    assert any(f"findings.movement-1y/cord-own-2.{field}" in problem for problem in found)


def test_other_words_around_the_same_statement_need_no_new_row():
    name, row = next(
        (name, row) for name in LEDGER for row in LEDGER[name] if "children" in row["passage"]
    )
    tree = changed(name, row, r"\bchildren\b", lambda _: "girls and boys")

    assert tree is not None
    assert problems(name, tree) == []


@pytest.mark.parametrize(
    ("value", "of", "record", "how"),
    [
        ("1.4", "", "1.42 points (95% CI 0.31 to 2.52)", "rounded"),
        ("7", "100", "legs that could do less 7.33%", "rounded"),
        ("54", "95", "Of 95 who answered 57% later needed surgery", "from a share"),
        ("33", "100", "1 in 3 cannot walk", "from a share"),
        ("3", "1000", "leak of spinal fluid 0.31%", "from a share"),
        ("41", "", "Forty-one unwanted events", "as written"),
        ("41", "276", "Forty-one unwanted events in 464 children", ""),
        ("8", "100", "legs that could do less 7.33%", ""),
        ("2.5", "", "1.42 points (95% CI 0.31 to 2.62)", ""),
    ],
)
def test_a_number_is_traced_to_what_one_work_says(value, of, record, how):
    assert traced(value, of, [{"finding": record}]) == how


def test_each_row_of_the_ledger_says_which_passage_it_is_of():
    assert all(key_of(row) and row["passage"] for rows in LEDGER.values() for row in rows)
