"""
From a publication's tree (``docs/document-tree.md``) to what the template draws, block by block.

The template makes no decision about content: order, length, references, what is too wide for a page
and what may not be torn apart are settled here, in the reader's letter size.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from education.handouts.labels import paper_labels
from education.text.findings import counted_sides, finding_lines, shows_certainty
from education.text.labels import CERTAINTIES, VERDICTS, seen_on_words
from education.text.tree import findings_of, plain

Block = dict[str, Any]
Node = dict[str, Any]

DEEPEST = 6  # lists in lists, or emphasis in emphasis; the typesetter's stack is not endless
LONGEST_RUN = 24  # letters without a blank that fit the narrowest column
LONGEST_ADDRESS = 60  # characters of an address that help a reader on paper

_BREAK = "\u200b"
# Controls and marks that turn the direction of words: nothing on paper may be reordered by them.
# Variation selectors choose between drawings of a sign, of which a font of ours has one.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff"
    "\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_BLANKS = re.compile(r"[\t\n\u2028\u2029]+")
_RUN = re.compile(rf"[^\s{_BREAK}\u2e80-\uffff]{{{LONGEST_RUN + 1},}}")
_PIECE = re.compile(r"[^/.\-_?=&,:;]{1,12}[/.\-_?=&,:;]*|[/.\-_?=&,:;]+")
_COLOUR = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_TOKEN = re.compile(r"var\([^()]*\)")
_FONT_SIZE = re.compile(r'font-size="(\d+(?:\.\d+)?)(?:px)?"')
_VIEW_BOX = re.compile(r'viewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+(\d+(?:\.\d+)?)[ ,]+(\d+(?:\.\d+)?)"')
_ADDRESS = re.compile(r"https?://[^\s<>]*[^\s<>.,;)]|\b10\.\d{4,9}/[^\s<>]*[^\s<>.,;)]")


def clean(text: str) -> str:
    """Words as they can be set: one line, no controls, and no run longer than a column is wide."""
    if _UNPRINTABLE.search(text):
        text = _UNPRINTABLE.sub("", text)
    if "\n" in text or "\t" in text or "\u2028" in text or "\u2029" in text:
        text = _BLANKS.sub(" ", text)
    if len(text) > LONGEST_RUN and _RUN.search(text):
        text = _RUN.sub(lambda run: _BREAK.join(_PIECE.findall(run[0])), text)
    return text


def shown_address(url: str) -> str:
    """An address as people type it: without scheme and last slash."""
    return re.sub(r"^https?://(www\.)?", "", url).rstrip("/")


def grey(svg: str) -> str:
    """
    A drawing without its colours, each as light as it was (ITU-R BT.601). The pixels of a picture
    keep theirs: what prints in black makes them grey.
    """

    def of(colour: re.Match[str]) -> str:
        digits = colour[1] if len(colour[1]) == 6 else "".join(2 * digit for digit in colour[1])
        red, green, blue = (int(digits[start : start + 2], 16) for start in (0, 2, 4))
        light = round(0.299 * red + 0.587 * green + 0.114 * blue)
        return f"#{light:02x}{light:02x}{light:02x}"

    return _COLOUR.sub(of, svg)


class Printer:
    """
    Turns one tree into blocks for the template.

    ``size`` is the letter size in points; ``site`` the address that links inside the site begin
    with; ``listed_at`` where references are listed when they are not printed; ``place`` tells the
    references of one text of a pack from those of another. ``questions`` chooses rows of the grid.
    ``linked`` makes the numbers of citations lead to their references on a screen. ``marks`` are
    words behind references, by their numbers.
    """

    def __init__(
        self,
        tree: Mapping[str, Any],
        *,
        size: int,
        short: bool,
        references: str,
        black_and_white: bool,
        site: str,
        listed_at: str,
        questions: Collection[str] = (),
        place: int = 0,
        linked: bool = True,
        marks: Mapping[int, str] | None = None,
    ) -> None:
        self.tree = tree
        self.words = paper_labels(str(tree["language"]))
        self.size = size
        self.short = short
        self.references = references
        self.black_and_white = black_and_white
        self.site = site
        self.listed_at = listed_at
        self.questions = frozenset(questions)
        self.place = place
        self.level = 2  # of a section: the title is the first heading
        self.linked = linked
        self.marks = marks or {}
        self.cited: set[int] = set()
        self.explained: dict[str, Node] = {}

    def blocks(self) -> list[Block]:
        """The whole text in the order of reading, its headings without a gap between levels."""
        blocks = [*self.opening()]
        if not self.short:
            blocks += [*self.middle()]
        elif self.questions:  # rows that somebody chose belong to what they want on paper
            blocks += [*self.comparison()]
        blocks += [
            *self.section("unknowns", self.many(self.tree["unknowns"])),
            *self.section("questions", self.asked(self.tree["questions"])),
        ]
        if self.short and not self.tree["key_messages"] and not self.tree["questions"]:
            blocks += [*self.middle()]  # a glossary has no shorter form
        if not self.short:
            blocks += [*self.words_explained()]
        blocks += [*self.sources(), *self.closing()]
        return _without_gaps(blocks, self.level)

    def key_messages(self) -> list[str]:
        """The words of each key message that still stands."""
        return [
            clean(str(message["text"]))
            for message in self.tree["key_messages"]
            if not message.get("masked")
        ]

    # The parts of the text

    def opening(self) -> Iterator[Block]:
        if self.tree["short_answer"]:
            yield {"t": "lead", "c": self.inline(self.tree["short_answer"])}
        if self.tree["key_messages"]:
            messages = [
                {"c": self.inline(message["c"]), **self.graded(message)}
                for message in self.tree["key_messages"]
            ]
            yield {
                "t": "messages",
                "level": self.level,
                "title": self.words["evidence_says"],
                "items": messages,
                "keep": self.fits(plain(m["c"]) for m in self.tree["key_messages"]),
            }

    def middle(self) -> Iterator[Block]:
        yield from self.many(self.tree["body"])
        yield from self.comparison()
        for claim in self.tree["claims"]:
            yield from self.claim(claim)
        if self.tree["terms"]:
            yield {"t": "terms", "items": [self.term(term) for term in self.tree["terms"]]}
        for outcome in findings_of(self.tree):
            yield from self.findings(outcome)

    def comparison(self) -> Iterator[Block]:
        if self.tree["comparison"]:
            yield self.heading(self.words["grid"])
            yield from self.grid(self.tree["comparison"])

    def findings(self, outcome: Mapping[str, Any]) -> Iterator[Block]:
        """An outcome of a table of findings: each option with its row, then those without any."""
        names = {option["slug"]: option["name"] for option in self.tree["findings"]["options"]}
        cells: list[Block] = []
        unstudied: list[str] = []
        for row in outcome["rows"]:
            name = clean(": ".join(part for part in (names[row["option"]], row["about"]) if part))
            if not row["evidence"] and not row.get("masked"):
                unstudied.append(name)
                continue
            lines = [clean(line) for line in finding_lines(row, self.words)]
            cells.append(
                {
                    "option": name,
                    "c": [
                        {"t": "paragraph", "c": self.inline(row["c"])},
                        *({"t": "paragraph", "c": [_text(line)]} for line in lines),
                        *self.sides(row),
                    ],
                    "keep": self.fits([plain(row["c"]), *lines]),
                    **(self.certainty(row) if row["certainty"] else {}),
                }
            )
        yield self.heading(clean(outcome["name"]))
        yield from self.many(outcome["note"])
        if cells:
            yield {"t": "options", "cells": cells}
        if unstudied:
            words = f"{self.words['nothing_checked']} {'; '.join(unstudied)}."
            yield {"t": "paragraph", "c": [_text(words)]}

    def sides(self, row: Mapping[str, Any]) -> Iterator[Block]:
        """People with and without an option beside each other, where a row counts both."""
        sides = [
            {
                "svg": people(count, of),
                "alt": self.words["people_drawn"].format(count, of),
                "c": [_text(words)],
            }
            for words, count, of in counted_sides(row, self.words)
        ]
        if sides:
            yield {"t": "icons-pair", "sides": sides}

    def section(self, label: str, blocks: list[Block]) -> Iterator[Block]:
        if blocks:
            yield self.heading(self.words[label])
            yield from blocks

    def heading(self, words: str) -> Block:
        return {"t": "heading", "level": self.level, "c": [_text(words)]}

    def asked(self, blocks: list[Node]) -> list[Block]:
        """Questions get a box to tick."""
        return [
            block | {"boxes": True} if block["t"] == "list" and not block["ordered"] else block
            for block in self.many(blocks)
        ]

    def claim(self, claim: Mapping[str, Any]) -> Iterator[Block]:
        yield self.heading(f"{self.words['open']}{claim['said']}{self.words['close']}")
        stands = not claim.get("masked") and claim["verdict"] in VERDICTS
        verdict = self.words[claim["verdict"] if stands else "being_checked"]
        yield {"t": "verdict", "verdict": verdict, **self.graded(claim)}
        yield from self.many(claim["c"])

    def term(self, term: Mapping[str, Any]) -> Block:
        also = ", ".join(term["also"])
        return {
            "term": clean(term["term"]),
            "also": clean(self.words["also"].format(also)) if also else "",
            "c": self.inline(term["c"]),
        }

    def words_explained(self) -> Iterator[Block]:
        """The glossary's words that stand in this text, by the alphabet."""
        terms = sorted(self.explained.values(), key=lambda node: plain(node["c"]).casefold())
        if terms:
            yield self.heading(self.words["words_explained"])
            items: list[Block] = [
                {
                    "term": _capital(clean(plain(node["c"]))),
                    "also": "",
                    "c": [_text(str(node["definition"]))],
                }
                for node in terms
            ]
            yield {"t": "terms", "items": items}

    def sources(self) -> Iterator[Block]:
        """The references this print cites, in full or as the place where they are listed."""
        cited = [item for item in self.tree["references"] if item["n"] in self.cited]
        if not cited:
            return
        yield self.heading(self.words["references"])
        if self.references == "full":
            items = [
                {"n": item["n"], "name": self.name(item["n"]), "c": self.reference(item)}
                for item in cited
            ]
            yield {"t": "references", "items": items}
        else:
            said = "numbered_at" if self.references == "numbers" else "listed_at"
            words = self.words[said].format(shown_address(self.listed_at))
            yield {"t": "paragraph", "c": [_text(words)]}

    def reference(self, item: Mapping[str, Any]) -> list[Node]:
        """The words of a reference, and behind them how far it studied children like one."""
        seen = seen_on_words(item.get("seen_on"), str(self.tree["language"]))
        words = _linked(f"{item['text']} {seen}." if seen else str(item["text"]))
        mark = self.marks.get(int(item["n"]), "")
        return [*words, _text(" "), {"t": "strong", "c": [_text(f"[{mark}]")]}] if mark else words

    def closing(self) -> Iterator[Block]:
        if self.short:
            return
        for label, words in (
            ("changed", self.tree["what_changed"]),
            ("funding_title", self.tree["funding"]),
        ):
            if words:
                yield self.heading(self.words[label])
                yield {"t": "paragraph", "c": [_text(words)]}

    # The grid

    def grid(self, comparison: Mapping[str, Any]) -> Iterator[Block]:
        """A table while its columns hold a line of words; else question by question."""
        names = {option["slug"]: clean(option["name"]) for option in comparison["options"]}
        rows: list[Block] = [
            {
                "question": clean(row["question"]),
                "cells": [
                    {
                        "option": names[cell["option"]],
                        "c": self.many(cell["c"]),
                        "keep": self.fits([plain(cell["c"])]),
                        **(
                            {"unknown": self.words["not_known"]}
                            if cell["unknown"]
                            else self.graded(cell)
                        ),
                    }
                    for cell in row["cells"]
                ],
            }
            for row in comparison["rows"]
            if not self.questions or row["slug"] in self.questions
        ]
        if self.size <= 12:
            yield {"t": "grid", "rows": rows}
            return
        for row in rows:
            yield {"t": "heading", "level": self.level + 1, "c": [_text(row["question"])]}
            yield {"t": "options", "cells": row["cells"]}

    def graded(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """Certainty in words and dots, where the statement is shown with it."""
        return self.certainty(part) if shows_certainty(part) else {}

    def certainty(self, part: Mapping[str, Any]) -> dict[str, Any]:
        certainty = part["certainty"]
        return {"certainty": self.words[certainty], "dots": CERTAINTIES[certainty]}

    # Blocks

    def many(self, blocks: Iterable[Node], depth: int = 0) -> list[Block]:
        return [made for block in blocks if (made := self.block(block, depth))]

    def block(self, block: Node, depth: int) -> Block | None:
        if depth >= DEEPEST:
            return {"t": "paragraph", "c": [_text(plain([block]))]}
        made: Block | None
        match block["t"]:
            case "heading":
                made = self.titled(block, depth)
            case "paragraph":
                words = self.inline(block["c"])
                made = {"t": "paragraph", "c": words} if words else None
            case "list":
                items = [self.many(item, depth + 1) for item in block["items"]]
                made = block | {"items": items}
            case "callout":
                made = self.callout(block, depth)
            case "table":
                made = self.table(block)
            case "icons":
                made = self.icons(block)
            case "figure":
                made = self.figure(block)
            case "code":
                lines = [clean(line) for line in str(block["text"]).split("\n")]
                made = {"t": "code", "lines": lines}
            case "rule":
                made = block
            case _:
                made = {"t": "paragraph", "c": [_text(plain([block]))]}
        return made

    def titled(self, block: Node, depth: int) -> Block | None:
        """A heading; inside something else it is bold words, or bookmarks would lie."""
        words = self.inline(block["c"])
        if not plain(block["c"]).strip():
            return None
        if depth:
            return {"t": "paragraph", "c": [{"t": "strong", "c": words}]}
        return {"t": "heading", "level": self.level + block["level"] - 2, "c": words}

    def callout(self, block: Node, depth: int) -> Block:
        kind = block["kind"]
        label = self.words[kind]
        title = clean(block["title"])
        if kind == "warning":
            title = f"{label}: {title}" if title else label
        return {
            "t": "callout",
            "kind": kind,
            "title": title,
            "c": self.many(block["c"], depth + 1),
            "keep": self.fits([plain(block["c"])]),
        }

    def table(self, block: Node) -> Block:
        head = [self.inline(cell) for cell in block["head"]]
        rows = [[self.inline(cell) for cell in row] for row in block["rows"]]
        longest = max((len(plain(cell)) for row in block["rows"] for cell in row), default=0)
        return {
            "t": "table",
            "head": head,
            "rows": rows,
            # About 80 letters of 12 points fit a line, and a column needs a dozen of them.
            "stacked": len(head) * self.size > 6 * 12,
            "keep": longest * len(head) < self.room / 2,
        }

    def icons(self, block: Node) -> Block:
        count, of = int(block["count"]), int(block["of"])
        return {
            "t": "icons",
            "svg": people(count, of),
            "columns": min(of, 20) if of <= 100 else 40,
            "alt": self.words["people_drawn"].format(count, of),
            "c": self.inline(block["c"]),
            "keep": self.fits([plain(block["c"])]),
        }

    def figure(self, block: Node) -> Block:
        svg = _TOKEN.sub("currentColor", str(block["svg"]))
        if "xmlns=" not in svg.partition(">")[0]:
            svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        width, height = map(float, box.groups()) if (box := _VIEW_BOX.search(svg)) else (1.0, 1.0)
        letters = [size for size in map(float, _FONT_SIZE.findall(svg)) if size]
        return {
            "t": "figure",
            "svg": grey(svg) if self.black_and_white else svg,
            "ratio": width / height if width and height else 1.0,
            # How many of its smallest letters, by their size, its width holds: so wide it must be
            # printed that none is smaller than the words around it.
            "letters": width / min(letters) if box and letters else 0.0,
            "alt": clean(block["alt"]) or clean(plain(block["c"])),
            "c": self.inline(block["c"]),
            "credit": clean(block.get("credit", "")),
            "keep": self.fits([plain(block["c"])]),
        }

    @property
    def room(self) -> float:
        """The letters that fill about half a page of this size."""
        return 1_500 * (12 / self.size) ** 2

    def fits(self, texts: Iterable[str]) -> bool:
        """Whether words are few enough to stay together on a page."""
        return sum(map(len, texts)) < self.room

    # Words

    def inline(self, nodes: Iterable[Node], depth: int = 0) -> list[Node]:
        """Inline nodes with plain neighbours joined, what only the page needs left out."""
        made: list[Node] = []
        for node in nodes:
            for new in self.words_of(node, depth):
                if made and new["t"] == made[-1]["t"] == "text":
                    made[-1] = _joined(made[-1], new)
                else:
                    made.append(new)
        return made

    def words_of(self, node: Node, depth: int) -> Iterator[Node]:
        if depth >= DEEPEST:
            yield _text(plain([node]))
            return
        match node["t"]:
            case "text":
                yield _text(node["text"])
            case "supported":
                yield from self.inline(node["c"], depth)
            case "term":
                self.explained.setdefault(node["slug"], node)
                yield from self.inline(node["c"], depth)
            case "strong" | "emphasis" | "superscript" | "subscript":
                yield {"t": node["t"], "c": self.inline(node["c"], depth + 1)}
            case "link":
                yield from self.link(node, depth)
            case "cite":
                yield from self.cite(node)
            case "code" | "masked" | "notice":
                yield {"t": node["t"], "text": clean(str(node["text"]))}
            case "break":
                yield {"t": "break"}
            case _:
                yield _text(plain([node]))

    def link(self, node: Node, depth: int) -> Iterator[Node]:
        """A link, and its address in words, since paper can't be pressed."""
        words = self.inline(node["c"], depth + 1)
        href = str(node["href"])
        if href.startswith("/") and not href.startswith("//"):
            href = self.site + href
        if not href.startswith(("https://", "http://", "mailto:")):
            yield from words
            return
        yield {"t": "link", "href": href, "c": words}
        address = shown_address(href)
        said = plain(node["c"])
        told = shown_address(said) == address or href.startswith("mailto:")
        if not told and len(address) <= LONGEST_ADDRESS:
            yield _text(f" ({address})")

    def cite(self, node: Node) -> Iterator[Node]:
        self.cited.update(int(item["n"]) for item in node["items"])
        if self.references != "code":
            items = [
                {
                    "n": f"{item['n']}",
                    "locator": clean(f", {item['locator']}") if item["locator"] else "",
                    "to": self.name(item["n"]) if self.linked and self.references == "full" else "",
                }
                for item in node["items"]
            ]
            yield {"t": "cite", "items": items}

    def name(self, number: int) -> str:
        return f"ref-{self.place}-{int(number)}"


def people(count: int, of: int) -> str:
    """
    ``of`` people as an SVG, the first ``count`` of them filled, the others in outline.

    In tens, twenty to a row up to a hundred and forty above; lines, not tints, for any printer.
    """
    row = 10 if of <= 10 else 20 if of <= 100 else 40
    figures = [_person(n % row, n // row) for n in range(of)]
    columns = min(of, row)
    width, height = 12 * columns + 8 * ((columns - 1) // 10), 20 * -(-of // row)
    filled, outlined = "".join(figures[:count]), "".join(figures[count:])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" stroke="#000" stroke-width="0.8">'
        f'<path d="{filled}" fill="#000"/><path d="{outlined}" fill="none"/></svg>'
    )


def _person(column: int, row: int) -> str:
    """A head, and a body with round shoulders, in a space of 12 by 20; a gap after each ten."""
    left, top = 12 * column + 8 * (column // 10), 20 * row
    return (
        f"M{left + 3.6:g} {top + 3.6:g}a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0 -4.8 0z"
        f"M{left + 2} {top + 10}a2.5 2.5 0 0 1 2.5 -2.5h3a2.5 2.5 0 0 1 2.5 2.5v4h-1.8v4h-4.4v-4z"
    )


def _linked(text: str) -> list[Node]:
    """A reference's words, with its addresses and DOIs as links."""
    nodes: list[Node] = []
    done = 0
    for match in _ADDRESS.finditer(text):
        href = match[0] if match[0].startswith("http") else f"https://doi.org/{match[0]}"
        nodes += [_text(text[done : match.start()])]
        nodes += [{"t": "link", "href": href, "c": [_text(match[0])]}]
        done = match.end()
    return [*nodes, _text(text[done:])]


def _text(text: str) -> Node:
    return {"t": "text", "text": clean(text)}


def _joined(first: Node, second: Node) -> Node:
    return {"t": "text", "text": first["text"] + second["text"]}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _without_gaps(blocks: list[Block], first: int) -> list[Block]:
    """Headings go down one level at a time, or the document is refused as not accessible."""
    level = first - 1
    tidy = []
    for block in blocks:
        if "level" not in block:
            tidy.append(block)
            continue
        level = min(max(block["level"], first), level + 1)
        tidy.append(block | {"level": level})
    return tidy
