"""
What a citation supports: the whole sentence that holds it, or the whole list item or cell.

A statement that loses its evidence must be masked, no more and no less. So in a list item, cell or
key message each sentence with citations of its own rests on those; a sentence without any rests on
all that the item cites.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

from education.text.sentences import MARK, sentence_spans
from education.text.tree import Node, plain, walk

# How a link may end a sentence: with its stop, and what closes a quotation.
_TAIL = re.compile(r"(?:[.!?…]+[”’\"')\]»]*|[。！？｡।॥؟۔]+[”’」』）】》〉)\]]*)\Z")


def evidence_of(nodes: list[Node]) -> tuple[str, ...]:
    """The keys cited anywhere in these nodes, each once, in order."""
    cited = (item["key"] for node in walk(nodes) if node["t"] == "cite" for item in node["items"])
    return tuple(dict.fromkeys(cited))


def mark_blocks(blocks: list[Node], inherited: tuple[str, ...] = ()) -> list[Node]:
    """The same blocks with the extent of every citation marked by ``supported`` nodes."""
    return [_mark_block(block, inherited) for block in blocks]


def mark_unit(nodes: list[Node], inherited: tuple[str, ...] = ()) -> list[Node]:
    """Mark the words of one list item, cell, key message, caption or short answer."""
    return _mark(nodes, evidence_of(nodes) or inherited)


def mark_cell(blocks: list[Node]) -> list[Node]:
    """Mark a grid cell: its blocks are one unit."""
    return mark_blocks(blocks, evidence_of(blocks))


def _mark_block(block: Node, inherited: tuple[str, ...]) -> Node:
    match block["t"]:
        case "paragraph":
            return block | {"c": _mark(block["c"], inherited)}
        case "heading" | "icons" | "figure":
            return block | {"c": mark_unit(block["c"])}
        case "callout":
            return block | {"c": mark_blocks(block["c"], inherited)}
        case "list":
            return block | {"items": [_mark_item(item, inherited) for item in block["items"]]}
        case "table":
            head = [mark_unit(cell) for cell in block["head"]]
            rows = [[mark_unit(cell) for cell in row] for row in block["rows"]]
            return block | {"head": head, "rows": rows}
        case _:
            return block


def _mark_item(blocks: list[Node], inherited: tuple[str, ...]) -> list[Node]:
    own = evidence_of([block for block in blocks if block["t"] != "list"])
    return mark_blocks(blocks, own or inherited)


def _mark(nodes: list[Node], inherited: tuple[str, ...]) -> list[Node]:
    """Wrap each sentence in what supports it: its own citations, else ``inherited``."""
    text = "".join(_flat(node) for node in nodes)
    if not text:
        return nodes
    spans = sentence_spans(text)
    edges = sorted({0, len(text), *(edge for span in spans for edge in span)})
    starts = {start for start, _ in spans}
    marked: list[Node] = []
    for (start, _), piece in zip(pairwise(edges), _cut(nodes, edges), strict=True):
        evidence = (evidence_of(piece) or inherited) if start in starts else ()
        _append(marked, piece, evidence, join=bool(inherited))
    return marked


def sentences_of(nodes: list[Node]) -> list[list[Node]]:
    """The same nodes cut where sentences begin and end; blanks between are pieces of their own."""
    text = "".join(_flat(node) for node in nodes)
    if not text:
        return [nodes]
    spans = sentence_spans(text)
    edges = sorted({0, len(text), *(edge for span in spans for edge in span)})
    return _cut(nodes, edges)


def _append(marked: list[Node], piece: list[Node], evidence: tuple[str, ...], join: bool) -> None:
    """Add a piece; in a unit, sentences side by side with the same evidence are one extent."""
    if not evidence:
        marked += piece
        return
    gap = [] if not marked or marked[-1]["t"] == "supported" else [marked[-1]]
    before = marked[-1 - len(gap)] if len(marked) > len(gap) else None
    blank = all(node["t"] == "text" and not node["text"].strip() for node in gap)
    if join and before and blank and before.get("evidence") == list(evidence):
        del marked[len(marked) - len(gap) :]
        add_nodes(before["c"], [*gap, *piece])
    else:
        marked.append({"t": "supported", "evidence": list(evidence), "c": piece})


def add_nodes(nodes: list[Node], more: Iterable[Node]) -> list[Node]:
    """Append in place: neighbouring text becomes one node, and empty text is left out."""
    for node in more:
        if node["t"] == "text" and nodes and nodes[-1]["t"] == "text":
            nodes[-1] = {"t": "text", "text": nodes[-1]["text"] + node["text"]}
        elif node["t"] != "text" or node["text"]:
            nodes.append(node)
    return nodes


def _flat(node: Node) -> str:
    """A node as text to split, each character standing for one of its own."""
    match node["t"]:
        case "cite":
            return MARK
        case "break":
            return " "
        case "text":
            return str(node["text"])
        case "code" | "link":
            return _uncuttable(plain([node]))
        case _:
            return "".join(_flat(child) for child in node["c"])


def _uncuttable(text: str) -> str:
    """As long as the text, and a sentence may end where it ends but not inside it."""
    first = text[0] if text[0].isalnum() else "x"
    tail = _TAIL.search(text, max(1, len(text) - 20))
    last = tail[0] if tail else ""
    return first + "x" * (len(text) - 1 - len(last)) + last


def _cut(nodes: list[Node], edges: list[int]) -> list[list[Node]]:
    """Cut nodes at the inner edges; a node across one becomes two of its kind."""
    pieces: list[list[Node]] = [[]]
    offset = 0
    for node in nodes:
        end = offset + len(_flat(node))
        if offset and len(pieces) < bisect_right(edges, offset):
            pieces.append([])
        inner = edges[bisect_right(edges, offset) : bisect_left(edges, end)]
        if inner:
            bounds = [0, *(edge - offset for edge in inner), end - offset]
            first, *others = _parts(node, bounds)
            pieces[-1].append(first)
            pieces += [[part] for part in others]
        else:
            pieces[-1].append(node)
        offset = end
    return pieces


def _parts(node: Node, bounds: list[int]) -> list[Node]:
    if node["t"] == "text":
        return [{"t": "text", "text": node["text"][a:b]} for a, b in pairwise(bounds)]
    return [node | {"c": piece} for piece in _cut(node["c"], bounds)]
