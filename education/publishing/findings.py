"""The published table of findings: its rows for texts that name them, and what it graded anew."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from education.articles.models import Article
from education.publishing.models import Publication, PublicationQuerySet
from education.publishing.status import evidence_notices, shown_content
from education.text.named_rows import Row, named_rows
from education.text.tree import Tree, findings_of

# What a change of makes a statement that rests on the row one to look at again.
GRADED = ("certainty", "direction")


@dataclass(frozen=True)
class RegradedRow:
    """A row that a page names and that the table has graded otherwise since that day, or lost."""

    row: Row
    now: Row | None
    since: datetime.date


def live_table(language: str) -> tuple[Publication, Tree] | None:
    """
    The table of findings that is public, with its tree as it may be shown; None where none is.

    A copy that is scheduled, was withdrawn, or is not shown because its review is too late counts
    for nothing; a row whose works were all retracted, or that an editor-in-chief masked, is masked.
    """
    tables = _tables(language)
    if not tables.exists():  # asked for with every draft; which one counts is a long question
        return None
    table = tables.current().order_by("-pk").first()
    if table is None:
        return None
    standing = evidence_notices(table)
    return None if standing.is_notice_only else (table, shown_content(table, standing))


def live_rows(language: str) -> dict[str, Row] | None:
    """The rows of that table by their ids, without those that are masked; None where none is."""
    table = live_table(language)
    if table is None:
        return None
    return {slug: row for slug, row in _rows(table[1]).items() if not row.get("masked")}


def regraded_rows(content: Mapping[str, Any], language: str) -> list[RegradedRow]:
    """The rows that a frozen text names and that the public table grades otherwise by now."""
    named = named_rows(content)
    if not named:
        return []
    tables = [
        (timezone.localdate(copy.goes_live_at), _rows(copy.content))
        for copy in _newest_table(language)
    ]
    if not tables:
        return []
    current = tables[0][1]
    return [
        RegradedRow(row, current.get(row["slug"]), _since(row["slug"], tables))
        for row in {row["slug"]: row for row in named}.values()
        if _grade(row) != _grade(current.get(row["slug"]))
    ]


def pages_to_regrade() -> Iterator[tuple[Publication, list[RegradedRow]]]:
    """Each public page that names a row which the table grades otherwise by now, with those."""
    for table in Publication.objects.current().filter(kind=Article.Kind.FINDINGS, number__gt=1):
        pages = Publication.objects.current().filter(language=table.language)
        for page in pages.exclude(kind=Article.Kind.FINDINGS):
            if rows := regraded_rows(page.content, page.language):
                yield page, rows


def _tables(language: str) -> PublicationQuerySet:
    return Publication.objects.filter(kind=Article.Kind.FINDINGS, language=language)


def _newest_table(language: str) -> list[Publication]:
    """The live copies of the public table, the newest first."""
    current = _tables(language).current().order_by("-pk").first()
    if current is None:
        return []
    if current.number == 1:
        return [current]
    older = _tables(language).live().filter(slug=current.slug, number__lt=current.number)
    return [current, *older.order_by("-number")]


def _rows(content: Mapping[str, Any]) -> dict[str, Row]:
    return {row["slug"]: row for outcome in findings_of(content) for row in outcome["rows"]}


def _grade(row: Row | None) -> tuple[str, ...]:
    return tuple(row[name] for name in GRADED) if row else ()


def _since(slug: str, tables: list[tuple[datetime.date, dict[str, Row]]]) -> datetime.date:
    """Since when the table grades a row as it does now."""
    since, current = tables[0]
    for day, rows in tables[1:]:
        if _grade(rows.get(slug)) != _grade(current.get(slug)):
            break
        since = day
    return since
