"""What was withdrawn for harm can be hidden among versions and changes too, by two people."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from education.audit.models import Event
from education.connect.changes import SETTLING, changes
from education.handouts.copy_check import public_code
from education.management.integrity import audit_problems
from education.publishing.models import Publication, PublicationEvent
from education.publishing.operations import withdraw
from tests.factories import (
    make_draft,
    make_editor,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_writer,
)

pytestmark = pytest.mark.django_db

HARM = "Give your child ten doses at once."
WHY = "Its advice could harm a child."


@pytest.fixture
def versions():
    """Three versions; the second holds harm. Nothing is current any more."""
    first = make_publication()
    second = make_next_publication(first, body=f"## What to do\n\n{HARM}\n")
    third = make_next_publication(second, body="## What to do\n\nAsk your team.\n")
    withdraw(publication=third, by=make_editor(), reason="It is being checked.")
    return first, second, third


@pytest.fixture
def hide(client):
    def hide(by, publication, **fields):
        client.force_login(by)
        client.post(reverse("admin:education_publication_hide", args=[publication.pk]), fields)
        client.logout()

    return hide


def history(publication):
    slug, number = publication.slug, publication.number
    return [
        f"/articles/{slug}/versions/{number}/",
        f"/articles/{slug}/changes/{number - 1}-{number}/",
        f"/articles/{slug}/changes/{number}-{number + 1}/",
        f"/api/v1/articles/{slug}/versions/{number}/",
    ]


def saying(client, publication):
    answers = {address: client.get(address).content.decode() for address in history(publication)}
    # Words that changed are marked one by one.
    return {address for address, answer in answers.items() if "doses" in answer}


def test_one_person_proposes_another_hides_and_the_reason_stands_in_its_place(
    client, versions, hide
):
    _, second, _ = versions
    assert len(saying(client, second)) == 4

    hide(make_editor(), second, reason=WHY)
    assert len(saying(client, second)) == 4

    hide(make_medical_reviewer(), second, confirmed="on")
    assert saying(client, second) == set()
    for address in history(second):
        assert WHY in client.get(address).content.decode(), address


def test_what_it_said_of_its_own_change_is_hidden_with_it(client, hide):
    first = make_publication()
    second = make_next_publication(first, what_changed=HARM)
    third = make_next_publication(second, what_changed="We took back what we said.")
    told = [
        *history(second),
        f"/articles/{first.slug}/versions/",
        "/corrections/",
        "/feeds/corrections.xml",
        "/api/v1/changes/",
        f"/check/{public_code(first)}/",
    ]
    later = timezone.now() + SETTLING
    assert [change.version for change in changes(at=later) if change.reason == HARM] == [2]

    hide(make_editor(), second, reason=WHY)
    hide(make_editor(), second, confirmed="on")

    for address in told:
        answer = client.get(address).content.decode()
        assert HARM not in answer, address
    assert not [change for change in changes(at=later) if HARM in change.reason]
    listed = client.get(f"/articles/{first.slug}/versions/").content.decode()
    assert WHY in listed
    assert third.what_changed in listed


def test_a_hidden_correction_gives_its_reason_once(client, hide):
    first = make_publication()
    second = make_next_publication(first, what_changed="It said more.", correction=HARM)
    make_next_publication(second)
    address = f"/articles/{first.slug}/versions/"
    listed = client.get(address).content.decode()
    assert "It said more." in listed
    assert f"<strong>Correction:</strong> {HARM}" in listed

    hide(make_editor(), second, reason=WHY)
    hide(make_editor(), second, confirmed="on")

    assert client.get(address).content.decode().count(WHY) == 1


def test_who_proposed_it_does_not_hide_it_alone(client, versions, hide):
    _, second, _ = versions
    editor = make_editor()

    hide(editor, second, reason=WHY)
    hide(editor, second, confirmed="on")

    assert len(saying(client, second)) == 4


def test_it_needs_an_editor_in_chief_and_a_text_that_is_not_live(versions, hide):
    _, second, _ = versions
    live = make_publication()

    hide(make_writer(), second, reason=WHY)
    hide(make_editor(), live, reason=WHY)

    assert not PublicationEvent.objects.filter(kind="hiding_proposed").exists()


def test_the_record_keeps_the_text_and_who_hid_it(versions, hide):
    _, second, _ = versions
    before = Publication.objects.defer(None).get(pk=second.pk).content
    hide(make_editor(), second, reason=WHY)
    hide(make_editor(), second, confirmed="on")

    assert HARM in json.dumps(before)
    assert Publication.objects.defer(None).get(pk=second.pk).content == before
    assert Event.objects.get(action="publication.hidden").data["reason"] == WHY
    assert list(audit_problems()) == []


def test_other_versions_stay_readable(client, versions, hide):
    first, second, _ = versions
    hide(make_editor(), second, reason=WHY)
    hide(make_editor(), second, confirmed="on")

    slug = first.slug
    compared = client.get(f"/articles/{slug}/changes/1-3/").content.decode()
    assert "Ask your team." in compared
    # Once, in place of what the version between them said of its own change.
    assert compared.count(WHY) == 1
    shown = client.get(f"/articles/{slug}/versions/3/").content.decode()
    assert "Ask your team." in shown


def test_it_waits_among_the_work_of_the_second_person(client, versions, hide):
    _, second, _ = versions
    hide(make_editor(), second, reason=WHY)
    client.force_login(make_medical_reviewer())

    assert "Versions to hide" in client.get(reverse("admin:index")).content.decode()


def test_what_is_not_withdrawn_for_harm_stays_as_it_was(client):
    publication = make_publication(draft=make_draft())
    following = make_next_publication(publication)

    assert client.get(f"/articles/{following.slug}/versions/1/").status_code == 200


def test_its_page_at_the_desk_says_why_and_not_what_it_said(client, hide):
    version = make_publication(draft=make_draft(short_answer=HARM))
    withdraw(publication=version, by=make_editor(), reason="It is being checked.")
    writer = make_writer()
    client.force_login(writer)
    address = reverse("admin:education_publication_change", args=[version.pk])
    assert HARM in client.get(address).content.decode()

    hide(make_editor(), version, reason=WHY)
    hide(make_medical_reviewer(), version, confirmed="on")

    client.force_login(writer)
    shown = client.get(address).content.decode()
    assert HARM not in shown
    assert WHY in shown
