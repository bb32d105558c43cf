"""How a print is wanted, as people choose it: in a link, in a form, in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.handouts.typesetting import PrintOptions

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# By name in a link: what it is called, and its values in words. The first is the usual one.
CHOICES: "dict[str, tuple[StrPromise, dict[str, str | StrPromise]]]" = {
    "paper": (_("Paper"), {"a4": "A4", "letter": _("US Letter")}),
    "size": (
        _("Letters"),
        {
            "clear": _("Clear, 12 point"),
            "large": _("Large, 16 point"),
            "giant": _("Giant, 20 point"),
        },
    ),
    "length": (
        _("Length"),
        {
            "full": _("The whole text"),
            "short": _("Short: key messages, what we do not know, questions"),
        },
    ),
    "references": (
        _("Sources"),
        {
            "full": _("Listed at the end"),
            "numbers": _("Numbers only"),
            "code": _("On the website only"),
        },
    ),
    "ink": (_("Ink"), {"colour": _("Colour"), "black": _("Black and white")}),
}


# What a clinic has its desk choose beforehand: that of its printer and its families.
SAVED_CHOICES = ("paper", "size", "ink")

# What a handout of a pack may have of its own, beside ``questions``, the rows of its comparison.
# Paper, letters and ink are those of the whole, whose pages share one head and foot.
OF_ONE_HANDOUT = ("length", "references")


@dataclass(frozen=True)
class PrintChoice:
    """One value that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class PrintField:
    """One thing to choose, and its values."""

    name: str
    label: str
    choices: list[PrintChoice]


def options_of(
    asked: QueryDict,
    *,
    questions: Collection[str] = (),
    defaults: Mapping[str, str] = MappingProxyType({}),
) -> PrintOptions:
    """
    The options that a link or form asks for.

    What names nothing that exists counts as not asked, so that an old link still prints; then
    ``defaults`` holds, by name. ``questions`` are the rows of the comparison that is printed, if it
    is one.
    """
    wanted = set(asked.getlist("question"))
    chosen = [each for each in questions if each in wanted]
    usual = {"length": usual_length(questions, chosen), **defaults}
    values: dict[str, Any] = {}
    for name, (_label, known) in CHOICES.items():
        preferred = (asked.get(name), usual.get(name))
        values[name] = next((value for value in preferred if value in known), next(iter(known)))
    ink = values.pop("ink")
    return PrintOptions(**values, black_and_white=ink == "black", questions=chosen)


def usual_length(questions: Collection[str], chosen: Collection[str]) -> str:
    """
    The length where none is asked for: short for a comparison of which no question was chosen.

    Whole it takes some twenty sides, which no family was asked whether it wants.
    """
    return "short" if questions and not chosen else "full"


def fields_of(options: PrintOptions) -> list[PrintField]:
    """What can be chosen, with what is chosen, for a form."""
    chosen = as_values(options)
    return [
        PrintField(
            name,
            str(label),
            [
                PrintChoice(value, str(words), chosen[name] == value)
                for value, words in known.items()
            ],
        )
        for name, (label, known) in CHOICES.items()
    ]


def as_values(options: PrintOptions) -> dict[str, str]:
    """Each option's value as a link names it."""
    ink = "black" if options.black_and_white else "colour"
    return {name: ink if name == "ink" else str(getattr(options, name)) for name in CHOICES}


def as_query(options: PrintOptions, *, questions: Collection[str] = (), **more: str) -> str:
    """
    The options for a link, beginning with ``?``; what is usual is left out.

    ``questions``: the rows of the comparison that is printed, if it is one, as for ``options_of``.
    """
    usual = {name: next(iter(known)) for name, (_label, known) in CHOICES.items()}
    usual["length"] = usual_length(questions, options.questions)
    unusual = [(name, value) for name, value in as_values(options).items() if value != usual[name]]
    parameters = [*unusual, *(("question", each) for each in options.questions), *more.items()]
    return f"?{urlencode(parameters)}" if parameters else ""


def in_words(options: PrintOptions) -> str:
    """The options in a few words, for a list: "A4, large, 16 point, short"."""
    values = as_values(options)
    paper, size = CHOICES["paper"][1][values["paper"]], CHOICES["size"][1][values["size"]]
    facts = [str(paper), str(size).lower()]
    if options.length == "short":
        facts.append(gettext("short"))
    if options.black_and_white:
        facts.append(gettext("black and white"))
    return ", ".join(facts)


def own_in_words(
    own: Mapping[str, Any], questions: Mapping[str, str] = MappingProxyType({})
) -> str:
    """
    What a handout of a pack has of its own, for a list; empty where it has nothing.

    ``questions`` are those of its comparison in words, by slug.
    """
    words = [CHOICES[name][1].get(own.get(name, "")) for name in OF_ONE_HANDOUT]
    chosen = [questions.get(slug, slug) for slug in own.get("questions", ())]
    if chosen:
        words.append(f"of the comparison: {', '.join(chosen)}")
    return "; ".join(str(word) for word in words if word)


def without_missing_questions(own: Mapping[str, Any], there: Collection[str]) -> dict[str, Any]:
    """
    The options of a handout of a pack without chosen questions that its text has no more.

    Where none is left, nothing is chosen: the whole comparison is printed, or, short, none of it.
    """
    left = [slug for slug in own.get("questions", ()) if slug in there]
    others = {name: value for name, value in own.items() if name != "questions"}
    return others | {"questions": left} if left else others
