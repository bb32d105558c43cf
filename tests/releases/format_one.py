"""
The hashes of format 1, written out for the rows of a kept release: no model and no hash of ours.

What was sealed before an upgrade is compared with what the site says of it afterwards. Only where a
text explains words of the glossary is asked of the renderer.
"""

import hashlib
import json
from decimal import Decimal
from typing import Any

from education.text.glossary import terms_of
from education.text.rendering import Draft, Source, cited_keys, render
from education.text.tree import passages, walk

SHOWN = (
    "slug", "language", "number", "kind", "risk_class", "title", "summary", "content", "html",
    "what_changed", "correction", "writers", "reviewers", "publisher_name", "content_hash",
)  # fmt: skip
DETAILS = (
    "csl_type", "title", "authors", "authors_complete", "container_title", "publisher",
    "issued_year", "issued_month", "issued_day", "volume", "issue", "page", "number", "doi",
    "pmid", "pmcid", "url", "language", "csl_extra", "design", "population", "sample_size",
    "intervention", "comparator", "follow_up", "finding", "limitations",
    "funding_or_conflicts", "usable", "unusable_reason",
)  # fmt: skip
LATER_DETAILS = ("age_from_months", "age_to_months", "gmfcs_levels", "registration", "findings")
FINDING = (
    "outcome", "option", "given", "measure", "contrast", "effect", "low", "high", "unit",
    "time_point", "number_analysed", "pooled", "certainty", "as_reported", "locator",
)  # fmt: skip
JSON = {
    "content", "html", "writers", "reviewers", "authors", "csl_extra", "gmfcs_levels", "draft"
}  # fmt: skip
BOOLEAN = {"authors_complete", "usable", "pooled"}
DECIMAL = {"effect", "low", "high"}

Row = dict[str, Any]


def rows(release: dict[str, Any], name: str) -> list[Row]:
    """The rows of one of our tables as Python values, in the order they were put in."""
    table = release[f"education_{name}"]
    return [
        {column: _value(column, value) for column, value in zip(table["columns"], row, strict=True)}
        for row in table["rows"]
    ]


def _value(column: str, value: Any) -> Any:
    if value is not None and column in JSON:
        return json.loads(value)
    if value is not None and column in BOOLEAN:
        return bool(value)
    if value is not None and column in DECIMAL:
        return format(Decimal(str(value)).normalize() + 0, "f")
    return value


def digest(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def frozen_hashes(release: dict[str, Any]) -> dict[int, str]:
    """What each copy's frozen hash must be, by its number."""
    return {
        copy["id"]: digest(
            {name: copy[name] for name in SHOWN}
            | {"dates": [copy["reviewed_on"], copy["review_due_on"]]}
        )
        for copy in rows(release, "publication")
    }


def content_hashes(release: dict[str, Any]) -> dict[int, str]:
    """The content hash of each revision as it is, by its number."""
    drafts = {
        saved["revision_id"]: _whole(saved["draft"]) for saved in rows(release, "savedtext")
    }  # the last of each
    articles = {article["id"]: article for article in rows(release, "article")}
    fingerprints = _fingerprints(release)
    cited: dict[int, dict[str, str]] = {}
    for citation in rows(release, "citation"):
        key, fingerprint = fingerprints[citation["item_id"]]
        cited.setdefault(citation["revision_id"], {})[key] = fingerprint
    glossary = {}
    for revision in sorted(rows(release, "revision"), key=lambda each: each["number"]):
        kind = articles[revision["article_id"]]["kind"]
        if kind == "glossary" and revision["state"] == "published":
            draft = Draft(**drafts[revision["id"]])
            glossary[revision["language"]] = terms_of(render(draft, _sources(draft)).tree)
    hashes = {}
    for revision in rows(release, "revision"):
        article = articles[revision["article_id"]]
        saved = drafts[revision["id"]]
        draft = Draft(**saved)
        terms = glossary.get(revision["language"], {})
        tree = render(draft, _sources(draft), terms=terms).tree
        hashes[revision["id"]] = digest(
            {
                "draft": saved,
                "article": [
                    article["slug"], article["risk_class"], article["review_every_months"],
                ],
                "terms": {
                    node["slug"]: node["definition"]
                    for passage in passages(tree)
                    for node in walk(passage.nodes)
                    if node["t"] == "term"
                },
                "evidence": cited.get(revision["id"], {}),
            }
        )  # fmt: skip
    return hashes


def _whole(draft: Row) -> Row:
    """A saved text with what it leaves to the columns' defaults."""
    answer = {"text": "", "certainty": "not_graded", "unknown": False}
    return draft | {
        "claims": [{"claim": ""} | claim for claim in draft["claims"]],
        "terms": [{"also": []} | term for term in draft["terms"]],
        "rows": [
            row | {"cells": {slug: answer | cell for slug, cell in row["cells"].items()}}
            for row in draft["rows"]
        ],
    }


def _sources(draft: Draft) -> dict[str, Source]:
    return {key: Source(key=key, text=key) for key in cited_keys(draft)}


def _fingerprints(release: dict[str, Any]) -> dict[int, tuple[str, str]]:
    """Key and fingerprint of each work; its details must have the hash that was kept of them."""
    found: dict[int, list[Row]] = {}
    for finding in sorted(rows(release, "finding"), key=lambda each: each["position"]):
        said = {
            name: finding[name]
            for name in FINDING
            if finding[name] is not False and finding[name] not in (None, "")
        }
        found.setdefault(finding["item_id"], []).append(said)
    events = rows(release, "statusevent")
    lifted = {event["lifts_id"] for event in events}
    status = {
        event["item_id"]: event["status"]
        for event in sorted(events, key=lambda each: each["id"])
        if event["id"] not in lifted and not event["lifts_id"]
    }
    fingerprints = {}
    for item in rows(release, "evidenceitem"):
        later = item | {"findings": found.get(item["id"], [])}
        details = {name: item[name] for name in DETAILS} | {
            name: later[name] for name in LATER_DETAILS if later[name] not in (None, "", [])
        }
        assert digest(details) == item["details_hash"], item["key"]
        of_item = {"details": details, "status": status.get(item["id"], "current")}
        fingerprints[item["id"]] = (item["key"], digest(of_item))
    return fingerprints
