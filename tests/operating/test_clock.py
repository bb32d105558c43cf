"""A clock that jumps, back or forward, loses nothing and opens nothing."""

import datetime
import time
from io import StringIO

import pytest
from django.core import signing
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp

from education.accounts.operations import note_failure, wait_for
from education.accounts.rules import FREE_OF_NAME_AND_PLACE, LONGEST_WAIT
from education.articles.active_editors import others_writing, seen_writing
from education.audit.models import Event, JobRun
from education.audit.operations import broken_links, events_dated_backwards, record, record_job_run
from education.evidence.rules import retracted_keys
from education.feedback.models import Report
from education.feedback.operations import answer_report
from education.handouts.copy_check import State, check
from education.handouts.operations import print_copy
from education.public.form_protection import StampedForm, stamp
from education.publishing.models import Publication
from education.publishing.operations import (
    MayNotWithdrawError,
    cancel_schedule,
    publish,
    withdraw,
)
from education.safety.notes import approve_note, notes_above, write_note
from education.safety.operations import record_status
from portal.operating.health import run_health_checks
from tests.accounts.test_signing_in import DESK, STEP, code_of, password, with_telephone
from tests.cache.test_store import START, Site
from tests.factories import (
    make_approved_revision,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_person,
    make_publication,
    make_revision,
)
from tests.feedback.reports import make_report
from tests.handouts.clinics import make_clinic_person

pytestmark = pytest.mark.django_db

HOUR, DAY, YEAR = (datetime.timedelta(**by) for by in ({"hours": 1}, {"days": 1}, {"days": 365}))
JUMPS = [HOUR, DAY, YEAR]


class Clock:
    """The system's clock, as Django and Python ask for it; ``jump`` sets it."""

    def __init__(self, monkeypatch):
        self.ahead = datetime.timedelta(0)
        now, seconds = timezone.now, time.time
        monkeypatch.setattr(timezone, "now", lambda: now() + self.ahead)
        monkeypatch.setattr(time, "time", lambda: seconds() + self.ahead.total_seconds())

    def jump(self, by):
        self.ahead += by


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def said_of_clock():
    return next(finding for finding in run_health_checks() if finding.name == "clock")


# Sign-ins


@pytest.mark.parametrize("jump", JUMPS)
def test_a_sign_in_made_while_the_clock_was_ahead_ends_when_it_is_set_right(clock, client, jump):
    clock.jump(jump)
    person = make_editor()
    password(client, person)
    assert client.get(DESK).status_code == 200

    clock.jump(-jump)
    assert client.get(DESK).status_code == 302
    assert password(client, person).status_code == 302
    assert client.get(DESK).status_code == 200


@pytest.mark.parametrize("jump", [DAY, YEAR])
def test_a_clock_that_leaps_forward_ends_sign_ins_and_no_more(clock, client, jump):
    person = make_editor()
    password(client, person)
    clock.jump(jump)
    assert client.get(DESK).status_code == 302
    password(client, person)
    assert client.get(DESK).status_code == 200


@pytest.mark.parametrize("jump", JUMPS)
def test_a_fresh_proof_of_the_future_is_none(clock, client, jump):
    revision, person = make_approved_revision(), make_editor()
    clock.jump(jump)
    password(client, person)
    session = client.session
    clock.jump(-jump)
    now = time.time()
    session.update({"began": now, "seen": now})  # only the proof is of the future
    session.save()

    asked = client.post(reverse("admin:education_revision_publish", args=[revision.pk]), {})
    assert "Is it still you?" in asked.content.decode()
    assert not Publication.objects.exists()


@pytest.mark.parametrize("jump", JUMPS)
def test_nobody_waits_until_a_wrong_moment_returns(clock, jump):
    clock.jump(jump)
    for _ in range(FREE_OF_NAME_AND_PLACE + 20):
        note_failure("editor", "192.0.2.1")
    clock.jump(-jump)

    assert datetime.timedelta(0) < wait_for("editor", "192.0.2.1") <= LONGEST_WAIT
    clock.jump(LONGEST_WAIT + datetime.timedelta(seconds=1))
    assert wait_for("editor", "192.0.2.1") == datetime.timedelta(0)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_code_that_was_used_opens_nothing_when_its_half_minute_returns(
    clock, client, settings, jump
):
    settings.SECOND_FACTOR = True
    person = make_editor()
    device, codes = with_telephone(person)
    used = code_of(device)
    password(client, person)
    client.post(STEP, {"code": used})
    assert client.get(DESK).status_code == 200

    clock.jump(jump)
    clock.jump(-jump)
    thief = Client()
    password(thief, person)
    thief.post(STEP, {"code": used})
    assert thief.get(DESK).status_code == 302

    # While the clock is wrong, a telephone's code is refused, and one on paper opens.
    clock.jump(-jump)
    late = Client()
    password(late, person)
    late.post(STEP, {"code": f"{totp(bytes.fromhex(device.key)):06d}"})
    assert late.get(DESK).status_code == 302
    late.post(STEP, {"code": codes[0]})
    assert late.get(DESK).status_code == 200


