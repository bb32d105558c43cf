"""What lets a person do more is agreed to by two, they and another; what bars counts at once."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from education.audit.models import Event
from education.people.models import ConflictOfInterest, Message, ProfileProposal, Role, User
from education.people.operations import declare_interests
from education.review.models import Review
from tests.factories import (
    make_decision,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_revision_in_review,
    make_topic,
    make_writer,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LATER = TODAY + datetime.timedelta(days=900)


@pytest.fixture
def administrator(client):
    person = make_person(is_superuser=True)
    client.force_login(person)
    return person


def account_form(client, person, **changed):
    """Change somebody's account by its form, sent as it came but for what is ``changed``."""
    page = reverse("admin:education_user_change", args=[person.pk])
    response = client.get(page)
    form = response.context["adminform"].form
    formset = response.context["inline_admin_formsets"][0].formset
    sent = {}
    for each in [form, formset.management_form, *formset.initial_forms]:
        for field in each:
            value = field.value()
            if isinstance(value, bool):
                value = "on" if value else None
            if isinstance(value, list):
                value = [getattr(row, "pk", row) for row in value]
            if value is not None:
                sent[field.html_name] = value
    answer = client.post(page, sent | changed, follow=True).content.decode()
    person.refresh_from_db()
    return answer


def own_form(client, person, **changed):
    """Change what is on record of oneself by the page for it."""
    client.force_login(person)
    sent = {
        "specialty": person.specialty,
        "credentials": person.credentials,
        "credentials_expire_on": person.credentials_expire_on or "",
    }
    answer = client.post(reverse("admin:education_user_profile"), sent | changed, follow=True)
    person.refresh_from_db()
    return answer.content.decode()


def decide(client, person, decision="agree"):
    client.force_login(person)
    proposal = ProfileProposal.objects.first()
    page = reverse("admin:education_profileproposal_decide", args=[proposal.pk])
    answer = client.post(page, {"decision": decision}, follow=True)
    proposal.person.refresh_from_db()
    return answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("specialty", "Neurosurgery"),
        ("credentials", "MD, GMC 7654321"),
        ("credentials_expire_on", LATER),
        ("interests_declared_on", TODAY),
    ],
)
def test_an_administrator_gives_nothing_alone_and_the_person_agrees(
    client, administrator, field, value
):
    long_ago = TODAY - datetime.timedelta(days=300)
    person = make_medical_reviewer(email="reviewer@example.org", interests_declared_on=long_ago)
    before = getattr(person, field)
    answer = account_form(client, person, **{field: value})

    assert f"This takes effect once {person} agrees" in answer
    assert getattr(person, field) == before
    assert Message.objects.filter(to=person, subject__contains="what is on record").exists()

    for other in (administrator, make_editor(), make_writer()):
        decide(client, other)
        person.refresh_from_db()
        assert getattr(person, field) == before
    client.force_login(person)
    assert "Credentials to agree to" in client.get(reverse("admin:index")).content.decode()
    assert "Agreed." in decide(client, person)
    person.refresh_from_db()
    assert getattr(person, field) == value
    agreed = Event.objects.get(action="profile.agreed")
    assert agreed.by == person
    assert agreed.data["changes"] == {field: [str(before), str(value)]}


def test_a_person_gives_themselves_nothing_alone(client):
    person, editor = make_medical_reviewer(), make_editor()
    expiry = person.credentials_expire_on
    answer = own_form(client, person, specialty="Neurosurgery", credentials_expire_on=LATER)

    assert "An administrator or editor-in-chief must agree" in answer
    assert (person.specialty, person.credentials_expire_on) == ("Paediatric neurology", expiry)
    assert "must agree, nobody else" in decide(client, person)
    person.refresh_from_db()
    assert person.specialty == "Paediatric neurology"

    decide(client, editor)
    person.refresh_from_db()
    assert (person.specialty, person.credentials_expire_on) == ("Neurosurgery", LATER)


