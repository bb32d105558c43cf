"""
From Markdown to the tree of ``docs/document-tree.md``, without raw HTML or reference links.

Whatever is typed comes out as words: what can't be drawn is shown as it was typed, and reported.
Long and deep input is cut before it costs time; the parser sees a bounded text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.container import container_plugin

from education.text.citation_scope import add_nodes, evidence_of
from education.text.citations import citations_plugin
from education.text.escaping import attribute, writable
from education.text.figures import FigureError, icon_array
from education.text.lint import Problem, shortened
from education.text.raised import raised_plugin
from education.text.tree import Node, plain, walk

CALLOUTS = ("warning", "note", "quote")
# The second reads ``10^6^`` and ``H~2~O``; a text keeps the dialect in which it was last saved.
DIALECT = 2
DEEPEST = 20  # blocks or styles inside one another
LONGEST_PARAGRAPH = 10_000  # characters
MOST_CELLS = 2_000  # in one table
MOST_PROBLEMS = 200

# Ids of the page around the text, and of what the printer makes.
_FRAME_IDS = """
    article claims comparison content contents evidence footer glossary header key-messages main
    menu nav questions references report review search share summary title top unknowns versions
"""
_TAKEN = frozenset(_FRAME_IDS.split())
_TAKEN_START = ("cite-", "claim-", "figure-", "icons-", "id_", "ref-", "row-", "term-", "word-")
_CONTAINERS = frozenset(
    ("blockquote_open", "list_item_open", *(f"container_{kind}_open" for kind in CALLOUTS))
)
_TABLE_RULE = re.compile(r"[\s>|:-]*-[\s>|:-]*")
_HOST = re.compile(r"[a-z0-9]+(?:[.-]+[a-z0-9]+)*|[0-9a-f:.]*:[0-9a-f:.]*")
_HTML = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]{0,200})?/?>|<!--", re.IGNORECASE)
_HIDDEN = "\u00ad\u200b-\u200f\u2060\ufeff"
_NO_CITATION = re.compile(rf"\[[\s{_HIDDEN}]*@[^\[\]]{{0,80}}\]?")
_BARE = re.compile(r"(?<![\w@./[;-])@[A-Za-z][\w-]*\d{4}\w*", re.ASCII)
_CJK = r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
_CJK_LINE = re.compile(rf"(?<={_CJK})\n(?={_CJK})")
_FIELD = re.compile(r"\s*(count|of|text)\s*:\s*(.*)")
_OUT_OF = re.compile(r"(?<![\d,])(\d[\d,]*) (?:out of|of|in)(?: the| every)? (\d[\d,]*)")


# What the parser would not take on, and what an editor is told.
_REFUSED = {
    "long": (
        "too-long",
        f"a paragraph has more than {LONGEST_PARAGRAPH:,} characters; divide it.",
    ),
    "large": ("too-long", f"a table has more than {MOST_CELLS:,} cells; divide it."),
    "cells": (
        "table-cells",
        "a row of a table has more cells than its head, and their words are left out.",
    ),
    "deep": (
        "too-deep",
        "lists, quotations or styles are nested too deep, and words are left out.",
    ),
}


@dataclass(frozen=True)
class FieldLocation:
    """Which field is read: its path, and how an editor knows it ("" for the body)."""

    where: str
    label: str = ""


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser's name
        """Take every address; ``Reader`` refuses with a reason instead of showing brackets."""
        return True


def _parse_inline(state: StateCore) -> None:
    """Parse the words of each block, unless there are too many or they nest too deep."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if len(token.content) > LONGEST_PARAGRAPH:
            state.env["long"] = True
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
            if _depth(token.children) <= DEEPEST:
                continue
            state.env["deep"] = True
        token.children = [Token("text", "", 0, content=token.content)]


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """
    Read a table, unless it has more cells than anybody could.

    A row may be shorter than the head, so a few characters can ask for very many cells.
    """
    if start < state.env.get("no_table_before", 0) or start + 1 >= end:
        return False
    rule = state.src[state.bMarks[start + 1] : state.eMarks[start + 1]]
    if not _TABLE_RULE.fullmatch(rule):
        return False
    last = start + 2
    while last < end and not state.isEmpty(last):
        last += 1
    if (rule.count("|") + 1) * (last - start) > MOST_CELLS:
        state.env.update(large=True, no_table_before=last)
        return False
    if not table(state, start, end, silent):
        return False
    if not silent:
        head, *rows = (_cells(state, line) for line in (start, *range(start + 2, state.line)))
        if any(row > head for row in rows):
            state.env["cells"] = True
    return True


