"""
What readers see when evidence falls: words that rest on it alone are replaced, others get a notice.

Works on the tree, so that pages, paper and machines agree. The stored tree stays as it was: when a
retraction is lifted, the words are back.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop as _

from education.canonical import digest
from education.languages import translated_labels
from education.text.citation_scope import sentences_of
from education.text.findings import FINDING_DETAILS
from education.text.named_rows import graded_parts
from education.text.tree import Node, Tree, findings_of, passages, plain, walk

WORDS = {
    "replacement": _(
        "A statement was here. The study it rested on no longer stands, so we took it away."
    ),
    "passage": _("A statement was here. We took it away, because it should not be read."),
    # Where a name or a question stood, in the head of a column or a list.
    "name": _("[taken away]"),
    "notice": _("One of the studies behind this no longer stands. We are checking what it means."),
}


# What each statement of a definition rests on, by the slug of its word.
Definitions = Mapping[str, Sequence[Collection[str]]]


def mask(
    tree: Tree,
    keys: Collection[str],
    replacement: str = "",
    notice: str = "",
    definitions: Definitions | None = None,
) -> Tree:
    """
    The same text without what rests only on the evidence in ``keys``.

    A supported extent whose whole evidence is in ``keys`` becomes one ``masked`` node with the
    sentence ``replacement``; one with other evidence left is followed by a ``notice``. An icon
    array or drawing goes with its caption. A key message, grid cell or claim with nothing left to
    stand on is marked ``masked``, so that its certainty and verdict go too. The definition of an
    explained word goes as a whole when one of its statements does, and references in ``keys`` lose
    what they found. Without keys the result equals the input; the input is never changed.

    ``definitions`` tell what explained words rest on in a text that was frozen without that.
    """
    words = translated_labels(tree["language"], WORDS)
    return _Mask(
        frozenset(keys),
        replacement or words["replacement"],
        notice or words["notice"],
        definitions or {},
    ).tree(tree)


def maskable_passages(tree: Tree) -> list[tuple[str, str]]:
    """
    What can be masked by itself: where it stands, and its words on one line.

    Every sentence, in reading order; a key message, cell or definition of several sentences also as
    a whole. Then what is no sentence: names of options, questions, claims as they are said,
    explained words, titles of boxes, descriptions of drawings, details of findings, who paid. The
    title of the text is not among them (``docs/threat-model.md`` says why).
    """
    listed: list[tuple[str, str]] = []
    for passage in passages(tree):
        runs = [plain(piece, one_line=True) for piece in sentences_of(passage.nodes)]
        whole = plain(passage.nodes, one_line=True)
        is_unit = passage.kind in {"key_message", "short_answer", "definition", "table_cell"}
        if is_unit or passage.where.startswith("rows."):
            runs.insert(0, whole)
        listed += [(passage.label, words) for words in dict.fromkeys(runs)]
    listed += [(label, _one_line(words)) for label, words in _names(tree)]
    return list(dict.fromkeys((label, words) for label, words in listed if words.strip()))


def _names(tree: Tree) -> Iterator[tuple[str, str]]:
    """What a text says that is no run of nodes, but for its title: a label, and the words."""
    grid = tree["comparison"] or {"options": [], "rows": []}
    yield from (("Option", option["name"]) for option in grid["options"])
    yield from (("Question", row["question"]) for row in grid["rows"])
    yield from (("Claim as it is said", claim["said"]) for claim in tree["claims"])
    for term in tree["terms"]:
        yield from (("Explained word", word) for word in (term["term"], *term["also"]))
    yield from _details(tree.get("findings") or {"options": [], "outcomes": []})
    for _path, label, part in graded_parts(tree):
        row = part.get("row") or {"words": "", "direction_words": ""}
        yield f"{label}, row that it names", row["words"]
        yield f"{label}, row that it names", row["direction_words"]
    for block in _nested(_blocks_of(tree)):
        match block["t"]:
            case "callout":
                yield "Title of a box", block["title"]
            case "figure":
                yield "Description of a drawing", block["alt"]
                yield "Who made a drawing", block.get("credit", "")
            case "code":
                yield "Text as typed", block["text"]
    yield "Who paid for the text", tree.get("funding", "")


def _details(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The same of a table of findings."""
    yield from (("Option", option["name"]) for option in table["options"])
    for outcome in table["outcomes"]:
        yield "Outcome", outcome["name"]
        for row in outcome["rows"]:
            label = f"Row {row['slug']}"
            yield from ((label, row[name]) for name in FINDING_DETAILS)
            yield from ((label, line) for line in row["grading"])


