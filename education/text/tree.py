"""
Reading a rendered text: the tree of ``docs/document-tree.md`` as plain words, and place by place.

A tree is plain JSON, so that it can be stored, hashed, sent and typeset. Nothing here changes one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]
Tree = dict[str, Any]

BLOCKS = frozenset(
    {"heading", "paragraph", "list", "callout", "table", "icons", "figure", "code", "rule"}
)


@dataclass(frozen=True)
class Passage:
    """
    One run of words in a text, and where it stands.

    ``where`` is the path of the field that holds it (``body``, ``key_messages.0``,
    ``rows.0.stem-cells``), ``label`` says the same to a person. ``kind`` is the block around the
    words; ``quoted`` is true where they are somebody else's.
    """

    where: str
    label: str
    kind: str
    nodes: list[Node]
    quoted: bool = False

    @property
    def text(self) -> str:
        """The words alone."""
        return plain(self.nodes)


def plain(nodes: Iterable[Node], *, one_line: bool = False) -> str:
    """
    The words of inline nodes or blocks; citations leave no trace, blocks end a line. A figure that
    stands higher is written ``10^6``, so that it never joins the one before it.

    On ``one_line``, a single blank stands wherever there are blanks or ends of lines.
    """
    parts: list[str] = []
    before = ""
    for node in nodes:
        text = _words(node)
        if _would_join(before, parts, node["t"], text):
            parts.append("^" if before == "superscript" else "_")
        before = node["t"]
        if parts and (node["t"] in BLOCKS or parts[-1].endswith("\n")):
            parts.append("\n")
        parts.append(text)
    words = "".join(parts)
    return " ".join(words.split()) if one_line else words


def _would_join(before: str, parts: list[str], kind: str, text: str) -> bool:
    """Whether a figure would run into another that stands at another height."""
    if before == "superscript":
        return text[:1].isalnum()
    if "subscript" in {before, kind}:
        return bool(parts) and parts[-1][-1:].isdigit() and text[:1].isdigit()
    return False


def _words(node: Node) -> str:
    match node["t"]:
        case "superscript":
            words = f"^{plain(node['c'])}"
        case "text" | "code" | "masked":
            words = str(node["text"])
        case "notice" | "break":
            words = f" {node.get('text', '')}"
        case "cite" | "rule":
            words = ""
        case "list":
            words = "\n".join(plain(item) for item in node["items"])
        case "table":
            rows = [node["head"], *node["rows"]]
            words = "\n".join(" | ".join(plain(cell) for cell in row) for row in rows)
        case "figure" | "callout":
            titled = node["alt"] if node["t"] == "figure" else node["title"]
            words = "\n".join(text for text in (titled, plain(node["c"])) if text)
        case _:
            words = plain(node["c"])
    return words


def plain_text(tree: Tree) -> str:
    """Everything a reader can read of a text but its title and references, for searching."""
    grid = tree["comparison"] or {"options": [], "rows": []}
    lines = [
        plain(tree["short_answer"]),
        *(plain(message["c"]) for message in tree["key_messages"]),
        plain(tree["body"]),
        *(option["name"] for option in grid["options"]),
    ]
    for row in grid["rows"]:
        lines += [row["question"], *(plain(cell["c"]) for cell in row["cells"])]
    for claim in tree["claims"]:
        lines += [claim["said"], plain(claim["c"])]
    for term in tree["terms"]:
        lines += [", ".join([term["term"], *term["also"]]), plain(term["c"])]
    for outcome in findings_of(tree):
        lines += [outcome["name"], plain(outcome["note"])]
        for row in outcome["rows"]:
            lines += [plain(row["c"]), row["people"], row["who"], row["comparator"], row["effect"]]
    lines += [plain(tree["unknowns"]), plain(tree["questions"])]
    return "\n".join(line for line in lines if line)


def findings_of(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outcomes of a table of findings with their rows; none where a text is no such table."""
    outcomes: list[dict[str, Any]] = (tree.get("findings") or {"outcomes": []})["outcomes"]
    return outcomes


def strings(value: Any, without: Collection[str], name: str = "") -> Iterator[tuple[str, str]]:
    """
    Every string in a tree or record with the name of its property, in their order.

    Properties named in ``without`` are passed over with all they hold.
    """
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in without:
                yield from strings(inner, without, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner, without, name)


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node, each before what it holds, in reading order."""
    for node in nodes:
        yield node
        for group in children(node):
            yield from walk(group)


def drawings(tree: Tree) -> list[Node]:
    """The figures that a text places, in reading order."""
    grid = tree["comparison"] or {"rows": []}
    blocks = [
        *tree["body"],
        *(block for row in grid["rows"] for cell in row["cells"] for block in cell["c"]),
        *(block for claim in tree["claims"] for block in claim["c"]),
        *tree["unknowns"],
        *tree["questions"],
        *(block for outcome in findings_of(tree) for block in outcome["note"]),
    ]
    return [node for node in walk(blocks) if node["t"] == "figure"]


def children(node: Node) -> Sequence[list[Node]]:
    """The lists of nodes that a node holds."""
    match node["t"]:
        case "list":
            items: list[list[Node]] = node["items"]
            return items
        case "table":
            return [cell for row in (node["head"], *node["rows"]) for cell in row]
        case _:
            return [node["c"]] if "c" in node else []


def passages(tree: Tree) -> Iterator[Passage]:
    """Every run of words in a text, in the order in which a page shows them."""
    yield Passage("short_answer", "Short answer", "short_answer", tree["short_answer"])
    for index, message in enumerate(tree["key_messages"]):
        label = f"Key message {index + 1}"
        yield Passage(f"key_messages.{index}", label, "key_message", message["c"])
    yield from _in_blocks("body", "", tree["body"])
    grid = tree["comparison"] or {"options": [], "rows": []}
    names = {option["slug"]: option["name"] for option in grid["options"]}
    for index, row in enumerate(grid["rows"]):
        for cell in row["cells"]:
            label = f"“{row['question']}”, {names[cell['option']]}"
            yield from _in_blocks(f"rows.{index}.{cell['option']}", label, cell["c"])
    for index, claim in enumerate(tree["claims"]):
        yield from _in_blocks(f"claims.{index}", f"Claim “{claim['said']}”", claim["c"])
    for index, term in enumerate(tree["terms"]):
        yield Passage(f"terms.{index}", f"Term “{term['term']}”", "definition", term["c"])
    for index, outcome in enumerate(findings_of(tree)):
        label = f"Outcome “{outcome['name']}”"
        yield from _in_blocks(f"outcomes.{index}", label, outcome["note"])
        for row in outcome["rows"]:
            yield Passage(f"findings.{row['slug']}", f"Row {row['slug']}", "finding", row["c"])
    yield from _in_blocks("unknowns", "What we do not know", tree["unknowns"])
    yield from _in_blocks("questions", "Questions to ask", tree["questions"])


def _in_blocks(
    where: str, label: str, blocks: list[Node], quoted: bool = False, kind: str = "paragraph"
) -> Iterator[Passage]:
    for block in blocks:
        match block["t"]:
            case "paragraph":
                yield Passage(where, label, kind, block["c"], quoted)
            case "heading" | "icons" | "figure":
                yield Passage(where, label, block["t"], block["c"], quoted)
            case "list":
                for item in block["items"]:
                    yield from _in_blocks(where, label, item, quoted, "item")
            case "callout":
                is_quoted = quoted or block["kind"] == "quote"
                yield from _in_blocks(where, label, block["c"], is_quoted)
            case "table":
                for group in children(block):
                    yield Passage(where, label, "table_cell", group, quoted)
