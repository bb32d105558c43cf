"""What changed between two published versions of a text, in the words that readers see."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext

from education.languages import translated_labels
from education.text.figures import canonical_svg
from education.text.findings import finding_lines
from education.text.labels import LABELS
from education.text.tree import Node, Tree, drawings, findings_of, plain
from education.text.word_differences import Difference, Piece, word_changes

# Below this likeness two sections are two sections, not one under a new heading.
_ALIKE = 0.5


def changes_between_versions(old: Tree, new: Tree, old_number: int) -> list[Difference]:
    """
    Every part of a text that is not what it was, in the order of the page.

    ``old`` and ``new`` are trees as they may be shown now. Sources stand in square brackets, under
    their number in the new version; one that only the old version has names ``old_number``.
    """
    sources = _Sources(old, new, old_number)
    before, after = _by_label(_parts(old, sources)), _by_label(_parts(new, sources))
    _follow_renamed(before, after)
    differences = []
    for label in _in_order(list(before), list(after)):
        pieces = word_changes(before.get(label, ""), after.get(label, ""))
        if any(piece.kind in {"added", "removed"} for piece in pieces):
            differences.append(Difference(label, pieces))
    redrawn = _redrawn(old, new)
    if redrawn:
        differences.append(Difference(gettext("Drawings"), redrawn))
    references = _reference_changes(old, new)
    if references:
        differences.append(Difference(_labels(new)["references"], references))
    return differences


class _Sources:
    """How a citation is written: the same for the same work in both versions."""

    def __init__(self, old: Tree, new: Tree, old_number: int) -> None:
        self.marks = {
            reference["key"]: f"[{reference['n']} in version {old_number}]"
            for reference in old["references"]
        } | {reference["key"]: f"[{reference['n']}]" for reference in new["references"]}

    def words(self, nodes: list[Node]) -> str:
        """The words of nodes with their citations; every block ends a line."""
        return plain(self._cited(nodes))

    def _cited(self, nodes: list[Node]) -> list[Node]:
        return [self._with_marks(node) for node in nodes]

    def _with_marks(self, node: Node) -> Node:
        match node["t"]:
            case "cite":
                marks = "".join(f" {self.marks[item['key']]}" for item in node["items"])
                return {"t": "text", "text": marks}
            case "list":
                return node | {"items": [self._cited(item) for item in node["items"]]}
            case "table":
                rows = [[self._cited(cell) for cell in row] for row in node["rows"]]
                return node | {"head": [self._cited(cell) for cell in node["head"]], "rows": rows}
            case _:
                return node | {"c": self._cited(node["c"])} if "c" in node else node


def _parts(tree: Tree, sources: _Sources) -> Iterator[tuple[str, str]]:
    """A text as labelled words, one entry for each thing a reader would name."""
    labels = _labels(tree)
    yield gettext("Title"), tree["title"]
    yield gettext("The answer in one sentence"), sources.words(tree["short_answer"])
    for number, message in enumerate(tree["key_messages"], 1):
        yield f"{labels['evidence_says']}: {number}", _graded(message, labels, sources)
    for heading, blocks in _sections(tree["body"]):
        yield heading or gettext("Text"), sources.words(blocks)
    grid = tree["comparison"] or {"options": [], "rows": []}
    names = {option["slug"]: option["name"] for option in grid["options"]}
    for row in grid["rows"]:
        for cell in row["cells"]:
            label = f"{row['question']} {names[cell['option']]}"
            yield label, _graded(cell, labels, sources)
    for claim in tree["claims"]:
        judged = "" if claim.get("masked") else f"{labels[claim['verdict']]}. "
        yield f"“{claim['said']}”", f"{judged}{_graded(claim, labels, sources)}"
    for term in tree["terms"]:
        also = f"{labels['also'].format(', '.join(term['also']))}\n" if term["also"] else ""
        yield term["term"], f"{also}{sources.words(term['c'])}"
    options = {
        option["slug"]: option["name"]
        for option in (tree.get("findings") or {"options": []})["options"]
    }
    for outcome in findings_of(tree):
        yield outcome["name"], sources.words(outcome["note"])
        for row in outcome["rows"]:
            name = ": ".join(part for part in (options[row["option"]], row["about"]) if part)
            lines = [_graded(row, labels, sources), *finding_lines(row, labels)]
            yield f"{outcome['name']}, {name}", "\n".join(lines)
    yield labels["unknowns"], sources.words(tree["unknowns"])
    yield labels["questions"], sources.words(tree["questions"])
    yield gettext("Who paid for it"), tree.get("funding", "")


def _by_label(parts: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Parts that share a label are one."""
    texts: dict[str, str] = {}
    for label, words in parts:
        texts[label] = f"{texts[label]}\n{words}" if label in texts else words
    return texts


def _graded(part: dict[str, Any], labels: dict[str, str], sources: _Sources) -> str:
    """The words of a statement and how certain they are; one that fell has no certainty."""
    words = sources.words(part["c"])
    if part.get("masked"):
        return words
    certainty = labels["not_known"] if part.get("unknown") else labels[part["certainty"]]
    return f"{words}\n{certainty}"


def _sections(body: list[Node]) -> list[tuple[str, list[Node]]]:
    """A body by its main headings; what stands before the first has none."""
    sections: list[tuple[str, list[Node]]] = []
    for block in body:
        if block["t"] == "heading" and block["level"] == 2:
            sections.append((plain(block["c"]), []))
        elif sections:
            sections[-1][1].append(block)
        else:
            sections.append(("", [block]))
    return sections


def _follow_renamed(before: dict[str, str], after: dict[str, str]) -> None:
    """Put an old part under its new heading where the words say that it is the same."""
    gone = [label for label in before if label not in after]
    for label in [label for label in after if label not in before]:
        for old in gone:
            if _alike(before[old], after[label]):
                before[label] = f"{old}\n{before.pop(old)}"
                after[label] = f"{label}\n{after[label]}"
                gone.remove(old)
                break


def _alike(old: str, new: str) -> bool:
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio() >= _ALIKE


def _in_order(before: list[str], after: list[str]) -> list[str]:
    """All labels as the new version has them; one that is gone stands where it stood."""
    labels = list(after)
    for place, label in enumerate(before):
        if label not in labels:
            behind = labels.index(before[place - 1]) + 1 if place else 0
            labels.insert(behind, label)
    return labels


def _redrawn(old: Tree, new: Tree) -> list[Piece]:
    """A line for each figure that both versions place and that shows something else now."""
    shown = {(node["name"], node["alt"]): canonical_svg(node["svg"]) for node in drawings(old)}
    return [
        Piece("added", f"{gettext('Drawn anew: {}').format(node['alt'])}\n")
        for node in drawings(new)
        if shown.get((node["name"], node["alt"]), drawn := canonical_svg(node["svg"])) != drawn
    ]


def _reference_changes(old: Tree, new: Tree) -> list[Piece]:
    """The list of sources, one a line: those that came, went or are described in other words."""
    before = {reference["key"]: reference["text"] for reference in old["references"]}
    after = {reference["key"]: reference["text"] for reference in new["references"]}
    pieces: list[Piece] = []
    for key, text in (before | after).items():
        if key not in after:
            pieces.append(Piece("removed", f"{text}\n"))
        elif key not in before:
            pieces.append(Piece("added", f"{text}\n"))
        elif before[key] != after[key]:
            pieces += [*word_changes(before[key], after[key]), Piece("same", "\n")]
    return pieces


def _labels(tree: Tree) -> dict[str, str]:
    return translated_labels(tree["language"], LABELS)
