"""
Backups: everything the site holds, as lines of JSON that either database takes back.

A backup is a folder: ``manifest.json`` names every file with its number of rows and SHA-256, the
version of the schema and the end of the record; ``manifest.sha256`` guards it; ``rows/`` holds one
file for each table, one row a line, in the order of keys. Sign-ins and what Django makes itself are
left out, and the search index, which is made anew. ``manifest.signature`` is made with SECRET_KEY,
which is not inside: who edits a backup can't sign it. The same folder restores on SQLite and on
PostgreSQL, with the same hashes.
"""

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.serializers import python as rows
from django.core.signing import BadSignature, Signer
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from education.audit import triggers
from education.audit.models import EventHead
from education.management.broken_database import move_aside, why_unreadable
from education.management.integrity import integrity_problems
from education.people.models import Role, User
from education.publishing.desk_index import rebuild_desk
from education.publishing.indexing import rebuild
from education.safety.restores import POWERFUL, SiteBefore, before_restore, hold_after_restore

FORMAT = 1
LEFT_OUT = frozenset(
    {
        "sessions.Session", "contenttypes.ContentType", "auth.Permission", "admin.LogEntry",
        "education.OpenEditor", "education.SearchEntry", "education.SearchWord",
        "education.SenderMark", "education.SignIn", "education.FailedSignIn", "education.DeskEntry",
        "education.BouncedAddress", "education.MailTest",  # of this machine's mail, not of its work
    }
)  # fmt: skip
BATCH = 200
# How ``backup --dated`` names folders, and how old a part of one is that no run can be writing.
DATED = "%Y-%m-%dT%H%M%SZ"
_DATED = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")
ABANDONED_AFTER = 24 * 60 * 60  # seconds


class BackupError(Exception):
    """A backup can't be made or taken back; the message says why."""


@dataclass(frozen=True)
class RestoreReport:
    """
    What a restore put back: the backup's manifest, what is held of it and what had ended and stays
    so, a line each, and the names of its administrators.
    """

    manifest: dict[str, Any]
    held: list[str]
    carried_over: list[str]
    administrators: list[str]


class _RolledBackError(Exception):
    """Ends the transaction of a restore that was only to be tried."""

    def __init__(self, report: RestoreReport) -> None:
        super().__init__()
        self.report = report


def write_backup(folder: Path) -> dict[str, Any]:
    """
    Write everything as of one moment to a new folder, while others go on; returns the manifest.

    The folder appears when it is whole. Raises ``BackupError`` when it is there already.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already; name a new folder.")
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        manifest = _write_whole(part)
        part.rename(folder)
    except BaseException:  # also when it is stopped: nobody would ever delete the part
        shutil.rmtree(part, ignore_errors=True)
        raise
    return manifest


def _write_whole(part: Path) -> dict[str, Any]:
    (part / "rows").mkdir(parents=True)
    with _one_moment():
        files = {_file_of(model): _write_rows(part / _file_of(model), model) for model in _tables()}
        head = EventHead.objects.filter(pk=1).first()
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            "schema": _schema(),
            "head": _end(head),
            "files": files,
        }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (part / "manifest.json").write_text(text, "utf-8")
    sealed = hashlib.sha256(text.encode()).hexdigest()
    (part / "manifest.sha256").write_text(sealed, "utf-8")
    (part / "manifest.signature").write_text(_signer().sign(sealed), "utf-8")
    return manifest


def delete_old(folder: Path, *, keep: int) -> list[str]:
    """
    Delete all but the newest ``keep`` dated backups in a folder, and what runs that were killed
    left there; the names of what is gone.
    """
    dated = sorted(path for path in folder.iterdir() if _DATED.fullmatch(path.name))
    whole = [path for path in dated if (path / "manifest.json").exists()]
    parts = [
        path
        for path in folder.glob("*.part")
        if _DATED.fullmatch(path.stem) and time.time() - path.stat().st_mtime > ABANDONED_AFTER
    ]
    old = [*whole[: max(0, len(whole) - keep)], *parts]
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


def newest_in(folder: Path) -> Path:
    """The folder itself where it is a backup, else the newest dated one in it; ``BackupError``."""
    if (folder / "manifest.json").exists():
        return folder
    dated = [path for path in folder.glob("*") if _DATED.fullmatch(path.name)]
    whole = sorted(path for path in dated if (path / "manifest.json").exists())
    if not whole:
        raise BackupError(f"There is no backup in {folder}.")
    return whole[-1]


def is_signed(folder: Path) -> bool:
    """Whether this site signed the backup: with its SECRET_KEY, or one of before."""
    try:
        signed = (folder / "manifest.signature").read_text("utf-8").strip()
        sealed = (folder / "manifest.sha256").read_text("utf-8").strip()
        return bool(_signer().unsign(signed) == sealed)
    except (OSError, UnicodeDecodeError, BadSignature):
        return False


def end_of(manifest: dict[str, Any]) -> str:
    """Where the record of a backup ends, as ``restore --move`` wants it: its number and hash."""
    head = manifest["head"]
    return f"{head['sequence']}:{head['hash']}" if head else "0"


def _end(head: EventHead | None) -> dict[str, Any] | None:
    """Where a record ends; None where it holds no event."""
    return {"sequence": head.sequence, "hash": head.hash} if head and head.sequence else None


def _signer() -> Signer:
    return Signer(salt="education.management.backup")


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


def restore(
    folder: Path,
    *,
    replace: bool = False,
    end_expected: str = "",
    unsigned: bool = False,
    dry_run: bool = False,
) -> RestoreReport:
    """
    Put a backup in place of what is here: all of it or nothing; returns what was put back.

    Nothing is replaced before every file was verified, nor unless the whole is sound afterwards.
    What it brings back though it had ended since is held (``education.safety.restores``).
    ``end_expected`` is where the record is known to end (``end_of``): then nothing was lost and
    nothing is held. ``unsigned`` takes a backup that this site's key did not sign; its
    administrators and editors-in-chief are held. ``dry_run`` undoes everything at the end.

    Raises ``BackupError`` when it is damaged, of another schema, not signed, or when something is
    here already and ``replace`` was not said.
    """
    manifest = read_manifest(folder)
    if end_expected and not _ends_at(manifest, end_expected):
        raise BackupError(
            f"The record of this backup ends at {end_of(manifest)}, not at {end_expected}."
        )
    if not (unsigned or is_signed(folder)):
        raise BackupError(
            "The backup is not signed with this site’s SECRET_KEY (nor one of "
            "SECRET_KEY_FALLBACKS): it is of before backups were signed, of another key, or was "
            "edited. If you know where it comes from, say --unsigned; see first, with --dry-run, "
            "who would be administrator."
        )
    before = _make_room(replace=replace, dry_run=dry_run, move=bool(end_expected))
    if manifest["schema"] != _schema():
        raise BackupError(
            "The backup was made by another version: its schema is "
            f"{manifest['schema'][-1]}, here it is {_schema()[-1]}. Use that version, then upgrade."
        )
    try:
        with transaction.atomic():
            _put_back(folder, manifest)
            report = _hold(manifest, before, nothing_lost=bool(end_expected), unsigned=unsigned)
            if dry_run:
                raise _RolledBackError(report)
    except _RolledBackError as done:
        return done.report
    return report


def _ends_at(manifest: dict[str, Any], expected: str) -> bool:
    """Whether a backup's record ends where somebody says; a hash may be cut to 12 digits."""
    sequence, _, digits = expected.partition(":")
    number, _, hashed = end_of(manifest).partition(":")
    return sequence == number and hashed.startswith(digits) and (not hashed or len(digits) >= 12)


