"""What monitors and operators are told."""

import datetime
import json
import logging
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from django.utils import timezone
from pythonjsonlogger.json import JsonFormatter

from education.audit import triggers
from education.audit.models import Event, JobRun
from education.people.mail_check import confirm_test_mail, send_test_mail
from education.people.models import MailTest, Message, Role
from portal.operating import health
from portal.operating.logs import RequestName
from tests.factories import make_editor, make_person, make_publication, make_writer

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def failing():
    return {finding.name for finding in health.run_health_checks() if not finding.ok}


def run_all_timers():
    for name in health.late_after():
        JobRun.objects.update_or_create(name=name, defaults={"ended_at": timezone.now()})
    send_test_mail("keeper@example.org")
    confirm_test_mail(MailTest.objects.get().code)


def test_a_live_process_says_so_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/health/live")

    assert response.content == b"live\n"
    assert "no-store" in response["Cache-Control"]


def test_a_ready_site_says_what_it_looked_at(client):
    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json()["checks"].keys() == {"database", "disk", "migrations"}


def test_a_site_without_its_database_is_not_ready_and_says_why(client, monkeypatch):
    def away(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", away)
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert "does not answer" in response.json()["checks"]["database"]["reason"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_nothing_is_noticed_and_readers_are_still_sent_here(client):
    run_all_timers()
    only_reads, again = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": (
            "SET default_transaction_read_only = on", "SET default_transaction_read_only = off",
        ),
    }[connection.vendor]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(only_reads)
        try:
            assert failing() == {"writing"}
            assert client.get("/health/ready").status_code == 200
        finally:
            cursor.execute(again)

    assert failing() == set()


def test_a_site_on_a_full_disk_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE", 2**62)

    assert client.get("/health/ready").status_code == 503


def test_a_database_that_is_behind_its_code_is_not_ready(client):
    MigrationRecorder.Migration.objects.filter(app="education").latest("name").delete()

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"]["reason"].startswith("1 wait")


def test_a_well_run_site_has_nothing_to_look_at():
    run_all_timers()

    assert failing() == set()


def test_a_trigger_that_is_gone_is_noticed():
    run_all_timers()
    with connection.cursor() as cursor:
        for statement in triggers.TRIGGERS[0].drop(connection.vendor):
            cursor.execute(statement)

    assert failing() == {"triggers"}


def test_a_clock_behind_the_record_is_noticed():
    run_all_timers()
    make_publication()
    last = Event.objects.order_by("-sequence").first()
    later = Event(
        sequence=last.sequence + 1,
        at=timezone.now() + datetime.timedelta(hours=1),
        by_name="command",
        action="x",
        previous_hash=last.hash,
        hash="f" * 64,
    )
    later.save(force_insert=True)

    assert failing() == {"clock"}


def test_mail_that_failed_is_noticed():
    run_all_timers()
    Message.objects.create(to=make_writer(), subject="x", body="x", attempts=1)

    assert failing() == {"mail"}


def test_a_command_of_the_timers_is_missed_when_it_is_late_or_failed():
    assert failing() == {*health.late_after(), "test_mail"}  # a new site
    call_command("send_reminders", verbosity=0)
    assert "send_reminders" not in failing()

    JobRun.objects.update(ended_at=timezone.now() - datetime.timedelta(days=30))
    assert "send_reminders" in failing()


def test_a_failed_command_leaves_its_reason(monkeypatch):
    make_publication()
    triggers.remove(connection)
    Event.objects.filter(sequence=1).update(action="altered")

    with pytest.raises(CommandError):
        call_command("verify_audit")

    assert JobRun.objects.get(name="verify_audit").failure == "1 found."


def test_numbers_are_for_who_holds_the_token(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "a-secret"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 404

    make_publication()
    response = client.get("/metrics", headers={"Authorization": "Bearer a-secret"})

    assert response.status_code == 200
    told = response.content.decode()
    assert 'portal_publications{due="current"} 1.0' in told
    assert 'portal_healthy{check="database"} 1.0' in told


def test_numbers_say_that_the_database_is_away(client, settings, monkeypatch):
    settings.METRICS_TOKEN = "secret"

    def away(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", away)
    answer = client.get("/metrics", headers={"Authorization": "Bearer secret"})

    assert answer.status_code == 200
    assert 'portal_healthy{check="database"} 0.0' in answer.content.decode()
    assert "portal_events" not in answer.content.decode()


@pytest.mark.parametrize(
    ("make", "status"),
    [(make_editor, 200), (lambda: make_person(Role.AUDITOR), 200), (make_person, 403)],
)
def test_the_status_page_is_for_editors(client, make, status):
    client.force_login(make())
    assert client.get(reverse("admin:status")).status_code == status


def test_a_request_is_named_in_its_answer(client):
    given = client.get("/", headers={"X-Request-ID": "proxy-0123456789"})
    ours = client.get("/", headers={"X-Request-ID": "x\n<script>"})

    assert given["X-Request-ID"] == "proxy-0123456789"
    assert len(ours["X-Request-ID"]) == 32


def test_a_line_of_the_log_is_json_with_the_request_and_no_reader(client, settings):
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    options = {**settings.LOGGING["formatters"]["json"]}
    del options["()"]
    handler.setFormatter(JsonFormatter(options.pop("format"), **options))
    handler.addFilter(RequestName())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        client.post(
            "/nowhere/?q=cord-blood",
            {"password": "hunter2"},
            headers={"X-Request-ID": "proxy-0123456789"},
            REMOTE_ADDR="203.0.113.9",
        )
    finally:
        logger.removeHandler(handler)

    said = lines.getvalue()
    assert json.loads(said)["request_id"] == "proxy-0123456789"
    assert "203.0.113.9" not in said
    assert "hunter2" not in said
    assert "cord-blood" not in said
