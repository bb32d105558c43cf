"""
From what an editor writes to what is shown, stored and searched: ``render`` (docs/markdown.md).

Pure functions of their arguments; the evidence and the glossary are given. The order of the page
is the order of reading: one-sentence answer, key messages, body, grid, claims, terms, what we do
not know, questions; citations are numbered in it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import nh3

from education.text.citation_scope import mark_blocks, mark_cell, mark_unit
from education.text.escaping import escape, unshowable, writable
from education.text.figures import LibraryDrawing, draw_library_figure, load_figure
from education.text.findings import FINDING_DETAILS
from education.text.glossary import Term, explain_terms
from education.text.html import all_sanitised, to_html
from education.text.labels import CERTAINTIES, DIRECTIONS, VERDICTS
from education.text.lint import Problem, check
from education.text.markdown import DIALECT, MOST_PROBLEMS, FieldLocation, Reader, addresses
from education.text.masking import contents
from education.text.named_rows import Row, name_rows
from education.text.tree import Node, Tree, findings_of, passages, plain, plain_text

# Of trees, by the dialect of the text: each is read for ever.
SCHEMAS = {1: 1, 2: 2}
LONGEST_BODY = 100_000  # characters; ten times our longest article
LONGEST_FIELD = 20_000
LONGEST_TEXT = 500_000
MOST_PARTS = 300  # key messages, rows, claims or terms
MOST_FINDINGS = 600  # rows of a table of findings
MOST_OPTIONS = 12  # side by side in a grid

# Parts that texts of 0.3.0 did not have.
LATER_PARTS = frozenset({"outcomes", "findings"})
# With what a key message, cell or claim names a row of the table of findings.
NAMES_ROW = ("finding", "direction")

_NAMES = ("slug", "name")
_PLACED = re.compile(r"\(figure:([a-z0-9-]+)")
_REFERENCE_TAGS = {"a", "b", "cite", "em", "i", "span", "strong", "sub", "sup"}
_STATUS = {
    "concern": (False, "is under an expression of concern; say in the record why it is used"),
    "corrected": (False, "was corrected; check that the text fits the correction"),
    "superseded": (False, "was superseded; cite what replaced it"),
    "retracted": (True, "was retracted and can't be cited"),
}


@dataclass(frozen=True)
class Draft:
    """
    The whole text of a revision: everything an editor writes, as ``docs/content.md`` shows it.

    The parts are dicts with the fields of the front matter: key messages ``text certainty``;
    options ``slug name``; rows ``slug question cells``, cells by option ``text certainty unknown``;
    claims ``slug said verdict certainty answer claim``; terms ``slug term also definition``.
    A table of findings has ``outcomes``, ``slug name note``, and ``findings``: the fields of
    ``articles.models.FindingsRow``, with the slugs of its outcome and option.
    ``dialect`` is that of the Markdown in which the text was last saved.
    """

    language: str = "en"
    kind: str = "article"
    title: str = ""
    short_answer: str = ""
    key_messages: list[dict[str, Any]] = field(default_factory=list)
    body: str = ""
    unknowns: str = ""
    questions: str = ""
    funding: str = ""
    what_changed: str = ""
    correction: str = ""
    options: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    terms: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    dialect: int = DIALECT

    def text(self) -> dict[str, Any]:
        """
        All that is written, as JSON: how it is read is no part of it, nor a part that was added
        later and says nothing, so that hashes of before stay.
        """
        return {
            name: part
            for name, part in asdict(self).items()
            if name != "dialect" and (part or name not in LATER_PARTS)
        }


@dataclass(frozen=True)
class Source:
    """
    What a reference needs to know of an evidence item.

    ``text`` and ``html`` are the formatted reference; ``status`` is the item's status now; an item
    that is not ``usable`` may not be cited. ``seen_on`` is the day on which somebody last saw a web
    source, as YYYY-MM-DD.
    """

    key: str
    text: str
    html: str = ""
    doi: str = ""
    pmid: str = ""
    url: str = ""
    design: str = ""
    sample_size: int | None = None
    follow_up: str = ""
    funding: str = ""
    finding: str = ""
    limitations: str = ""
    seen_on: str = ""
    usable: bool = True
    status: str = "current"


@dataclass(frozen=True)
class Rendered:
    """
    One rendering of a text, which is ``draft``: the tree, its parts as HTML (``html.Parts``), its
    words for searching, its references in order, and what an editor should look at.
    """

    draft: Draft
    tree: Tree
    html: dict[str, Any]
    text: str
    references: list[dict[str, Any]]
    problems: list[Problem]

    @property
    def advice(self) -> list[Problem]:
        """The problems that block nothing."""
        return [problem for problem in self.problems if not problem.blocking]


def render(
    draft: Draft,
    sources: Mapping[str, Source],
    *,
    terms: Mapping[str, Term] | None = None,
    rows: Mapping[str, Row] | None = None,
    drawings: Mapping[str, LibraryDrawing] | None = None,
) -> Rendered:
    """
    Render a text with the evidence it may cite, by key, the glossary's words, by slug, the rows of
    the published table of findings, by id, and the drawings of the library, by name.

    Never raises for anything that can be typed: what is wrong is in ``problems``, and shown as the
    words it was typed in.
    """
    author = _Author(draft, sources, drawings)
    tree = author.tree()
    if terms and draft.kind != "glossary":
        tree = explain_terms(tree, terms)
    of_rows = [] if rows is None or draft.outcomes else name_rows(tree, rows)
    found = [*author.reader.found, *of_rows, *_dead_fragments(tree), *check(tree)]
    return Rendered(
        draft=draft,
        tree=tree,
        html=all_sanitised(to_html(tree)),
        text=plain_text(tree),
        references=tree["references"],
        problems=list(dict.fromkeys(found))[:MOST_PROBLEMS],
    )


def placed_names(draft: Draft) -> set[str]:
    """The names of drawings that stand in a text, placed rightly or not."""
    return set(_PLACED.findall(json.dumps(draft.text(), ensure_ascii=False)))


def cited_keys(draft: Draft) -> list[str]:
    """Every key that a text cites, known or not, in the order in which references are numbered."""
    author = _Author(draft, None)
    author.tree()
    return list(author.numbers)


def unsourced_tree(draft: Draft) -> Tree:
    """The tree of a text by itself: without evidence, words of the glossary and HTML."""
    return _Author(draft, None).tree()


class _Author:
    """Reads a draft field by field in the order of the page, numbering citations as they come."""

    def __init__(
        self,
        draft: Draft,
        sources: Mapping[str, Source] | None,
        drawings: Mapping[str, LibraryDrawing] | None = None,
    ) -> None:
        self.draft = draft
        self.sources = sources
        self.drawings = drawings or {}
        self.numbers: dict[str, int] = {}
        self.left = LONGEST_TEXT
        credit_lines = {name: drawing.credit for name, drawing in self.drawings.items()}
        self.reader = Reader(self.number, self.draw, draft.dialect, credit_lines)

    def tree(self) -> Tree:
        draft = self.draft
        short_answer = self.unit(draft.short_answer, FieldLocation("short_answer", "Short answer"))
        key_messages = [
            self.key_message(index, part)
            for index, part in enumerate(self.parts(draft.key_messages, "key_messages"))
        ]
        body = mark_blocks(
            self.reader.blocks(
                self.text(draft.body, FieldLocation("body"), LONGEST_BODY),
                FieldLocation("body"),
                headings=True,
            )
        )
        comparison = self.comparison()
        claims = [
            self.claim(index, part) for index, part in enumerate(self.parts(draft.claims, "claims"))
        ]
        terms = [
            self.term(index, part) for index, part in enumerate(self.parts(draft.terms, "terms"))
        ]
        findings = self.findings_table()
        unknowns = self.blocks(draft.unknowns, FieldLocation("unknowns", "What we do not know"))
        questions = self.blocks(draft.questions, FieldLocation("questions", "Questions to ask"))
        return {
            "schema": SCHEMAS[draft.dialect],
            "kind": self.words(draft.kind, FieldLocation("kind")),
            "language": self.words(draft.language, FieldLocation("language")) or "en",
            "title": self.words(draft.title, FieldLocation("title", "Title")),
            "short_answer": short_answer,
            "short_answer_text": plain(short_answer),
            "key_messages": key_messages,
            "body": body,
            "unknowns": unknowns,
            "questions": questions,
            "comparison": comparison,
            "claims": claims,
            "terms": terms,
            **findings,
            "contents": contents(body),
            "references": self.references(),
            "funding": self.words(draft.funding, FieldLocation("funding", "Funding")),
            "what_changed": self.words(
                draft.what_changed, FieldLocation("what_changed", "What changed")
            ),
            "correction": self.words(draft.correction, FieldLocation("correction", "Correction")),
        }

    def draw(self, name: str, *, prefix: str, label: str) -> str:
        """A drawing of the library or one that ships; a text by itself needs only its words."""
        if self.sources is None:
            return ""
        if drawing := self.drawings.get(name):
            return draw_library_figure(name, drawing, prefix=prefix, label=label)
        return load_figure(name, prefix=prefix, label=label)

    # Text in, bounded

    def text(self, value: Any, place: FieldLocation, longest: int = LONGEST_FIELD) -> str:
        """A field's text, writable everywhere and no longer than we can draw at once."""
        text = "" if value is None else str(value)
        allowed = min(longest, self.left)
        if len(text) > allowed:
            self.reader.report(
                "too-long",
                f"the text has {len(text):,} characters; only the first {allowed:,} are shown.",
                place,
                blocking=True,
            )
            text = text[:allowed]
        self.left -= len(text)
        if signs := unshowable(text):
            self.reader.report(
                "unshowable",
                f"nobody sees what these signs meant: {', '.join(signs)}. They come from a font of "
                "the program they were copied from; write them in words.",
                place,
                blocking=True,
            )
        return writable(text)

    def words(self, value: Any, place: FieldLocation) -> str:
        """A field without Markdown."""
        return " ".join(self.text(value, place).split())

    def unit(self, value: Any, place: FieldLocation) -> list[Node]:
        """A field of inline Markdown that stands or falls as a whole."""
        return mark_unit(self.reader.inline(self.text(value, place), place))

    def blocks(self, value: Any, place: FieldLocation) -> list[Node]:
        return mark_blocks(self.reader.blocks(self.text(value, place), place))

    def parts(
        self, parts: list[dict[str, Any]], name: str, most: int = MOST_PARTS
    ) -> list[dict[str, Any]]:
        if len(parts) > most:
            self.reader.report(
                "too-long",
                f"{len(parts):,} {name.replace('_', ' ')}; only {most} are shown.",
                FieldLocation(name),
                blocking=True,
            )
        return parts[:most]

    # The structured parts

    def key_message(self, index: int, part: dict[str, Any]) -> dict[str, Any]:
        place = FieldLocation(f"key_messages.{index}", f"Key message {index + 1}")
        words = self.unit(part.get("text"), place)
        return {
            "certainty": _certainty(part),
            "c": words,
            "text": plain(words),
            **_named_row(part),
        }

    def comparison(self) -> dict[str, Any] | None:
        if self.draft.outcomes:  # its options are those of its table of findings
            return None
        options = [
            {
                "slug": self.words(option.get("slug"), FieldLocation(f"options.{index}")),
                "name": self.words(option.get("name"), FieldLocation(f"options.{index}")),
            }
            for index, option in enumerate(self.parts(self.draft.options, "options", MOST_OPTIONS))
        ]
        if not options:
            return None
        rows = [
            self.row(index, row, options)
            for index, row in enumerate(self.parts(self.draft.rows, "rows"))
        ]
        return {"options": options, "rows": rows}

    def row(self, index: int, row: dict[str, Any], options: list[dict[str, str]]) -> dict[str, Any]:
        place = FieldLocation(f"rows.{index}", f"Row {index + 1}")
        question = self.words(row.get("question"), place)
        given = row.get("cells") or {}
        cells = []
        for option in options:
            place = FieldLocation(
                f"rows.{index}.{option['slug']}", f"“{question}”, {option['name']}"
            )
            cell = given.get(option["slug"])
            if cell is None:
                self.reader.report("cell-missing", "there is no answer.", place)
                cell = {}
            blocks = self.reader.blocks(self.text(cell.get("text"), place), place)
            cells.append(
                {
                    "option": option["slug"],
                    "certainty": _certainty(cell),
                    "unknown": bool(cell.get("unknown")),
                    "c": mark_cell(blocks),
                    **_named_row(cell),
                }
            )
        slug = self.words(row.get("slug"), place)
        return {"slug": slug, "question": question, "cells": cells}

    def claim(self, index: int, part: dict[str, Any]) -> dict[str, Any]:
        said = self.words(part.get("said"), FieldLocation(f"claims.{index}", f"Claim {index + 1}"))
        place = FieldLocation(f"claims.{index}", f"Claim “{said}”")
        return {
            "slug": self.words(part.get("slug"), place),
            "said": said,
            "verdict": part["verdict"] if part.get("verdict") in VERDICTS else "",
            "certainty": _certainty(part),
            "c": self.blocks(part.get("answer"), place),
            **_named_row(part),
        }

    def term(self, index: int, part: dict[str, Any]) -> dict[str, Any]:
        term = self.words(part.get("term"), FieldLocation(f"terms.{index}", f"Term {index + 1}"))
        place = FieldLocation(f"terms.{index}", f"Term “{term}”")
        also = part.get("also") or []
        return {
            "slug": self.words(part.get("slug"), place),
            "term": term,
            "also": [self.words(name, place) for name in also],
            "c": self.unit(part.get("definition"), place),
        }

    def findings_table(self) -> dict[str, Any]:
        """The table of findings under its name; nothing for texts of other kinds."""
        if not self.draft.outcomes:
            return {}
        options = [
            {name: self.words(option.get(name), FieldLocation("options")) for name in _NAMES}
            for option in self.parts(self.draft.options, "options")
        ]
        rows = self.parts(self.draft.findings, "findings", MOST_FINDINGS)
        outcomes = []
        for index, outcome in enumerate(self.parts(self.draft.outcomes, "outcomes")):
            place = FieldLocation(f"outcomes.{index}", f"Outcome “{outcome.get('name')}”")
            outcomes.append(
                {name: self.words(outcome.get(name), place) for name in _NAMES}
                | {
                    "note": self.blocks(outcome.get("note"), place),
                    "rows": [
                        self.finding(row) for row in rows if row.get("outcome") == outcome["slug"]
                    ],
                }
            )
        return {"findings": {"options": options, "outcomes": outcomes}}

    def finding(self, part: dict[str, Any]) -> dict[str, Any]:
        """A row: its works support all of its words, so they are cited behind them."""
        slug = str(part.get("slug"))
        place = FieldLocation(f"findings.{slug}", f"Row {slug}")
        evidence = [str(key) for key in part.get("evidence") or []]
        cited = f" [{'; '.join(f'@{key}' for key in evidence)}]" if evidence else ""
        words = self.text(part.get("words"), place).strip()
        direction = part.get("direction")
        return {
            "slug": self.words(slug, place),
            "option": self.words(part.get("option"), place),
            **{name: self.words(part.get(name), place) for name in FINDING_DETAILS},
            **{name: part.get(name) for name in ("frame", "with_option", "without_option")},
            "direction": direction if direction in DIRECTIONS else "not_known",
            "certainty": _certainty(part),
            "grading": [
                line.strip() for line in self.text(part.get("grading"), place).splitlines() if line
            ],
            "evidence": evidence,
            "findings": [str(name) for name in part.get("findings") or []],
            "c": self.unit(words + cited, place),
        }

    # Evidence

    def number(self, key: str, place: FieldLocation) -> int | None:
        """The number of a cited item; None, and a problem, when there is none of that key."""
        if self.sources is not None:
            source = self.sources.get(key)
            if source is None:
                self.reader.report(
                    "unknown-evidence", f"there is no evidence item “{key}”.", place, blocking=True
                )
                return None
            self.check_source(source, place)
        return self.numbers.setdefault(key, len(self.numbers) + 1)

    def check_source(self, source: Source, place: FieldLocation) -> None:
        if not source.usable:
            self.reader.report(
                "unusable-evidence",
                f"{source.key} may not be cited until somebody has read it.",
                place,
                blocking=True,
            )
        if source.status in _STATUS:
            blocking, reason = _STATUS[source.status]
            self.reader.report(
                f"{source.status}-evidence", f"{source.key} {reason}.", place, blocking=blocking
            )

    def references(self) -> list[dict[str, Any]]:
        if self.sources is None:
            return []
        return [_reference(number, self.sources[key]) for key, number in self.numbers.items()]