def test_what_bars_counts_at_once_by_oneself_and_by_an_administrator(client, administrator):
    first, second = make_medical_reviewer(), make_medical_reviewer()
    account_form(client, first, credentials="", credentials_expire_on=TODAY)
    own_form(client, second, specialty="", credentials_expire_on="")

    assert (first.credentials, first.credentials_expire_on) == ("", TODAY)
    assert (second.specialty, second.credentials_expire_on) == ("", None)
    assert not ProfileProposal.objects.exists()
    assert Event.objects.filter(action="profile.changed").count() == 2


def test_what_gains_waits_while_what_bars_beside_it_counts(client, administrator):
    person = make_medical_reviewer()
    account_form(client, person, credentials="Somebody else", credentials_expire_on=TODAY)
    assert (person.credentials, person.credentials_expire_on) != ("Somebody else", LATER)
    assert person.credentials_expire_on == TODAY
    assert list(ProfileProposal.objects.get().changes) == ["credentials"]


def test_a_conflict_is_taken_back_by_two(client, administrator):
    person, topic, other = make_medical_reviewer(), make_topic(), make_topic("other")
    declare_interests(by=person, interests="Shares", conflicts=[topic])
    conflict = ConflictOfInterest.objects.get()

    account_form(client, person, **{"conflicts-0-DELETE": "on"})
    assert ConflictOfInterest.objects.filter(person=person, topic=topic).exists()
    account_form(client, person, **{"conflicts-0-topic": other.pk})
    barred = set(ConflictOfInterest.objects.values_list("topic", flat=True))
    assert barred == {topic.pk, other.pk}  # the new one at once, the old one still

    client.force_login(administrator)
    decide(client, administrator)
    assert ConflictOfInterest.objects.filter(topic=topic).exists()
    decide(client, person)
    assert set(ConflictOfInterest.objects.values_list("topic", flat=True)) == {other.pk}
    assert conflict.description == ""
    taken = Event.objects.get(action="profile.agreed")
    assert taken.data["changes"]["conflicts"] == [[topic.slug], []]


def test_a_person_asks_to_take_back_a_conflict(client):
    person, topic, editor = make_medical_reviewer(), make_topic(), make_editor()
    declare_interests(by=person, interests="Shares", conflicts=[topic])
    assert "Conflicts on: none" in own_form(client, person, taken_back=[topic.pk])
    assert ConflictOfInterest.objects.exists()
    decide(client, editor, "refuse")
    assert ConflictOfInterest.objects.exists()
    own_form(client, person, taken_back=[topic.pk])
    decide(client, editor)
    assert not ConflictOfInterest.objects.exists()


def test_what_changed_meanwhile_is_not_agreed_to(client):
    person, editor = make_medical_reviewer(), make_editor()
    own_form(client, person, credentials_expire_on=LATER)
    own_form(client, person, credentials_expire_on=TODAY)
    assert "This changed meanwhile" in decide(client, editor)
    person.refresh_from_db()
    assert person.credentials_expire_on == TODAY


def test_the_only_administrator_of_a_new_site_is_alone_and_the_record_says_so(
    client, administrator
):
    account_form(client, administrator, credentials="MD")
    assert administrator.credentials == "MD"
    assert Event.objects.get(action="profile.changed").data["alone"] is True


def test_who_no_longer_looks_after_accounts_has_given_nothing(client, administrator):
    person = make_medical_reviewer()
    account_form(client, person, specialty="Neurosurgery")
    User.objects.filter(pk=administrator.pk).update(is_superuser=False)
    assert "does not look after accounts any more" in decide(client, person)
    person.refresh_from_db()
    assert person.specialty == "Paediatric neurology"


