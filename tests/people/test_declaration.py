"""A person declares their own interests."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from education.audit.models import Event
from education.people.operations import MayNotDeclareError, declare_interests
from tests.factories import make_medical_reviewer, make_person, make_topic

pytestmark = pytest.mark.django_db

LONG_AGO = datetime.date(2020, 1, 1)


def test_a_declaration_is_good_from_today_and_on_record():
    person = make_medical_reviewer(interests_declared_on=LONG_AGO)
    assert not person.interests_are_current()

    declare_interests(by=person, interests=" A grant from a foundation. ")

    person.refresh_from_db()
    assert person.interests == "A grant from a foundation."
    assert person.interests_declared_on == timezone.localdate()
    event = Event.objects.get(action="interests.declared")
    assert event.by == person
    assert event.data == {"interests": "A grant from a foundation.", "conflicts": []}


def test_an_empty_declaration_is_refused_and_changes_nothing():
    person = make_medical_reviewer(interests_declared_on=LONG_AGO)

    with pytest.raises(MayNotDeclareError, match="write None"):
        declare_interests(by=person, interests="  ", conflicts=[make_topic()])

    person.refresh_from_db()
    assert person.interests_declared_on == LONG_AGO
    assert not person.conflicts.exists()


def test_a_conflict_is_added_and_never_taken_back_by_oneself(client):
    person = make_medical_reviewer()
    first, second = make_topic("rhizotomy"), make_topic("stem-cells")
    client.force_login(person)
    address = reverse("admin:education_user_declaration")

    client.post(address, {"interests": "Shares", "conflicts": [first.pk]})
    client.post(address, {"interests": "None", "conflicts": [second.pk]})

    assert {conflict.topic for conflict in person.conflicts.all()} == {first, second}


def test_the_page_keeps_what_was_typed_when_it_is_refused(client):
    client.force_login(make_medical_reviewer())
    topic = make_topic()
    address = reverse("admin:education_user_declaration")

    page = client.post(address, {"interests": " ", "conflicts": [topic.pk]}).content.decode()

    assert "This field is required." in page
    assert "checked" in page


def test_who_may_not_enter_the_desk_declares_nothing_there(client):
    client.force_login(make_person(is_staff=False))

    answer = client.post(reverse("admin:education_user_declaration"), {"interests": "None"})

    assert answer.status_code == 302
    assert not Event.objects.exists()
