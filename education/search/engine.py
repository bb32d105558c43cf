"""
The databases' own full-text search, for retrieval only: which entries hold the terms.

SQLite has FTS5, PostgreSQL has text search vectors. Both are given stems that are cut already, so
both know the same words; what comes first is decided in ``ranking``.
"""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models.expressions import RawSQL

from education.search.ranking import Term

TABLE = "education_search_index"  # made by migration 0012
# The newest entries that hold the words, by column.
_SQLITE = f"""
    SELECT * FROM (
        SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH '{{column}} : (' || %s || ')'
        ORDER BY rowid DESC LIMIT %s
    )
"""  # noqa: S608 - names of ours
# PostgreSQL looks through the newest first: they hold a common word often enough. For a rare one it
# shall ask its index, where it would rather read every entry, since it does not reckon what
# unpacking a long text costs. So it may not see the word while it plans (a query within), nor that
# the numbers are in order (+ 0).
NEWEST = 15_000
_POSTGRESQL = f"""
    (
        WITH asked (query, most) AS (VALUES (%s::tsquery, %s)),
        near AS MATERIALIZED (
            SELECT rowid FROM (SELECT * FROM {TABLE} ORDER BY rowid DESC LIMIT %s) AS newest
            WHERE {{column}} @@ (SELECT query FROM asked)
            ORDER BY rowid DESC LIMIT (SELECT most FROM asked)
        )
        SELECT rowid FROM near
        UNION (
            SELECT rowid FROM {TABLE} WHERE {{column}} @@ (SELECT query FROM asked)
            AND (SELECT count(*) FROM near) < (SELECT most FROM asked)
            ORDER BY rowid + 0 DESC LIMIT (SELECT most FROM asked)
        )
    )
"""  # noqa: S608


def write(rows: Sequence[tuple[int, str, str]]) -> None:
    """Put entries into the index as (number, stems of the title, all stems)."""
    erase([number for number, _, _ in rows])
    if connection.vendor == "sqlite":
        values = "(%s, %s, %s)"
    else:
        vector = "array_to_tsvector(array_remove(string_to_array(%s, ' '), ''))"
        values = f"(%s, {vector}, {vector})"
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {TABLE} (rowid, title, terms) VALUES {values}", rows)  # noqa: S608


def erase(numbers: Iterable[int]) -> None:
    """Take entries out of the index."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {TABLE} WHERE rowid = %s",  # noqa: S608
            [(number,) for number in numbers],
        )


def erase_all() -> None:
    """Empty the index."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608


def matching(groups: Sequence[Sequence[Term]], *, every: bool, titles: int, texts: int) -> RawSQL:
    """
    The numbers of entries that hold a term of every group, or of any, as a subquery.

    They are the newest with them in their title, at most ``titles``, and the newest with them
    anywhere, at most ``texts``.
    """
    query = (" AND " if every else " OR ").join(
        "(" + " OR ".join(_written(term) for term in group) + ")" for group in groups
    )
    if connection.vendor == "sqlite":
        newest, asked, more = _SQLITE, query, []
    else:
        newest, more = _POSTGRESQL, [NEWEST]
        asked = query.replace(" AND ", " & ").replace(" OR ", " | ")
    statement = f"{newest.format(column='title')} UNION {newest.format(column='terms')}"
    return RawSQL(statement, [asked, titles, *more, asked, texts, *more])  # noqa: S611 - ours


def _written(term: Term) -> str:
    """A term in the engine's language; stems hold only letters and digits."""
    if connection.vendor == "sqlite":
        pieces = [f'"{stem}"' for stem in term.stems]
        return "(" + " AND ".join(pieces) + ("*)" if term.begins else ")")
    pieces = [f"'{stem}'" for stem in term.stems]
    return "(" + " AND ".join(pieces) + (":*)" if term.begins else ")")
