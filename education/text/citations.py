"""
Citations in Markdown, in Pandoc's syntax: ``[@sun2017]``, ``[@sun2017; @novak2016, p. 3]``.

A key is the key of an evidence item: letters, digits, ``-`` and ``_``. What looks like a citation
and is not one stays in the text as it was typed, and is reported.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

LONGEST = 1_000  # characters between the brackets; keeps the search for the end linear

_ITEM = re.compile(r"\s*@([A-Za-z0-9][\w-]{0,79})\s*(?:,\s*([^@;\[\]]{1,80}?)\s*)?", re.ASCII)
_LOOKS_LIKE = re.compile(r"(?:^|[\s;,(-])@(?=\w|\s*$)")


def citations_plugin(md: MarkdownIt) -> None:
    """
    Turn citations into ``cite`` tokens, whose ``meta`` holds the items.

    What is malformed is appended, as it was typed, to ``env["malformed"]``.
    """
    md.inline.ruler.before("link", "citation", _citation)


def parse_citation(inside: str) -> list[dict[str, str]] | None:
    """The items between the brackets, as ``{"key", "locator"}``; None when malformed."""
    items = []
    for part in inside.split(";"):
        match = _ITEM.fullmatch(part)
        if not match:
            return None
        items.append({"key": match[1], "locator": " ".join((match[2] or "").split())})
    return items


def _citation(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] != "[":
        return False
    end = state.src.find("]", start, min(state.posMax, start + LONGEST))
    inside = state.src[start + 1 : end] if end > 0 else state.src[start + 1 : start + 40]
    if "[" in inside or not _LOOKS_LIKE.search(inside):
        return False
    items = parse_citation(inside) if end > 0 else None
    if items is None:
        return _malformed(state, start, end, silent)
    if not silent:
        token = state.push("cite", "", 0)
        token.content = state.src[start : end + 1]
        token.meta = {"items": items}
    state.pos = end + 1
    return True


def _malformed(state: StateInline, start: int, end: int, silent: bool) -> bool:
    """Report it, and leave the words to the ordinary rules."""
    is_link = end > 0 and state.src[end + 1 : end + 2] == "("
    if not silent and not is_link:
        stop = end + 1 if end > 0 else start + 30
        state.env.setdefault("malformed", []).append(state.src[start:stop])
    return False
