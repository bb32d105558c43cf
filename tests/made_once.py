"""
Sites that many tests begin from, made by the operations once and then put back as rows.

An operation asks the database some forty questions, a whole site two thousand. The rows they leave
are the same for every test that begins from an empty database, so the second test gets those of the
first: written straight into the tables, with the steps that wait for the transaction's end.
"""

import functools
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.apps import apps
from django.conf import UserSettingsHolder, settings
from django.db import connection, transaction
from django.utils import timezone, translation

from education.search import desk, engine

# The databases' own indexes, which no model has, and their columns.
SEARCH_INDEXES = {
    engine.TABLE: ["rowid", "kind", "terms"],
    engine.TITLES: ["rowid", "length", "title"],
    desk.TABLE: ["rowid", "title", "terms"],
}
# Migrations fill these; every other table is empty when a test begins.
FILLED = {"auth_group", "auth_permission", "django_content_type"}
NOW = timezone.now

P = ParamSpec("P")
R = TypeVar("R")


class Made(NamedTuple):
    """What a factory returned, the rows of each table, and what it left for after the commit."""

    result: bytes
    rows: dict[str, tuple[list[str], list[tuple]]]
    on_commit: list[tuple[Callable[[], Any], bool]]


def made_once(make: Callable[P, R]) -> Callable[P, R]:
    """
    Let a factory run once for all tests of a process that begin with it.

    It runs as it is where somebody could tell the difference: after other rows, in a test with real
    transactions, under other settings, another clock or language, or with arguments that are no
    text. What it made before is as old as the first test that asked: a test of what happened just
    now names somebody, ``make_publication(publisher=make_editor())``.
    """
    kept: dict[Any, Made] = {}

    @functools.wraps(make)
    def once(*args: P.args, **kwargs: P.kwargs) -> R:
        values = (*args, *kwargs.values())
        if not all(isinstance(value, str) for value in values) or not _as_every_test_begins():
            return make(*args, **kwargs)
        key = (args, tuple(sorted(kwargs.items())), _groups())
        if key in kept:
            return _put_back(kept[key])
        waiting = len(connection.run_on_commit)
        result = make(*args, **kwargs)
        steps = [(step, robust) for _, step, robust in connection.run_on_commit[waiting:]]
        kept[key] = Made(pickle.dumps(result), _rows(), steps)
        return result

    return once


def _as_every_test_begins() -> bool:
    """Whether nothing was made or set yet."""
    if (
        not connection.in_atomic_block
        or timezone.now is not NOW
        or isinstance(settings._wrapped, UserSettingsHolder)
        or translation.get_language() != settings.LANGUAGE_CODE
    ):
        return False
    holds = " OR ".join(f'EXISTS (SELECT 1 FROM "{table}")' for table in _tables())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT CASE WHEN {holds} THEN 0 ELSE 1 END")
        return bool(cursor.fetchone()[0])


@functools.cache
def _tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    return sorted({model._meta.db_table for model in models if model._meta.managed} - FILLED)


def _groups() -> tuple:
    """The roles, which people's rows name by number; emptied tables number them anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM auth_group ORDER BY id")
        return tuple(cursor.fetchall())


def _rows() -> dict[str, tuple[list[str], list[tuple]]]:
    """The columns and rows of every table that has some."""
    found = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = ([column[0] for column in cursor.description], cursor.fetchall())
        for table, columns in SEARCH_INDEXES.items():
            cursor.execute(f"SELECT {', '.join(columns)} FROM {table}")
            found[table] = (columns, cursor.fetchall())
    return {table: held for table, held in found.items() if held[1]}


def _put_back(made: Made) -> Any:
    with connection.cursor() as cursor:
        # A test with real transactions empties the tables of models, not the engine's indexes.
        for table in SEARCH_INDEXES:
            cursor.execute(f"DELETE FROM {table}")
        for table, (columns, rows) in made.rows.items():
            names = ", ".join(f'"{column}"' for column in columns)
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
    for step, robust in made.on_commit:
        transaction.on_commit(step, robust=robust)
    return pickle.loads(made.result)
