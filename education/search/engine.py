"""
The databases' own full-text search, for retrieval only: which entries hold the terms.

SQLite has FTS5, PostgreSQL has text search vectors. Both are given stems that are cut already, so
both know the same words; what comes first is decided in ``ranking``.
"""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models.expressions import RawSQL

from education.search.models import SearchEntry
from education.search.ranking import QueryGroup, QueryTerm

# Made by migration 0062. The titles of texts of ours stand apart, so that many are sorted quickly.
TABLE, TITLES = "education_search_index", "education_search_index_titles"
# Studies stand apart from texts of ours, of which there are far fewer.
TEXT, STUDY = "text", "study"
_WHERE = {
    "sqlite": {
        "title": f"{TITLES} MATCH 'title : (' || %s || ')'",
        "terms": f"{TABLE} MATCH 'kind : {{kind}} AND terms : (' || %s || ')'",
    },
    "postgresql": {
        "title": "title @@ %s::tsquery",
        "terms": "kind = '{kind}' AND terms @@ %s::tsquery",
    },
}


def write(entries: Iterable[SearchEntry]) -> None:
    """Put entries into the index."""
    # In order, as SQLite writes them fastest.
    in_order = sorted(entries, key=lambda entry: entry.pk)
    words = (
        "%s"
        if connection.vendor == "sqlite"
        else "array_to_tsvector(array_remove(string_to_array(%s, ' '), ''))"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} (rowid, kind, terms) VALUES (%s, %s, {words})",  # noqa: S608
            [
                (
                    entry.pk,
                    _kind_of(entry),
                    " ".join(f"{entry.title_terms}{entry.terms}".split()),
                )
                for entry in in_order
            ],
        )
        cursor.executemany(
            f"INSERT INTO {TITLES} (rowid, length, title) VALUES (%s, %s, {words})",  # noqa: S608
            [
                (
                    entry.pk,
                    len(entry.title_terms.split()),
                    " ".join(entry.title_terms.split()),
                )
                for entry in in_order
                if _kind_of(entry) == TEXT
            ],
        )


def _kind_of(entry: SearchEntry) -> str:
    return STUDY if entry.kind == SearchEntry.Kind.STUDY else TEXT


def erase(entries: Iterable[SearchEntry]) -> None:
    """Take entries out of the index."""
    numbers = [(entry.pk,) for entry in entries]
    with connection.cursor() as cursor:
        for table in (TABLE, TITLES):
            cursor.executemany(f"DELETE FROM {table} WHERE rowid = %s", numbers)  # noqa: S608


def erase_all() -> None:
    """Empty the index."""
    with connection.cursor() as cursor:
        for table in (TABLE, TITLES):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def matching(
    groups: Sequence[QueryGroup], *, every: bool, titles: int, texts: int, studies: int
) -> RawSQL:
    """
    The numbers of entries that hold a term of every group, or of any of them.

    Of each at most so many: texts of ours with the words in their ``titles``, the shortest first;
    with them anywhere (``texts``), and ``studies``, the newest first.
    """
    query = _joined(groups, "AND" if every else "OR")
    where = _WHERE[connection.vendor]
    by_title = f"FROM {TITLES} WHERE {where['title']} ORDER BY length, rowid DESC LIMIT %s"
    by_kind = f"FROM {TABLE} WHERE {where['terms']} ORDER BY {{order}} DESC LIMIT %s"
    # PostgreSQL takes studies to hold a word as often as texts of ours do, and would read through
    # all of them, newest first; no index has the order rowid + 0, so it takes that of the words.
    apart = "rowid" if connection.vendor == "sqlite" else "rowid + 0"
    parts = [
        by_title,
        by_kind.format(kind=TEXT, order="rowid"),
        by_kind.format(kind=STUDY, order=apart),
    ]
    return RawSQL(  # noqa: S611 - ours
        " UNION ".join(f"SELECT * FROM (SELECT rowid {part}) AS part" for part in parts),  # noqa: S608
        [query, titles, query, texts, query, studies],
    )


def _joined(groups: Sequence[QueryGroup], operator: str) -> str:
    """Groups in the engine's language."""
    written = [" OR ".join(map(_written, _distinct(group.terms))) for group in groups]
    query = f" {operator} ".join(f"({group})" for group in written)
    if connection.vendor == "sqlite":
        return query
    return query.replace(" AND ", " & ").replace(" OR ", " | ")


def _distinct(terms: Sequence[QueryTerm]) -> list[QueryTerm]:
    """Terms without those that another finds too: whatever holds dorsal rhizotomy, rhizotomy."""
    alone = {term.stems[0] for term in terms if len(term.stems) == 1}
    return [term for term in terms if len(term.stems) == 1 or alone.isdisjoint(term.stems)]


def _written(term: QueryTerm) -> str:
    """A term in the engine's language; stems hold only letters and digits."""
    quote = '"' if connection.vendor == "sqlite" else "'"
    begins = "*" if connection.vendor == "sqlite" else ":*"
    words = " AND ".join(f"{quote}{stem}{quote}" for stem in term.stems)
    return f"({words}{begins if term.begins else ''})"
