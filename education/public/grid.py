"""The option grid: the options and questions a reader chose, by link and without script."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from education.public.reading import Reading

_PLACE = re.compile(r'id="(cite-\d+-\d+)"')
_BACK = re.compile(r'href="#(cite-\d+-\d+)"')


@dataclass(frozen=True)
class Choice:
    """Something that can be shown or left out."""

    slug: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Cell:
    """One answer: for which option, in which words."""

    option: str
    html: str


@dataclass(frozen=True)
class Row:
    """One question and its answer for each option shown."""

    slug: str
    question: str
    cells: list[Cell]


@dataclass(frozen=True)
class Grid:
    """What is shown, and what can be chosen."""

    options: list[Choice]
    questions: list[Choice]
    rows: list[Row]

    @property
    def shown(self) -> list[Choice]:
        """The options that have a column."""
        return [option for option in self.options if option.chosen]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return all(choice.chosen for choice in (*self.options, *self.questions))


def grid_of(reading: Reading, asked: QueryDict) -> Grid | None:
    """
    The grid of a comparison as asked for by ``?option=…&question=…``; none for other kinds.

    What names nothing that exists counts as not asked, so that an old link still shows a grid.
    """
    comparison = reading.content["comparison"]
    if not comparison:
        return None
    options = _choices(comparison["options"], "name", asked.getlist("option"))
    questions = _choices(comparison["rows"], "question", asked.getlist("question"))
    shown = [option for option in options if option.chosen]
    cells = reading.html["cells"]
    rows = [
        Row(
            question.slug,
            question.name,
            [Cell(option.name, cells[question.slug][option.slug]) for option in shown],
        )
        for question in questions
        if question.chosen
    ]
    return Grid(options, questions, rows)


def references_beside(grid: Grid, reading: Reading, address: str) -> str:
    """
    The references of a comparison beside a part of its grid.

    A way back to an answer that was left out leads to ``address``, where all of them are.
    """
    html = reading.html
    names = ("short_answer", "key_messages", "body", "unknowns", "questions")
    shown = [html[name] for name in names]
    shown += [cell.html for row in grid.rows for cell in row.cells]
    here = set(_PLACE.findall("".join(shown)))

    def back(link: re.Match[str]) -> str:
        return link[0] if link[1] in here else f'href="{address}#{link[1]}"'

    return _BACK.sub(back, html["references"])


def _choices(entries: list[dict[str, Any]], name: str, asked: list[str]) -> list[Choice]:
    known = {entry["slug"] for entry in entries} & set(asked)
    return [
        Choice(entry["slug"], entry[name], chosen=not known or entry["slug"] in known)
        for entry in entries
    ]
