"""Every address that a kept database has something at, from its rows and the site's patterns."""

from collections.abc import Iterable, Iterator
from itertools import cycle, pairwise
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

import education.connect.urls
import education.public.root_urls
import education.public.urls
from education.articles.models import Revision
from education.connect.infobutton_request import SYSTEMS, ResponseFormat
from education.evidence.models import EvidenceItem, Finding
from education.feedback.models import Report
from education.handouts.copy_check import public_code
from education.handouts.models import Clinic, Pack, PrintedCopy
from education.public.views.exports import FORMAT_OF
from education.publishing.models import Publication
from education.topics.models import Topic, TopicCode

LIKE_MINE = "?age=4-5&gmfcs=2"
SHORT = "?length=short&references=numbers"
UNUSUAL = "?paper=letter&size=giant&references=code&ink=black"
SEARCHED = ("rhizotomy", "stem cells", "FSPR", "how long does it last", "botulinum", "risk", "zzzz")
# Of the reader's patterns: what is no text, or only leads on.
LEFT_OUT = {"article-card"}

Row = dict[str, Any]


class Addresses:
    """By the name of a pattern, the addresses to ask for."""

    def __init__(self) -> None:
        self.of: dict[str, list[str]] = {}

    def add(self, name: str, rows: Iterable[Row] = ({},), queries: Iterable[str] = ("",)) -> None:
        """The addresses of each row, with each query."""
        asked = list(queries)
        found = [reverse(name, kwargs=row) + query for row in rows for query in asked]
        self.of.setdefault(name, []).extend(found)


def of_readers(*, one_in: int = 1) -> list[str]:
    """
    Every address of the reader's site and of machines, with choices where a page has them.

    Of works and claims, which have the most, ``one_in`` so many.
    """
    found = Addresses()
    add = found.add
    ever = [{"slug": slug} for slug in sorted({slug for (slug,) in published("slug")})]
    versions = [{"slug": slug, "number": number} for slug, number in published("slug", "number")]
    keys = EvidenceItem.objects.order_by("key").values_list("key", flat=True)
    items = [{"key": key} for key in keys[::one_in]]
    some_claims = [{"slug": slug} for slug in claims()[::one_in]]
    endings = sorted(FORMAT_OF)

    for name in (
        "home", "topic-list", "comparison-list", "claim-list", "outcome-list",
        "glossary", "check", "check-shelf", "find-report", "how-we-review", "people", "corrections",
        "about", "privacy", "imprint", "disclaimer", "accessibility",
        "feed-new", "feed-corrections", "feed-recalls", "opensearch", "robots", "sitemap",
        "integrators", "openapi", "api-comparison", "api-topics", "api-glossary",
    ):  # fmt: skip
        add(name)
    add("article-detail", ever, ["", LIKE_MINE])
    add("version-list", ever)
    add("version-detail", versions, ["", LIKE_MINE])
    add("choose-changes", ever[:1], ["?from=1&to=2"])
    add("version-changes", changed(versions))
    add("references-export", [row | {"ending": each} for row in ever for each in endings])
    add("topic-detail", [{"slug": topic.slug} for topic in Topic.objects.all()])
    add("claim-detail", some_claims)
    add("evidence-list", queries=["", "?sort=author", LIKE_MINE, f"{LIKE_MINE}&only=1"])
    add("evidence-list", queries=[f"{LIKE_MINE}&page={number}" for number in range(2, 6)])
    add("evidence-detail", items)
    add("evidence-detail", items[:10], [LIKE_MINE])
    exported = zip(items, cycle(endings))
    add("evidence-export", [row | {"ending": each} for row, each in exported])
    add("outcome-detail", [{"outcome": each} for each in Finding.Outcome.values])
    add("handout-list", queries=["", "?q=rhizotomy"])
    add("handout-detail", ever, ["", SHORT, UNUSUAL])
    add("handout-pdf", ever, ["", SHORT, UNUSUAL])
    add("check-copy", [{"code": code} for code in codes()])
    given = [{"codes": code} for code in codes()]
    add("given-text", given, ["", LIKE_MINE])
    add("hand-over", given, ["", LIKE_MINE])
    add("report-page", ever)
    add("clear", ever, ["", "?thanks=yes"])
    add("report", [{"number": each.number} for each in Report.objects.order_by("pk")])
    asked = [f"?{urlencode({'q': each})}" for each in SEARCHED]
    add("search", queries=["", *asked, "?q=rhizotomy&kind=claim"])
    add("suggest", queries=asked)
    add("embed", ever)
    add("connect", queries=["", *asked_by_records()])
    add("api-articles", queries=["", "?limit=3"])
    add("api-article", ever)
    add("api-versions", ever)
    add("api-version", versions)
    add("api-claims", queries=["?limit=100", "?limit=3"])
    add("api-claim", some_claims)
    add("api-evidence", queries=["?limit=100", "?limit=3"])
    add("api-evidence-item", items)
    add("api-changes", queries=["?limit=100"])
    for slug, options, rows in comparisons():
        add("worksheet", [{"slug": slug}])
        add("worksheet-pdf", [{"slug": slug}])
        of_rows = urlencode([("question", row) for row in rows])
        of_options = urlencode([("option", option) for option in options])
        some = [f"?{of_options}&{of_rows}", f"{LIKE_MINE}&{of_options}&{of_rows}", f"?{of_rows}"]
        add("article-detail", [{"slug": slug}], some)
        add("handout-detail", [{"slug": slug}], [f"?{of_rows}", f"{SHORT}&{of_rows}"])
        add("handout-pdf", [{"slug": slug}], [f"?{of_rows}", f"{SHORT}&{of_rows}"])
    return [address for name in named() for address in found.of[name]]


