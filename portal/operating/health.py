"""Whether the site can serve, and what an operator should look at."""

import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import django
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.formats import date_format

from education.audit import triggers
from education.audit.models import Event, JobRun
from education.audit.operations import CLOCKS_DIFFER
from education.handouts.bounces import bounces
from education.management.scheduled_command import late_after
from education.people.mail_check import state_of_mail
from education.people.models import Message
from education.publishing.models import Publication, RestoreHold

# Below this no print, upload or backup can be trusted to be written whole.
LEAST_FREE = 200 * 1024 * 1024
# What to do where a check is not well; a timer's command has its name.
ADVICE = {
    "database": "Look at the database’s own log. A broken SQLite file: stop the site, then "
    "manage.py restore FOLDER --replace.",
    "disk": "Make room beside DATA_DIR: old backups and logs first.",
    "migrations": "Stop the site, then manage.py migrate.",
    "writing": "Look whether the database is a standby, set to read only, or its disk is full.",
    "triggers": "manage.py migrate, then manage.py verify_audit.",
    "mail": "manage.py send_test_mail YOU; then look at “Mail that was not sent” at the desk.",
    "test_mail": "manage.py send_test_mail YOU; then the code that arrives: under “Start the site” "
    "at the desk, or manage.py send_test_mail --arrived CODE.",
    "bounces": "“Mail that comes back”, under My work of administrators, names whose address it "
    "is: ask that person or clinic for another.",
    "held": "An editor-in-chief settles it at the desk; else manage.py confirm_restore.",
    "backup": "systemctl status portal-backup; look whether its folder is there and has room.",
    "rehearse_restore": "manage.py rehearse_restore /var/backups/portal, four times a year.",
    "check_certificate": "certbot renew, then systemctl reload nginx.",
    "watch_evidence": "Look whether this machine reaches PubMed, Crossref and ClinicalTrials.gov.",
    "check_evidence": "Look whether this machine reaches Crossref and PubMed.",
    "send_mail_queue": "systemctl status portal-mail.timer",
    "send_reminders": "systemctl status portal-reminders.timer",
    "verify_audit": "Read what it said: journalctl -u portal-job@verify_audit. Something altered: "
    "keep a copy of the database before anything else.",
    "forget": "systemctl status portal-forget.timer",
}


@dataclass(frozen=True)
class HealthCheck:
    """One thing that was looked at. Without ``must`` the site serves all the same."""

    name: str
    ok: bool
    reason: str
    must: bool = True

    @property
    def advice(self) -> str:
        """What to do where it is not well; empty where the reason says it."""
        return ADVICE.get(self.name, "")


def run_health_checks() -> list[HealthCheck]:
    """Everything we look at; after a database that does not answer, only what needs none."""
    database = _run(_database, must=True)
    results = [database, _run(_disk, must=True)]
    if database.ok:
        results.append(_run(_migrations, must=True))
        checks = (_writing, _triggers, _clock, _mail, _test_mail, _bounces, _held)
        results += [_run(check) for check in checks]
        results += [*_timers(), _run(_versions)]
    return results


def is_ready() -> tuple[bool, list[HealthCheck]]:
    """Whether requests may be sent here, and why not; asks only for what must be."""
    results = [_run(_database, must=True), _run(_disk, must=True)]
    if results[0].ok:
        results.append(_run(_migrations, must=True))
    return all(result.ok for result in results), results


def _run(check: Callable[[], tuple[bool, str]], *, must: bool = False) -> HealthCheck:
    """What a check below says: whether all is well, and the reason."""
    try:
        ok, reason = check()
    except DatabaseError as error:
        ok, reason = False, type(error).__name__
    return HealthCheck(check.__name__.strip("_"), ok=ok, reason=reason, must=must)


