"""
Superscripts and subscripts in Markdown, in Pandoc's syntax: ``10^6^``, ``H~2~O``.

``mdit_py_plugins`` has both, but a tilde also writes a range (``5~10``, as Chinese text does), so a
subscript follows a letter of an alphabet here; and a citation never hides in one.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_LONGEST = 100
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])", re.ASCII)
_SIGN = r"\\[!-/:-@\[-`{-~]"
_KINDS = {
    "^": (
        "sup",
        re.compile(rf"(?<!\^)\^((?:{_SIGN}|[^\s\\\[\]`^]){{1,{_LONGEST}}})\^(?!\^)"),
    ),
    "~": (
        "sub",
        re.compile(
            rf"(?<=[^\W\d_\u2e80-\uffef])~((?:{_SIGN}|[^\s\\\[\]`~]){{1,{_LONGEST}}})~(?!~)"
        ),
    ),
}


def raised_plugin(md: MarkdownIt) -> None:
    """Turn ``^…^`` into a ``sup`` and ``~…~`` into a ``sub`` token that holds text."""
    md.inline.ruler.after("emphasis", "raised", _raised)


def _raised(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in _KINDS:
        return False
    tag, pattern = _KINDS[state.src[state.pos]]
    match = pattern.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push(f"{tag}_open", tag, 1).markup = state.src[state.pos]
        state.push("text", "", 0).content = _ESCAPED.sub(r"\1", match[1])
        state.push(f"{tag}_close", tag, -1).markup = state.src[state.pos]
    state.pos = match.end()
    return True
