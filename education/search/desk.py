"""
The desk's own full-text search: its index in the database's engine, and what a person types.

As for readers (``engine``), SQLite has FTS5 and PostgreSQL text search vectors, and both are given
stems that are cut already. What comes first is plain: texts with all the words in their title, then
the others, each the latest first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Case, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from education.search.analysis import is_small, stem, stems, words
from education.search.models import DeskEntry
from education.search.retrieval import cleaned

TABLE = "education_desk_search"  # made by migration 0044
MOST_WORDS = 20
_WHERE = {
    "sqlite": {
        "title": f"{TABLE} MATCH 'title : (' || %s || ')'",
        "any": f"{TABLE} MATCH %s",
    },
    "postgresql": {
        "title": "title @@ %s::tsquery",
        "any": "terms @@ %s::tsquery",
    },
}


@dataclass(frozen=True)
class DeskQuery:
    """
    What somebody looks for: every one of these words.

    ``marks`` are stems, and beginnings with a star after them (``analysis.is_marked``).
    """

    marks: tuple[str, ...] = ()

    @property
    def expression(self) -> str:
        """The query in the engine's language; marks hold only letters and digits."""
        if connection.vendor == "sqlite":
            # A title stands beside the other words there, so a word may be in either.
            return " AND ".join(f'"{mark.rstrip("*")}"{mark[-1:] * (mark[-1:] == "*")}'
                                for mark in self.marks)  # fmt: skip
        return " & ".join(
            f"'{mark.rstrip('*')}'{':*' if mark.endswith('*') else ''}" for mark in self.marks
        )


def parse_query(query: str) -> DeskQuery:
    """
    The words that somebody typed, without small ones where there are others.

    A star after a word finds whatever begins so: ``rhizot*``.
    """
    pieces = [(piece, piece.endswith("*")) for piece in cleaned(query).split()]
    typed = [
        (word, begins and place == len(cut) - 1)
        for piece, begins in pieces
        for cut in [words(piece)]
        for place, word in enumerate(cut)
    ]
    telling = [(word, begins) for word, begins in typed if begins or not is_small(word)] or typed
    marks = [f"{word}*" if begins else stem(word) for word, begins in telling]
    return DeskQuery(tuple(dict.fromkeys(marks))[:MOST_WORDS])


def matching(query: DeskQuery) -> QuerySet[DeskEntry]:
    """The entries that hold every word, in their order."""
    if not query.marks:
        return DeskEntry.objects.none()
    where = _WHERE[connection.vendor]
    numbers = {
        place: RawSQL(f"SELECT rowid FROM {TABLE} WHERE {where[place]}", [query.expression])  # noqa: S608, S611
        for place in ("any", "title")
    }
    by_title = Case(When(pk__in=numbers["title"], then=Value(0)), default=Value(1))
    return (
        DeskEntry.objects.filter(pk__in=numbers["any"])
        .alias(by_title=by_title)
        .order_by("by_title", "-changed_at", "-pk")
    )


def put(entries: Iterable[DeskEntry]) -> None:
    """Let these be found, each in place of what was kept of its subject; equal ones stay."""
    by_subject: dict[str, list[DeskEntry]] = {}
    for entry in entries:
        by_subject.setdefault(entry.subject, []).append(entry)
    for subject, group in by_subject.items():
        kept = {
            old.subject_id: old
            for old in DeskEntry.objects.filter(
                subject=subject, subject_id__in=[entry.subject_id for entry in group]
            )
        }
        changed = [
            entry
            for entry in group
            if (old := kept.get(entry.subject_id)) is None
            or (old.title, old.text) != (entry.title, entry.text)
        ]
        remove(subject, [entry.subject_id for entry in changed if entry.subject_id in kept])
        _write(DeskEntry.objects.bulk_create(changed, batch_size=500))


def remove(subject: str, numbers: Sequence[int]) -> None:
    """Let these subjects be found no more."""
    entries = DeskEntry.objects.filter(subject=subject, subject_id__in=numbers)
    gone = [(number,) for number in entries.values_list("pk", flat=True)]
    if gone:
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", gone)  # noqa: S608
        entries.delete()


def empty() -> None:
    """Forget everything; the caller puts it all back in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608
    DeskEntry.objects.all().delete()


def _write(entries: Sequence[DeskEntry]) -> None:
    vector = "array_to_tsvector(array_remove(string_to_array(%s, ' '), ''))"
    value = "%s" if connection.vendor == "sqlite" else vector
    rows = []
    for entry in entries:
        title = " ".join(stems(entry.title))
        rows.append((entry.pk, title, f"{title} {' '.join(stems(entry.text))}"))
    with connection.cursor() as cursor:
        # A database whose tables were emptied by hand gives numbers out again.
        cursor.executemany(
            f"DELETE FROM {TABLE} WHERE rowid = %s",  # noqa: S608
            [row[:1] for row in rows],
        )
        cursor.executemany(
            f"INSERT INTO {TABLE} (rowid, title, terms) VALUES (%s, {value}, {value})",  # noqa: S608
            rows,
        )
