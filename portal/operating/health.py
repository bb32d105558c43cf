"""Whether the site can serve, and what an operator should look at."""

import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import django
from django.conf import settings
from django.db import DatabaseError, OperationalError, ProgrammingError, connection, transaction
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
    database = _database()
    findings = [database, _disk()]
    if database.ok:
        findings += [
            _looked(look)
            for look in (
                _migrations, _writing, _triggers, _clock, _mail, _test_mail, _bounces, _held
            )
        ]  # fmt: skip
        findings += [*_timers(), _versions()]
    return findings


def is_ready() -> tuple[bool, list[HealthCheck]]:
    """Whether requests may be sent here, and why not; asks only for what must be."""
    findings = [_database(), _disk()]
    if findings[0].ok:
        findings.append(_looked(_migrations))
    return all(finding.ok for finding in findings), findings


def _looked(look: Callable[[], HealthCheck]) -> HealthCheck:
    try:
        return look()
    except DatabaseError as error:
        return HealthCheck(look.__name__.strip("_"), ok=False, reason=type(error).__name__)


def _database() -> HealthCheck:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        # A broken file answers, until one of its broken pages is read.
        Event.objects.order_by("-sequence").first()
        Publication.objects.defer(None).order_by("-pk").first()
    except OperationalError as error:
        if "no such table" not in str(error):  # not migrated yet: the next check says so
            return _database_failed(error)
    except ProgrammingError:
        pass  # the same on PostgreSQL
    except DatabaseError as error:
        return _database_failed(error)
    return HealthCheck("database", ok=True, reason="It answers.")


def _database_failed(error: DatabaseError) -> HealthCheck:
    first = str(error).strip().partition("\n")[0]
    broken = first if connection.vendor == "sqlite" else ""
    reason = f"It does not answer: {type(error).__name__}."
    return HealthCheck("database", ok=False, reason=f"{reason} {broken}".strip())


def _disk() -> HealthCheck:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < LEAST_FREE:
        return HealthCheck("disk", ok=False, reason=f"Only {free // 1024**2} MB are free.")
    try:
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
            file.write(b"written")
    except OSError as error:
        return HealthCheck("disk", ok=False, reason=f"Nothing can be written: {error.strerror}.")
    return HealthCheck("disk", ok=True, reason=f"{free // 1024**2} MB are free.")


def _migrations() -> HealthCheck:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return HealthCheck(
            "migrations", ok=False, reason=f"{len(waiting)} wait: run manage.py migrate."
        )
    return HealthCheck("migrations", ok=True, reason="The database is up to date.")


def _writing() -> HealthCheck:
    """A database that only gives: a standby, one set to read only, one whose file is."""
    try:
        with transaction.atomic():
            JobRun.objects.filter(name="").update(failure="")  # no row has no name
    except DatabaseError as error:
        return HealthCheck(
            "writing",
            ok=False,
            must=False,
            reason=f"The database takes nothing: {type(error).__name__}. Readers read; the desk "
            "gives back what is typed.",
        )
    return HealthCheck("writing", ok=True, must=False, reason="The database takes what is written.")


def _triggers() -> HealthCheck:
    missing = triggers.missing(connection)
    if missing:
        names = ", ".join(missing)
        return HealthCheck(
            "triggers",
            ok=False,
            must=False,
            reason=f"Not there: {names}. Run manage.py migrate, then verify_audit.",
        )
    return HealthCheck("triggers", ok=True, must=False, reason="The database guards the record.")


def _clock() -> HealthCheck:
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
        return HealthCheck(
            "clock",
            ok=False,
            must=False,
            reason=f"It is {apart} behind the record, or the record was written while it was "
            "ahead. Set it right; then read on in docs/faults.md.",
        )
    return HealthCheck("clock", ok=True, must=False, reason="It agrees with the record.")


def _mail() -> HealthCheck:
    failed = Message.objects.filter(sent_at=None, attempts__gt=0).count()
    reason = f"{failed} mails failed and wait." if failed else "No mail waits."
    return HealthCheck("mail", ok=not failed, must=False, reason=reason)


def _test_mail() -> HealthCheck:
    """Whether somebody saw a mail arrive that was sent as mail is sent now."""
    arrives, sentence = state_of_mail()
    return HealthCheck("test_mail", ok=arrives, must=False, reason=sentence)


def _bounces() -> HealthCheck:
    """Addresses of people and clinics whose mail comes back."""
    number = len(bounces())
    some = f"Mail to {number} address{'' if number == 1 else 'es'} comes back."
    reason = some if number else "No mail comes back."
    return HealthCheck("bounces", ok=not number, must=False, reason=reason)


def _held() -> HealthCheck:
    """Pages and accounts that a restore brought back and nobody has settled."""
    waiting = RestoreHold.objects.waiting().count()
    reason = (
        f"{waiting} pages and accounts wait after a restore." if waiting else "Nothing is held."
    )
    return HealthCheck("held", ok=not waiting, must=False, reason=reason)


def _versions() -> HealthCheck:
    """Which versions run; whoever asks for help is asked for them."""
    version = ".".join(map(str, connection.get_database_version()))
    versions = f"Python {platform.python_version()}, Django {django.get_version()}"
    reason = f"{versions}, {connection.display_name} {version}."
    return HealthCheck("versions", ok=True, must=False, reason=reason)


def _timers() -> Iterator[HealthCheck]:
    """When each command of the timers last came to its end."""
    now = timezone.now()
    ended = {run.name: run for run in JobRun.objects.all()}
    for name, limit in late_after().items():
        run = ended.get(name)
        if run is None:
            yield HealthCheck(name, ok=False, must=False, reason="It has never run here.")
        elif run.failure:
            yield HealthCheck(name, ok=False, must=False, reason=f"It failed: {run.failure}")
        else:
            late = now - run.ended_at > limit
            when = date_format(timezone.localtime(run.ended_at), "j F Y, H:i")
            yield HealthCheck(
                name,
                ok=not late,
                must=False,
                reason=f"Last run {when}{': too long ago' if late else ''}.",
            )
