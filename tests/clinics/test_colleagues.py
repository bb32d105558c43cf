"""A clinic's own people: who invites them, who ends their access, and what neither can give."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from education.accounts.invitations import CONSOLE
from education.audit.models import Event
from education.handouts.models import ClinicStaff
from education.people.models import Message, Role, User
from education.people.rules import rights_of
from tests.factories import PASSWORD, make_editor, make_person, make_writer
from tests.handouts.clinics import make_clinic, make_clinic_person
from tests.public.reading import read

pytestmark = pytest.mark.django_db

PEOPLE = "/clinic/people/"
LINK = re.compile(r"http\S+(/admin/password/[^\s<]+/)")
NEW = "a quiet afternoon by the sea"
TYPED = {"name": "A colleague", "email": "colleague@clinic.example", "username": "colleague"}


@pytest.fixture
def clinic():
    return make_clinic("Hillside Clinic")


@pytest.fixture
def manager(client, clinic):
    """Somebody who manages the people of a clinic, signed in."""
    person = make_clinic_person(clinic)
    ClinicStaff.objects.filter(person=person).update(manages_people=True)
    client.force_login(person)
    return person


def page_of(person):
    return reverse("clinic-colleague", args=[person.clinic_staff.pk])


def version(client, address, name="version_seen"):
    page = client.get(address).content.decode()
    *_, tag = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    return re.search(r'value="([^"]+)"', tag)[1]


def end(client, person, **typed):
    told = {"do": "end", "end-certain": "on", "end-version_seen": ""} | typed
    return client.post(page_of(person), told, follow=True)


def actions():
    return list(Event.objects.order_by("sequence").values_list("action", flat=True))


def test_an_invited_colleague_chooses_a_password_and_works_at_this_desk_alone(client, manager):
    mail.outbox.clear()

    answer = client.post(PEOPLE, TYPED, follow=True).content.decode()

    assert "A colleague has a link by mail" in answer
    (sent,) = mail.outbox
    assert sent.to == ["colleague@clinic.example"]
    (path,) = LINK.findall(sent.body)
    assert path not in answer
    assert actions()[-3:] == ["person.added", "clinic.person_added", "person.invited"]
    browser = Client()
    form = browser.get(path).headers["Location"]
    browser.post(form, {"new_password1": NEW, "new_password2": NEW})
    browser.post(reverse("clinic-sign-in"), {"username": "colleague", "password": NEW})
    assert "Hillside Clinic" in read(browser, reverse("clinic-desk")).text
    assert rights_of(User.objects.get(username="colleague")) == {"is_active", Role.CLINIC.label}
    assert browser.post(PEOPLE, TYPED | {"username": "another"}).status_code == 403
    assert browser.get(reverse("admin:index")).status_code == 302


def test_only_who_manages_people_of_the_clinic_sees_the_form_and_may_use_it(client, clinic):
    person, colleague = make_clinic_person(clinic), make_clinic_person(clinic)
    client.force_login(person)

    assert "Invite a colleague" not in read(client, PEOPLE).text
    assert client.post(PEOPLE, TYPED).status_code == 403
    assert client.get(page_of(colleague)).status_code == 403
    assert end(client, colleague).status_code == 403
    assert not User.objects.filter(username="colleague").exists()
    assert ClinicStaff.objects.filter(person=colleague).exists()


def test_people_of_another_clinic_are_out_of_reach(client, manager):
    stranger = make_clinic_person()

    assert client.get(page_of(stranger)).status_code == 404
    assert end(client, stranger).status_code == 404
    assert stranger.username not in read(client, PEOPLE).text
    assert ClinicStaff.objects.filter(person=stranger).exists()


@pytest.mark.parametrize("same", ["email", "username"])
def test_an_account_of_somebody_else_is_never_taken(client, manager, same):
    writer = make_writer(username="writer", email="writer@example.org")
    typed = TYPED | {same: getattr(writer, same).upper()}

    answer = client.post(PEOPLE, typed)

    assert answer.status_code == 400
    assert "There is an account with this user name or mail address" in answer.content.decode()
    assert f'value="{typed["name"]}"' in answer.content.decode()  # nothing typed is lost
    writer = User.objects.get(pk=writer.pk)
    assert writer.check_password(PASSWORD)
    assert not writer.has_role(Role.CLINIC)


def test_what_is_typed_beside_the_fields_gives_no_right(client, manager):
    client.post(PEOPLE, TYPED | {"is_staff": "on", "is_superuser": "on", "groups": "1"})

    assert rights_of(User.objects.get(username="colleague")) == {"is_active", Role.CLINIC.label}


def test_access_ends_at_once_after_a_confirmation_and_the_person_is_told(client, clinic, manager):
    colleague = make_clinic_person(clinic)
    browser = Client()
    browser.force_login(colleague)

    unsure = client.post(page_of(colleague), {"do": "end"})
    assert "Tick the box to end this access." in unsure.content.decode()
    assert browser.get(reverse("clinic-desk")).status_code == 200

    end(client, colleague)
    assert browser.get(reverse("clinic-desk")).status_code in {302, 403}
    assert rights_of(colleague) == {"is_active"}
    assert "ended your access to the desk of Hillside" in Message.objects.get(to=colleague).body
    assert "clinic.person_ended" in actions()
    assert colleague.username not in read(client, PEOPLE).text


def test_who_is_also_an_editor_keeps_that_when_the_clinic_ends_their_access(
    client, clinic, manager
):
    both = make_clinic_person(clinic)
    both.groups.add(*make_writer().groups.all())
    User.objects.filter(pk=both.pk).update(is_staff=True)

    end(client, both)

    both = User.objects.get(pk=both.pk)
    assert rights_of(both) == {"is_active", "is_staff", Role.WRITER.label}
    assert both.check_password(PASSWORD)
    again = client.post(PEOPLE, TYPED | {"email": both.email})
    assert again.status_code == 400  # an editor's account is not taken back into the clinic


def test_nobody_ends_their_own_access_so_somebody_is_left_who_manages_people(client, manager):
    assert client.get(page_of(manager)).status_code == 404
    assert end(client, manager).status_code == 404
    assert ClinicStaff.objects.filter(person=manager, manages_people=True).exists()


def test_who_left_can_be_invited_again_and_the_old_password_is_gone(client, clinic, manager):
    colleague = make_clinic_person(clinic)
    end(client, colleague)

    client.post(PEOPLE, TYPED | {"email": colleague.email})

    back = User.objects.get(pk=colleague.pk)
    assert back.clinic_staff.clinic == clinic
    assert not back.has_usable_password()
    assert not User.objects.filter(username="colleague").exists()


def test_who_left_another_clinic_is_not_taken(client, clinic, manager):
    elsewhere = make_clinic_person()
    chief = make_clinic_person(elsewhere.clinic_staff.clinic)
    ClinicStaff.objects.filter(person=chief).update(manages_people=True)
    browser = Client()
    browser.force_login(chief)
    end(browser, elsewhere)

    assert client.post(PEOPLE, TYPED | {"email": elsewhere.email}).status_code == 400
    assert not ClinicStaff.objects.filter(person=elsewhere).exists()


def test_a_manager_hands_on_and_a_form_of_before_is_refused(client, clinic, manager):
    colleague = make_clinic_person(clinic)
    page = page_of(colleague)
    old_tab, end_tab = version(client, page), version(client, page, "end-version_seen")

    client.post(page, {"do": "save", "manages_people": "on", "version_seen": old_tab})
    assert ClinicStaff.objects.get(person=colleague).manages_people
    assert Event.objects.latest("sequence").data["manages_people"] is True

    stale = client.post(page, {"do": "save", "version_seen": old_tab})
    assert "Somebody changed this while you had it open" in stale.content.decode()
    assert ClinicStaff.objects.get(person=colleague).manages_people
    stale = end(client, colleague, **{"end-version_seen": end_tab})
    assert "Somebody changed this while you had it open" in stale.content.decode()
    assert ClinicStaff.objects.filter(person=colleague).exists()


def test_a_new_link_goes_only_to_who_has_no_password_and_nothing_but_this_desk(
    client, clinic, manager
):
    colleague = make_clinic_person(clinic)
    assert "A new link" not in read(client, page_of(colleague)).text
    client.post(page_of(colleague), {"do": "link"})
    assert User.objects.get(pk=colleague.pk).check_password(PASSWORD)

    client.post(PEOPLE, TYPED)
    invited = User.objects.get(username="colleague")
    mail.outbox.clear()
    client.post(page_of(invited), {"do": "link"})
    assert [sent.to for sent in mail.outbox] == [[invited.email]]

    User.objects.filter(pk=invited.pk).update(is_staff=True)
    mail.outbox.clear()
    client.post(page_of(invited), {"do": "link"})
    assert mail.outbox == []


def test_without_mail_the_link_is_shown_once_to_who_invites(client, manager, settings):
    settings.EMAIL_BACKEND = CONSOLE

    answer = client.post(PEOPLE, TYPED)

    assert LINK.search(answer.content.decode())
    assert not LINK.search(client.get(PEOPLE).content.decode())


def test_an_editor_in_chief_names_who_manages_people_and_others_cannot(client, clinic):
    person = make_clinic_person(clinic)
    address = reverse("admin:education_clinic_managers", args=[clinic.pk])
    change = reverse("admin:education_clinic_change", args=[clinic.pk])
    for other in (make_writer(), make_person(Role.AUDITOR)):
        client.force_login(other)
        assert client.post(address, {"managers": person.clinic_staff.pk}).status_code == 403
    client.force_login(make_editor())
    seen = version(client, change)

    client.post(address, {"managers": person.clinic_staff.pk, "version_seen": seen})
    assert ClinicStaff.objects.get(person=person).manages_people
    assert "(manages people)" in client.get(change).content.decode()

    stale = client.post(address, {"version_seen": seen}, follow=True)
    assert "Somebody changed this" in stale.content.decode()
    assert ClinicStaff.objects.get(person=person).manages_people
    client.post(address, {"version_seen": version(client, change)})
    assert not ClinicStaff.objects.get(person=person).manages_people

    elsewhere = make_clinic_person()  # no row of another clinic can be named here
    client.post(address, {"managers": elsewhere.clinic_staff.pk})
    assert not ClinicStaff.objects.get(person=elsewhere).manages_people


def test_who_moves_to_another_clinic_manages_no_people_there(client, manager):
    other = make_clinic("Lakeside Clinic")
    client.force_login(make_editor())

    client.post(
        reverse("admin:education_clinic_person", args=[other.pk]), {"person": manager.username}
    )

    assert ClinicStaff.objects.get(person=manager).clinic == other
    client.force_login(manager)
    assert client.post(PEOPLE, TYPED).status_code == 403
