"""The parts of a publication as pages show them: its tree as it may be read now, and its HTML."""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from education.public.children import StudiesForChild
from education.public.grid import Grid, grid_of
from education.public.publications import PublicationView, page_of
from education.text.html import Options, Parts, to_html
from education.text.tree import findings_of, plain

# A telephone should receive at most 60 kB for the first view of a page; 95 findings took 18 kB.
MOST_FINDINGS = 50
# The level of a section's heading: the page's title has level 1.
SECTION = 2


@dataclass(frozen=True)
class Claim:
    """What is said, and whether it holds; nothing is said of one whose evidence fell."""

    slug: str
    said: str
    verdict: str


def html_of(
    reading: PublicationView,
    query: QueryDict,
    address: str,
    *,
    studies: StudiesForChild | None = None,
    link_findings: bool = True,
    backlinks: bool = True,
) -> tuple[Parts, Grid | None]:
    """
    A text as HTML for the page at an address, and its grid as asked for.

    With ``studies`` it says after a statement where these included a child, or clearly did not. A
    long list of references leads to each work's page for what it found, unless ``link_findings`` is
    off. ``backlinks``: whether references have links back to the places that cite them.
    """
    content = reading.content
    grid = grid_of(content, query)
    options = Options(whole_at=address, backlinks=backlinks)
    if link_findings and len(content["references"]) > MOST_FINDINGS:
        options = replace(options, work_page=_work_page)
    if grid:
        shown = [option.slug for option in grid.shown]
        questions = [question.slug for question in grid.questions if question.chosen]
        options = replace(options, columns=shown, questions=questions)
    if studies:
        options = replace(options, note=studies.note)
    html = to_html(content, options)
    return html, replace(grid, answers=html["cells"]) if grid else None


def folded(body: str, content: dict[str, Any]) -> tuple[str, str, list[str]]:
    """
    A body as HTML cut after its first section, and the titles of the sections that follow.

    Headings of sections stand nowhere but in the body itself, so it is cut at them.
    """
    opening, *sections = re.split(r"(?=<h2[ >])", body)
    titles = [each["text"] for each in content["contents"] if each["level"] == SECTION]
    return opening + "".join(sections[:1]), "".join(sections[1:]), titles[1:]


def _work_page(key: str) -> str:
    return reverse("evidence-detail", args=[key])


def claims_of(reading: PublicationView) -> list[Claim]:
    """Every claim check, in order; one that lost its support has no verdict."""
    return [
        Claim(claim["slug"], claim["said"], "" if claim.get("masked") else claim["verdict"])
        for claim in reading.content["claims"]
    ]


def contents_of(content: dict[str, Any]) -> list[tuple[str, str]]:
    """A page's sections in order: (place on the page, title)."""
    own = [
        (heading["id"], heading["text"])
        for heading in content["contents"]
        if heading["level"] == SECTION
    ]
    fixed = {
        "claims": gettext("The claims"),
        "terms": gettext("The words"),
        "comparison": gettext("The options side by side"),
        "unknowns": gettext("What we do not know"),
        "questions": gettext("Questions to ask"),
        "references": gettext("Where this comes from"),
    }
    places = {"comparison": "grid"}
    outcomes = [(f"outcome-{outcome['slug']}", outcome["name"]) for outcome in findings_of(content)]
    shown = [(places.get(name, name), title) for name, title in fixed.items() if content[name]]
    return [*own, *outcomes, *shown, ("review-record", gettext("Who reviewed it"))]


def terms_of(reading: PublicationView) -> list[dict[str, str]]:
    """
    A publication's glossary words as {term, letter, html}, for a page without its references:
    citations lead to the page that has them.
    """
    options = Options(whole_at=page_of(reading.publication).url, references=False)
    html = to_html(reading.content, options)["term"]
    return [
        {"term": term["term"], "letter": term["term"][0].upper(), "html": html[term["slug"]]}
        for term in reading.content["terms"]
    ]


def options_of(reading: PublicationView) -> list[dict[str, str]]:
    """A comparison's options as {name, text}: what each is, in the words of the first question."""
    comparison = reading.content["comparison"]
    first = comparison["rows"][0]["cells"]
    return [
        {"name": option["name"], "text": plain(cell["c"], one_line=True)}
        for option, cell in zip(comparison["options"], first, strict=True)
    ]