def _nested(blocks: Iterable[Node]) -> Iterator[Node]:
    """Blocks, each before those it holds."""
    for block in blocks:
        yield block
        if block["t"] == "callout":
            yield from _nested(block["c"])
        elif block["t"] == "list":
            yield from (inner for item in block["items"] for inner in _nested(item))


def _blocks_of(tree: Tree) -> list[Node]:
    grid = tree["comparison"] or {"rows": []}
    return [
        *tree["body"],
        *(block for row in grid["rows"] for cell in row["cells"] for block in cell["c"]),
        *(block for claim in tree["claims"] for block in claim["c"]),
        *(block for outcome in findings_of(tree) for block in outcome["note"]),
        *tree["unknowns"],
        *tree["questions"],
    ]


def holds_passage(tree: Tree, words: str) -> bool:
    """Whether a text says these words anywhere that they can be masked."""
    return any(words == passage for _, passage in maskable_passages(tree))


def mask_passages(tree: Tree, words: Collection[str]) -> Tree:
    """
    The same text without the passages that have these words (``maskable_passages``).

    Wherever they stand; a word that is explained by them is not explained any more. The input is
    never changed.
    """
    labels = translated_labels(tree["language"], WORDS)
    return _PassageMask(frozenset(words), labels["passage"], labels["name"]).tree(tree)


# Words of a name; what has more, or ends with a stop, is taken for a sentence.
_LONGEST_NAME = 3


