"""A retraction reaches mailbox, feed, webhook and shelf list; the receipt closes it; drills."""

import base64
import datetime
import hashlib
import hmac
import json

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from education.handouts import webhooks
from education.handouts.codes import format_code
from education.handouts.copy_check import State, check
from education.handouts.models import Clinic, RecallDrill, RecallWebhook, WebhookDelivery
from education.handouts.operations import (
    NothingToAnswerError,
    NotYourClinicError,
    new_idempotency_key,
    start_drill,
)
from education.handouts.webhooks import deliver_due, set_webhook
from education.people.models import Message
from education.publishing.operations import withdraw
from education.safety.operations import lift_status
from tests.factories import (
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
)
from tests.handouts.clinics import (
    fall,
    make_draft_resting_on,
    print_for,
)
from tests.local_server import local_server
from tests.public.reading import read
from tests.publishing.minor_versions import SMALL_STEPS, first_version, next_version

pytestmark = pytest.mark.django_db

MAILBOX = "ward@clinic.example"


class Receiver:
    """A clinic's system on this machine: keeps what it is sent, answers what it is told to."""

    def __init__(self):
        self.requests, self.answers, self.address = [], [], ""

    def answer(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.requests.append((dict(request.headers.items()), body.decode()))
        return *(self.answers.pop(0) if self.answers else (204, {})), b""

    def told(self):
        return [json.loads(body) for _, body in self.requests]


@pytest.fixture
def receiver(monkeypatch):
    monkeypatch.setattr(webhooks, "MAY_ASK_THIS_MACHINE", True)
    receiver = Receiver()
    with local_server(receiver.answer) as address:
        receiver.address = f"{address}/recalls"
        yield receiver


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Take a step, and what follows when it commits."""

    def commit(step):
        with django_capture_on_commit_callbacks(execute=True):
            return step()

    return commit


@pytest.fixture
def later(monkeypatch):
    """Let so much time go by."""
    now = timezone.now
    gone = datetime.timedelta()

    def pass_time(**how):
        nonlocal gone
        gone += datetime.timedelta(**how)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now() + gone)

    return pass_time


def verify(secret, headers, body):
    """By the words of the specification, with no code of ours."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    age = abs(timezone.now().timestamp() - int(headers["webhook-timestamp"]))
    signatures = headers["webhook-signature"].split(" ")
    return age < 300 and f"v1,{expected}" in signatures


def hook(person, receiver):
    clinic = person.clinic_staff.clinic
    return set_webhook(clinic=clinic, by=person, address=receiver.address)[1]


def test_a_retraction_reaches_everything_and_the_receipt_closes_it(
    client, person, receiver, commit
):
    clinic = person.clinic_staff.clinic
    Clinic.objects.filter(pk=clinic.pk).update(mailbox=MAILBOX, recall_key="a" * 32)
    secret = hook(person, receiver)
    item = make_item("fallen2020")
    copy = print_for(person, make_publication(draft=make_draft_resting_on(item.key)), copies=40)

    commit(lambda: fall(item))

    (to_mailbox,) = [each for each in mail.outbox if each.to == [MAILBOX]]
    assert "was retracted" in to_mailbox.body
    ((headers, body),) = receiver.requests
    assert verify(secret, headers, body)
    told = json.loads(body)
    assert told["type"] == "recall.opened"
    assert told["data"]["code"] == format_code(copy.code)
    assert told["data"]["copies"] == 40
    assert told["data"]["do"] == "bin"
    assert told["data"]["drill"] is False
    feed = reverse("clinic-recall-feed", args=["a" * 32])
    assert "Not answered yet." in client.get(feed).content.decode()
    assert format_code(copy.code) in read(client, reverse("clinic-bin")).text

    answer = {"press": new_idempotency_key(), "binned": 38, "given_out": 0, "words": ""}
    client.post(reverse("clinic-bin-answer", args=[copy.code]), answer)
    assert "Nothing you printed needs" in read(client, reverse("clinic-bin")).text
    feed = client.get(feed).content.decode()
    assert "Answered." in feed
    assert "Not answered yet." not in feed


def test_a_system_that_is_down_is_asked_again_by_the_same_name_until_it_takes_it(
    person, receiver, commit, later
):
    secret = hook(person, receiver)
    item = make_item("fallen2020")
    print_for(person, make_publication(draft=make_draft_resting_on(item.key)))
    receiver.answers = [(503, {}), (500, {})]
    event = commit(lambda: fall(item))
    assert len(receiver.requests) == 1
    call_command("send_mail_queue")
    assert len(receiver.requests) == 1  # its minute has not gone by
    for minutes in (2, 6, 60):
        later(minutes=minutes)
        call_command("send_mail_queue")
    assert len(receiver.requests) == 3  # taken the third time, and not sent again
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 1
    assert len({body for _, body in receiver.requests}) == 1
    later_headers, body = receiver.requests[-1]
    signed = f"{later_headers['webhook-id']}.{later_headers['webhook-timestamp']}.{body}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert (
        base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        in (later_headers["webhook-signature"])
    )

    reason = "Another work was meant."
    commit(lambda: lift_status(event=event, by=make_medical_reviewer(), reason=reason))
    assert [message["type"] for message in receiver.told()][-1] == "recall.lifted"
    assert receiver.told()[-1]["data"]["do"] == "keep"
    call_command("send_mail_queue")
    assert len(receiver.requests) == 4


