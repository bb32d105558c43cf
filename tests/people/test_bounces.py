"""Mail that comes back is shown by person and clinic, and a test mail provably arrives."""

import mailbox
import re
import smtplib
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from education.people.bounces import GIVES_UP
from education.people.mail import notify, notify_mailbox
from education.people.models import BouncedAddress, MailTest, Message
from tests.factories import make_editor, make_person, make_writer
from tests.handouts.clinics import make_clinic_person

pytestmark = pytest.mark.django_db

MAIL = {"subject": "Hello", "text": "Please look.", "path": "/admin/"}
# As Postfix writes one; what it says of a stranger is not ours to keep.
REPORT = """\
From: MAILER-DAEMON@mail.example.org
To: portal@portal.example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="AA"

--AA
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--AA
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
Arrival-Date: Mon, 30 Nov 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown, a secret of theirs

Final-Recipient: rfc822; stranger@example.net
Action: failed
Status: 5.1.1

--AA
Content-Type: message/rfc822

Subject: A private subject

Private words.

--AA--
"""


def report(address="Writer@Example.org", action="failed", status="5.1.1"):
    return REPORT.format(address=address, action=action, status=status).encode()


# Parts in parts, deeper than a parser can follow.
IN_EACH_OTHER = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (depth, depth)
    for depth in range(1_000)
)


def hand_over(content, monkeypatch):
    """As a mail server does it that starts a command."""
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(content)))
    call_command("record_bounces", stdout=StringIO())


class RefusingBackend(EmailBackend):
    """A server that knows none of the addresses."""

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused(
            {address: (550, b"5.1.1 User unknown") for one in messages for address in one.to}
        )


@pytest.fixture
def send(django_capture_on_commit_callbacks, settings):
    """Write to people, through a server that takes it or not."""

    def written(*people, refused=False, to_mailbox=""):
        settings.EMAIL_BACKEND = (
            f"{__name__}.RefusingBackend"
            if refused
            else "django.core.mail.backends.locmem.EmailBackend"
        )
        with django_capture_on_commit_callbacks(execute=True):
            notify(people, **MAIL)
            if to_mailbox:
                notify_mailbox(to_mailbox, **MAIL)

    return written


def shown(client, person, address):
    client.force_login(person)
    return client.get(address).content.decode()


def test_an_address_that_is_refused_is_shown_to_those_who_can_correct_it(client, send):
    person = make_writer(email="writer@example.org", display_name="Test writer")
    send(person, refused=True)
    keeper = make_person(is_superuser=True)

    for address in (reverse("admin:education_user_change", args=[person.pk]), "/admin/"):
        page = shown(client, keeper, address)
        assert "Mail to writer@example.org came back" in page
        assert "code 5.1.1" in page
    assert "Mail to 1 address comes back" in shown(client, keeper, "/admin/status/")
    # The person is told too: no mail could tell them.
    assert "Mail to writer@example.org came back" in shown(client, person, "/admin/")
    assert "came back" not in shown(client, make_writer(), "/admin/")


def test_the_next_mail_that_is_taken_ends_it_and_so_does_another_address(client, send):
    person = make_writer(email="writer@example.org")
    send(person, refused=True)
    send(person)
    assert not BouncedAddress.objects.exists()

    send(person, refused=True)
    person.email = "other@example.org"
    person.save()
    assert "came back" not in shown(client, make_person(is_superuser=True), "/admin/")
    call_command("forget", stdout=StringIO())
    assert not BouncedAddress.objects.exists()


@pytest.mark.parametrize("answer", [(450, b"4.2.0 Come again"), (554, b"5.7.1 Relay denied")])
def test_a_server_that_is_busy_or_away_says_nothing_of_the_address(
    send, settings, monkeypatch, answer
):
    busy = smtplib.SMTPRecipientsRefused({"writer@example.org": answer})

    def refuse(*_args):
        raise busy

    monkeypatch.setattr(RefusingBackend, "send_messages", refuse)
    send(make_writer(email="writer@example.org"), refused=True)

    assert not BouncedAddress.objects.exists()
    assert Message.objects.get().error


def test_of_a_report_only_our_address_day_and_code_are_kept(client, monkeypatch):
    make_writer(email="writer@example.org")

    hand_over(report(), monkeypatch)

    row = BouncedAddress.objects.get()
    assert (row.address, row.status) == ("writer@example.org", "5.1.1")
    assert row.is_reported
    values = {str(value) for value in BouncedAddress.objects.values_list().get()}
    assert not any("secret" in value or "private" in value.lower() for value in values)


