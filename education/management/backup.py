"""
Backups: everything the site holds, as lines of JSON that either database takes back.

A backup is a folder: ``manifest.json`` names every file with its number of rows and SHA-256, the
version of the schema and the end of the record; ``manifest.sha256`` guards it; ``rows/`` holds one
file for each table, one row a line, in the order of keys. Sign-ins and what Django makes itself are
left out, and the search index, which is made anew. The same folder restores on SQLite and on
PostgreSQL, with the same hashes.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.core.serializers import python as rows
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from education.audit import triggers
from education.audit.models import Event, EventHead
from education.management.integrity import integrity_problems
from education.publishing.indexing import rebuild

FORMAT = 1
LEFT_OUT = frozenset(
    {
        "sessions.Session", "contenttypes.ContentType", "auth.Permission", "admin.LogEntry",
        "education.OpenEditor", "education.SearchEntry", "education.SearchWord",
        "education.SenderMark", "education.SignIn", "education.FailedSignIn",
    }
)  # fmt: skip
BATCH = 200


class BackupError(Exception):
    """A backup can't be made or taken back; the message says why."""


def write_backup(folder: Path) -> dict[str, Any]:
    """
    Write everything as of one moment to a new folder, while others go on; returns the manifest.

    The folder appears when it is whole. Raises ``BackupError`` when it is there already.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already; name a new folder.")
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "rows").mkdir(parents=True)
    with _one_moment():
        files = {_file_of(model): _write_rows(part / _file_of(model), model) for model in _tables()}
        head = EventHead.objects.filter(pk=1).first()
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            "schema": _schema(),
            "head": {"sequence": head.sequence, "hash": head.hash} if head else None,
            "files": files,
        }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (part / "manifest.json").write_text(text, "utf-8")
    (part / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest(), "utf-8")
    part.rename(folder)
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a backup of which every byte is as it was written; else ``BackupError``."""
    try:
        text = (folder / "manifest.json").read_bytes()
        seal = (folder / "manifest.sha256").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{folder} is no backup, or not whole: {error}.") from error
    if hashlib.sha256(text).hexdigest() != seal:
        raise BackupError("manifest.json was altered or damaged.")
    manifest: dict[str, Any] = json.loads(text)
    if manifest["format"] != FORMAT:
        raise BackupError(f"This is format {manifest['format']}; this version reads {FORMAT}.")
    for name, told in manifest["files"].items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            raise BackupError(f"{name} is missing.") from None
        if hashlib.sha256(content).hexdigest() != told["sha256"]:
            raise BackupError(f"{name} was altered or damaged.")
    return manifest


def restore(folder: Path, *, replace: bool = False) -> dict[str, Any]:
    """
    Put a backup in place of what is here: all of it or nothing; returns its manifest.

    Nothing is replaced before every file was verified, nor unless the whole is sound afterwards.
    Raises ``BackupError`` when it is damaged, of another schema, or when something is here already
    and ``replace`` was not said.
    """
    manifest = read_manifest(folder)
    if manifest["schema"] != _schema():
        raise BackupError(
            "The backup was made by another version: its schema is "
            f"{manifest['schema'][-1]}, here it is {_schema()[-1]}. Use that version, then upgrade."
        )
    if Event.objects.exists() and not replace:
        raise BackupError("There is a site here already. Say --replace to lose it.")
    with transaction.atomic():
        triggers.remove(connection)
        tables = _tables()
        for model in (*tables, apps.get_model("sessions.Session")):
            _empty(model)
        for model in tables:
            _read_rows(folder / _file_of(model), model)
        resets = connection.ops.sequence_reset_sql(no_style(), tables)
        with connection.cursor() as cursor:
            for statement in resets:
                cursor.execute(statement)
        triggers.install(connection)
        rebuild()
        problems = list(integrity_problems())
        head = EventHead.objects.filter(pk=1).first()
        if (head and {"sequence": head.sequence, "hash": head.hash}) != manifest["head"]:
            problems.append("The record does not end where the backup says.")
        if problems:
            raise BackupError(f"Nothing was restored: {' '.join(problems[:5])}")
    return manifest


def _tables() -> list[type[models.Model]]:
    found = [model for model in apps.get_models() if model._meta.label not in LEFT_OUT]
    return sorted(found, key=lambda model: model._meta.label)


def _schema() -> list[str]:
    """The newest migration of each app."""
    applied = MigrationRecorder(connection).applied_migrations()
    newest: dict[str, str] = {}
    for app, name in applied:
        newest[app] = max(newest.get(app, ""), name)
    return sorted(f"{app}.{name}" for app, name in newest.items() if app in {"auth", "education"})


def _file_of(model: type[models.Model]) -> str:
    return f"rows/{model._meta.label_lower}.jsonl"


@contextmanager
def _one_moment() -> Iterator[None]:
    """Everything as of one moment, while others go on writing."""
    database: Any = connection  # of which SQLite's alone has a mode
    usual = getattr(database, "transaction_mode", None)
    if connection.vendor == "sqlite":
        database.transaction_mode = "DEFERRED"  # the usual one would make writers wait
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    finally:
        if connection.vendor == "sqlite":
            database.transaction_mode = usual


def _write_rows(path: Path, model: type[models.Model]) -> dict[str, Any]:
    seal, number = hashlib.sha256(), 0
    found = model._base_manager.order_by("pk").iterator(chunk_size=BATCH)
    serializer = rows.Serializer()
    with path.open("wb") as file:
        for row in found:
            (told,) = serializer.serialize([row])
            line = json.dumps(told, ensure_ascii=False, sort_keys=True, default=_plain) + "\n"
            file.write(line.encode())
            seal.update(line.encode())
            number += 1
    return {"rows": number, "sha256": seal.hexdigest()}


def _plain(value: Any) -> str:
    """Dates and moments to the microsecond: hashes hang on them."""
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def _read_rows(path: Path, model: type[models.Model]) -> None:
    with path.open(encoding="utf-8") as file:
        for found in rows.Deserializer(map(json.loads, file)):
            # As it was written: no date of now, no key of its own.
            found.object.save_base(raw=True, force_insert=True)
            for name, others in (found.m2m_data or {}).items():
                getattr(found.object, name).set(others)


def _empty(model: type[models.Model]) -> None:
    for field in model._meta.local_many_to_many:
        through = field.remote_field.through
        assert through is not None
        through._base_manager.all()._raw_delete(connection.alias)
    model._base_manager.all()._raw_delete(connection.alias)
