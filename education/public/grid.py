"""The option grid: the options and questions a reader chose, by link and without script."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext, gettext_noop

from education.text.sentences import sentences
from education.text.tree import plain

# The questions that open a comparison, one line each, and the choices a reader is offered. What a
# comparison does not ask is left out; one that asks too few of the first opens with its own first
# questions.
IN_BRIEF = ("stiffness", "movement", "serious-harms", "undo", "cost")
FEWEST_IN_BRIEF = 3
# What living with an option is like stands open: standards for decision aids want it told to all
# who read, and not only to those who ask.
STANDS_OPEN = "what-is-it-like"
# What an address asks for besides the questions.
KEPT = ("age", "gmfcs", "option")
PRESETS = (
    (
        gettext_noop("Most asked"),
        ("what-is-it-like", "movement", "how-long", "serious-harms", "undo", "who-might-it-suit"),
    ),
    (
        gettext_noop("Risks and cost"),
        ("side-effects", "serious-harms", "undo", "follow-up", "cost", "warning-signs"),
    ),
    (
        gettext_noop("My child doesn’t walk"),
        ("child-who-does-not-walk", "daily-life", "serious-harms", "waiting"),
    ),
)


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
    """One question and its answer for each option shown; ``url`` leads to the whole answers."""

    slug: str
    question: str
    cells: list[GridCell]
    url: str = ""

    @property
    def stands_open(self) -> bool:
        """Whether its answers are shown unasked."""
        return self.slug == STANDS_OPEN


@dataclass(frozen=True)
class GridPreset:
    """A set of questions to show: its name, where, whether it is shown."""

    name: str
    url: str
    chosen: bool


@dataclass(frozen=True)
class Grid:
    """
    What is shown, and what can be chosen; ``answers`` as HTML by question and option.

    ``brief`` holds the first questions with the first sentence of each answer, as it was approved.
    """

    options: list[GridChoice]
    questions: list[GridChoice]
    brief: list[GridRow] = field(default_factory=list)
    presets: list[GridPreset] = field(default_factory=list)
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
                [
                    GridCell(option.name, self.answers[question.slug][option.slug])
                    for option in self.shown
                ],
            )
            for question in self.questions
            if question.chosen
        ]

    @property
    def asks_all(self) -> bool:
        """Whether every question is shown."""
        return all(choice.chosen for choice in self.questions)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.asks_all and all(choice.chosen for choice in self.options)


def grid_of(content: Mapping[str, Any], query: QueryDict) -> Grid | None:
    """
    The grid of a text as asked for by ``?option=…&question=…``; none where it compares nothing.

    What names nothing that exists counts as not asked, so that an old link still shows a grid.
    """
    comparison = content["comparison"]
    if not comparison:
        return None
    options = _choices(comparison["options"], "name", query.getlist("option"))
    questions = _choices(comparison["rows"], "question", query.getlist("question"))
    grid = Grid(options, questions, presets=_presets(questions, query))
    return replace(grid, brief=_brief(comparison["rows"], grid, query))


def _choices(entries: list[dict[str, Any]], name: str, slugs: list[str]) -> list[GridChoice]:
    known = {entry["slug"] for entry in entries} & set(slugs)
    return [
        GridChoice(entry["slug"], entry[name], chosen=not known or entry["slug"] in known)
        for entry in entries
    ]


def _brief(rows: list[dict[str, Any]], grid: Grid, query: QueryDict) -> list[GridRow]:
    """The first questions, each answer cut after its first sentence; plain words, no HTML."""
    shown = {option.slug: option.name for option in grid.shown}
    here = {question.slug for question in grid.questions if question.chosen}
    named = [row for row in rows if row["slug"] in IN_BRIEF]
    if len(named) < FEWEST_IN_BRIEF:
        named = rows[: len(IN_BRIEF)]
    return [
        GridRow(
            row["slug"],
            row["question"],
            [
                GridCell(shown[cell["option"]], _first_sentence(cell))
                for cell in row["cells"]
                if cell["option"] in shown
            ],
            # An answer that is left out is a page away.
            f"#row-{row['slug']}"
            if row["slug"] in here
            else _asking([row["slug"]], query, place=f"row-{row['slug']}"),
        )
        for row in named
    ]


def _first_sentence(cell: Mapping[str, Any]) -> str:
    return next(iter(sentences(plain(cell["c"]).lstrip())), "")


def _presets(questions: list[GridChoice], query: QueryDict) -> list[GridPreset]:
    """The presets this comparison has questions for, and all questions; the rest stays asked."""
    chosen = {question.slug for question in questions if question.chosen}
    every = {question.slug for question in questions}
    presets = []
    for name, slugs in PRESETS:
        known = [slug for slug in slugs if slug in every]
        if known:
            presets.append(
                GridPreset(gettext(name), _asking(known, query, "grid"), chosen == set(known))
            )
    if presets:
        presets.append(
            GridPreset(gettext("All questions"), _asking([], query, "grid"), chosen == every)
        )
    return presets


def _asking(questions: list[str], parameters: QueryDict, place: str) -> str:
    """
    A link to a place on the page that shows these questions, all where there are none.

    What else was asked stays.
    """
    kept = [(name, value) for name in KEPT for value in parameters.getlist(name)]
    query = urlencode([*kept, *(("question", slug) for slug in questions)])
    return f"?{query}#{place}"
