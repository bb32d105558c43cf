"""A mail that was not sent is shown, and sent again by a person."""

import pytest
from django.core import mail
from django.urls import reverse

from education.people.models import Message, Role
from tests.factories import make_editor, make_person, make_writer

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed():
    to = make_writer(email="writer@example.org")
    return Message.objects.create(
        to=to, subject="Please look", body="Text", attempts=1, error="ConnectionRefusedError: no"
    )


def send(client, message):
    return client.post(reverse("admin:education_message_send", args=[message.pk]), follow=True)


def test_an_editor_sends_a_mail_again_and_it_goes_out_once(client, failed):
    client.force_login(make_editor())
    page = client.get(reverse("admin:education_message_change", args=[failed.pk]))
    assert "Send it again" in page.content.decode()

    send(client, failed)
    send(client, failed)

    assert [message.subject for message in mail.outbox] == ["Please look"]
    failed.refresh_from_db()
    assert failed.sent_at
    assert failed.error == ""


def test_a_mail_that_fails_again_says_why(client, failed, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(make_editor())

    page = send(client, failed).content.decode()

    assert "It was not sent." in page
    failed.refresh_from_db()
    assert failed.attempts == 2
    assert failed.sent_at is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.WRITER, Role.MEDICAL_REVIEWER])
def test_others_send_nothing(client, failed, role):
    client.force_login(make_person(role))

    assert send(client, failed).status_code == 403

    assert not mail.outbox