def _cells(state: StateBlock, line: int) -> int:
    """How many cells a line of a table has."""
    cells = escapedSplit(
        state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    )
    return len(cells) - (not cells[0]) - (len(cells) > 1 and not cells[-1])


def _depth(tokens: list[Token]) -> int:
    depth = deepest = 0
    for token in tokens:
        depth += token.nesting
        deepest = max(deepest, depth)
    return deepest


def _parser(dialect: int) -> MarkdownIt:
    markdown = _Markdown("commonmark", {"html": False, "maxNesting": DEEPEST})
    # Without link definitions no line can vanish; an underline or indent is not a command.
    markdown.enable("table")
    markdown.disable(["reference", "lheading", "code", "html_block", "html_inline"])
    markdown.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    markdown.core.ruler.at("inline", _parse_inline)
    markdown.use(citations_plugin)
    if dialect > 1:
        markdown.use(raised_plugin)
    for kind in CALLOUTS:
        markdown.use(container_plugin, kind)
    return markdown


_PARSERS = {dialect: _parser(dialect) for dialect in range(1, DIALECT + 1)}


class Reader:
    """
    Reads all fields of one text in the order of the page, so that ids and numbers are its own.

    ``number`` gives a citation its number, or None when there is no such evidence; ``draw`` makes a
    drawing's SVG or raises ``FigureError``. ``dialect`` is that in which the text was last saved;
    ``credit_lines`` say under drawings, by name, who made them.
    """

    def __init__(
        self,
        number: Callable[[str, FieldLocation], int | None],
        draw: Callable[..., str],
        dialect: int = DIALECT,
        credit_lines: Mapping[str, str] | None = None,
    ) -> None:
        self.credit_lines = credit_lines or {}
        self.number = number
        self.dialect = dialect
        self.parser = _PARSERS[dialect]
        self.draw = draw
        self.found: dict[Problem, None] = {}
        self.ids: dict[str, int] = {}
        self.figures = 0

    def report(
        self, code: str, message: str, place: FieldLocation, *, blocking: bool = False
    ) -> None:
        """Note a problem, once."""
        message_at_place = (
            f"{place.label}: {message}" if place.label else message[:1].upper() + message[1:]
        )
        if len(self.found) < MOST_PROBLEMS:
            self.found.setdefault(Problem(code, message_at_place, place.where, blocking))

    def inline(self, text: str, place: FieldLocation) -> list[Node]:
        """One run of words, without blocks."""
        env: dict[str, Any] = {}
        root = SyntaxTreeNode(self.parser.parseInline(text, env))
        self._parsed(env, place)
        return self._inline(root.children[0], place) if root.children else []

    def blocks(self, text: str, place: FieldLocation, *, headings: bool = False) -> list[Node]:
        """Paragraphs, lists and all other blocks; headings only where the page has room."""
        env: dict[str, Any] = {}
        tokens = self.parser.parse(text, env)
        if any(token.level >= DEEPEST - 1 and token.type in _CONTAINERS for token in tokens):
            env["deep"] = True
        self._parsed(env, place)
        return self._blocks(SyntaxTreeNode(tokens), place, headings=headings)

    def identify(self, text: str) -> str:
        """An id for a heading, the same each time and used once; in any script."""
        words = re.findall(r"[^\W_]+", text.casefold())
        base = "-".join(words)[:60].strip("-") or "section"
        if base in _TAKEN or base.startswith(_TAKEN_START):
            base = f"about-{base}"
        name = base
        while name in self.ids:
            self.ids[base] += 1
            name = f"{base}-{self.ids[base]}"
        self.ids[name] = 1
        return name

    def _parsed(self, env: dict[str, Any], place: FieldLocation) -> None:
        """Report what the parser met."""
        for text in dict.fromkeys(env.get("malformed", ())):
            self._malformed(text, place)
        for name, (code, message) in _REFUSED.items():
            if env.get(name):
                self.report(code, message, place, blocking=True)

    def _malformed(self, text: str, place: FieldLocation) -> None:
        self.report(
            "malformed-citation",
            f"“{shortened(text)}” is not a citation; write [@key] or [@key; @other, p. 3].",
            place,
            blocking=True,
        )

    # Blocks

    def _blocks(
        self, parent: SyntaxTreeNode, place: FieldLocation, *, headings: bool
    ) -> list[Node]:
        return [
            block
            for node in parent.children
            for block in self._block(node, place, headings=headings)
        ]

    def _block(
        self, node: SyntaxTreeNode, place: FieldLocation, *, headings: bool
    ) -> Iterator[Node]:
        kind = node.type.removeprefix("container_")
        match kind:
            case "paragraph":
                yield from self._paragraph(node.children[0], place)
            case "heading":
                yield self._heading(node, place, headings=headings)
            case "bullet_list" | "ordered_list":
                items = [self._blocks(item, place, headings=False) for item in node.children]
                ordered = kind == "ordered_list"
                start = int(node.attrs.get("start", 1)) if ordered else 1
                yield {"t": "list", "ordered": ordered, "start": start, "items": items}
            case "blockquote":
                inside = self._blocks(node, place, headings=False)
                yield {"t": "callout", "kind": "quote", "title": "", "c": inside}
            case "warning" | "note" | "quote":
                yield self._callout(kind, node, place)
            case "fence":
                yield self._fence(node, place)
            case "table":
                yield self._table(node, place)
            case "hr":
                yield {"t": "rule"}

    def _paragraph(self, inline: SyntaxTreeNode, place: FieldLocation) -> Iterator[Node]:
        if [child.type for child in inline.children] == ["image"]:
            yield self._figure(inline.children[0], place)
            return
        if inline.content.startswith(":::"):
            self.report(
                "callout",
                f"“{shortened(inline.content)}” begins or ends no callout; "
                f"there are {', '.join(CALLOUTS)}.",
                place,
                blocking=True,
            )
        nodes = self._inline(inline, place)
        if nodes:
            yield {"t": "paragraph", "c": nodes}

    def _heading(self, node: SyntaxTreeNode, place: FieldLocation, *, headings: bool) -> Node:
        words = self._inline(node.children[0], place) if node.children else []
        written = len(node.markup)
        if not headings:
            self.report(
                "heading-place", f"a heading can't stand here: “{shortened(plain(words))}”.", place
            )
            return {"t": "paragraph", "c": [{"t": "strong", "c": words}] if words else []}
        if evidence_of(words):
            self.report(
                "heading-citation",
                f"cite in the text, not in the heading “{shortened(plain(words))}”.",
                place,
            )
        level = min(max(written, 2), 4)
        if level != written:
            self.report(
                "heading-level",
                f"“{shortened(plain(words))}” is a heading of level {written}; use ## to ####.",
                place,
                blocking=True,
            )
        return {"t": "heading", "level": level, "id": self.identify(plain(words)), "c": words}

    def _callout(self, kind: str, node: SyntaxTreeNode, place: FieldLocation) -> Node:
        assert node.nester_tokens
        opening, closing = node.nester_tokens
        title = writable(opening.info.strip().removeprefix(kind).strip())
        if set(closing.markup) != {":"}:
            self.report(
                "callout", f"the {kind} “{shortened(title)}” is not closed by :::.", place,
                blocking=True,
            )  # fmt: skip
        if "[@" in title:
            self.report(
                "malformed-citation", f"cite below the title “{shortened(title)}”.", place,
                blocking=True,
            )  # fmt: skip
        inside = self._blocks(node, place, headings=False)
        return {"t": "callout", "kind": kind, "title": title, "c": inside}

    def _table(self, node: SyntaxTreeNode, place: FieldLocation) -> Node:
        rows = [
            [
                self._inline(cell.children[0], place) if cell.children else []
                for cell in row.children
            ]
            for part in node.children
            for row in part.children
        ]
        return {"t": "table", "head": rows[0], "rows": rows[1:]}

    def _fence(self, node: SyntaxTreeNode, place: FieldLocation) -> Node:
        if node.info.strip() != "icons":
            return {"t": "code", "text": writable(node.content)}
        fields: dict[str, str] = {}
        name = ""
        for line in node.content.splitlines():
            match = _FIELD.fullmatch(line)
            name, value = (match[1], match[2]) if match else (name, line)
            fields[name] = f"{fields.get(name, '')} {value.strip()}".strip()
        return self._icons(fields, place)

    def _icons(self, fields: dict[str, str], place: FieldLocation) -> Node:
        words = self.inline(fields.get("text", ""), place)
        try:
            count, of = int(fields.get("count", "")), int(fields.get("of", ""))
            icon_array(count, of, label="")
        except ValueError as error:
            reason = str(error) if isinstance(error, FigureError) else "count and of are numbers."
            self.report("icons", f"the icons can't be drawn: {reason}", place, blocking=True)
            return {"t": "paragraph", "c": words}
        text = plain(words)
        if not text.strip():
            self.report(
                "alternative", f"the icons for {count} of {of} have no text.", place, blocking=True
            )
        told = {tuple(n.replace(",", "") for n in pair) for pair in _OUT_OF.findall(text)}
        if told and (str(count), str(of)) not in told:
            self.report(
                "icons-differ",
                f"the icons show {count} out of {of}, the text says “{shortened(text)}”.",
                place,
            )
        return {"t": "icons", "count": count, "of": of, "c": words, "text": text}

    def _figure(self, image: SyntaxTreeNode, place: FieldLocation) -> Node:
        alt = writable(image.content)
        name = str(image.attrs.get("src", ""))
        words = self.inline(str(image.attrs.get("title", "")), place)
        if not alt.strip():
            self.report(
                "alternative",
                f"say what the drawing {name} shows, between the square brackets.",
                place,
                blocking=True,
            )
        self.figures += 1
        try:
            name = _figure_name(name)
            svg = self.draw(name, prefix=f"figure-{self.figures}", label=alt)
        except FigureError as error:
            self.report("figure", str(error), place, blocking=True)
            return {"t": "paragraph", "c": add_nodes([], [{"t": "text", "text": alt}, *words])}
        caption = plain(words)
        credit = self.credit_lines.get(name)
        return {
            "t": "figure", "name": name, "alt": alt, "caption": caption, "c": words, "svg": svg,
            **({"credit": credit} if credit else {}),
        }  # fmt: skip

    # Words

    def _inline(self, parent: SyntaxTreeNode, place: FieldLocation) -> list[Node]:
        nodes: list[Node] = []
        for child in parent.children:
            match child.type:
                case "text":
                    self._check_text(child.content, place)
                    add_nodes(nodes, [{"t": "text", "text": writable(child.content)}])
                case "softbreak":
                    add_nodes(nodes, [{"t": "text", "text": "\n"}])
                case "hardbreak":
                    nodes.append({"t": "break"})
                case "code_inline":
                    if code := writable(child.content):
                        nodes.append({"t": "code", "text": code})
                case "em" | "strong":
                    kind = "emphasis" if child.type == "em" else "strong"
                    if inside := self._inline(child, place):
                        nodes.append({"t": kind, "c": inside})
                case "sup" | "sub":
                    kind = "superscript" if child.type == "sup" else "subscript"
                    nodes.append({"t": kind, "c": self._inline(child, place)})
                case "link":
                    add_nodes(nodes, self._link(child, place))
                case "image":
                    add_nodes(nodes, self._stray_image(child, place))
                case "cite":
                    self._cite(nodes, child, place)
        return [_unfolded(node) for node in nodes]

    def _check_text(self, text: str, place: FieldLocation) -> None:
        if self.dialect < DIALECT and ("^" in text or "~" in text):
            self._check_dialect(text, place)
        for match in _HTML.finditer(text):
            self.report("html", f"{shortened(match[0])} is shown as typed; use Markdown.", place)
        for match in _NO_CITATION.finditer(text):
            self._malformed(re.sub(f"[{_HIDDEN}]", "�", match[0]), place)
        for match in _BARE.finditer(text):
            self.report("bare-citation", f"“{match[0]}” is no citation without brackets.", place)

    def _check_dialect(self, text: str, place: FieldLocation) -> None:
        """Tell what reads otherwise when this text is saved next."""
        later = Reader(self.number, self.draw)
        for node in later.inline(text, place):
            if node["t"] in {"superscript", "subscript"}:
                sign, said = ("^", "raised") if node["t"] == "superscript" else ("~", "lowered")
                words = plain(node["c"])
                self.report(
                    "dialect",
                    f"“{sign}{words}{sign}” shows its signs now; once this text is saved anew it "
                    f"shows “{words}” {said}. Write \\{sign} to keep the sign.",
                    place,
                )

    def _cite(self, nodes: list[Node], child: SyntaxTreeNode, place: FieldLocation) -> None:
        """Add a citation close to the word before it; one right after another joins it."""
        known: list[Node] = []
        unknown = []
        for item in child.meta["items"]:
            number = self.number(item["key"], place)
            if number is None:
                unknown.append(item["key"])
            else:
                known.append(
                    {"key": item["key"], "n": number, "locator": writable(item["locator"])}
                )
        if known:
            if nodes and nodes[-1]["t"] == "text":
                nodes[-1] = {"t": "text", "text": nodes[-1]["text"].rstrip()}
                if not nodes[-1]["text"]:
                    nodes.pop()
            before = nodes.pop()["items"] if nodes and nodes[-1]["t"] == "cite" else []
            items = [*before, *(item for item in known if item not in before)]
            nodes.append({"t": "cite", "items": items})
        for key in unknown:
            add_nodes(nodes, [{"t": "text", "text": f"[@{key}]"}])

    def _link(self, link: SyntaxTreeNode, place: FieldLocation) -> list[Node]:
        inside = self._inline(link, place)
        href = writable(str(link.attrs.get("href", "")))
        words, cites = _without_cites(inside)
        if not words:
            return cites
        if not is_allowed_address(href):
            self.report(
                "address",
                f"the address “{shortened(href)}” can't be linked; use https://, mailto:, "
                "/a-page/ or #a-heading.",
                place,
                blocking=True,
            )
            return [*words, *cites]
        return [{"t": "link", "href": href, "c": words}, *cites]

    def _stray_image(self, image: SyntaxTreeNode, place: FieldLocation) -> list[Node]:
        self.report(
            "figure",
            f"“{shortened(image.content)}”: a drawing stands in a paragraph of its own.",
            place,
            blocking=True,
        )
        return [{"t": "text", "text": writable(image.content)}]