def test_who_may_read_what_was_proposed(client, administrator):
    person = make_medical_reviewer()
    account_form(client, person, specialty="Neurosurgery")
    proposal = ProfileProposal.objects.get()
    page = reverse("admin:education_profileproposal_change", args=[proposal.pk])
    lists = reverse("admin:education_profileproposal_changelist")
    for reader in (make_writer(), make_medical_reviewer()):
        client.force_login(reader)
        assert "Neurosurgery" not in client.get(page, follow=True).content.decode()
        assert str(person) not in client.get(lists).content.decode()
    for reader in (person, make_editor(), make_person(Role.AUDITOR)):
        client.force_login(reader)
        assert "Neurosurgery" in client.get(page).content.decode()


def test_specialties_are_a_list_and_an_old_spelling_is_shown_by_its_field(client, administrator):
    person = make_medical_reviewer("Neurology, paediatric")
    revision = make_revision_in_review()
    make_decision(revision, person)
    page = client.get(reverse("admin:education_user_change", args=[person.pk]))
    field = page.context["adminform"].form["specialty"]
    assert field.value() == "Paediatric neurology"

    assert "Select a valid choice" in account_form(client, person, specialty="Cells")
    account_form(client, person, display_name="Anna")
    # The same field of medicine lets nobody do more.
    assert (person.display_name, person.specialty) == ("Anna", "Paediatric neurology")
    assert not ProfileProposal.objects.exists()
    assert Review.objects.get().specialty == "Neurology, paediatric"
    shown = client.get(reverse("admin:education_revision_change", args=[revision.pk]))
    assert "Neurology, paediatric, counts as Paediatric neurology" in shown.content.decode()


def test_a_specialty_that_is_not_on_the_list_stays_until_it_is_changed(client, administrator):
    person = make_medical_reviewer("Hippotherapy")
    account_form(client, person, display_name="Anna")
    assert person.specialty == "Hippotherapy"
    assert not ProfileProposal.objects.exists()


def test_the_page_of_oneself_carries_its_version(client):
    person, editor = make_medical_reviewer(), make_editor()
    client.force_login(person)
    old = client.get(reverse("admin:education_user_profile")).context["form"]
    seen = old["version_seen"].value()
    User.objects.filter(pk=person.pk).update(credentials="")
    answer = own_form(client, person, credentials="MD", version_seen=seen)
    assert "Somebody changed this while you had it open" in answer
    assert not ProfileProposal.objects.exists()
    assert editor.is_active


def test_the_database_refuses_two_that_do_not_hold_the_person():
    person, one, other = make_person(), make_editor(), make_editor()
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileProposal.objects.create(
            person=person, changes={}, by=one, at=now,
            decided_by=other, decided_at=now, accepted=True,
        )  # fmt: skip


def test_a_reviewer_gives_themselves_nothing_where_nobody_ever_looked_after_accounts(client):
    person = make_medical_reviewer()
    own_form(client, person, specialty="Neurosurgery", credentials_expire_on=LATER)
    assert person.specialty != "Neurosurgery"
    assert ProfileProposal.objects.get().person == person


def test_a_conflict_that_was_declared_again_is_not_ended_by_an_older_proposal(
    client, administrator
):
    person, topic = make_medical_reviewer(), make_topic()
    declare_interests(by=person, interests="Shares", conflicts=[topic])
    account_form(client, person, **{"conflicts-0-DELETE": "on"})
    by_administrator = ProfileProposal.objects.get()
    own_form(client, person, taken_back=[topic.pk])
    own = ProfileProposal.objects.exclude(pk=by_administrator.pk).get()
    step = "admin:education_profileproposal_decide"
    client.post(reverse(step, args=[by_administrator.pk]), {"decision": "agree"})
    assert not ConflictOfInterest.objects.exists()
    declare_interests(by=person, interests="A new employer", conflicts=[topic])

    client.force_login(administrator)
    client.post(reverse(step, args=[own.pk]), {"decision": "agree"})
    assert ConflictOfInterest.objects.filter(person=person, topic=topic).exists()