def test_what_is_never_taken_is_given_up_and_people_are_told(person, receiver, commit, later):
    hook(person, receiver)
    publication = make_publication()
    print_for(person, publication)
    receiver.answers = [(500, {})] * 20
    commit(lambda: withdraw(publication=publication, by=make_editor(), reason="Wrong."))
    for _ in range(8):
        later(hours=13)
        deliver_due()
    assert len(receiver.requests) == 1 + len(webhooks.WAITS)
    message = Message.objects.get(subject="Your system could not be told of a recall")
    assert message.to == person
    assert "It answered 500" in message.body


def test_no_redirect_is_followed_and_gone_switches_it_off(person, receiver, commit, later):
    hook(person, receiver)
    publication, other = make_publication(), make_publication()
    print_for(person, publication)
    print_for(person, other)
    receiver.answers = [(307, {"Location": receiver.address}), (410, {})]
    commit(lambda: withdraw(publication=publication, by=make_editor(), reason="Wrong."))
    assert len(receiver.requests) == 1
    later(minutes=2)
    deliver_due()
    assert RecallWebhook.objects.get().ended_because
    commit(lambda: withdraw(publication=other, by=make_editor(), reason="Wrong."))
    later(days=1)
    deliver_due()
    assert len(receiver.requests) == 2
    assert Message.objects.filter(subject__contains="told of no recalls any more").count() == 1


def test_a_major_version_is_told_and_a_system_hears_of_nothing_from_before(
    person, receiver, commit
):
    old = make_publication()
    print_for(person, old)
    make_next_publication(old)
    hook(person, receiver)
    publication = make_publication()
    copy = print_for(person, publication)
    make_next_publication(publication)
    call_command("send_mail_queue")
    (told,) = receiver.told()
    assert told["type"] == "version.major"
    assert told["data"]["code"] == format_code(copy.code)
    assert told["data"]["do"] == "replace"


def test_small_steps_that_add_up_are_told_with_the_step_that_outdates_paper(
    person, receiver, commit
):
    publication = first_version()
    copy = print_for(person, publication)
    hook(person, receiver)
    for step in SMALL_STEPS:
        publication = next_version(publication, *step)
        call_command("send_mail_queue")
    assert check(copy.code).state == State.CHANGED
    (told,) = receiver.told()
    assert (told["type"], told["data"]["code"]) == ("version.major", format_code(copy.code))


@pytest.mark.parametrize(
    "address",
    [
        "http://system.example/",
        "https://localhost/",
        "https://127.0.0.1:8000/",
        "https://[::1]/",
        "https://user:word@system.example/",
        "ftp://system.example/",
        "https:///recalls",
    ],
)
def test_only_https_and_no_address_of_this_machine_is_taken(client, person, address):
    response = client.post(reverse("clinic-recall-webhook"), {"webhook": address})
    assert response.status_code == 400
    assert not RecallWebhook.objects.exists()


