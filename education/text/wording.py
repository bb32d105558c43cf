"""What a rendered text says, apart from how it is laid out: what approvals are bound to."""

from typing import Any

from education.text.tree import Node, Tree

# Follow from the rest of the tree, from the evidence or from our code: numbers and places.
_DERIVED = frozenset(
    {"schema", "contents", "references", "short_answer_text", "id", "n", "svg", "caption"}
)
# Marks around words. Emphasis is written with characters of the Markdown, so words that lose or
# gain a mark change; which works support a sentence follows from its citations.
_MARKS = frozenset({"supported", "term", "emphasis", "strong"})


def wording(tree: Tree) -> dict[str, Any]:
    """
    The words of a text in their structure, with links, citations and certainties, as JSON.

    The same for two trees that say the same to a reader. What says nothing is left out, so a
    property that a later schema adds changes the wording only of texts that use it; one that says
    something of every text must be named in ``_DERIVED``, or it changes all.
    """
    return _properties(tree)


def _properties(part: dict[str, Any]) -> dict[str, Any]:
    # Key messages and icons carry the plain words of their nodes beside them.
    derived = _DERIVED | {"text"} if "c" in part else _DERIVED
    words = {name: _said(value) for name, value in part.items() if name not in derived}
    return {name: value for name, value in words.items() if value not in (None, "", [], {}, False)}


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return _properties(value)
    if isinstance(value, list):
        is_nodes = any(isinstance(each, dict) and "t" in each for each in value)
        return _nodes(value) if is_nodes else [_said(each) for each in value]
    return value


def _nodes(nodes: list[Node]) -> list[Any]:
    """Nodes without marks; words that stand side by side are one string."""
    values: list[Any] = []
    for node in nodes:
        if node["t"] in _MARKS:
            pieces = _nodes(node["c"])
        else:
            pieces = [node["text"] if node["t"] == "text" else _said(node)]
        for piece in pieces:
            if isinstance(piece, str) and values and isinstance(values[-1], str):
                values[-1] += piece
            else:
                values.append(piece)
    return values
