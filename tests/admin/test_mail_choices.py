"""Each person chooses which mail comes at once, once a day, or not; what is urgent always comes."""

import datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from education.people.mail import choose_mail, deliver_waiting
from education.people.models import MailTopic, Message
from education.review.comments import add_comment
from education.safety.operations import record_status
from tests.factories import (
    PASSWORD,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db

TOMORROW = datetime.timedelta(days=1)


@pytest.fixture
def writer():
    return make_writer(email="writer@portal.example")


def choose(client, person, **paces):
    client.force_login(person)
    client.post(reverse("admin:account"), {"confirm_password": PASSWORD})
    values = {topic.value: "at_once" for topic in MailTopic} | paces
    return client.post(reverse("admin:account"), {"step": "mail", **values}, follow=True)


def comment_twice(writer, capture):
    revision, reviewer = make_revision(by=writer), make_medical_reviewer()
    with capture(execute=True):
        add_comment(revision=revision, by=reviewer, text="Is this so?")
        add_comment(revision=revision, by=reviewer, text="And this?")


def test_comments_come_at_once_to_who_chose_nothing(writer, django_capture_on_commit_callbacks):
    comment_twice(writer, django_capture_on_commit_callbacks)

    assert len(mail.outbox) == 2
    assert "/admin/account/" in mail.outbox[0].body


def test_who_wants_one_mail_a_day_gets_all_of_a_day_in_one(
    client, writer, django_capture_on_commit_callbacks
):
    choose(client, writer, comments="daily")
    comment_twice(writer, django_capture_on_commit_callbacks)
    call_command("send_mail_queue")
    assert not mail.outbox

    for _ in range(2):
        deliver_waiting(timezone.now() + TOMORROW)

    (sent,) = mail.outbox
    assert sent.subject == "2 messages of the day"
    assert "Is this so?" in sent.body
    assert "And this?" in sent.body
    assert not Message.objects.filter(sent_at=None).exists()


def test_a_mail_of_the_day_that_fails_goes_out_later(
    client, writer, settings, django_capture_on_commit_callbacks
):
    choose(client, writer, comments="daily")
    comment_twice(writer, django_capture_on_commit_callbacks)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "no.such.Backend"
    assert deliver_waiting(timezone.now() + TOMORROW) == (0, 2)

    settings.EMAIL_BACKEND = working

    assert deliver_waiting(timezone.now() + TOMORROW) == (2, 0)
    assert len(mail.outbox) == 1


def test_who_wants_no_mail_of_comments_gets_none(
    client, writer, django_capture_on_commit_callbacks
):
    choose(client, writer, comments="never")
    comment_twice(writer, django_capture_on_commit_callbacks)

    assert not mail.outbox
    assert not Message.objects.exists()


def test_the_page_shows_what_was_chosen_and_going_back_is_kept(client, writer):
    shown = choose(client, writer, reminders="daily")
    assert shown.context["mail_form"]["reminders"].initial == "daily"

    shown = choose(client, writer)

    assert shown.context["mail_form"]["reminders"].initial == "at_once"


def test_requests_never_stop(client, writer):
    shown = choose(client, writer, requests="never", comments="daily")

    assert "requests" in shown.context["mail_form"].errors
    assert not writer.mail_choices.exists()
    with pytest.raises(ValidationError, match="waits for your answer"):
        choose_mail(writer, {"requests": "never"})


def test_a_retraction_is_told_at_once_whatever_was_chosen(
    client, django_capture_on_commit_callbacks
):
    editor, item = make_editor(email="editor@portal.example"), make_item("falls2020")
    make_publication(draft=make_draft(item.key))
    choose(client, editor, requests="daily", texts="never", comments="never", reminders="daily")
    Message.objects.all().delete()

    with django_capture_on_commit_callbacks(execute=True):
        record_status(
            item=item,
            status="retracted",
            occurred_on=timezone.localdate(),
            reason="Its data were made up.",
            by=editor,
        )

    assert any("falls2020" in sent.subject for sent in mail.outbox)
    assert not Message.objects.filter(is_daily=True).exists()