@pytest.mark.parametrize(
    "content",
    [
        report(action="delayed", status="4.4.1"),
        report(address="nobody@example.org"),
        b"Subject: I am away\n\nUntil Monday.",
        b"",
        report()[:400],
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status",
        bytes(range(256)),
        IN_EACH_OTHER,
        report(address="nobody\0@example.org"),
    ],
    ids=[
        "delayed",
        "a stranger",
        "a reply",
        "nothing",
        "cut off",
        "no fields",
        "noise",
        "deep",
        "NUL",
    ],
)
def test_what_is_no_failure_of_ours_changes_nothing(content, monkeypatch):
    make_writer(email="writer@example.org")

    hand_over(content, monkeypatch)

    assert not BouncedAddress.objects.exists()


def test_after_a_report_a_mail_that_is_taken_has_not_arrived_yet(client, send, monkeypatch):
    person = make_writer(email="writer@example.org")
    hand_over(report(), monkeypatch)

    send(person)
    keeper = make_person(is_superuser=True)
    assert "has not come back so far" in shown(client, keeper, "/admin/")

    hand_over(report(), monkeypatch)
    assert "has not come back so far" not in shown(client, keeper, "/admin/")

    send(person)
    long_ago = timezone.now() - GIVES_UP - timezone.timedelta(minutes=1)
    BouncedAddress.objects.update(resent_at=long_ago)
    call_command("forget", stdout=StringIO())
    assert not BouncedAddress.objects.exists()


def test_a_clinic_sees_at_its_desk_that_its_mailbox_takes_no_recalls(client, send):
    person = make_clinic_person(email="nurse@example.org")
    clinic = person.clinic_staff.clinic
    type(clinic).objects.update(mailbox="Ward@example.org")
    send(refused=True, to_mailbox="Ward@example.org")

    assert "Mail to ward@example.org came back" in shown(client, person, reverse("clinic-recalls"))
    editor = make_editor()
    address = reverse("admin:education_clinic_change", args=[clinic.pk])
    assert "mailbox that recalls go to" in shown(client, editor, address)
    assert "mailbox for recalls" in shown(client, editor, "/admin/")


def test_reports_in_the_maildir_are_read_by_the_timer_and_other_mail_stays(tmp_path, settings):
    make_writer(email="writer@example.org")
    settings.DATA_DIR = tmp_path
    box = mailbox.Maildir(tmp_path / "Maildir")
    box.add(report())
    box.add(b"Subject: I am away\n\nUntil Monday.")
    box.add(IN_EACH_OTHER)

    call_command("send_mail_queue", stdout=StringIO())

    assert BouncedAddress.objects.get().address == "writer@example.org"
    left = sorted(path.read_bytes() for path in (tmp_path / "Maildir" / "cur").iterdir())
    assert left == sorted([IN_EACH_OTHER, b"Subject: I am away\n\nUntil Monday."])
    assert not list((tmp_path / "Maildir" / "new").iterdir())


def code():
    return re.search(r"its code: (\d{8})", mail.outbox[-1].body)[1]


def test_a_test_mail_is_sent_and_confirmed_on_the_first_page(client):
    keeper = make_person(is_superuser=True, email="keeper@example.org")
    address = reverse("admin:start")
    assert "no test mail was sent yet" in shown(client, keeper, address)

    client.post(address, {"step": "send", "mail-address": "keeper@example.org"})
    assert "its code was not typed yet" in shown(client, keeper, address)

    page = client.post(address, {"step": "arrived", "arrived-code": "1"}).content.decode()
    assert "This is not the code of the last test mail." in page
    assert MailTest.objects.get().arrived_at is None

    client.post(address, {"step": "arrived", "arrived-code": f" {code()} "})
    assert "arrived." in shown(client, keeper, "/admin/status/")


def test_a_test_mail_that_is_refused_is_told_where_it_was_asked_for(client, settings):
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    client.force_login(make_person(is_superuser=True))

    page = client.post(
        reverse("admin:start"), {"step": "send", "mail-address": "keeper@example.org"}
    )

    assert "The mail was not sent. SMTPRecipientsRefused" in page.content.decode()
    with pytest.raises(CommandError, match="was not sent"):
        call_command("send_test_mail", "keeper@example.org")


def test_on_the_server_a_code_says_that_it_arrived_until_mail_is_sent_otherwise(settings, capsys):
    def status():
        with pytest.raises(SystemExit):
            call_command("status")  # its timers never ran here
        lines = capsys.readouterr().out.splitlines()
        return next(line for line in lines if " test_mail: " in line)

    call_command("send_test_mail", "keeper@example.org")
    assert status().startswith("look")
    with pytest.raises(CommandError, match="not the code"):
        call_command("send_test_mail", arrived="x")
    call_command("send_test_mail", arrived=code())
    assert status().startswith("well")

    settings.EMAIL_HOST = "another.example.org"
    assert "was changed" in status()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    with pytest.raises(CommandError, match="EMAIL_URL"):
        call_command("send_test_mail", "keeper@example.org")
