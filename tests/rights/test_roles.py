"""Nobody gives out roles alone once a second person had a say, whatever they switch off."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from education.audit.models import Event
from education.people.models import Message, RightsProposal, Role, User
from education.people.operations import decide_rights
from education.people.rules import specialty_of
from education.review.rules import missing_approvals
from tests.factories import (
    make_article,
    make_decision,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_revision_in_review,
)
from tests.people.test_rights import roles

pytestmark = pytest.mark.django_db


def change(client, person, held=(), **flags):
    """Change what an account may do, by its form."""
    switches = {name: getattr(person, name) for name in ("is_active", "is_staff", "is_superuser")}
    groups = Group.objects.filter(name__in=[role.label for role in held])
    return client.post(
        reverse("admin:education_user_change", args=[person.pk]),
        {
            "username": person.username,
            "display_name": person.display_name,
            "email": person.email,
            "groups": [group.pk for group in groups],
            "conflicts-TOTAL_FORMS": 0,
            "conflicts-INITIAL_FORMS": 0,
            **{name: "on" for name, on in (switches | flags).items() if on},
        },
        follow=True,
    )


@pytest.fixture
def administrator(client):
    person = make_person(is_superuser=True, email="admin@example.org")
    client.force_login(person)
    return person


def test_the_only_editor_switched_off_does_not_make_one_alone(client, administrator):
    editor = make_editor(email="editor@example.org")
    auditor = make_person(Role.AUDITOR, email="auditor@example.org")

    change(client, editor, [Role.EDITOR_IN_CHIEF], is_active=False)
    change(client, administrator, [Role.EDITOR_IN_CHIEF])

    assert roles(administrator) == set()
    proposal = RightsProposal.objects.get()
    assert (proposal.person, proposal.decided_at) == (administrator, None)
    editor.refresh_from_db()
    assert not editor.is_active  # off takes effect at once
    told = Message.objects.filter(subject__contains="took rights from")
    assert {mail.to for mail in told} == {editor, auditor, administrator}

    # Switching the other on again changes nothing for 30 days: they depend on who did it.
    User.objects.filter(pk=editor.pk).update(is_active=True)
    client.force_login(editor)
    client.post(
        reverse("admin:education_rightsproposal_decide", args=[proposal.pk]), {"decision": "give"}
    )
    assert roles(administrator) == set()


def test_nobody_agrees_to_what_they_gain_or_proposed_themselves(client, administrator):
    editor, other = make_editor(), make_editor()
    change(client, editor, [Role.EDITOR_IN_CHIEF, Role.MEDICAL_REVIEWER])
    proposal = RightsProposal.objects.get()
    decide = reverse("admin:education_rightsproposal_decide", args=[proposal.pk])
    for person in (editor, administrator):
        client.force_login(person)
        answer = client.post(decide, {"decision": "give"}, follow=True).content.decode()
        assert "not who proposed it, not who gets the rights" in answer
        assert roles(editor) == {Role.EDITOR_IN_CHIEF}
    client.force_login(other)
    client.post(decide, {"decision": "give"})
    assert roles(editor) == {Role.EDITOR_IN_CHIEF, Role.MEDICAL_REVIEWER}


def test_somebody_else_may_agree_meanwhile(client, administrator):
    first, second, person = make_editor(), make_editor(), make_person()
    change(client, first, [])
    change(client, person, [Role.WRITER])
    proposal = RightsProposal.objects.get()
    User.objects.get(pk=first.pk).groups.add(Group.objects.get(name=Role.EDITOR_IN_CHIEF.label))
    User.objects.filter(pk=first.pk).update(is_staff=True)  # the desk had gone with the role
    client.force_login(first)
    decide = reverse("admin:education_rightsproposal_decide", args=[proposal.pk])
    assert (
        "took rights in the last 30 days"
        in client.post(decide, {"decision": "give"}, follow=True).content.decode()
    )
    assert roles(person) == set()
    client.force_login(second)
    client.post(decide, {"decision": "give"})
    assert roles(person) == {Role.WRITER}


def test_after_thirty_days_they_may_agree_again(client, administrator, monkeypatch):
    first, person = make_editor(), make_person()
    change(client, first, [Role.EDITOR_IN_CHIEF], is_active=False)
    User.objects.filter(pk=first.pk).update(is_active=True)
    change(client, person, [Role.WRITER])
    later = timezone.now() + datetime.timedelta(days=31)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    decide_rights(proposal=RightsProposal.objects.get(), by=first, accepted=True)
    assert roles(person) == {Role.WRITER}


def test_who_only_once_had_the_power_counts_too(client, administrator):
    person = make_person()
    change(client, person, [Role.EDITOR_IN_CHIEF])  # alone, on a new site
    assert roles(person) == {Role.EDITOR_IN_CHIEF}
    change(client, person, [])
    change(client, administrator, [Role.MEDICAL_REVIEWER])
    assert roles(administrator) == set()
    assert Event.objects.filter(action="person.changed").latest("sequence").data["alone"] is False


def test_where_nobody_is_left_it_is_done_on_the_server_and_everybody_hears(
    client, administrator, capsys
):
    editor = make_editor(email="editor@example.org")
    change(client, editor, [Role.EDITOR_IN_CHIEF], is_active=False)
    person = make_person(email="new@example.org")
    change(client, person, [Role.EDITOR_IN_CHIEF])
    proposal = RightsProposal.objects.get()

    call_command("agree_to_rights")
    assert f"{proposal.pk}: {person}: Editor-in-chief" in capsys.readouterr().out
    call_command("agree_to_rights", str(proposal.pk))

    assert roles(person) == {Role.EDITOR_IN_CHIEF}
    assert Event.objects.get(action="rights.given").by is None
    told = Message.objects.filter(subject__contains="on the server")
    assert {mail.to for mail in told} == {administrator, person}


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("Neurology, paediatric", "Paediatric neurology"),
        ("pediatric neurology", "Paediatric neurology"),
        ("  Paediatric   Neurology ", "Paediatric neurology"),
        ("Child neurology", "Paediatric neurology"),
        ("Neurosurgery", "Neurosurgery"),
        ("Orthopedics", "Orthopaedic surgery"),
        ("Something  else", "Something else"),
    ],
)
def test_a_field_of_medicine_has_one_name(words, field):
    assert specialty_of(words) == field


def test_one_field_written_in_two_ways_is_not_two_approvals():
    revision = make_revision_in_review(article=make_article(risk_class="A"))
    first = make_decision(revision, make_medical_reviewer("Paediatric neurology"))
    make_decision(revision, make_medical_reviewer("Neurology, paediatric"))
    make_decision(revision, make_plain_language_reviewer(), reviewed_as="plain_language")
    assert missing_approvals(revision) == ["1 medical reviewer of another specialty"]
    assert first.specialty == "Paediatric neurology"
    make_decision(revision, make_medical_reviewer("Neurosurgery"))
    assert missing_approvals(revision) == []
