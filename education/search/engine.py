"""
The databases' own full-text search, for retrieval only: which entries hold the terms.

SQLite has FTS5, PostgreSQL has text search vectors. Both are given stems that are cut already, so
both know the same words; what comes first is decided in ``ranking``.
"""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models.expressions import RawSQL

from education.search.models import SearchEntry
from education.search.ranking import QueryTerm

TABLE = "education_search_index"  # made by migrations 0012 and 0020
# From here on stand texts of ours, below it studies.
_PAGES = 1 << 60
_LONGEST_TITLE, _OF_LENGTH, _NUMBER = 255, 52, (1 << 52) - 1
# The first entries of one kind, by place, that hold the words in one column.
_SQLITE = f"""
    SELECT * FROM (
        SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH '{{column}} : (' || %s || ')'
        AND rowid {{kind}} ORDER BY rowid DESC LIMIT %s
    )
"""  # noqa: S608 - names of ours
# PostgreSQL looks through the first entries: they hold a common word often enough. For a rarer one
# it shall ask its index, where it would rather read every entry, since it does not reckon what
# unpacking a long text costs. So it may not see the word while it plans (a query within), nor that
# the places are in order (+ 0).
FIRST = 400
_POSTGRESQL = f"""
    (
        WITH asked (query, most) AS (VALUES (%s::tsquery, %s)),
        near AS MATERIALIZED (
            SELECT rowid FROM (
                SELECT * FROM {TABLE} WHERE rowid {{kind}} ORDER BY rowid DESC LIMIT %s
            ) AS first
            WHERE {{column}} @@ (SELECT query FROM asked)
            ORDER BY rowid DESC LIMIT (SELECT most FROM asked)
        )
        SELECT rowid FROM near
        UNION (
            SELECT rowid FROM {TABLE}
            WHERE rowid {{kind}} AND {{column}} @@ (SELECT query FROM asked)
            AND (SELECT count(*) FROM near) < (SELECT most FROM asked)
            ORDER BY rowid + 0 DESC LIMIT (SELECT most FROM asked)
        )
    )
"""  # noqa: S608


def place_of(entry: SearchEntry) -> int:
    """
    Where an entry stands; the engine finds those in high places first.

    Texts of ours stand above studies, of which there may be very many, and those with a short title
    above those with a long one, of which less is what was asked. So what fits best is found,
    however much holds the words. Among equals, and among studies, the newest stands first.
    """
    if entry.kind == SearchEntry.Kind.STUDY:
        return entry.pk
    length = min(_LONGEST_TITLE, len(entry.title_terms.split()))
    return _PAGES + ((_LONGEST_TITLE - length) << _OF_LENGTH) + entry.pk


def write(entries: Iterable[SearchEntry]) -> None:
    """Put entries into the index."""
    # In order, as SQLite writes them fastest.
    rows = sorted((place_of(entry), entry.title_terms, entry.terms) for entry in entries)
    if connection.vendor == "sqlite":
        values = "(%s, %s, %s)"
    else:
        vector = "array_to_tsvector(array_remove(string_to_array(%s, ' '), ''))"
        values = f"(%s, {vector}, {vector})"
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {TABLE} (rowid, title, terms) VALUES {values}", rows)  # noqa: S608


def erase(entries: Iterable[SearchEntry]) -> None:
    """Take entries out of the index."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {TABLE} WHERE rowid = %s",  # noqa: S608
            [(place_of(entry),) for entry in entries],
        )


def erase_all() -> None:
    """Empty the index."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608


def matching(
    groups: Sequence[Sequence[QueryTerm]], *, every: bool, titles: int, texts: int, studies: int
) -> RawSQL:
    """
    The numbers of entries that hold a term of every group, or of any, as a subquery.

    They are the first by place: texts of ours with them in their title, at most ``titles``, and
    anywhere, at most ``texts``; and at most so many ``studies``.
    """
    query = (" AND " if every else " OR ").join(
        "(" + " OR ".join(_written(term) for term in group) + ")" for group in groups
    )
    if connection.vendor == "sqlite":
        first, asked, more = _SQLITE, query, []
    else:
        first, more = _POSTGRESQL, [FIRST]
        asked = query.replace(" AND ", " & ").replace(" OR ", " | ")
    parts = (("title", ">=", titles), ("terms", ">=", texts), ("terms", "<", studies))
    found = " UNION ".join(
        first.format(column=column, kind=f"{side} {_PAGES}") for column, side, _ in parts
    )
    return RawSQL(  # noqa: S611 - ours
        f"SELECT rowid & {_NUMBER} FROM ({found}) AS found",  # noqa: S608
        [value for _, _, most in parts for value in (asked, most, *more)],
    )


def _written(term: QueryTerm) -> str:
    """A term in the engine's language; stems hold only letters and digits."""
    if connection.vendor == "sqlite":
        pieces = [f'"{stem}"' for stem in term.stems]
        return "(" + " AND ".join(pieces) + ("*)" if term.begins else ")")
    pieces = [f"'{stem}'" for stem in term.stems]
    return "(" + " AND ".join(pieces) + (":*)" if term.begins else ")")
