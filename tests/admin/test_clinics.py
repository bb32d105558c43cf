"""Clinics at the editors' desk: opened, staffed and counted there, and nothing else."""

import pytest
from django.urls import reverse

from education.handouts.models import Clinic
from education.handouts.rules import clinic_of
from education.people.models import Role
from tests.factories import make_draft, make_editor, make_person, make_publication, make_writer
from tests.handouts.clinics import make_clinic, make_clinic_person, print_for
from tests.public.reading import read

pytestmark = pytest.mark.django_db


def page(name, *args):
    return reverse(f"admin:education_clinic_{name}", args=args)


def test_an_editor_in_chief_opens_a_clinic_and_lets_a_person_in(client):
    client.force_login(make_editor())
    person = make_person(Role.CLINIC, is_staff=False)

    client.post(page("add"), {"name": "Hillside"})
    clinic = Clinic.objects.get(name="Hillside")
    assert "nobody yet" in read(client, page("change", clinic.pk)).text

    client.post(page("person", clinic.pk), {"person": person.username})
    assert clinic_of(person) == clinic
    assert str(person) in read(client, page("changelist")).text


@pytest.mark.parametrize("make", [make_writer, lambda: make_person(Role.AUDITOR)])
def test_others_read_and_change_nothing(client, make):
    clinic, person = make_clinic("Hillside"), make_person(Role.CLINIC)
    client.force_login(make())

    assert client.get(page("change", clinic.pk)).status_code == 200
    assert client.get(page("counts")).status_code == 200
    assert client.post(page("add"), {"name": "Another"}).status_code == 403
    assert client.post(page("person", clinic.pk), {"person": person.username}).status_code == 403
    assert Clinic.objects.count() == 1
    assert clinic_of(person) is None


def test_nobody_changes_a_clinics_details_or_takes_one_away(client):
    clinic = make_clinic("Hillside")
    client.force_login(make_editor())

    assert client.post(page("change", clinic.pk), {"name": "Renamed"}).status_code == 403
    assert client.post(page("delete", clinic.pk), {"post": "yes"}).status_code == 403
    clinic.refresh_from_db()
    assert clinic.name == "Hillside"


def test_who_does_not_have_the_role_is_not_let_in(client):
    clinic, writer = make_clinic(), make_writer()
    client.force_login(make_editor())

    for chosen in (writer.username, "", "nobody"):
        client.post(page("person", clinic.pk), {"person": chosen})

    assert not clinic.staff.exists()


def test_counts_name_clinic_text_language_and_copies_and_the_desk_is_not_for_clinics(client):
    publication = make_publication(draft=make_draft(title="Counted"))
    first = make_clinic_person(make_clinic("Hillside"))
    second = make_clinic_person(make_clinic("Seaside"))
    for person, copies in ((first, 30), (first, 3), (second, 12)):
        print_for(person, publication, copies=copies)

    client.force_login(make_editor())
    text = read(client, page("counts")).text
    assert "Hillside Counted en 33" in text
    assert "Seaside Counted en 12" in text

    client.force_login(first)
    assert client.get(page("counts")).status_code == 302
