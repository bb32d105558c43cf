"""What changed between two texts, in words."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from education.articles.text import Draft

FIELDS = (
    ("title", "Title"),
    ("short_answer", "One-sentence answer"),
    ("body", "Text"),
    ("unknowns", "What we do not know"),
    ("questions", "Questions to ask"),
    ("funding", "Who paid for this text"),
    ("what_changed", "What changed, for readers"),
    ("correction", "Correction"),
)
SAME_AROUND = 12  # words kept on each side of a change


@dataclass(frozen=True)
class Piece:
    """Some words that stayed, came or went."""

    kind: Literal["same", "added", "removed", "skipped"]
    text: str


@dataclass(frozen=True)
class Change:
    """One part of a text that is not what it was, and how."""

    label: str
    pieces: list[Piece]


def word_changes(old: str, new: str) -> list[Piece]:
    """
    The words of ``new`` with what came and went, in reading order.

    Long stretches that stayed are shortened to the words next to a change.
    """
    before, after = _words(old), _words(new)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(before[i:j])))
            continue
        if j > i:
            pieces.append(Piece("removed", "".join(before[i:j])))
        if m > k:
            pieces.append(Piece("added", "".join(after[k:m])))
    return [short for piece in pieces for short in _shortened(piece)]


def changes(old: Draft, new: Draft) -> list[Change]:
    """Every part of a text that is not what it was, in the order of the page."""
    found = []
    before, after = _parts(old), _parts(new)
    for label in dict.fromkeys([*after, *before]):
        was, is_now = before.get(label, ""), after.get(label, "")
        if was != is_now:
            found.append(Change(label, word_changes(was, is_now)))
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", text)


def _shortened(piece: Piece) -> list[Piece]:
    words = _words(piece.text)
    if piece.kind != "same" or len(words) <= 4 * SAME_AROUND:
        return [piece]
    return [
        Piece("same", "".join(words[: 2 * SAME_AROUND])),
        Piece("skipped", " … "),
        Piece("same", "".join(words[-2 * SAME_AROUND :])),
    ]


def _parts(draft: Draft) -> dict[str, str]:
    """A text as labelled words, one entry for each thing an editor would name."""
    parts = {label: getattr(draft, name) for name, label in FIELDS}
    for number, message in enumerate(draft.key_messages, 1):
        parts[f"Key message {number}"] = f"{message['text']} ({message['certainty']})"
    for option in draft.options:
        parts[f"Option {option['slug']}"] = option["name"]
    names = {option["slug"]: option["name"] for option in draft.options}
    for row in draft.rows:
        for slug, cell in row["cells"].items():
            unknown = ", not known" if cell["unknown"] else ""
            label = f"“{row['question']}”, {names.get(slug, slug)}"
            parts[label] = f"{cell['text']} ({cell['certainty']}{unknown})"
    for claim in draft.claims:
        judged = f"({claim['verdict']}, {claim['certainty']})"
        parts[f"Claim {claim['slug']}"] = f"{claim['said']} {judged} {claim['answer']}"
    for term in draft.terms:
        also = ", ".join([term["term"], *term["also"]])
        parts[f"Term {term['slug']}"] = f"{also}: {term['definition']}"
    return parts
