"""The parts of a publication as pages show them: frozen facts beside their frozen HTML."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from education.public.reading import Reading, page_of
from education.text.html import free_copy

# Nodes of a tree that end a run of words.
_BLOCKS = {"paragraph", "callout", "heading", "icons", "figure", "table", "list", "code"}


@dataclass(frozen=True)
class Claim:
    """What is said, whether it holds, the fair answer, and the references it cites."""

    slug: str
    said: str
    verdict: str
    certainty: str
    html: str
    references: list[dict[str, Any]]


def claims_of(reading: Reading) -> list[Claim]:
    """Every claim check, in order; one that lost its support has no verdict."""
    numbered = {reference["n"]: reference for reference in reading.content["references"]}
    return [
        Claim(
            slug=claim["slug"],
            said=claim["said"],
            verdict="" if claim.get("masked") else claim["verdict"],
            certainty=claim["certainty"],
            html=_answer(reading.html["claim"][claim["slug"]]),
            references=_cited(reading.html["claim"][claim["slug"]], numbered),
        )
        for claim in reading.content["claims"]
    ]


def contents_of(reading: Reading) -> list[tuple[str, str]]:
    """A page's sections in order: (place on the page, title)."""
    own = [(one["id"], one["text"]) for one in reading.content["contents"] if one["level"] == 2]
    fixed = {
        "claims": gettext("The claims"),
        "terms": gettext("The words"),
        "comparison": gettext("The options side by side"),
        "unknowns": gettext("What we do not know"),
        "questions": gettext("Questions to ask"),
        "references": gettext("Where this comes from"),
    }
    filled = {**reading.html, "comparison": reading.content.get("comparison")}
    places = {"comparison": "grid"}
    shown = [(places.get(name, name), title) for name, title in fixed.items() if filled.get(name)]
    return [*own, *shown, ("review-record", gettext("Who reviewed it"))]


def terms_of(reading: Reading) -> list[dict[str, str]]:
    """
    A publication's glossary words as {term, letter, html}, for a page without its references:
    citations lead to the page that has them.
    """
    references = f'href="{page_of(reading.publication).url}#ref-'
    return [
        {
            "term": term["term"],
            "letter": term["term"][0].upper(),
            "html": reading.html["term"][term["slug"]].replace('href="#ref-', references),
        }
        for term in reading.content["terms"]
    ]


def options_of(reading: Reading) -> list[dict[str, str]]:
    """A comparison's options as {name, text}: what each is, in the words of the first question."""
    comparison = reading.content["comparison"]
    first = comparison["rows"][0]["cells"]
    return [
        {"name": option["name"], "text": plain(cell["c"])}
        for option, cell in zip(comparison["options"], first, strict=True)
    ]


def plain(nodes: Iterable[dict[str, Any]]) -> str:
    """The words of a tree's nodes; citations leave no trace."""
    return " ".join("".join(_words(node) for node in nodes).split())


def _words(node: dict[str, Any]) -> str:
    kind = node["t"]
    if kind in {"text", "code", "masked", "notice"}:
        words = str(node["text"])
    elif kind == "break":
        words = " "
    elif kind == "list":
        words = " ".join(plain(item) for item in node["items"])
    elif kind == "table":
        words = " ".join(plain(cell) for row in [node["head"], *node["rows"]] for cell in row)
    else:
        words = "".join(_words(inner) for inner in node.get("c", []))
    return f"{words} " if kind in _BLOCKS else words


def _answer(html: str) -> str:
    """The verdict and the answer alone: a page of its own has the claim as its title."""
    return html.partition("</h2>")[2].removesuffix("</section>")


def _cited(html: str, numbered: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The references that a piece of a page links to, each with the places that link to it."""
    places: dict[int, list[str]] = {}
    for number, use in re.findall(r'id="cite-(\d+)-(\d+)"', html):
        places.setdefault(int(number), []).append(f"cite-{number}-{use}")
    return [
        numbered[number]
        | {"places": places[number], "free_copy": free_copy(numbered[number]["html"])}
        for number in sorted(places)
    ]