def _named_row(part: dict[str, Any]) -> dict[str, str]:
    return {name: str(part[name]) for name in NAMES_ROW if part.get(name)}


def _certainty(part: dict[str, Any]) -> str:
    certainty = part.get("certainty")
    return certainty if certainty in CERTAINTIES else "not_graded"


def _reference(number: int, source: Source) -> dict[str, Any]:
    """One reference, complete in itself: a publication keeps it as it was."""
    html = nh3.clean(
        source.html or escape(source.text),
        tags=_REFERENCE_TAGS,
        attributes={"a": {"href"}, "span": {"class", "lang"}},
        url_schemes={"http", "https"},
        link_rel=None,
    )
    return {
        "n": number,
        "key": source.key,
        "text": source.text,
        "html": html,
        "doi": source.doi,
        "pmid": source.pmid,
        "url": source.url,
        "design": source.design,
        "sample_size": source.sample_size,
        "follow_up": source.follow_up,
        "funding": source.funding,
        "finding": source.finding,
        "limitations": source.limitations,
    } | ({"seen_on": source.seen_on} if source.seen_on else {})


def _dead_fragments(tree: Tree) -> list[Problem]:
    """Links to a place on this page that is not there."""
    there = {f"#{entry['id']}" for entry in tree["contents"]}
    there |= {f"#ref-{reference['n']}" for reference in tree["references"]}
    there |= {"#references", "#questions", "#unknowns", "#key-messages"}
    there |= {f"#claim-{claim['slug']}" for claim in tree["claims"]}
    there |= {f"#term-{term['slug']}" for term in tree["terms"]}
    for outcome in findings_of(tree):
        there |= {f"#outcome-{outcome['slug']}"}
        there |= {f"#finding-{row['slug']}" for row in outcome["rows"] if row["evidence"]}
    return [
        Problem("address", f"Nothing on this page is called “{href}”.", part.where)
        for part in passages(tree)
        for href in addresses(part.nodes)
        if href.startswith("#") and href not in there
    ]
