"""Paper that is called back: the clinic answers, the recall is closed, and feeds say the same."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from education.audit.models import Event
from education.handouts.codes import format_code
from education.handouts.copy_check import public_code
from education.handouts.models import RecallAnswer
from education.handouts.operations import (
    NothingToAnswerError,
    NotYourClinicError,
    answer_recall,
    new_idempotency_key,
    renew_recall_key,
)
from education.publishing.operations import withdraw
from education.safety.operations import lift_status
from tests.factories import (
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
)
from tests.handouts.clinics import (
    fall,
    make_clinic_person,
    make_draft_resting_on,
    print_for,
)
from tests.public.reading import read

pytestmark = pytest.mark.django_db


def post(client, copy, **typed):
    values = {"press": new_idempotency_key(), "binned": 0, "given_out": 0, "words": ""}
    return client.post(reverse("clinic-bin-answer", args=[copy.code]), values | typed)


def test_a_receipt_closes_a_recall_and_the_list_keeps_what_was_said(client, person):
    publication = make_publication()
    copy = print_for(person, publication, copies=40)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    assert "1 print to take off the shelf" in read(client, reverse("clinic-desk")).text

    response = post(client, copy, binned=35, none_left="on")
    assert response.url == reverse("clinic-bin")
    assert "off the shelf" not in read(client, reverse("clinic-desk")).text
    page = read(client, reverse("clinic-bin"))
    assert "35 binned, none left on the shelf" in page.text
    assert "Nothing you printed needs to be taken off" in page.text
    event = Event.objects.get(action="recall.answered")
    assert event.data["binned"] == 35


def test_paper_given_out_shows_the_address_that_tells_those_families(client, person):
    publication = make_publication()
    copy = print_for(person, publication, copies=40)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    response = post(client, copy, given_out=5)
    page = read(client, response.url)
    given = reverse("given-text", args=[format_code(copy.code)])
    assert given in page.text
    assert client.get(given).status_code == 410


def test_a_worse_cause_opens_it_again(client, person):
    item = make_item("fallen2020")
    publication = make_publication(draft=make_draft_resting_on("fallen2020"))
    copy = print_for(person, publication)
    make_next_publication(publication)
    post(client, copy, given_out=1)
    assert "off the shelf" not in read(client, reverse("clinic-desk")).text

    fall(item)
    assert "1 print to take off the shelf" in read(client, reverse("clinic-desk")).text


def test_the_same_press_counts_once_and_an_empty_answer_is_refused(client, person):
    publication = make_publication()
    copy = print_for(person, publication)
    make_next_publication(publication)
    key = new_idempotency_key()
    for _ in range(2):
        post(client, copy, binned=1, press=key)
    assert RecallAnswer.objects.count() == 1

    response = post(client, copy, words="We looked.")
    assert response.status_code == 400
    assert "Say how many" in response.content.decode()
    assert "We looked." in response.content.decode()
    assert RecallAnswer.objects.count() == 1


def test_only_the_clinic_answers_and_only_for_what_is_for_the_bin(client, person):
    publication = make_publication()
    copy = print_for(person, publication)
    with pytest.raises(NothingToAnswerError, match="may be used"):
        answer_recall(copy=copy, by=person, binned=1)
    make_next_publication(publication)
    with pytest.raises(NotYourClinicError):
        answer_recall(copy=copy, by=make_clinic_person(), binned=1)
    assert not RecallAnswer.objects.exists()

    client.force_login(make_clinic_person())
    assert client.get(reverse("clinic-bin-answer", args=[copy.code])).status_code == 404


def test_an_answer_is_never_changed(person):
    publication = make_publication()
    copy = print_for(person, publication)
    make_next_publication(publication)
    answer = answer_recall(copy=copy, by=person, binned=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        RecallAnswer.objects.filter(pk=answer.pk).update(binned=2)


# Feeds


def test_a_clinics_feed_needs_no_sign_in_and_its_old_address_ends(client, person):
    publication = make_publication()
    copy = print_for(person, publication, copies=40)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    client.post(reverse("clinic-recalls"))
    person.clinic_staff.clinic.refresh_from_db()
    key = person.clinic_staff.clinic.recall_key
    assert len(key) == 32
    client.logout()

    response = client.get(reverse("clinic-recall-feed", args=[key]))
    feed = response.content.decode()
    assert response["Content-Type"].startswith("application/atom+xml")
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert format_code(copy.code) in feed
    assert "It was wrong." in feed
    assert "Not answered yet." in feed

    renew_recall_key(clinic=person.clinic_staff.clinic, by=person)
    assert client.get(reverse("clinic-recall-feed", args=[key])).status_code == 404
    assert client.get(reverse("clinic-recall-feed", args=["none"])).status_code == 404


def test_everybodys_feed_lists_what_no_paper_may_say_and_forgets_a_false_alarm(client):
    item = make_item("fallen2020")
    publication = make_publication(draft=make_draft_resting_on("fallen2020"))
    good = make_publication()
    address = reverse("feed-recalls")
    assert "<entry>" not in client.get(address).content.decode()

    event = fall(item)
    feed = client.get(address).content.decode()
    assert format_code(public_code(publication)) in feed
    assert format_code(public_code(good)) not in feed

    lift_status(event=event, by=make_editor(), reason="Another work was meant.")
    assert "<entry>" not in client.get(address).content.decode()
