"""Mail goes out after the step, to those concerned, and a failed one is sent again."""

import pytest
from django.core import mail
from django.core.management import call_command

from education.people.mail import notify
from education.people.models import Message
from tests.factories import make_writer

pytestmark = pytest.mark.django_db

MAIL = {"subject": "Hello\nBcc: x@example.org", "text": "Please look.", "path": "/admin/"}


def test_a_mail_waits_for_the_commit(django_capture_on_commit_callbacks):
    person = make_writer(email="writer@example.org")

    with django_capture_on_commit_callbacks(execute=True):
        notify([person], **MAIL)
        assert not mail.outbox

    assert [message.to for message in mail.outbox] == [["writer@example.org"]]
    assert mail.outbox[0].subject == "Hello Bcc: x@example.org"
    assert Message.objects.get().sent_at


def test_a_failed_mail_stays_and_is_sent_again(
    django_capture_on_commit_callbacks, settings, capsys
):
    person = make_writer(email="writer@example.org")
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "no.such.Backend"

    with django_capture_on_commit_callbacks(execute=True):
        notify([person], **MAIL)

    message = Message.objects.get()
    assert message.sent_at is None
    assert message.error
    settings.EMAIL_BACKEND = working
    call_command("send_mail_queue")
    call_command("send_mail_queue")
    assert len(mail.outbox) == 1
    assert "1 sent, 0 waiting" in capsys.readouterr().out


def test_the_same_cause_is_told_once():
    person = make_writer(email="writer@example.org")

    for _ in range(2):
        notify([person], about="overdue:7", **MAIL)

    assert Message.objects.count() == 1


def test_nobody_without_an_address_or_account_is_written_to():
    notify([make_writer(), make_writer(email="x@example.org", is_active=False)], **MAIL)

    assert not Message.objects.exists()
