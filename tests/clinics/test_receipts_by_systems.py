"""A clinic's own system answers a recall: an authenticated call that counts as a person's does."""

import datetime
import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from education.audit.models import Event
from education.handouts.codes import format_code
from education.handouts.models import Clinic, RecallAnswer
from education.handouts.operations import (
    MOST_RECEIPTS_A_DAY,
    TooManyReceiptsError,
    answer_recall,
    end_receipt_key,
    new_idempotency_key,
    renew_recall_key,
    start_drill,
)
from education.publishing.operations import withdraw
from tests.factories import make_editor, make_next_publication, make_publication
from tests.handouts.clinics import make_clinic, make_clinic_person, print_for
from tests.public.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(client, person):
    """The key, as the desk shows it once."""
    response = client.post(reverse("clinic-receipt-key"))
    assert response["Cache-Control"].find("no-store") >= 0
    (key,) = re.findall(r"/clinic/recalls/([0-9a-f]{32})/CODE/", response.content.decode())
    return key


@pytest.fixture
def recalled(person):
    """A print of the clinic whose text was withdrawn."""
    publication = make_publication()
    copy = print_for(person, publication, copies=40)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    return copy


def send(key, copy, name="", **receipt):
    """POST as a program does: without a session, with checks of forgery switched on."""
    headers = {"Idempotency-Key": name} if name else {}
    return Client(enforce_csrf_checks=True).post(
        reverse("clinic-receipt", args=[key, format_code(copy.code)]),
        json.dumps(receipt),
        content_type="application/json",
        headers=headers,
    )


def test_a_receipt_of_a_system_closes_the_recall_and_counts_as_a_persons(client, key, recalled):
    response = send(key, recalled, binned=35, given_out=5, words="Ward 3")
    assert response.status_code == 201, response.content
    assert response.json() == {
        "code": format_code(recalled.code),
        "cause": response.json()["cause"],
        "binned": 35,
        "given_out": 5,
        "none_left": False,
        "words": "Ward 3",
        "answered_at": RecallAnswer.objects.get().answered_at.isoformat(),
    }
    assert "off the shelf" not in read(client, reverse("clinic-desk")).text
    page = read(client, reverse("clinic-bin"))
    assert "35 binned, 5 given out to families, Ward 3" in page.text
    page = read(client, reverse("clinic-bin-answer", args=[recalled.code]))
    assert "by your system" in page.text
    event = Event.objects.get(action="recall.answered")
    assert event.by is None
    assert event.data["binned"] == 35
    # The record says by which key, and never the key.
    answer = RecallAnswer.objects.get()
    assert event.data["by_key"] == answer.by_key != ""
    assert key not in json.dumps(event.data)
    assert Clinic.objects.get().receipt_key_hash.startswith(answer.by_key)


def test_the_same_receipt_counts_once(client, person, key, recalled):
    assert send(key, recalled, binned=3).status_code == 201
    assert send(key, recalled, binned=3).status_code == 200
    assert send(key, recalled, "msg-1", binned=3).status_code == 201
    assert send(key, recalled, "msg-1", binned=3).status_code == 200
    other = send(key, recalled, "msg-1", binned=4)
    assert other.status_code == 409
    assert "came before" in other.json()["error"]
    assert sorted(RecallAnswer.objects.values_list("binned", flat=True)) == [3, 3]
    # A person's answer is another one.
    answer_recall(copy=recalled, by=person, binned=1, press=new_idempotency_key())
    assert RecallAnswer.objects.count() == 3


def test_a_retry_after_the_recall_was_answered_otherwise_is_still_the_same(person, key):
    publication = make_publication()
    copy = print_for(person, publication)
    newer = make_next_publication(publication)
    first = send(key, copy, "msg-1", none_left=True)
    assert first.status_code == 201
    withdraw(publication=newer, by=make_editor(), reason="It was wrong.")
    assert send(key, copy, "msg-1", none_left=True).json() == first.json()
    assert send(key, copy, none_left=True).status_code == 201  # a worse cause


