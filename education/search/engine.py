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

TABLE = "education_search_index"  # made by migration 0041
# Studies stand apart from texts of ours, of which there are far fewer.
TEXT, STUDY = "text", "study"
# Entries of one kind with the words in their title, the shortest first; with them anywhere, the
# newest first.
_TITLES = "{title} ORDER BY title_length, rowid DESC LIMIT %s"
_TEXTS = "{terms} ORDER BY rowid DESC LIMIT %s"
_WHERE = {
    "sqlite": {
        "title": f"{TABLE} MATCH 'kind : {{kind}} AND title : (' || %s || ')'",
        "terms": f"{TABLE} MATCH 'kind : {{kind}} AND terms : (' || %s || ')'",
    },
    "postgresql": {
        "title": "kind = '{kind}' AND title @@ %s::tsquery",
        "terms": "kind = '{kind}' AND terms @@ %s::tsquery",
    },
}


def write(entries: Iterable[SearchEntry]) -> None:
    """Put entries into the index."""
    # In order, as SQLite writes them fastest.
    rows = sorted(
        (
            entry.pk,
            STUDY if entry.kind == SearchEntry.Kind.STUDY else TEXT,
            len(entry.title_terms.split()),
            " ".join(entry.title_terms.split()),
            " ".join(f"{entry.title_terms}{entry.terms}".split()),
        )
        for entry in entries
    )
    vector = "array_to_tsvector(array_remove(string_to_array(%s, ' '), ''))"
    terms = "%s" if connection.vendor == "sqlite" else vector
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} (rowid, kind, title_length, title, terms) "  # noqa: S608
            f"VALUES (%s, %s, %s, {terms}, {terms})",
            rows,
        )


def erase(entries: Iterable[SearchEntry]) -> None:
    """Take entries out of the index."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {TABLE} WHERE rowid = %s",  # noqa: S608
            [(entry.pk,) for entry in entries],
        )


def erase_all() -> None:
    """Empty the index."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608


def matching(groups: Sequence[QueryGroup], *, titles: int, texts: int, studies: int) -> RawSQL:
    """
    The numbers of entries that hold a term of every group that must be there, and of any group.

    Of each at most so many: texts of ours with the words in their ``titles``, with them anywhere
    (``texts``), and ``studies``.
    """
    required = [group for group in groups if group.required] or groups
    queries = list(dict.fromkeys([_joined(required, "AND"), _joined(required, "OR")]))
    selects = [
        (select, where, kind, most)
        for select, where, kind, most in (
            (_TITLES, "title", TEXT, titles),
            (_TEXTS, "terms", TEXT, texts),
            (_TEXTS, "terms", STUDY, studies),
        )
    ]
    parts, values = [], []
    for query in queries:
        for select, column, kind, most in selects:
            where = _WHERE[connection.vendor][column].format(kind=kind)
            chosen = select.format(**{column: where})
            parts.append(f"SELECT * FROM (SELECT rowid FROM {TABLE} WHERE {chosen}) AS part")  # noqa: S608
            values += [query, most]
    return RawSQL(" UNION ".join(parts), values)  # noqa: S611 - ours


def _joined(groups: Sequence[QueryGroup], operator: str) -> str:
    """Groups in the engine's language."""
    written = [" OR ".join(_written(term) for term in group.terms) for group in groups]
    query = f" {operator} ".join(f"({group})" for group in written)
    if connection.vendor == "sqlite":
        return query
    return query.replace(" AND ", " & ").replace(" OR ", " | ")


def _written(term: QueryTerm) -> str:
    """A term in the engine's language; stems hold only letters and digits."""
    quote = '"' if connection.vendor == "sqlite" else "'"
    begins = "*" if connection.vendor == "sqlite" else ":*"
    words = " AND ".join(f"{quote}{stem}{quote}" for stem in term.stems)
    return f"({words}{begins if term.begins else ''})"
