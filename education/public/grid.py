"""The option grid: the options and questions a reader chose, by link and without script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict


@dataclass(frozen=True)
class GridChoice:
    """Something that can be shown or left out."""

    slug: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class GridCell:
    """One answer: for which option, in which words."""

    option: str
    html: str


@dataclass(frozen=True)
class GridRow:
    """One question and its answer for each option shown."""

    slug: str
    question: str
    cells: list[GridCell]


@dataclass(frozen=True)
class Grid:
    """What is shown, and what can be chosen; ``answers`` as HTML by question and option."""

    options: list[GridChoice]
    questions: list[GridChoice]
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def shown(self) -> list[GridChoice]:
        """The options that have a column."""
        return [option for option in self.options if option.chosen]

    @property
    def rows(self) -> list[GridRow]:
        """The questions that have a row, each with its answers."""
        return [
            GridRow(
                question.slug,
                question.name,
                [GridCell(one.name, self.answers[question.slug][one.slug]) for one in self.shown],
            )
            for question in self.questions
            if question.chosen
        ]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return all(choice.chosen for choice in (*self.options, *self.questions))


def grid_of(content: Mapping[str, Any], asked: QueryDict) -> Grid | None:
    """
    The grid of a text as asked for by ``?option=…&question=…``; none where it compares nothing.

    What names nothing that exists counts as not asked, so that an old link still shows a grid.
    """
    comparison = content["comparison"]
    if not comparison:
        return None
    return Grid(
        _choices(comparison["options"], "name", asked.getlist("option")),
        _choices(comparison["rows"], "question", asked.getlist("question")),
    )


def _choices(entries: list[dict[str, Any]], name: str, asked: list[str]) -> list[GridChoice]:
    known = {entry["slug"] for entry in entries} & set(asked)
    return [
        GridChoice(entry["slug"], entry[name], chosen=not known or entry["slug"] in known)
        for entry in entries
    ]