def named() -> Iterator[str]:
    """The name of every pattern for readers and machines; each must have been thought of."""
    modules = (education.public.urls, education.public.root_urls, education.connect.urls)
    patterns = (pattern for module in modules for pattern in module.urlpatterns)
    names = (pattern.name for pattern in patterns if pattern.name)
    return (name for name in names if name not in LEFT_OUT)


def published(*names: str) -> list[Any]:
    """Values of every text that was ever public, in the order of its address and number."""
    return list(Publication.objects.order_by("slug", "number").values_list(*names))


def changed(versions: list[Row]) -> list[Row]:
    """Each version beside the one before it."""
    return [
        {"slug": new["slug"], "old": old["number"], "new": new["number"]}
        for old, new in pairwise(versions)
        if old["slug"] == new["slug"]
    ]


def claims() -> list[str]:
    """Of every claim that is public."""
    texts = Publication.objects.current().filter(kind="claims").order_by("slug")
    return [claim["slug"] for text in texts for claim in text.content["claims"]]


def comparisons() -> Iterator[tuple[str, list[str], list[str]]]:
    """Of every comparison its slug, its last two options, and its first, middle and last row."""
    for text in Publication.objects.current().filter(kind="comparison").order_by("slug"):
        options = [option["slug"] for option in text.content["comparison"]["options"]]
        rows = [row["slug"] for row in text.content["comparison"]["rows"]]
        yield text.slug, options[-2:], [rows[0], rows[len(rows) // 2], rows[-1]]


def codes() -> list[str]:
    """What stands on paper: public prints of every version, clinics' copies, and a false one."""
    public = [public_code(text) for text in Publication.objects.order_by("slug", "number")]
    return [*public, *PrintedCopy.objects.order_by("pk").values_list("code", flat=True), "12345"]


def asked_by_records() -> Iterator[str]:
    """What health records ask, by each code of a topic that they can name, and by words."""
    systems = {system: identifier for identifier, system in SYSTEMS.items()}
    for code in TopicCode.objects.order_by("pk"):
        if code.system in systems:
            asked = {
                "mainSearchCriteria.v.c": code.code,
                "mainSearchCriteria.v.cs": systems[code.system],
            }
            for form in (ResponseFormat.PAGE, ResponseFormat.XML, ResponseFormat.JSON):
                yield f"?{urlencode(asked | {'knowledgeResponseType': form.value})}"
    asked = {
        "mainSearchCriteria.v.dn": "rhizotomy",
        "knowledgeResponseType": ResponseFormat.JSON.value,
    }
    yield f"?{urlencode(asked)}"


def of_a_clinic(clinic: Clinic) -> list[str]:
    """The addresses of a clinic's desk, with what it printed."""
    found = Addresses()
    for name in ("desk", "details", "packs", "pack-new", "printed", "bin", "counts"):
        found.add(f"clinic-{name}")
    texts = Publication.objects.current().order_by("slug").values_list("slug", flat=True)
    found.add("clinic-print", [{"slug": slug} for slug in texts])
    packs = [{"number": pack.pk} for pack in Pack.objects.filter(clinic=clinic).order_by("pk")]
    found.add("clinic-pack", packs)
    found.add("clinic-pack-print", packs)
    copies = PrintedCopy.objects.filter(clinic=clinic).order_by("pk")
    printed = [{"code": copy.code} for copy in copies]
    found.add("clinic-copy", printed)
    found.add("clinic-copy-pdf", printed)
    return [address for addresses in found.of.values() for address in addresses]


def of_editors() -> list[str]:
    """Each revision as the editors' desk shows it before it is published."""
    revisions = Revision.objects.order_by("pk").values_list("pk", flat=True)
    return [reverse("admin:education_revision_preview", args=[number]) for number in revisions]