# Readers' forms


@pytest.mark.parametrize("jump", JUMPS)
def test_a_form_given_out_while_the_clock_was_ahead_is_sent_at_the_second_try(clock, jump):
    clock.jump(jump)
    stamped = stamp("page")
    clock.jump(-jump)
    form = StampedForm({"stamp": stamped, "website": ""})
    assert not form.is_valid()
    assert "The clock of this site was set" in str(form.non_field_errors())

    form.renew("page")
    clock.jump(datetime.timedelta(seconds=5))
    again = StampedForm({"stamp": form.data["stamp"], "website": ""})
    assert again.is_valid()
    assert again.subject == "page"


@pytest.mark.parametrize("jump", [DAY + HOUR, YEAR])
def test_a_form_from_before_the_clock_leapt_is_sent_at_the_second_try(clock, jump):
    form = StampedForm({"stamp": stamp("page"), "website": ""})
    clock.jump(jump)
    assert not form.is_valid()
    form.renew("page")
    clock.jump(datetime.timedelta(seconds=5))
    assert StampedForm({"stamp": form.data["stamp"], "website": ""}).is_valid()


def test_a_stamp_that_is_not_ours_is_no_matter_of_clocks():
    ahead = signing.TimestampSigner(salt="another").sign_object(["page", "x"])
    for stamped in (ahead, "x", "x:y:z", f"{stamp('page')}x"):
        form = StampedForm({"stamp": stamped, "website": ""})
        assert not form.is_valid()
        assert "We did not give out this form" in str(form.non_field_errors())


@pytest.mark.parametrize("jump", JUMPS)
def test_reports_of_a_wrong_moment_do_not_count_against_those_of_today(clock, jump, monkeypatch):
    publication = make_publication()
    monkeypatch.setattr("education.feedback.operations.MOST_REPORTS_OF_ALL", 1)
    clock.jump(jump)
    make_report(publication)
    clock.jump(-jump)
    make_report(publication)
    assert Report.objects.count() == 2


# Pages from memory


@pytest.mark.parametrize("jump", JUMPS)
def test_a_kept_page_is_made_anew_when_the_clock_is_set_back(jump):
    site = Site()
    site.get()
    site.body, site.now = (
        b"<html><body><main>New</main></body></html>",
        (START - jump.total_seconds()),
    )
    assert b"New" in site.get()[2]
    assert site.asked == 2
    site.now -= jump.total_seconds()
    site.is_away = True
    assert site.get()[0].startswith("503")


# What readers see


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_is_behind_takes_no_page_and_brings_no_old_one_back(clock, client, jump):
    first = make_publication(article=make_article(slug="page"))
    second = make_next_publication(first)
    gone = make_next_publication(make_publication(article=make_article(slug="gone")))
    withdraw(publication=gone, by=make_editor(), reason="It was wrong.")
    clock.jump(-jump)

    assert Publication.objects.current().get() == second
    assert not Publication.objects.scheduled().exists()
    assert client.get("/articles/page/").status_code == 200
    assert "It was wrong." in client.get("/articles/gone/").content.decode()
    with pytest.raises(MayNotWithdrawError, match="live already"):
        cancel_schedule(publication=second, by=make_editor(), reason="No.")
    withdraw(publication=second, by=make_editor(), reason="Wrong too.")
    assert not Publication.objects.current().exists()