def test_a_drill_is_answered_too(client, key, person):
    copy = print_for(person, make_publication())
    start_drill(clinic=copy.clinic, by=make_editor())
    assert send(key, copy, binned=1).status_code == 201
    assert send(key, copy, binned=1).status_code == 200  # a retry, which knows of no answer
    assert send(key, copy, "again", binned=1).status_code == 409


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"binned": 3, "patient": "123"}', "nothing about a patient"),
        ('{"binned": "3"}', "binned must be a whole number"),
        ('{"binned": 1, "given_out": -1}', "given_out: "),
        ('{"binned": true}', "binned"),
        ('{"none_left": 1}', "none_left"),
        ('{"binned": 1, "words": "a\\u0000b"}', "printed"),
        ('{"binned": 1, "words": "\\ud800"}', "printed"),
        ("[]", "object"),
        ("[" * 3000, "object"),
        ("binned=3", "object"),
        ("", "object"),
        ('"' + "a" * 5000 + '"', "bytes"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(key, recalled, body, words):
    address = reverse("clinic-receipt", args=[key, recalled.code])
    response = Client().post(address, body, content_type="application/json")
    assert response.status_code == 400
    assert words in response.json()["error"]
    assert not RecallAnswer.objects.exists()


@pytest.mark.parametrize("receipt", [{}, {"binned": -1}, {"binned": 10**9}, {"words": "x" * 201}])
def test_what_says_nothing_or_too_much_is_refused(key, recalled, receipt):
    response = send(key, recalled, **receipt)
    assert response.status_code == 400
    assert response.json()["error"]
    assert not RecallAnswer.objects.exists()


def test_a_code_of_any_letters_is_not_found(key):
    address = reverse("clinic-receipt", args=[key, "7F3K-9Q2MF"]).replace("7F3K", "7%00")
    assert Client().post(address, "{}", content_type="application/json").status_code == 404


def test_only_the_key_of_the_clinic_that_printed_it_answers(client, key, recalled, person):
    other = make_clinic_person(make_clinic("Another Clinic"))
    client.force_login(other)
    page = client.post(reverse("clinic-receipt-key")).content.decode()
    (others_key,) = re.findall(r"recalls/([0-9a-f]{32})/CODE/", page)
    feed = renew_recall_key(clinic=recalled.clinic, by=person).recall_key
    for wrong in (others_key, feed, "0" * 32, Clinic.objects.first().receipt_key_hash):
        assert send(wrong, recalled, binned=1).status_code == 404
    # Clinics without a key have an empty hash: nothing answers to it.
    assert (
        send("-", print_for(make_clinic_person(), make_publication()), binned=1).status_code == 404
    )
    assert Client().get(reverse("clinic-receipt", args=[key, recalled.code])).status_code == 405
    assert not RecallAnswer.objects.exists()


def test_a_new_key_ends_the_old_and_the_desk_ends_it_for_good(client, key, recalled, person):
    page = client.post(reverse("clinic-receipt-key")).content.decode()
    assert key not in page
    assert send(key, recalled, binned=1).status_code == 404
    page = client.get(reverse("clinic-recalls")).content.decode()
    assert not re.search(r"recalls/[0-9a-f]{32}/", page)  # shown once
    assert "Replace the address" in page
    client.post(reverse("clinic-receipt-key"), {"end": "yes"})
    assert Clinic.objects.get().receipt_key_hash == ""
    end_receipt_key(clinic=recalled.clinic, by=person)
    ended = Event.objects.filter(action="clinic.receipt_key_ended")
    assert ended.count() == 1


def test_paper_that_may_be_used_has_no_receipt(key, person):
    copy = print_for(person, make_publication())
    response = send(key, copy, binned=1)
    assert response.status_code == 409
    assert "may be used" in response.json()["error"]


def test_a_program_in_a_loop_is_stopped_and_told_for_how_long(key, recalled, person, monkeypatch):
    for number in range(MOST_RECEIPTS_A_DAY):
        assert send(key, recalled, f"msg-{number}", binned=1).status_code == 201
    refused = send(key, recalled, "one-more", binned=1)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 86_400
    assert "within a day" in refused.json()["error"]
    assert send(key, recalled, "msg-0", binned=1).status_code == 200  # a retry is none more
    with pytest.raises(TooManyReceiptsError):
        answer_recall(copy=recalled, by=person, binned=1)
    assert RecallAnswer.objects.count() == MOST_RECEIPTS_A_DAY

    tomorrow = timezone.now() + datetime.timedelta(seconds=int(refused["Retry-After"]) + 1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: tomorrow)
    assert send(key, recalled, "one-more", binned=1).status_code == 201