class _Mask:
    def __init__(
        self, keys: frozenset[str], replacement: str, notice: str, definitions: Definitions
    ) -> None:
        self.keys = keys
        self.replacement = replacement
        self.notice = notice
        self.definitions = definitions

    def tree(self, tree: Tree) -> Tree:
        masked = dict(tree)
        masked["short_answer"] = self.inline(tree["short_answer"])
        if masked["short_answer"] != tree["short_answer"]:
            masked["short_answer_text"] = plain(masked["short_answer"])
        masked["key_messages"] = [self.message(part) for part in tree["key_messages"]]
        for name in ("body", "unknowns", "questions"):
            masked[name] = self.blocks(tree[name])
        if tree["comparison"]:
            rows = [
                row | {"cells": [self.graded(cell, inline=False) for cell in row["cells"]]}
                for row in tree["comparison"]["rows"]
            ]
            masked["comparison"] = tree["comparison"] | {"rows": rows}
        masked["claims"] = [self.graded(claim, inline=False) for claim in tree["claims"]]
        masked["terms"] = [self.graded(term, inline=True) for term in tree["terms"]]
        if "findings" in tree:
            masked["findings"] = self.findings(tree["findings"])
        masked["references"] = [self.reference(each) for each in tree["references"]]
        if masked["body"] != tree["body"]:
            masked = _without_old_places(masked)
            masked["contents"] = contents(masked["body"])
        return masked

    def reference(self, reference: dict[str, Any]) -> dict[str, Any]:
        """A retracted work stays in the list, without what it was said to have found."""
        if reference["key"] not in self.keys:
            return reference
        return reference | {"finding": "", "limitations": ""}

    def message(self, message: dict[str, Any]) -> dict[str, Any]:
        masked = self.graded(message, inline=True)
        return masked if masked == message else masked | {"text": plain(masked["c"])}

    def graded(self, part: dict[str, Any], *, inline: bool) -> dict[str, Any]:
        """A key message, cell, claim or term: its words, and whether they stand at all."""
        nodes = self.inline(part["c"]) if inline else self.blocks(part["c"])
        masked = part | {"c": nodes}
        fallen = any(node["t"] == "masked" for node in walk(nodes)) and not _stands(nodes)
        if not fallen:
            return masked
        masked.pop("row", None)  # it says what the words said
        return masked | {"masked": True}

    def findings(self, table: dict[str, Any]) -> dict[str, Any]:
        """A table of findings: a row with nothing left to stand on loses its figures too."""
        outcomes = [
            outcome
            | {
                "note": self.blocks(outcome["note"]),
                "rows": [self.finding(row) for row in outcome["rows"]],
            }
            for outcome in table["outcomes"]
        ]
        return table | {"outcomes": outcomes}

    def finding(self, row: dict[str, Any]) -> dict[str, Any]:
        masked = self.graded(row, inline=True)
        if not masked.get("masked"):
            return masked
        kept = {name: masked[name] for name in ("slug", "option", "about", "c", "masked")}
        return {name: _empty(value) for name, value in row.items()} | kept

    def blocks(self, blocks: list[Node]) -> list[Node]:
        return [self.block(block) for block in blocks]

    def block(self, block: Node) -> Node:
        match block["t"]:
            case "paragraph" | "heading":
                return block | {"c": self.inline(block["c"])}
            case "icons" | "figure":
                return self.drawing(block)
            case "callout":
                return block | {"c": self.blocks(block["c"])}
            case "list":
                return block | {"items": [self.blocks(item) for item in block["items"]]}
            case "table":
                head = [self.inline(cell) for cell in block["head"]]
                rows = [[self.inline(cell) for cell in row] for row in block["rows"]]
                return block | {"head": head, "rows": rows}
            case _:
                return block

    def drawing(self, block: Node) -> Node:
        """A drawing says what its caption says, so it goes when any of the caption goes."""
        words = self.inline(block["c"])
        if words == block["c"]:
            return block
        if any(node["t"] == "masked" for node in words):
            return {"t": "paragraph", "c": words}
        name = "text" if block["t"] == "icons" else "caption"
        return block | {"c": words, name: plain(words)}

    def inline(self, nodes: list[Node]) -> list[Node]:
        masked: list[Node] = []
        for node in nodes:
            if node["t"] == "term":
                masked.append(self.term(node))
                continue
            evidence = set(node["evidence"]) if node["t"] == "supported" else set()
            if evidence and evidence <= self.keys:
                self.replace(masked)
                continue
            masked.append(node | {"c": self.inline(node["c"])} if "c" in node else node)
            if evidence & self.keys:
                masked.append({"t": "notice", "text": self.notice})
        return masked

    def term(self, node: Node) -> Node:
        """An explained word: the word stays, what explains it is replaced or has a notice."""
        statements = self.definitions.get(node["slug"]) or node.get("evidence", ())
        if any(self.keys.issuperset(keys) for keys in statements):
            return node | {"definition": self.replacement, "masked": True}
        if any(not self.keys.isdisjoint(keys) for keys in statements):
            return node | {"definition": f"{node['definition']} {self.notice}"}
        return node

    def replace(self, masked: list[Node]) -> None:
        """Add the replacement, once for sentences side by side."""
        gap = masked[-1:] if masked and _is_blank(masked[-1]) else []
        before = masked[-1 - len(gap)] if len(masked) > len(gap) else None
        if before and before["t"] == "masked":
            del masked[len(masked) - len(gap) :]
        else:
            masked.append({"t": "masked", "text": self.replacement})


