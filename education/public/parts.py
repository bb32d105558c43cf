"""The parts of a publication as pages show them: frozen facts beside their frozen HTML."""

import re
from dataclasses import dataclass
from typing import Any

from education.publishing.models import Publication


@dataclass(frozen=True)
class Claim:
    """What is said, whether it holds, the fair answer, and the references it cites."""

    slug: str
    said: str
    verdict: str
    certainty: str
    html: str
    references: list[dict[str, Any]]


def claims_of(publication: Publication) -> list[Claim]:
    """Every claim check of a publication, in its order."""
    numbered = {reference["n"]: reference for reference in publication.content["references"]}
    return [
        Claim(
            slug=claim["slug"],
            said=claim["said"],
            verdict=claim["verdict"],
            certainty=claim["certainty"],
            html=html,
            references=[numbered[n] for n in _cited(html) if n in numbered],
        )
        for claim, html in zip(
            publication.content["claims"], publication.html["claims"], strict=True
        )
    ]


def messages_of(publication: Publication) -> list[dict[str, str]]:
    """A publication's key messages as {certainty, html}."""
    return [
        {"certainty": message["certainty"], "html": html}
        for message, html in zip(
            publication.content["key_messages"], publication.html["key_messages"], strict=True
        )
    ]


def options_of(publication: Publication) -> list[dict[str, str]]:
    """A comparison's options as {name, text}: what each is, in the words of the first question."""
    comparison = publication.content["comparison"]
    first = comparison["rows"][0]["cells"]
    return [
        {"name": option["name"], "text": plain(cell["c"])}
        for option, cell in zip(comparison["options"], first, strict=True)
    ]


def terms_of(publication: Publication) -> list[dict[str, Any]]:
    """A publication's glossary words as {slug, term, also, html, letter}."""
    return [
        {**term, "html": html, "letter": term["term"][0].upper()}
        for term, html in zip(publication.content["terms"], publication.html["terms"], strict=True)
    ]


def plain(nodes: list[dict[str, Any]]) -> str:
    """The words of a publication's nodes, without citations."""
    parts: list[str] = []
    for node in nodes:
        if node["t"] in {"text", "code"}:
            parts.append(node["text"])
        elif node["t"] == "list":
            parts += [plain(item) + " " for item in node["items"]]
        elif node["t"] == "table":
            parts += [plain(cell) + " " for row in [node["head"], *node["rows"]] for cell in row]
        else:
            parts.append(plain(node.get("c", [])))
            if node["t"] in {"paragraph", "callout", "heading"}:
                parts.append(" ")
    return "".join(parts).strip()


def _cited(html: str) -> list[int]:
    """The numbers of the references that a piece of a page links to, in order."""
    return sorted({int(number) for number in re.findall(r'href="#ref-(\d+)"', html)})
