"""The database away, slow, full or read-only: the desk says so and gives back what was typed."""

import time

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.utils import InternalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Revision
from education.audit.models import EventHead
from education.feedback.models import Report
from education.people.models import Message
from education.review.assignments import assign_reviewer
from education.review.models import Assignment
from portal.database import LimitedConnection, limit_waiting
from portal.operating.failing import failed, remembers_what_was_done
from tests.factories import (
    make_article,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_writer,
)
from tests.public.test_reporting import FROM_HERE, told

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

FAULTS = {
    "away": OperationalError("connection refused"),
    "read-only": InternalError("cannot execute INSERT in a read-only transaction"),
    "full": OperationalError("database or disk is full"),
    "slow": OperationalError("database is locked"),
}
WORDS = "What I wrote in an hour, about children & <their> parents: it must not be lost. "


class Fails:
    """Fails each statement that writes, or each at all."""

    def __init__(self, fault, everything=False):
        self.fault, self.everything = fault, everything

    def __call__(self, execute, sql, params, many, context):
        if self.everything or sql.split(None, 1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            raise self.fault
        return execute(sql, params, many, context)


def client_of(person):
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


@pytest.mark.parametrize("name", FAULTS)
def test_a_draft_that_cannot_be_saved_is_given_back(name):
    writer = make_writer()
    revision = make_revision(by=writer)
    client, before = client_of(writer), EventHead.objects.get().sequence
    address = reverse("admin:education_revision_submit", args=[revision.pk])

    with connection.execute_wrapper(Fails(FAULTS[name])):
        answer = client.post(address, {"body": WORDS, "title": "Short", "password": "secret-1"})

    html = answer.content.decode()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "nothing was saved" in html
    assert "about children &amp; &lt;their&gt; parents" in html
    assert 'name="title" value="Short"' in html
    assert "secret-1" not in html
    assert Revision.objects.get(pk=revision.pk).state == "draft"
    assert EventHead.objects.get().sequence == before


def test_with_the_database_away_altogether_words_come_back_too():
    writer = make_writer()
    revision, client = make_revision(by=writer), client_of(writer)
    address = reverse("admin:education_revision_submit", args=[revision.pk])

    with connection.execute_wrapper(Fails(FAULTS["away"], everything=True)):
        posted = client.post(address, {"body": WORDS})
        read = client.get(address)

    assert posted.status_code == read.status_code == 503
    assert "&lt;their&gt; parents" in posted.content.decode()
    assert "Nothing is lost" in read.content.decode()


def test_what_a_step_said_before_it_failed_is_not_shown_later(client):
    client.force_login(make_person(is_superuser=True))
    client.raise_request_exception = False
    form = {"username": "newcomer", "display_name": "Newcomer", "email": "new@portal.example"}
    form |= {"password1": "", "password2": "", "usable_password": "false"}
    form |= {"conflicts-TOTAL_FORMS": 0, "conflicts-INITIAL_FORMS": 0}

    def late(execute, sql, params, many, context):
        if "person.changed" in (params or ()):  # the last event of the step
            raise FAULTS["full"]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(late):
        answer = client.post(reverse("admin:education_user_add"), form)

    assert answer.status_code == 503
    assert "Newcomer" not in client.get(reverse("admin:education_user_changelist")).content.decode()


REALLY = {
    ("sqlite", "read-only"): ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    ("sqlite", "full"): ("VACUUM; PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823"),
    ("postgresql", "read-only"): (
        "SET default_transaction_read_only = on", "SET default_transaction_read_only = off",
    ),
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["read-only", "full"])
def test_a_database_that_really_takes_nothing_leaves_nothing_half_done(fault):
    """As above, but the database itself refuses; SQLite's file may grow no further."""
    statements = REALLY.get((connection.vendor, fault))
    if statements is None:
        pytest.skip("a full disk of PostgreSQL can't be made here")
    writer = make_writer()
    revision, client, before = make_revision(by=writer), client_of(writer), _head()
    address = reverse("admin:education_revision_change", args=[revision.pk])
    form = text_of(revision, WORDS * 2_000)

    with connection.cursor() as cursor:
        for statement in statements[0].split("; "):
            cursor.execute(statement)
        try:
            answer = client.post(address, form)
        finally:
            cursor.execute(statements[1])

    assert answer.status_code == 503
    assert "about children &amp; &lt;their&gt; parents" in answer.content.decode()
    assert Revision.objects.get(pk=revision.pk).body == revision.body
    assert _head() == before
    call_command("check_integrity", verbosity=0)
    assert client.post(address, form).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's locks")
def test_a_lock_that_is_never_given_back_is_not_waited_for():
    writer = make_writer()
    revision, client = make_revision(by=writer), client_of(writer)
    address, before = reverse("admin:education_revision_submit", args=[revision.pk]), _head()
    stuck = connection.copy()
    try:
        with stuck.cursor() as other, connection.cursor() as cursor:
            other.execute("BEGIN")
            other.execute("SELECT 1 FROM education_eventhead FOR UPDATE")
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("20s",)
            cursor.execute("SET lock_timeout = '50ms'")

            answer = client.post(address, {"body": WORDS})
    finally:
        stuck.close()
        connection.close()

    assert answer.status_code == 503
    assert "nothing was saved" in answer.content.decode()
    assert _head() == before


AT_COMMIT = """
    CREATE FUNCTION wait_for_others() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER waits AFTER UPDATE ON education_revision
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_others()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to wait for")
def test_what_may_have_been_saved_is_not_said_to_be_lost(monkeypatch):
    """The server does not say in time that it committed; then it does commit."""
    writer = make_writer()
    revision, client = make_revision(by=writer), client_of(writer)
    form = text_of(revision, WORDS)
    address = reverse("admin:education_revision_change", args=[revision.pk])
    monkeypatch.setattr(LimitedConnection, "seconds", 3)
    limit_waiting(None, connection)
    other = connection.copy()
    try:
        with connection.cursor() as cursor, other.cursor() as holding:
            cursor.execute(AT_COMMIT)
            holding.execute("SELECT pg_advisory_lock(1)")
            answer = client.post(address, form)
    finally:
        other.close()

    assert answer.status_code == 503
    assert "isn’t known whether this was saved" in answer.content.decode()
    assert "nothing was saved" not in answer.content.decode()
    assert "about children &amp; &lt;their&gt; parents" in answer.content.decode()
    until = time.monotonic() + 60
    while Revision.objects.get(pk=revision.pk).body == revision.body:
        assert time.monotonic() < until
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION wait_for_others CASCADE")


@pytest.mark.django_db(transaction=True)
def test_what_was_done_before_the_database_went_is_not_said_to_be_lost(rf):
    def view(request):
        make_writer()
        if request.POST["step"]:
            make_revision()
        try:
            raise FAULTS["away"]
        except OperationalError:
            return failed(request)

    def told(step):
        request = rf.post("/", {"step": step, "body": WORDS})
        return remembers_what_was_done(view)(request).content.decode()

    assert "isn’t known whether this was saved" in told("yes")
    assert "nothing was saved" in told("")


@pytest.mark.django_db(transaction=True)
def test_a_step_is_done_though_the_database_goes_before_its_mail():
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    revision, editor = make_revision_in_review(), make_editor()

    def goes_before_mail(execute, sql, params, many, context):
        if 'UPDATE "education_message"' in sql:
            raise FAULTS["away"]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(goes_before_mail):
        assign_reviewer(
            revision=revision, reviewer=reviewer, reviewed_as="medical",
            due_on=timezone.localdate(), by=editor,
        )  # fmt: skip

    assert Assignment.objects.filter(reviewer=reviewer).exists()
    assert Message.objects.get(to=reviewer).sent_at is None


def text_of(revision, body):
    """The form that saves a draft."""
    form = {"title": "x", "body": body, "expected_version": revision.version}
    return form | {"key_messages-TOTAL_FORMS": 0, "key_messages-INITIAL_FORMS": 0}


def _head():
    return EventHead.objects.get().sequence


def test_a_readers_report_comes_back_too():
    page = make_publication(article=make_article(slug="page"))
    client = Client(raise_request_exception=False)

    with connection.execute_wrapper(Fails(FAULTS["read-only"])):
        answer = client.post(
            reverse("report-page", args=["page"]),
            told(page, words=WORDS, section=""),
            **FROM_HERE,
        )

    assert answer.status_code == 503
    assert "&lt;their&gt; parents" in answer.content.decode()
    assert not Report.objects.exists()


def test_any_other_failure_is_ours(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("a fault of ours: secret-2")

    monkeypatch.setattr("education.public.views.trust.render", broken)
    answer = Client(raise_request_exception=False).get("/about/")

    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "secret-2" not in answer.content.decode()
