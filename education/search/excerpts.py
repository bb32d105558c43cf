"""The piece of a text that a hit shows."""

import re

from education.search.analysis import WORD, is_marked

_EXCERPT = 230


def excerpt_of(marks: tuple[str, ...], first: str, text: str) -> str:
    """The first text when it holds a hit, else the piece of the other around its first hit."""
    if len(first) <= _EXCERPT and any(is_marked(word, marks) for word in WORD.findall(first)):
        return first
    hit = next((word for word in WORD.finditer(text) if is_marked(word[0], marks)), None)
    if not hit:
        return cut(first, 0)
    start = max(0, hit.start() - _EXCERPT // 3)
    if start:
        gap = re.compile(r"\s").search(text, start, hit.start())
        start = gap.end() if gap else hit.start()
    return cut(text, start)


def cut(text: str, start: int) -> str:
    """A piece of a text from a place on, with dots where it is cut."""
    piece = text[start : start + _EXCERPT]
    end = "" if start + len(piece) >= len(text) else " …"
    if end:
        piece = piece.rsplit(None, 1)[0] if len(piece.split()) > 1 else piece
    return f"{'… ' if start else ''}{piece}{end}"