@pytest.mark.parametrize(
    "private",
    ["10.0.0.7", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.7",
     "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::7f00:1", "::ffff:0:7f00:1"],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_not_asked(
    client, person, commit, monkeypatch, private
):
    client.post(reverse("clinic-recall-webhook"), {"webhook": "https://inside.example/"})
    monkeypatch.setattr(
        "education.http_client.socket.getaddrinfo",
        lambda *args, **how: [(2, 1, 6, "", (private, 443))],
    )
    connected = []
    monkeypatch.setattr(
        "education.http_client.socket.create_connection",
        lambda *args, **how: connected.append(args),
    )
    publication = make_publication()
    print_for(person, publication)
    commit(lambda: withdraw(publication=publication, by=make_editor(), reason="Wrong."))
    assert connected == []
    assert "private network" in WebhookDelivery.objects.get().error


def test_the_secret_is_shown_once_and_the_one_before_signs_for_two_days(
    client, person, receiver, commit, later
):
    def save():
        page = client.post(reverse("clinic-recall-webhook"), {"webhook": receiver.address})
        assert "no-store" in page["Cache-Control"]
        return page.content.decode().partition("whsec_")[2].partition("<")[0]

    first = f"whsec_{save()}"
    assert "whsec_" not in read(client, reverse("clinic-recalls")).text
    second = f"whsec_{save()}"
    assert first != second
    publication, other = make_publication(), make_publication()
    print_for(person, publication)
    print_for(person, other)
    commit(lambda: withdraw(publication=publication, by=make_editor(), reason="Wrong."))
    assert verify(first, *receiver.requests[0])
    assert verify(second, *receiver.requests[0])
    later(days=3)
    commit(lambda: withdraw(publication=other, by=make_editor(), reason="Wrong."))
    assert not verify(first, *receiver.requests[1])
    assert verify(second, *receiver.requests[1])

    client.force_login(person)  # three days are longer than a sign-in
    client.post(reverse("clinic-recall-webhook"), {"end": "yes"})
    assert not RecallWebhook.objects.exists()


def test_a_drill_is_marked_everywhere_and_never_changes_how_a_copy_stands(
    client, person, receiver, commit
):
    clinic = person.clinic_staff.clinic
    Clinic.objects.filter(pk=clinic.pk).update(mailbox=MAILBOX, recall_key="a" * 32)
    hook(person, receiver)
    copy = print_for(person, make_publication())
    editor = make_editor()
    client.force_login(editor)

    drill = reverse("admin:education_clinic_drill", args=[clinic.pk])
    assert "marked DRILL" in client.get(drill).content.decode()
    assert not copy.recall_drills.exists()
    commit(lambda: client.post(drill))

    assert check(copy.code).state == State.CURRENT
    told = [each for each in mail.outbox if "/clinic/bin/" in each.body]
    assert sorted(each.to[0] for each in told) == sorted([MAILBOX, person.email])
    assert all(each.subject.startswith("DRILL") for each in told)
    (sent,) = receiver.told()
    assert sent["data"]["drill"] is True
    assert sent["data"]["do"] == "keep"
    assert sent["data"]["why"].startswith("DRILL")
    feed = reverse("clinic-recall-feed", args=["a" * 32])
    assert "DRILL" in client.get(feed).content.decode()
    with pytest.raises(NothingToAnswerError, match="goes on"):
        start_drill(clinic=clinic, by=editor)

    client.force_login(person)
    assert "off the shelf" not in read(client, reverse("clinic-desk")).text
    page = read(client, reverse("clinic-bin")).text
    assert "DRILL" in page
    assert "Nothing you printed needs to be taken off" in page
    address = reverse("clinic-bin-answer", args=[copy.code])
    assert "DRILL: what became" in read(client, address).text
    client.post(address, {"press": new_idempotency_key(), "binned": 3, "given_out": 0, "words": ""})
    assert "DRILL" not in read(client, reverse("clinic-bin")).text
    assert check(copy.code).state == State.CURRENT

    # A recall after it is open: the answer was to the drill.
    publication = copy.parts.get().publication
    withdraw(publication=publication, by=editor, reason="Wrong.")
    assert "1 print to take off the shelf" in read(client, reverse("clinic-desk")).text


def test_only_an_editor_in_chief_starts_a_drill_and_it_is_kept(person):
    clinic = person.clinic_staff.clinic
    with pytest.raises(NothingToAnswerError, match="printed nothing"):
        start_drill(clinic=clinic, by=make_editor())
    print_for(person, make_publication())
    with pytest.raises(NotYourClinicError):
        start_drill(clinic=clinic, by=person)
    drill = start_drill(clinic=clinic, by=make_editor())
    with pytest.raises(DatabaseError), transaction.atomic():
        RecallDrill.objects.filter(pk=drill.pk).delete()
