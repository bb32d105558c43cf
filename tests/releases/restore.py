"""Put the database of a release, as ``keep`` wrote it, into an empty one."""

import base64
import json
import lzma
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

Kept = dict[str, dict[str, list]]


def read(file: Path) -> Kept:
    """The columns and rows of each table that a release's file holds."""
    release: Kept = json.loads(lzma.decompress(file.read_bytes()))
    return release


def make_tables_of(release: Kept) -> int:
    """Migrate to where the release was; how many migrations of ours came since."""
    table = release["django_migrations"]
    app, name = table["columns"].index("app"), table["columns"].index("name")
    applied = sorted((row[app], row[name]) for row in table["rows"])
    executor = MigrationExecutor(connection)
    executor.migrate(list(dict(applied).items()))  # the last of each app
    ours = {node for node in executor.loader.graph.nodes if node[0] == "education"}
    return len(ours - set(applied))


def load(release: Kept) -> None:
    """Put the release's rows in place of what the migrations made."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name in release:
            cursor.execute(f'DELETE FROM "{name}"')
        for name, table in release.items():
            take = [taken(kind) for kind in kinds(name, table["columns"])]
            columns = ", ".join(f'"{column}"' for column in table["columns"])
            places = ", ".join(["%s"] * len(take))
            cursor.executemany(
                f'INSERT INTO "{name}" ({columns}) VALUES ({places})',
                [[to(v) for to, v in zip(take, row, strict=True)] for row in table["rows"]],
            )
        count_on(list(release))


def kinds(table: str, columns: list[str]) -> list[str]:
    """What PostgreSQL calls the type of each column; SQLite takes its own values back."""
    if connection.vendor == "sqlite":
        return ["" for _ in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s",
            [table],
        )
        found = dict(cursor.fetchall())
    return [found[column] for column in columns]


def taken(kind: str) -> Any:
    """How a column of this type takes a value that SQLite held."""

    def take(value: Any) -> Any:
        if isinstance(value, dict):
            return base64.b64decode(value["bytes"])
        return bool(value) if kind == "boolean" and value is not None else value

    return take


def count_on(tables: list[str]) -> None:
    """Let new rows be numbered after those that are there."""
    every = apps.get_models(include_auto_created=True)  # who has which role is numbered too
    models = [model for model in every if model._meta.db_table in tables]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