def _make_room(*, replace: bool, dry_run: bool, move: bool) -> SiteBefore | None:
    """
    What the site here says that is to be replaced; None where there is none or it can't be read.

    A broken SQLite file is moved aside, and an empty one made. To ``move`` a site the database
    must be empty: what had ended here since the backup would come back, and nothing be held.
    """
    why = why_unreadable()
    if why and move:
        raise BackupError(f"{why} --move is for an empty database; leave it out.")
    if why:
        if not replace or dry_run:
            raise BackupError(f"{why} Say --replace to restore beside it.")
        move_aside()
        call_command("migrate", verbosity=0)
        return None
    try:
        before = before_restore()
    except DatabaseError as error:  # of another version: then the schema tells
        raise BackupError(
            f"The database here can’t be read ({type(error).__name__}). Run migrate first."
        ) from error
    if before and move:
        raise BackupError("There is a site here already; --move is for an empty database.")
    if before and not (replace or dry_run):
        raise BackupError("There is a site here already. Say --replace to lose it.")
    return before


def _put_back(folder: Path, manifest: dict[str, Any]) -> None:
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
    rebuild_desk()
    problems = list(integrity_problems())
    head = EventHead.objects.filter(pk=1).first()
    if _end(head) != _end(EventHead(**manifest["head"]) if manifest["head"] else None):
        problems.append("The record does not end where the backup says.")
    if problems:
        raise BackupError(f"Nothing was restored: {' '.join(problems[:5])}")


def _hold(
    manifest: dict[str, Any], before: SiteBefore | None, *, nothing_lost: bool, unsigned: bool
) -> RestoreReport:
    administrators = User.objects.filter(is_superuser=True, is_active=True).order_by("username")
    names = list(administrators.values_list("username", flat=True))
    powerful = User.objects.filter(POWERFUL, is_active=True).distinct()
    known = {
        pk
        for pk, was in (before.accounts if before else {}).items()
        if was.rights & {"is_superuser", Role.EDITOR_IN_CHIEF.label}
    }
    strangers = powerful.exclude(pk__in=known) if unsigned else powerful.none()
    returned = hold_after_restore(
        before,
        nothing_lost=nothing_lost,
        backup={"made_at": manifest["made_at"], "end": end_of(manifest), "signed": not unsigned},
        strangers=set(strangers.values_list("username", flat=True)),
    )
    return RestoreReport(manifest, returned.lines, returned.carried_over, names)


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
    rows_of_model = model._base_manager.order_by("pk").iterator(chunk_size=BATCH)
    serializer = rows.Serializer()
    with path.open("wb") as file:
        for row in rows_of_model:
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