def is_allowed_address(href: str) -> bool:
    """Whether a text may link there: the web, mail, this site, this page; nothing that runs."""
    if re.search(r"[\s\\\x00-\x20]", href):
        return False
    if href.startswith("#"):
        return len(href) > 1
    if href.startswith("/"):
        return not href.startswith("//")
    try:
        parts = urlsplit(href)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path and _is_an_address(href)
    whole = _HOST.fullmatch(host) is not None and "@" not in parts.netloc
    return parts.scheme in {"http", "https"} and whole and _is_an_address(href)


def _is_an_address(href: str) -> bool:
    """Whether it can be read as browsers read addresses (https://url.spec.whatwg.org)."""
    return "href" in nh3.clean(f'<a href="{attribute(href)}"></a>', link_rel=None)


def _figure_name(address: str) -> str:
    if not address.startswith("figure:"):
        raise FigureError(f"“{shortened(address)}” is not a drawing; write figure:name.")
    return address.removeprefix("figure:")


def addresses(nodes: list[Node]) -> Iterator[str]:
    """Where the links among these nodes lead."""
    return (node["href"] for node in walk(nodes) if node["t"] == "link")


def _unfolded(node: Node) -> Node:
    """Line ends inside text as blanks, or as nothing between Chinese characters."""
    if node["t"] != "text" or "\n" not in node["text"]:
        return node
    return {"t": "text", "text": _CJK_LINE.sub("", node["text"]).replace("\n", " ")}


def _without_cites(nodes: list[Node]) -> tuple[list[Node], list[Node]]:
    """The nodes without citations, and these: a link can't hold the link of a citation."""
    kept: list[Node] = []
    cites: list[Node] = []
    for node in nodes:
        if node["t"] == "cite":
            cites.append(node)
        elif "c" in node:
            inside, found = _without_cites(node["c"])
            kept += [node | {"c": inside}] if inside else []
            cites += found
        else:
            add_nodes(kept, [node])
    return kept, cites
