"""The glossary's words where they first stand in a text, explained in place."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from education.text.citation_scope import add_nodes
from education.text.tree import Node, Tree, passages, plain, walk


@dataclass(frozen=True)
class Term:
    """
    A word of the glossary, its other forms, and what it means in plain words.

    ``evidence``: the keys behind each statement of the definition that cites.
    """

    slug: str
    term: str
    definition: str
    also: tuple[str, ...] = ()
    evidence: tuple[tuple[str, ...], ...] = ()


def terms_of(tree: Tree) -> dict[str, Term]:
    """The words of a rendered glossary, for rendering other texts."""
    return {
        term["slug"]: Term(
            term["slug"],
            term["term"],
            plain(term["c"]),
            tuple(term["also"]),
            tuple(tuple(node["evidence"]) for node in walk(term["c"]) if node["t"] == "supported"),
        )
        for term in tree["terms"]
    }


def explained_terms(tree: Tree) -> Iterator[Node]:
    """The ``term`` nodes of a text, in reading order."""
    for passage in passages(tree):
        yield from (node for node in walk(passage.nodes) if node["t"] == "term")


def explain_terms(tree: Tree, terms: Mapping[str, Term]) -> Tree:
    """
    The same text with the first use of each term as a ``term`` node.

    Whole words in any case, in body, grid, claims and unknowns; never in a heading, link, citation
    or code. A longer term wins over a shorter one inside it.
    """
    explainer = _Explainer(terms.values())
    if not explainer.slugs:
        return tree
    explained = dict(tree) | {"body": explainer.blocks(tree["body"])}
    if tree["comparison"]:
        rows = [
            row | {"cells": [cell | {"c": explainer.blocks(cell["c"])} for cell in row["cells"]]}
            for row in tree["comparison"]["rows"]
        ]
        explained["comparison"] = tree["comparison"] | {"rows": rows}
    explained["claims"] = [claim | {"c": explainer.blocks(claim["c"])} for claim in tree["claims"]]
    explained["unknowns"] = explainer.blocks(tree["unknowns"])
    return explained


class _Explainer:
    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms: dict[str, Term] = {}
        self.slugs: dict[str, str] = {}  # a form, in small letters → its term
        self.explained: set[str] = set()
        for term in terms:
            self.terms[term.slug] = term
            for form in (term.term, *term.also):
                if form.strip():
                    self.slugs.setdefault(form.strip().casefold(), term.slug)
        forms = sorted(self.slugs, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(_whole, forms)), re.IGNORECASE)

    def blocks(self, blocks: list[Node]) -> list[Node]:
        return [self.block(block) for block in blocks]

    def block(self, block: Node) -> Node:
        match block["t"]:
            case "paragraph" | "icons" | "figure":
                return block | {"c": self.inline(block["c"])}
            case "callout":
                return block | {"c": self.blocks(block["c"])}
            case "list":
                return block | {"items": [self.blocks(item) for item in block["items"]]}
            case "table":
                return block | {"rows": [[self.inline(c) for c in row] for row in block["rows"]]}
            case _:
                return block

    def inline(self, nodes: list[Node]) -> list[Node]:
        explained: list[Node] = []
        for node in nodes:
            if node["t"] == "text":
                add_nodes(explained, self.text(node["text"]))
            elif node["t"] in {"supported", "strong", "emphasis"}:
                explained.append(node | {"c": self.inline(node["c"])})
            else:
                explained.append(node)
        return explained

    def text(self, text: str) -> Iterable[Node]:
        done = 0
        for match in self.pattern.finditer(text):
            slug = self.slugs.get(match[0].casefold())
            if slug is None or slug in self.explained:
                continue
            self.explained.add(slug)
            yield _text(text[done : match.start()])
            term = self.terms[slug]
            node: Node = {"t": "term", "slug": slug, "definition": term.definition}
            if term.evidence:
                node["evidence"] = [list(keys) for keys in term.evidence]
            yield node | {"c": [_text(match[0])]}
            done = match.end()
        yield _text(text[done:])


def _text(text: str) -> dict[str, Any]:
    return {"t": "text", "text": text}


def _whole(form: str) -> str:
    """A pattern for a whole word; scripts without blanks between words know no such edge."""
    before = r"(?<![\w-])" if form[0].isascii() else ""
    after = r"(?![\w-])" if form[-1].isascii() else ""
    return f"{before}{re.escape(form)}{after}"
