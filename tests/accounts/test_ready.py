"""From a role to work: what is still to do, the desk that comes with the role, the right door."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from education.accounts.invitations import CONSOLE
from education.accounts.ready import is_ready, ready_steps
from education.people.models import ProfileProposal, RightsProposal, Role, User
from education.people.operations import decide_rights
from tests.factories import PASSWORD, make_editor, make_medical_reviewer, make_person
from tests.handouts.clinics import make_clinic_person

pytestmark = pytest.mark.django_db
NEW = "a quiet afternoon by the sea"
LINK = re.compile(r"http\S+(/admin/password/\S+/)")


def open_steps(person) -> list[str]:
    return [step.name for step in ready_steps(User.objects.get(pk=person.pk)) if not step.done]


def set_password(path: str, password: str = NEW) -> str:
    """What somebody does with the link; returns where they are led."""
    browser = Client()
    form = browser.get(path).headers["Location"]
    told = {"new_password1": password, "new_password2": password}
    return browser.post(form, told).headers["Location"]


def sign_in(door: str, person, password: str = PASSWORD):
    browser = Client()
    told = {"username": person.username, "password": password}
    return browser.post(reverse(door), told, follow=True)


def test_somebody_invited_works_after_one_agreement_and_their_own_password(
    client, django_capture_on_commit_callbacks
):
    administrator, editor = make_person(is_superuser=True), make_editor()
    client.force_login(administrator)
    plain = Role.PLAIN_LANGUAGE_REVIEWER
    group = User.groups.field.related_model.objects.get(name=plain.label)
    told = {
        "username": "newcomer", "display_name": "Test newcomer", "email": "new@portal.example",
        "groups": [group.pk], "invited": "on",
        "conflicts-TOTAL_FORMS": 0, "conflicts-INITIAL_FORMS": 0,
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:education_user_add"), told)
    person = User.objects.get(username="newcomer")
    proposal = RightsProposal.objects.get()
    assert proposal.in_words == "Plain-language reviewer, desk"
    assert open_steps(person) == ["Agreed", "Password", "Interests"]
    shown = client.get(reverse("admin:education_user_change", args=[person.pk])).content.decode()
    assert "A second person must still agree to: Plain-language reviewer, desk." in shown

    (link,) = [LINK.findall(m.body)[0] for m in mail.outbox if m.to == ["new@portal.example"]]
    assert set_password(link) == reverse("admin:login")
    assert "no desk yet" in sign_in("admin:login", person, NEW).content.decode()

    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        decide_rights(proposal=proposal, by=editor, accepted=True)
    assert [m.subject for m in mail.outbox] == ["You may begin to work"]
    for door in ("admin:login", "clinic-sign-in"):
        answer = sign_in(door, person, NEW)
        assert answer.redirect_chain[-1][0] == reverse("admin:index")
        assert "Interests were not declared within the last year." in answer.content.decode()


def test_a_role_that_was_proposed_without_its_desk_brings_it_too():
    person = make_person(is_staff=False)
    proposal = RightsProposal.objects.create(
        person=person,
        roles=[Role.WRITER.label],
        by=make_person(is_superuser=True),
        at=person.date_joined,
    )

    decide_rights(proposal=proposal, by=make_editor(), accepted=True)

    person.refresh_from_db()
    assert (person.is_staff, person.roles) == (True, {Role.WRITER})


def change(client, person, **told):
    data = {
        "username": person.username, "display_name": person.display_name, "is_active": "on",
        "conflicts-TOTAL_FORMS": 0, "conflicts-INITIAL_FORMS": 0,
    }  # fmt: skip
    client.post(reverse("admin:education_user_change", args=[person.pk]), data | told)
    person.refresh_from_db()


def test_the_desk_goes_with_the_last_role_and_stays_where_there_was_none(client):
    client.force_login(make_person(is_superuser=True))
    reviewer, without_role = make_medical_reviewer(), make_person()

    change(client, reviewer)
    change(client, without_role, display_name="Test name")

    assert (reviewer.roles, reviewer.is_staff) == (set(), False)
    assert without_role.is_staff


def test_a_clinic_is_no_desk_of_editors(client):
    client.force_login(make_person(is_superuser=True))
    person = make_person(is_staff=False)
    group = User.groups.field.related_model.objects.get(name=Role.CLINIC.label)

    change(client, person, groups=[group.pk])

    assert (person.roles, person.is_staff) == ({Role.CLINIC}, False)


@pytest.mark.parametrize("door", ["admin:login", "clinic-sign-in"])
def test_after_signing_in_at_any_door_one_is_where_one_may_work(door):
    clinic_person, editor = make_clinic_person(), make_editor()

    assert sign_in(door, clinic_person).redirect_chain[-1][0] == reverse("clinic-desk")
    assert sign_in(door, editor).redirect_chain[-1][0] == reverse("admin:index")


def test_a_reviewer_who_has_everything_is_ready():
    reviewer = make_medical_reviewer(email="reviewer@portal.example")
    assert is_ready(reviewer)

    reviewer.specialty = ""
    reviewer.save()
    assert open_steps(reviewer) == ["Credentials"]


def test_credentials_that_were_proposed_wait_for_whoever_agrees(client):
    administrator = make_person(is_superuser=True)
    reviewer = make_medical_reviewer(credentials="", email="reviewer@portal.example")
    client.force_login(reviewer)
    told = {
        "specialty": reviewer.specialty, "credentials": "Consultant",
        "credentials_expire_on": "2099-01-01",
    }  # fmt: skip
    client.post(reverse("admin:education_user_profile"), told)

    assert "must still agree to: Credentials: Consultant" in client.get("/admin/").content.decode()
    client.force_login(administrator)
    page = client.get(reverse("admin:education_user_change", args=[reviewer.pk])).content.decode()
    proposal = ProfileProposal.objects.get()
    assert reverse("admin:education_profileproposal_change", args=[proposal.pk]) in page


def ask(name: str) -> str:
    return Client().post(reverse("admin:forgotten-password"), {"name": name}).content.decode()


def test_a_forgotten_password_is_replaced_by_mail_and_ends_every_sign_in(client):
    person = make_editor(username="forgetful", email="forgetful@portal.example")
    client.force_login(person)
    assert "Forgotten password?" in Client().get(reverse("admin:login")).content.decode()

    for name in ("FORGETFUL", "forgetful@portal.example"):
        ask(name)
    assert [m.to for m in mail.outbox] == [[person.email]] * 2
    assert client.get(reverse("admin:index")).status_code == 200  # nothing was taken away
    links = [LINK.findall(m.body)[0] for m in mail.outbox]
    set_password(links[0])

    assert User.objects.get(pk=person.pk).check_password(NEW)
    assert client.get(reverse("admin:index")).status_code == 302
    assert Client().get(links[1]).status_code == 404


def test_nobody_learns_which_accounts_there_are():
    make_person(username="off", email="off@portal.example", is_active=False)
    make_person(username="no-mail")

    answers = {re.sub(r'nonce="[^"]*"', "", ask(name)) for name in ("off", "no-mail", "nobody")}

    assert len({re.sub(r"\s+|value=\S+", " ", answer) for answer in answers}) == 1
    assert mail.outbox == []


def test_mail_is_not_sent_without_end():
    make_person(username="forgetful", email="forgetful@portal.example")

    answers = [ask("forgetful") for _ in range(8)]

    assert "Too many tries." in answers[-1]
    assert len(mail.outbox) < 8


def test_where_no_mail_is_sent_the_page_says_whom_to_ask(settings):
    settings.EMAIL_BACKEND = CONSOLE

    assert (
        "Ask whoever looks after accounts"
        in Client().get(reverse("admin:forgotten-password")).content.decode()
    )