def _database() -> tuple[bool, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        # A broken file answers, until one of its broken pages is read.
        Event.objects.order_by("-sequence").first()
        Publication.objects.defer(None).order_by("-pk").first()
    except DatabaseError as error:
        # Not migrated yet, on SQLite or on PostgreSQL: the next check says so.
        if not isinstance(error, ProgrammingError) and "no such table" not in str(error):
            broken = str(error).strip().partition("\n")[0] if connection.vendor == "sqlite" else ""
            return False, f"It does not answer: {type(error).__name__}. {broken}".strip()
    return True, "It answers."


def _disk() -> tuple[bool, str]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < LEAST_FREE:
        return False, f"Only {free // 1024**2} MB are free."
    try:
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
            file.write(b"written")
    except OSError as error:
        return False, f"Nothing can be written: {error.strerror}."
    return True, f"{free // 1024**2} MB are free."


def _migrations() -> tuple[bool, str]:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return False, f"{waiting} wait: run manage.py migrate."
    return True, "The database is up to date."


def _writing() -> tuple[bool, str]:
    """A database that only gives: a standby, one set to read only, one whose file is."""
    try:
        with transaction.atomic():
            JobRun.objects.filter(name="").update(failure="")  # no row has no name
    except DatabaseError as error:
        return False, (
            f"The database takes nothing: {type(error).__name__}. Readers read; the desk "
            "gives back what is typed."
        )
    return True, "The database takes what is written."


def _triggers() -> tuple[bool, str]:
    missing = ", ".join(triggers.missing(connection))
    if missing:
        return False, f"Not there: {missing}. Run manage.py migrate, then verify_audit."
    return True, "The database guards the record."


def _clock() -> tuple[bool, str]:
    """The last event or run of a timer is newer than now, or the database is elsewhere in time."""
    now = timezone.now()
    newest = Event.objects.order_by("-sequence").values_list("at", flat=True).first()
    ran = JobRun.objects.order_by("-ended_at").values_list("ended_at", flat=True).first()
    apart = max(now, newest or now, ran or now) - now
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = max(apart, abs(cursor.fetchone()[0] - now))
    if apart > CLOCKS_DIFFER:
        about = timedelta(seconds=int(apart.total_seconds()))
        return False, (
            f"It is {about} behind the record, or the record was written while it was "
            "ahead. Set it right; then read on in docs/faults.md."
        )
    return True, "It agrees with the record."


def _mail() -> tuple[bool, str]:
    failed = Message.objects.filter(sent_at=None, attempts__gt=0).count()
    return not failed, f"{failed} mails failed and wait." if failed else "No mail waits."


def _test_mail() -> tuple[bool, str]:
    """Whether somebody saw a mail arrive that was sent as mail is sent now."""
    return state_of_mail()


def _bounces() -> tuple[bool, str]:
    """Addresses of people and clinics whose mail comes back."""
    number = len(bounces())
    some = f"Mail to {number} address{'' if number == 1 else 'es'} comes back."
    return not number, some if number else "No mail comes back."


def _held() -> tuple[bool, str]:
    """Pages and accounts that a restore brought back and nobody has settled."""
    held = RestoreHold.objects.waiting().count()
    some = f"{held} pages and accounts wait after a restore."
    return not held, some if held else "Nothing is held."


def _versions() -> tuple[bool, str]:
    """Which versions run; whoever asks for help is asked for them."""
    version = ".".join(map(str, connection.get_database_version()))
    versions = f"Python {platform.python_version()}, Django {django.get_version()}"
    return True, f"{versions}, {connection.display_name} {version}."


def _timers() -> Iterator[HealthCheck]:
    """When each command of the timers last came to its end."""
    now = timezone.now()
    ended = {run.name: run for run in JobRun.objects.all()}
    for name, limit in late_after().items():
        run = ended.get(name)
        ok = False
        if run is None:
            reason = "It has never run here."
        elif run.failure:
            reason = f"It failed: {run.failure}"
        else:
            ok = now - run.ended_at <= limit
            when = date_format(timezone.localtime(run.ended_at), "j F Y, H:i")
            reason = f"Last run {when}{'' if ok else ': too long ago'}."
        yield HealthCheck(name, ok=ok, reason=reason, must=False)
