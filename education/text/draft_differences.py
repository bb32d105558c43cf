"""What changed between two drafts, in words."""

from dataclasses import dataclass
from typing import Literal

from education.text.rendering import Draft
from education.text.word_differences import Difference, Piece, both_sides, word_changes

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


def changes_between_drafts(old: Draft, new: Draft) -> list[Difference]:
    """Every part of a text that is not what it was, in the order of the page."""
    differences = []
    before, after = _parts(old), _parts(new)
    for label in dict.fromkeys([*after, *before]):
        was, is_now = before.get(label, ""), after.get(label, "")
        if was != is_now:
            differences.append(Difference(label, word_changes(was, is_now)))
    return differences


@dataclass(frozen=True)
class Versus:
    """
    One part of a text that two people left differently, whole on both sides.

    ``name`` is the field it is typed in, empty for a structured part; ``changed_by`` says who left
    it other than it was when the first of them began.
    """

    label: str
    name: str
    changed_by: Literal["you", "them", "both"]
    mine: list[Piece]
    theirs: list[Piece]


def side_by_side(*, began: Draft, mine: Draft, theirs: Draft) -> list[Versus]:
    """What differs between my text and theirs, both begun from the same, in page order."""
    before, mine_now, theirs_now = _parts(began), _parts(mine), _parts(theirs)
    names = {label: name for name, label in FIELDS}
    compared = []
    for label in dict.fromkeys([*mine_now, *theirs_now]):
        was, my_words, their_words = (
            parts.get(label, "").strip() for parts in (before, mine_now, theirs_now)
        )
        if my_words == their_words:
            continue
        changed_by: Literal["you", "them", "both"] = "both"
        if their_words == was:
            changed_by = "you"
        elif my_words == was:
            changed_by = "them"
        pieces = both_sides(my_words, their_words)
        compared.append(Versus(label, names.get(label, ""), changed_by, *pieces))
    return compared


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
    for outcome in draft.outcomes:
        parts[f"Outcome {outcome['slug']}"] = f"{outcome['name']}\n{outcome['note']}"
    for row in draft.findings:
        facts = [f"{name}: {value}" for name, value in row.items() if value not in ("", None, [])]
        parts[f"Row {row['slug']}"] = "\n".join(facts)
    return parts
