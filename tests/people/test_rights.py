"""Rights are given by two people, and taken away by one."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from education.audit.models import Event
from education.people.models import RightsProposal, Role, User
from education.people.operations import MayNotAgreeError, decide_rights
from tests.factories import make_editor, make_medical_reviewer, make_person

pytestmark = pytest.mark.django_db


def change(client, person, roles=(), **flags):
    """Change an account as its form does."""
    flags = {flag: getattr(person, flag) for flag in ("is_active", "is_staff", "is_superuser")} | (
        flags
    )
    groups = Group.objects.filter(name__in=[role.label for role in roles])
    return client.post(
        reverse("admin:education_user_change", args=[person.pk]),
        {
            "username": person.username,
            "display_name": person.display_name,
            "groups": [group.pk for group in groups],
            "conflicts-TOTAL_FORMS": 0,
            "conflicts-INITIAL_FORMS": 0,
            **{flag: "on" for flag, on in flags.items() if on},
        },
        follow=True,
    )


def roles(person):
    return User.objects.get(pk=person.pk).roles


def test_a_role_waits_for_a_second_person(client):
    administrator, editor, person = make_person(is_superuser=True), make_editor(), make_person()
    client.force_login(administrator)

    answer = change(client, person, [Role.MEDICAL_REVIEWER])
    assert "once a second person agrees: Medical reviewer" in answer.content.decode()
    assert roles(person) == set()
    proposal = RightsProposal.objects.get()

    for by in (administrator, person, make_medical_reviewer(), make_person(Role.AUDITOR)):
        with pytest.raises(MayNotAgreeError):
            decide_rights(proposal=proposal, by=by, accepted=True)
    assert roles(person) == set()

    client.force_login(editor)
    decide = reverse("admin:education_rightsproposal_decide", args=[proposal.pk])
    client.post(decide, {"decision": "give"})
    assert roles(person) == {Role.MEDICAL_REVIEWER}
    given = Event.objects.get(action="rights.given")
    assert (given.by, given.data["rights"]) == (editor, ["Medical reviewer"])


def test_switches_wait_too(client):
    make_editor()
    person = make_person(is_active=False, is_staff=False)
    client.force_login(make_person(is_superuser=True))

    change(client, person, is_active=True, is_staff=True, is_superuser=True)

    person.refresh_from_db()
    assert (person.is_active, person.is_staff, person.is_superuser) == (False, False, False)
    assert RightsProposal.objects.get().flags == ["is_active", "is_staff", "is_superuser"]


def test_taking_rights_away_waits_for_nobody(client):
    make_editor()
    person = make_medical_reviewer()
    client.force_login(make_person(is_superuser=True))

    change(client, person, [], is_active=False)

    person.refresh_from_db()
    assert roles(person) == set()
    assert not person.is_active
    assert not RightsProposal.objects.exists()


def test_what_is_refused_is_never_given(client):
    make_editor()
    person = make_person()
    client.force_login(make_person(is_superuser=True))
    change(client, person, [Role.EDITOR_IN_CHIEF])
    proposal = RightsProposal.objects.get()

    decide_rights(proposal=proposal, by=make_editor(), accepted=False)
    with pytest.raises(MayNotAgreeError, match="decided already"):
        decide_rights(proposal=proposal, by=make_editor(), accepted=True)
    assert roles(person) == set()


def test_the_first_administrator_is_alone_and_the_record_says_so(client):
    administrator, person = make_person(is_superuser=True), make_person()
    client.force_login(administrator)

    change(client, person, [Role.EDITOR_IN_CHIEF])

    assert roles(person) == {Role.EDITOR_IN_CHIEF}
    assert Event.objects.filter(action="person.changed").latest("sequence").data["alone"] is True


def test_the_database_refuses_who_agrees_with_themselves():
    administrator, person = make_person(is_superuser=True), make_person()
    now = timezone.now()
    for by in (administrator, person):
        with pytest.raises(IntegrityError), transaction.atomic():
            RightsProposal.objects.create(
                person=person, roles=["Writer"], by=administrator, at=now,
                decided_by=by, decided_at=now, accepted=True,
            )  # fmt: skip
