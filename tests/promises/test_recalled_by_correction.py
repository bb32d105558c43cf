"""A correction can recall paper: what was printed of the versions before it must not be used."""

import pytest
from django.urls import reverse

from education.handouts.copy_check import public_code
from education.people.models import Message
from education.publishing.models import PublicationEvent
from tests.factories import (
    make_draft,
    make_editor,
    make_next_publication,
    make_publication,
    make_writer,
)
from tests.handouts.clinics import make_clinic_person, print_for

pytestmark = pytest.mark.django_db

WHY = "The dose was ten times too high."


def recall(client, by, publication):
    client.force_login(by)
    address = reverse("admin:education_publication_recall", args=[publication.pk])
    client.post(address, {"reason": WHY})
    client.logout()


def checked(client, code):
    return client.get(f"/check/{code}/", follow=True).content.decode()


def test_paper_from_before_the_correction_must_not_be_used(client):
    first = make_publication()
    person = make_clinic_person()
    copy = print_for(person, first)
    second = make_next_publication(first, correction=WHY)
    assert "Do not use this copy" not in checked(client, copy.code)

    recall(client, make_editor(), second)

    for code in (copy.code, public_code(first)):
        assert "Do not use this copy" in checked(client, code)
        assert WHY in checked(client, code)
    assert Message.objects.filter(to=person, about__startswith="recall:corrected-").count() == 1


def test_paper_of_the_correction_itself_may_be_used(client):
    second = make_next_publication(make_publication(), correction=WHY)
    copy = print_for(make_clinic_person(), second)

    recall(client, make_editor(), second)

    assert "Do not use this copy" not in checked(client, copy.code)


def test_who_wrote_the_correction_may_recall_paper_and_other_roles_may_not(client):
    editor = make_editor()
    first = make_publication()
    second = make_next_publication(first, correction=WHY)
    second.revision.contributions.create(person=editor)

    recall(client, make_writer(), second)
    assert not PublicationEvent.objects.exists()

    recall(client, editor, second)
    assert PublicationEvent.objects.get().kind == "recalled"


def test_a_version_that_corrects_no_error_recalls_nothing(client):
    second = make_next_publication(make_publication())

    recall(client, make_editor(), second)

    assert not PublicationEvent.objects.exists()


def test_a_first_version_recalls_nothing_whatever_its_draft_corrected(client):
    first = make_publication(draft=make_draft(correction=WHY))
    assert first.correction

    recall(client, make_editor(), first)

    assert not PublicationEvent.objects.exists()
