"""What tests of the reader's pages share: pages of every kind, and ways to read them."""

from html.parser import HTMLParser

from django.urls import reverse

from education.articles.models import Article
from education.handouts.copy_check import public_code
from education.publishing.models import Publication
from tests.factories import (
    make_article,
    make_draft,
    make_item,
    make_next_publication,
    make_publication,
    make_topic,
)
from tests.feedback.reports import make_report
from tests.findings_table import make_findings_table
from tests.made_once import made_once

OPTIONS = [
    {"slug": "cells", "name": "Stem cell therapy"},
    {"slug": "surgery", "name": "Rhizotomy"},
    {"slug": "no-change", "name": "No change in treatment"},
]

ASKED = {"what-is-it": "What is it?", "undone": "Can it be undone?"}

FOUND = [
    {
        "outcome": "movement",
        "option": "cells",
        "given": "Cord blood, donor",
        "measure": "gmfm-66",
        "contrast": "between",
        "effect": effect,
        "low": "-1.1",
        "high": "5.9",
        "unit": "points",
        "time_point": "12 months",
        "number_analysed": 91,
        "pooled": pooled,
        "certainty": "low",
        "as_reported": "It was more.",
    }
    for effect, pooled in (("3.3", False), ("1.4", True))
]


class Reader(HTMLParser):
    """Reads a page as tests ask about it: elements with their attributes, and a reader's words."""

    INLINE = frozenset({"a", "span", "time", "mark", "strong", "em", "sup", "button", "dfn"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.in_script = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.edge(tag, begins=True)

    def handle_endtag(self, tag):
        self.edge(tag, begins=False)

    def edge(self, tag, *, begins):
        if tag == "script":
            self.in_script = begins
        if tag not in self.INLINE:
            self.words.append(" ")

    def handle_data(self, data):
        if not self.in_script:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if attributes.get("id")]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def read(client, url: str, status: int = 200) -> Reader:
    """The page at an address, which must answer with the status."""
    response = client.get(url)
    assert response.status_code == status, url
    return Reader(response.content.decode())


def make_comparison(
    slug: str = "stem-cells-or-fspr",
    *,
    key: str = "",
    rows: dict[str, str] | None = None,
    **fields: str,
) -> Publication:
    key = key or make_item().key

    def row(slug: str, question: str) -> dict:
        cells = {
            option["slug"]: {
                "text": f"{question} {option['name']} answers [@{key}].",
                "certainty": "low",
                "unknown": False,
            }
            for option in OPTIONS
        }
        return {"slug": slug, "question": question, "cells": cells}

    return make_publication(
        article=make_article(slug=slug, kind=Article.Kind.COMPARISON),
        draft=make_draft(
            key,
            title="Stem cells or rhizotomy?",
            kind=Article.Kind.COMPARISON,
            options=OPTIONS,
            rows=[row(*one) for one in (rows or ASKED).items()],
            **fields,
        ),
    )


def make_claims(slug: str = "claims-you-may-hear", *, key: str = "") -> Publication:
    key = key or make_item().key
    claims = [
        {
            "slug": f"claim-{number}",
            "said": f"Claim number {number} is true.",
            "verdict": verdict,
            "certainty": "low",
            "answer": f"The answer to claim {number} [@{key}].",
            "claim": "",
        }
        for number, verdict in enumerate(("overstated", "supported", "outdated"), 1)
    ]
    return make_publication(
        article=make_article(slug=slug, kind=Article.Kind.CLAIMS),
        draft=make_draft(key, title="Claims", kind=Article.Kind.CLAIMS, claims=claims),
    )


def make_glossary(slug: str = "glossary") -> Publication:
    key = make_item().key
    terms = [
        {
            "slug": "spasticity",
            "term": "Spasticity",
            "also": ["stiffness"],
            "definition": f"Muscles that stay tight [@{key}].",
        }
    ]
    return make_publication(
        article=make_article(slug=slug, kind=Article.Kind.GLOSSARY),
        draft=make_draft(key, title="Words", kind=Article.Kind.GLOSSARY, terms=terms),
    )


@made_once
def make_site() -> list[str]:
    """A site with a page of every kind; returns the address of every kind of page."""
    make_topic("rhizotomy")
    first = make_publication(draft=make_draft(make_item("cited2020").key))
    article = make_next_publication(first, correction="We said it wrongly.")
    comparison, claims, glossary = make_comparison(), make_claims(), make_glossary()
    table = make_findings_table()
    return [
        *fixed_addresses(),
        reverse("topic-detail", args=["rhizotomy"]),
        *(
            reverse("article-detail", args=[publication.slug])
            for publication in (article, comparison, claims, glossary, table)
        ),
        reverse("version-list", args=[article.slug]),
        reverse("version-detail", args=[article.slug, 1]),
        reverse("version-changes", args=[article.slug, 1, 2]),
        reverse("claim-detail", args=["claim-2"]),
        reverse("handout-detail", args=[article.slug]),
        reverse("handout-detail", args=[comparison.slug]),
        reverse("handout-detail", args=[table.slug]),
        reverse("worksheet", args=[comparison.slug]),
        reverse("check-copy", args=[public_code(article)]),
        reverse("given-text", args=[public_code(article)]),
        reverse("given-text", args=[public_code(comparison)]),
        reverse("given-text", args=[f"{public_code(article)}+{public_code(comparison)}"]),
        f"{reverse('hand-over', args=[public_code(comparison)])}?age=4-5",
        reverse("report-page", args=[article.slug]),
        reverse("clear", args=[article.slug]),
        reverse("report", args=[make_report(article).number]),
        reverse("evidence-detail", args=["cited2020"]),
        reverse("outcome-detail", args=["movement"]),
        f"{reverse('evidence-list')}?age=4-5&gmfcs=4",
        f"{reverse('search')}?q=statement",
        f"{reverse('article-detail', args=[article.slug])}?age=4-5&gmfcs=2",
        f"{reverse('article-detail', args=[comparison.slug])}?option=cells&question=undone",
    ]


def fixed_addresses() -> list[str]:
    """Pages that are there whatever is published."""
    return [
        reverse(name)
        for name in (
            "home", "topic-list", "claim-list", "evidence-list", "outcome-list", "glossary",
            "search", "how-we-review", "people", "corrections", "about", "privacy",
            "imprint", "disclaimer", "accessibility",
            "handout-list", "check", "find-report",
        )
    ]  # fmt: skip