class _PassageMask(_Mask):
    """Replaces runs of words by what they say, not by what they rest on."""

    def __init__(self, words: frozenset[str], replacement: str, name: str) -> None:
        super().__init__(frozenset(), replacement, "", {})
        self.words = words
        self.name = name

    def tree(self, tree: Tree) -> Tree:
        masked = super().tree(tree)
        if grid := masked["comparison"]:
            masked["comparison"] = grid | {
                "options": self.named(grid["options"], "name"),
                "rows": self.named(grid["rows"], "question"),
            }
        masked["claims"] = [self.claim(claim) for claim in masked["claims"]]
        masked["terms"] = self.named(masked["terms"], "term", "also")
        if "funding" in tree:
            masked["funding"] = self.named_text(tree["funding"])
        return masked

    def graded(self, part: dict[str, Any], *, inline: bool) -> dict[str, Any]:
        masked = super().graded(part, inline=inline)
        if "row" not in masked:
            return masked
        row = self.named([masked["row"]], "words", "direction_words")[0]
        return masked | {"row": row}

    def claim(self, claim: dict[str, Any]) -> dict[str, Any]:
        """A claim; a verdict on words that nobody sees goes with them."""
        masked = self.named([claim], "said")[0]
        return masked if masked == claim else masked | {"masked": True}

    def findings(self, table: dict[str, Any]) -> dict[str, Any]:
        masked = super().findings(table)
        outcomes = [
            outcome | {"rows": self.named(outcome["rows"], *FINDING_DETAILS, "grading")}
            for outcome in self.named(masked["outcomes"], "name")
        ]
        return masked | {"options": self.named(masked["options"], "name"), "outcomes": outcomes}

    def block(self, block: Node) -> Node:
        masked = super().block(block)
        gone = {"t": "paragraph", "c": [{"t": "masked", "text": self.replacement}]}
        match masked["t"]:
            case "callout":
                return self.named([masked], "title")[0]
            case "figure" if self.words & {
                _one_line(masked["alt"]),
                _one_line(masked.get("credit", "")),
            }:
                return gone
            case "code" if _one_line(masked["text"]) in self.words:
                return gone
            case _:
                return masked

    def named(self, parts: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
        """Parts without those of these properties that say masked words."""
        return [
            part | {name: self.named_text(part[name]) for name in names if part[name]}
            for part in parts
        ]

    def named_text(self, text: Any) -> Any:
        """A name, or each of several, unless it is masked."""
        if isinstance(text, list):
            return [self.named_text(each) for each in text]
        return self.name if _one_line(text) in self.words else text

    def inline(self, nodes: list[Node]) -> list[Node]:
        if plain(nodes, one_line=True) in self.words:
            return [{"t": "masked", "text": self.replacement}]
        masked: list[Node] = []
        for piece in sentences_of(nodes):
            if plain(piece, one_line=True) in self.words:
                self.replace(masked)
            else:
                masked += [kept for node in piece for kept in self.unexplained(node)]
        untouched = [node for piece in sentences_of(nodes) for node in piece]
        return nodes if masked == untouched else masked

    def is_said_in(self, definition: str) -> bool:
        """Whether a definition says masked words; a name alone may stand in any other sentence."""
        return definition in self.words or any(
            words in definition for words in self.words if _is_sentence(words)
        )

    def unexplained(self, node: Node) -> list[Node]:
        """A node without the explanations that say masked words."""
        if node["t"] == "term" and self.is_said_in(_one_line(node["definition"])):
            return list(node["c"])
        if "c" not in node:
            return [node]
        return [node | {"c": [kept for each in node["c"] for kept in self.unexplained(each)]}]


def contents(body: list[Node]) -> list[dict[str, Any]]:
    """The headings of a body, for a list of contents."""
    return [
        {"id": block["id"], "text": plain(block["c"]), "level": block["level"]}
        for block in body
        if block["t"] == "heading"
    ]


def _without_old_places(tree: Tree) -> Tree:
    """The same where a masked heading is no anchor of its own words, in links to it neither."""
    places = {
        block["id"]: f"taken-away-{digest(block['id'])[:8]}"
        for block in _nested(_blocks_of(tree))
        if block["t"] == "heading" and any(node["t"] == "masked" for node in walk(block["c"]))
    }
    moved = {
        **{("id", place): new for place, new in places.items()},
        **{("href", f"#{place}"): f"#{new}" for place, new in places.items()},
    }

    def follow(value: Any) -> Any:
        if isinstance(value, list):
            return [follow(each) for each in value]
        if isinstance(value, dict):
            return {
                name: moved.get((name, inner), inner) if isinstance(inner, str) else follow(inner)
                for name, inner in value.items()
            }
        return value

    return dict(follow(tree)) if places else tree


def _is_sentence(words: str) -> bool:
    return not words[-1:].isalnum() or len(words.split()) > _LONGEST_NAME


def _one_line(text: str) -> str:
    return " ".join(str(text).split())


def _empty(value: Any) -> Any:
    """What says nothing, of the same type."""
    return None if value is None or isinstance(value, int) else type(value)()


def _is_blank(node: Node) -> bool:
    return node["t"] == "text" and not node["text"].strip()


def _stands(nodes: list[Node]) -> bool:
    """Whether any supported words are left."""
    return any(
        node["t"] == "supported"
        or _stands(node.get("c", []))
        or any(_stands(item) for item in node.get("items", []) if isinstance(item, list))
        or any(_stands(cell) for row in node.get("rows", []) for cell in row)
        for node in nodes
    )
