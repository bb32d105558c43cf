"""Texts whose every part holds a word of its own, so that it is known again wherever it is read."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from education.articles.models import Article, Revision
from education.evidence.models import EvidenceItem
from education.publishing.models import Publication
from education.text.rendering import Draft
from tests.factories import make_draft, make_item

# What each part of a text is, as the table of promises speaks of it: "question" is all that is no
# statement, as a claim as it is said, the name of an option or a heading; "study" the title of a
# work.
TITLE, TEXT, QUESTION, CHANGED = "title", "text", "question", "what changed"
STUDY, FINDING = "study", "finding"

_numbers = itertools.count(1)


_SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu"]
# Any word that ``new_word`` makes.
MARKING = re.compile(rf"zq(?:{'|'.join(_SYLLABLES)}){{4,}}x")


def new_word() -> str:
    """A word that no language, stem or misspelling brings near another."""
    return "zq" + "".join(_SYLLABLES[int(figure)] for figure in f"{next(_numbers):04}") + "x"


@dataclass
class Marks:
    """
    The words of one text by the kind of part they stand in, and one word that stands beside each:
    what somebody searches for without saying the word itself.
    """

    beside: str = ""
    words: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.beside = self.beside or new_word()

    def in_part(self, kind: str) -> str:
        """A new word for a part, and the word beside it."""
        word = new_word()
        self.words.setdefault(kind, set()).add(word)
        return f"{word} {self.beside}"

    def kinds_in(self, answer: str) -> set[str]:
        """The kinds of parts that an answer says anything of."""
        return {kind for kind, words in self.words.items() if any(w in answer for w in words)}


@dataclass
class MarkedText:
    """One revision of a text with what marks it, its study, and its copy once it is published."""

    marks: Marks
    item: EvidenceItem
    draft: Draft
    revision: Revision | None = None
    copy: Publication | None = None


def marked_item(marks: Marks, *, verified: bool = True) -> EvidenceItem:
    """A study whose title and finding are marked."""
    return make_item(
        title=f"A study of {marks.in_part(STUDY)}",
        finding=f"It found {marks.in_part(FINDING)}.",
        verified=verified,
    )


def marked_text(kind: str, *, next_version: bool = False, marks: Marks | None = None) -> MarkedText:
    """A text of a kind of article, every part of it marked; its statements rest on its study."""
    marks = marks or Marks()
    item = marked_item(marks)

    def part(name: str = TEXT) -> str:
        return marks.in_part(name)

    cited = f"[@{item.key}]"
    parts: dict[str, Any] = {
        "kind": kind,
        "title": f"What {part(TITLE)} does",
        "short_answer": f"It may help {part()} {cited}.",
        "key_messages": [{"text": f"It may help {part()} {cited}.", "certainty": "low"}],
        "body": _body(part, cited),
        "unknowns": f"- Whether it lasts {part()} {cited}.",
        "questions": f"- How do you know {part()} {cited}?",
        "funding": f"Nobody paid {part(QUESTION)}.",
        "what_changed": f"We said it better {part(CHANGED)}." if next_version else "",
    }
    number = next(_numbers)
    if kind == Article.Kind.COMPARISON:
        cell = {"text": f"It may help {part()} {cited}.", "certainty": "low"}
        parts["options"] = [{"slug": "no-change", "name": f"No change {part(QUESTION)}"}]
        question = f"Does it help {part(QUESTION)}?"
        parts["rows"] = [{"slug": "helps", "question": question, "cells": {"no-change": cell}}]
    if kind == Article.Kind.CLAIMS:
        claim = {
            "slug": f"claim-{number}",
            "said": f"It heals {part(QUESTION)}.",
            "verdict": "overstated",
            "certainty": "low",
            "answer": f"It may help {part()} {cited}.",
        }
        parts["claims"] = [claim]
    if kind == Article.Kind.GLOSSARY:
        definition = f"What pulls {part()} {cited}."
        parts["terms"] = [
            {
                "slug": "spasticity",
                "term": "Spasticity",
                "also": [part(QUESTION)],
                "definition": definition,
            }
        ]
    return MarkedText(marks, item, make_draft(item.key, **parts))


def _body(part: Callable[..., str], cited: str) -> str:
    """Blocks of every kind; what rests on no study is marked as a question is."""
    name = QUESTION
    return f"""## What was found {part(name)}

Something was seen {part()} {cited}.

::: note {part(name)}
A box says {part()} {cited}.
:::

| Age {part(name)} | Result |
|---|---|
| Five | It was seen {part()} {cited} |

```
as typed {part(name)}
```
"""


def words_of(marks: Iterable[Marks]) -> Iterator[str]:
    """Every word that marks a part of some texts."""
    for each in marks:
        for words in each.words.values():
            yield from words
