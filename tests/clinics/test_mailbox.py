"""Recalls reach a clinic’s mailbox: once, after somebody there agreed, again where mail failed."""

import datetime
import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from education.handouts.models import Clinic
from education.handouts.operations import answer_recall
from education.people.models import Message
from education.publishing.operations import withdraw
from tests.factories import make_editor, make_publication
from tests.handouts.clinics import go_to, make_clinic_person, print_for
from tests.public.reading import read

pytestmark = pytest.mark.django_db

MAILBOX = "ward@clinic.example"


@pytest.fixture
def sent(django_capture_on_commit_callbacks):
    """Addresses of the mails that a step sends when it commits."""

    def addresses(step):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            step()
        return sorted(message.to[0] for message in mail.outbox)

    return addresses


def ask(client, address=MAILBOX):
    return client.post(reverse("clinic-recall-mailbox"), {"mailbox": address}, follow=True)


def link():
    body = Message.objects.filter(mailbox=MAILBOX).latest("pk").body
    return re.search(r"/clinic/mailbox/\S+", body).group()


def agreed(client):
    ask(client)
    client.post(link())


def test_a_mailbox_is_told_of_nothing_until_somebody_there_presses_the_button(client, person, sent):
    assert sent(lambda: ask(client)) == [MAILBOX]
    copy = print_for(person, make_publication())
    address = link()
    client.logout()

    page = read(client, address)
    assert "Hillside Clinic" in page.text
    assert copy.title not in page.text
    assert Clinic.objects.get().mailbox == ""  # a program that opens every link agrees to nothing

    assert "mailed here" in client.post(address).content.decode()
    assert Clinic.objects.get().mailbox == MAILBOX


def test_a_recall_is_mailed_to_the_mailbox_once_and_says_nothing_of_patients(client, person, sent):
    agreed(client)
    publication = make_publication()
    print_for(person, publication, copies=40)

    told = sent(lambda: withdraw(publication=publication, by=make_editor(), reason="It was wrong."))

    assert told == sorted([MAILBOX, person.email])
    (to_mailbox,) = [each for each in mail.outbox if each.to == [MAILBOX]]
    assert "It was wrong." in to_mailbox.body
    assert "40 copies" in to_mailbox.body
    # Recalls are looked for again whenever somebody comes to a desk.
    assert sent(lambda: make_clinic_person(person.clinic_staff.clinic)) == []


def test_mail_to_a_mailbox_that_fails_is_sent_by_the_command(client, person, settings, sent):
    agreed(client)
    publication = make_publication()
    print_for(person, publication)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    sent(lambda: withdraw(publication=publication, by=make_editor(), reason="It was wrong."))
    message = Message.objects.get(mailbox=MAILBOX, about__startswith="recall:")
    assert message.sent_at is None
    assert message.error

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for _ in range(2):
        call_command("send_mail_queue")
    assert [each.to for each in mail.outbox].count([MAILBOX]) == 2  # the link, and the recall
    message.refresh_from_db()
    assert message.sent_at


def test_recalls_from_before_the_upgrade_count_as_told_and_answered(client, person, sent):
    clinic = person.clinic_staff.clinic
    person.email = ""
    person.save()
    publication = make_publication()
    print_for(person, publication)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    later = timezone.now() + datetime.timedelta(seconds=1)
    Clinic.objects.filter(pk=clinic.pk).update(recalls_from=later)
    agreed(client)

    assert not Message.objects.filter(about__startswith="recall:").exists()
    on = (timezone.localdate() + datetime.timedelta(days=8)).isoformat()
    call_command("send_reminders", on=datetime.date.fromisoformat(on))
    assert not Message.objects.filter(about__startswith="recall-reminder:").exists()


def test_a_mailbox_where_nobody_could_be_told_is_told_when_it_agrees(client, person, sent):
    person.email = ""
    person.save()
    publication = make_publication()
    print_for(person, publication)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    agreed(client)

    assert Message.objects.filter(mailbox=MAILBOX, about__startswith="recall:").count() == 1


def test_an_old_link_and_a_made_up_one_agree_to_nothing(client, person, monkeypatch):
    ask(client)
    old = link()
    ask(client, "other@clinic.example")
    assert client.post(old).status_code == 404
    assert client.get(reverse("clinic-mailbox", args=["made:up"])).status_code == 404
    assert Clinic.objects.get().mailbox == ""


def test_a_link_ends_after_a_week(client, person, monkeypatch):
    ask(client)
    address = link()
    monkeypatch.setattr(
        "django.core.signing.time.time", lambda: timezone.now().timestamp() + 8 * 86400
    )
    assert client.post(address).status_code == 404


def test_the_old_mailbox_goes_on_until_the_new_one_agrees_and_an_empty_one_ends_it(client, person):
    agreed(client)
    page = ask(client, "other@clinic.example").content.decode()
    assert "until then the other mailbox is told" in page
    assert Clinic.objects.get().mailbox == MAILBOX

    ask(client, "")
    clinic = Clinic.objects.get()
    assert (clinic.mailbox, clinic.mailbox_asked) == ("", "")


def test_strangers_are_not_mailed_again_and_again(client, person):
    ask(client)
    response = ask(client)
    assert response.status_code == 400
    assert "today already" in response.content.decode()
    for number in range(4):
        ask(client, f"stranger{number}@elsewhere.example")
    assert ask(client, "one.more@elsewhere.example").status_code == 400
    assert "no address" not in response.content.decode()
    assert ask(client, "not an address").status_code == 400


def test_an_unanswered_recall_is_asked_about_after_a_week_and_shown_to_editors_after_two(
    client, person, monkeypatch
):
    agreed(client)
    publication = make_publication()
    copy = print_for(person, publication)
    editor = make_editor()
    withdraw(publication=publication, by=editor, reason="It was wrong.")
    withdrawn = timezone.localdate()

    def reminders(days):
        call_command("send_reminders", on=withdrawn + datetime.timedelta(days=days))
        about = Message.objects.filter(about__startswith="recall-reminder:")
        return sorted(message.address for message in about)

    assert reminders(6) == []
    assert reminders(8) == sorted([MAILBOX, person.email])
    assert reminders(9) == sorted([MAILBOX, person.email])  # once

    go_to(monkeypatch, withdrawn + datetime.timedelta(days=15))
    client.force_login(editor)
    assert "Hillside Clinic has not answered" in client.get(reverse("admin:index")).content.decode()
    answer_recall(copy=copy, by=person, binned=1)
    assert "has not answered" not in client.get(reverse("admin:index")).content.decode()


def test_the_link_of_one_mailbox_agrees_for_no_other(client, person):
    agreed(client)
    own = link()
    ask(client, "stranger@elsewhere.example")

    client.post(own)

    clinic = Clinic.objects.get()
    assert (clinic.mailbox, clinic.mailbox_asked) == (MAILBOX, "stranger@elsewhere.example")
