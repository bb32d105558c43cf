"""
The databases' own full-text search, for retrieval only: which entries hold the terms.

SQLite has FTS5, PostgreSQL has text search vectors. Both are given stems that are cut already, so
both know the same words; what comes first is decided in ``ranking``.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from education.search.ranking import Term

TABLE = "education_search_index"  # made by migration 0012


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


def matching(
    groups: Sequence[Sequence[Term]], *, every: bool, column: str, limit: int
) -> list[int]:
    """The newest entries whose ``column`` holds a term of every group, or of any."""
    query = (" AND " if every else " OR ").join(
        "(" + " OR ".join(_written(term) for term in group) + ")" for group in groups
    )
    if connection.vendor == "sqlite":
        asked, condition = f"{{{column}}} : ({query})", f"{TABLE} MATCH %s"
    else:
        asked = query.replace(" AND ", " & ").replace(" OR ", " | ")
        condition = f"{column} @@ %s::tsquery"
    statement = f"SELECT rowid FROM {TABLE} WHERE {condition} ORDER BY rowid DESC LIMIT %s"  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [asked, limit])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return [int(number) for (number,) in found]


def _written(term: Term) -> str:
    """A term in the engine's language; stems hold only letters and digits."""
    if connection.vendor == "sqlite":
        pieces = [f'"{stem}"' for stem in term.stems]
        return "(" + " AND ".join(pieces) + ("*)" if term.begins else ")")
    pieces = [f"'{stem}'" for stem in term.stems]
    return "(" + " AND ".join(pieces) + (":*)" if term.begins else ")")
