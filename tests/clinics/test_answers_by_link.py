"""The link in a mail about a recall answers without an account, for the prints of the mail."""

import datetime
import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from education.audit.models import Event
from education.handouts.codes import format_code
from education.handouts.models import ClinicStaff, RecallAnswer
from education.handouts.operations import (
    answer_recall,
    ask_mailbox,
    new_idempotency_key,
    start_drill,
)
from education.people.models import Message
from education.publishing.operations import withdraw
from tests.clinics.test_mailbox import MAILBOX, agreed
from tests.factories import make_editor, make_publication
from tests.handouts.clinics import go_to, make_clinic_person, print_for
from tests.public.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def recalled(person):
    """Two prints of the clinic whose text was withdrawn."""
    publication = make_publication()
    copies = [print_for(person, publication, copies=40) for _ in range(2)]
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    return copies


def link_in(message):
    return re.search(r"/clinic/recalls/answer/\S+", message.body).group()


def link_to(person):
    """The link in the last mail about a recall to somebody."""
    return link_in(Message.objects.filter(to=person, about__startswith="recall").latest("pk"))


def typed(answers):
    """The fields of the form: of each print what became of it."""
    fields = {}
    for copy, answer in answers:
        values = {"binned": 0, "given_out": 0, "words": ""} | answer
        fields |= {f"{copy.code}-{name}": value for name, value in values.items()}
    return fields


def test_the_mail_says_how_to_answer_and_its_button_answers_without_an_account(person, recalled):
    first, second = recalled
    body = Message.objects.filter(to=person).latest("pk").body
    assert "without signing in" in body
    assert "for 30 days" in body
    address, browser, events = link_to(person), Client(), Event.objects.count()

    response = browser.get(address)
    page = read(browser, address)
    assert "It was wrong." in page.text
    assert page.text.count("40 copies") == 2
    assert response.content.decode().count("Send this answer</button>") == 1
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response.content.decode()
    # Programs that look through mail open every link.
    assert browser.head(address).status_code == 200
    assert (RecallAnswer.objects.count(), Event.objects.count()) == (0, events)

    answer = typed([(first, {"binned": 35, "given_out": 5}), (second, {})])
    assert browser.post(address, answer).url == address
    kept = RecallAnswer.objects.get()
    assert (kept.copy, kept.binned, kept.given_out) == (first, 35, 5)
    assert (kept.by, kept.by_key) == (None, f"mail-{person.pk}")
    assert Event.objects.get(action="recall.answered").data["by_key"] == kept.by_key
    page = read(browser, address)
    assert "35 binned, 5 given out to families" in page.text
    assert reverse("given-text", args=[format_code(first.code)]) in page.text  # to tell families
    # The other is still open; then all is answered, and no button is left.
    browser.post(address, typed([(second, {"none_left": "on"})]))
    page = read(browser, address)
    assert "Thank you" in page.text
    assert "Send this answer" not in page.text


def test_the_desk_says_that_a_link_answered(client, person, recalled):
    Client().post(link_to(person), typed([(recalled[0], {"binned": 1}), (recalled[1], {})]))
    page = read(client, reverse("clinic-bin-answer", args=[recalled[0].code]))
    assert "by the link in a mail: 1 binned" in page.text


def test_what_says_nothing_is_refused_and_what_was_typed_stays(person, recalled):
    first, second = recalled
    address = link_to(person)
    empty = Client().post(address, typed([(first, {}), (second, {})]))
    assert empty.status_code == 400
    assert "Say of one print at least" in empty.content.decode()
    words = typed([(first, {"words": "We looked."}), (second, {"binned": 3})])
    refused = Client().post(address, words)
    assert refused.status_code == 400
    text = refused.content.decode()
    assert "Say how many were binned" in text
    assert "We looked." in text
    assert 'value="3"' in text
    assert not RecallAnswer.objects.exists()  # all of it or nothing


def test_a_print_that_somebody_answered_for_is_not_counted_twice(person, recalled):
    first, second = recalled
    address = link_to(person)
    answer_recall(copy=first, by=person, binned=40, press=new_idempotency_key())
    both = typed([(first, {"binned": 40}), (second, {"binned": 2})])
    assert Client().post(address, both).status_code == 302
    for _ in range(2):
        late = Client().post(address, both)
        assert late.status_code == 400
        assert f"answered for {format_code(first.code)}" in late.content.decode()
        assert "Say of one print" not in late.content.decode()
    kept = RecallAnswer.objects.values_list("copy", "binned")
    assert sorted(kept) == [(first.pk, 40), (second.pk, 2)]


def test_the_link_ends_with_its_days_and_with_the_persons_place(person, recalled, monkeypatch):
    answer = typed([(copy, {"binned": 1}) for copy in recalled])
    address = link_to(person)
    assert Client().get(f"{address[:-2]}x/").status_code == 404
    late = timezone.now().timestamp() + 31 * 86_400
    with monkeypatch.context() as patched:
        patched.setattr("django.core.signing.time.time", lambda: late)
        ended = Client().post(address, answer)
    assert ended.status_code == 404
    assert "too old" in ended.content.decode()
    assert Client().get(address).status_code == 200
    ClinicStaff.objects.filter(person=person).delete()
    assert Client().post(address, answer).status_code == 404
    assert not RecallAnswer.objects.exists()


def test_the_link_of_one_clinic_answers_for_no_print_of_another(person, recalled):
    publication = make_publication()
    theirs = print_for(make_clinic_person(), publication)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong too.")
    response = Client().post(link_to(person), typed([(theirs, {"binned": 1})]))
    assert response.status_code == 400
    assert not RecallAnswer.objects.exists()


def test_a_mailbox_answers_until_it_is_no_mailbox_of_the_clinic(client, person):
    agreed(client)
    publication = make_publication()
    print_for(person, publication)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    address = link_in(Message.objects.filter(mailbox=MAILBOX).latest("pk"))
    assert Client().get(address).status_code == 200
    ask_mailbox(clinic=person.clinic_staff.clinic, by=person, address="")
    assert Client().get(address).status_code == 404


def test_a_reminder_has_a_link_too_and_a_drill_is_answered_by_it(person, monkeypatch):
    copy = print_for(person, make_publication())
    start_drill(clinic=copy.clinic, by=make_editor())
    day = timezone.localdate() + datetime.timedelta(days=8)
    go_to(monkeypatch, day)
    call_command("send_reminders", on=day)
    assert Message.objects.latest("pk").subject.startswith("Not answered yet: DRILL")
    address = link_to(person)
    assert "DRILL" in read(Client(), address).text
    assert Client().post(address, typed([(copy, {"none_left": "on"})])).status_code == 302
    assert RecallAnswer.objects.get().state == "drill"
    assert "Thank you" in read(Client(), address).text