@pytest.mark.parametrize("jump", JUMPS)
def test_a_withdrawn_copy_that_was_scheduled_brings_no_old_one_back(clock, jump):
    first = make_publication(article=make_article(slug="page"))
    revision = make_approved_revision(
        article=first.revision.article,
        draft=make_draft(make_item().key, what_changed="Better."),
    )
    second = publish(revision=revision, by=make_editor(), goes_live_at=timezone.now() + HOUR)
    assert Publication.objects.current().get() == first
    clock.jump(2 * HOUR)
    assert Publication.objects.current().get() == second
    withdraw(publication=second, by=make_editor(), reason="It was wrong.")
    clock.jump(-2 * HOUR - jump)
    assert not Publication.objects.current().exists()


@pytest.mark.parametrize("jump", JUMPS)
def test_what_was_published_while_the_clock_was_ahead_stays_and_what_waits_waits(clock, jump):
    waiting = publish(
        revision=make_approved_revision(), by=make_editor(), goes_live_at=timezone.now() + 60 * DAY
    )
    clock.jump(jump)
    publication = make_publication()
    clock.jump(-jump)

    assert Publication.objects.current().get() == publication
    assert Publication.objects.scheduled().get() == waiting


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_is_behind_hides_no_retraction_no_note_and_no_recall(clock, jump):
    item = make_item("falls2020")
    publication = make_publication(article=make_article(slug="page"), draft=make_draft(item.key))
    person = make_clinic_person()
    copy = print_copy(clinic=person.clinic_staff.clinic, by=person, slug="page")
    note = write_note(slug="page", text="Read this first.", by=make_editor())
    approve_note(note=note, by=make_medical_reviewer())
    record_status(
        item=item, status="retracted", occurred_on=publication.reviewed_on, reason="Invented.",
        by=make_editor(),
    )  # fmt: skip
    assert check(copy.code).state == State.DO_NOT_USE
    clock.jump(-jump)

    assert retracted_keys() == {"falls2020"}
    assert [each.text for each in notes_above("page")] == ["Read this first."]
    assert check(copy.code).state == State.DO_NOT_USE


# The record


@pytest.mark.parametrize("jump", JUMPS)
def test_the_record_goes_on_in_order_and_says_that_the_clock_was_set_back(clock, client, jump):
    clock.jump(jump)
    make_publication()
    before = Event.objects.count()
    assert said_of_clock().ok is (connection.vendor == "sqlite")  # a server has its own clock
    clock.jump(-jump)
    behind = said_of_clock()
    assert not behind.ok
    assert "ahead" in behind.reason

    person = make_person()
    record("person.changed", person, by=person)
    assert Event.objects.count() == before + 1
    assert not list(broken_links())
    (told,) = events_dated_backwards()
    assert f"Event {before + 1} is dated" in told
    said = StringIO()
    call_command("verify_audit", stdout=said)
    assert told in said.getvalue()
    assert "are whole" in said.getvalue()


def test_a_run_of_a_timer_ahead_of_now_is_noticed_without_any_event(clock):
    clock.jump(DAY)
    record_job_run("send_mail_queue")
    clock.jump(-DAY)
    assert not said_of_clock().ok
    record_job_run("send_mail_queue")
    assert said_of_clock().ok


# Timers


def test_what_deletes_by_the_date_refuses_after_a_leap_until_somebody_looked(clock):
    report = make_report(make_publication(), words="It is wrong.")
    answer_report(report=report, words="Yes.", by=make_editor(), outcome="changed")
    call_command("forget", verbosity=0)
    clock.jump(YEAR + DAY)
    for _ in range(2):  # the second night no more than the first
        for name in ("forget", "send_reminders"):
            JobRun.objects.get_or_create(
                name=name, defaults={"ended_at": timezone.now() - YEAR - DAY}
            )
            with pytest.raises(CommandError, match="If the clock is right"):
                call_command(name)
    report.refresh_from_db()
    assert report.words
    failed = {finding.name: finding.reason for finding in run_health_checks() if not finding.ok}
    assert "--the-clock-is-right" in failed["forget"]

    call_command("forget", the_clock_is_right=True, verbosity=0)
    call_command("forget", verbosity=0)
    report.refresh_from_db()
    assert report.words == ""


@pytest.mark.parametrize("jump", JUMPS)
def test_who_wrote_while_the_clock_was_ahead_is_not_shown_as_writing(clock, jump):
    revision, person = make_revision(), make_editor()
    clock.jump(jump)
    seen_writing(revision, person)
    assert others_writing(revision, make_editor()) == [person]
    clock.jump(-jump)
    assert others_writing(revision, make_editor()) == []
