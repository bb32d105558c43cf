"""A withdrawn page stays off the site, whatever was scheduled to take its place."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from education.articles.models import Revision
from education.people.models import Message
from education.publishing.models import Publication
from education.publishing.operations import publish
from tests.factories import (
    make_approved_revision,
    make_draft,
    make_editor,
    make_person,
    make_publication,
)
from tests.handouts.clinics import go_to

pytestmark = pytest.mark.django_db

HARM = "Stop all medicines the day before."


@pytest.fixture
def page(client):
    """A page, a version of it that is scheduled with the same words, and who scheduled that."""
    first = make_publication()
    draft = make_draft(body=f"## What to do\n\n{HARM}\n", what_changed="Said more.")
    waiting = publish(
        revision=make_approved_revision(article=first.revision.article, draft=draft),
        by=make_editor(email="scheduler@example.org"),
        goes_live_at=timezone.now() + datetime.timedelta(days=2),
    )
    return first, waiting


def withdraw_page(client, publication, by):
    client.force_login(by)
    address = reverse("admin:education_publication_withdraw", args=[publication.pk])
    shown = client.get(address).content.decode()
    client.post(address, {"reason": "It told families something harmful."})
    return shown


def test_a_scheduled_version_does_not_bring_a_withdrawn_page_back(client, page, monkeypatch):
    first, waiting = page

    withdraw_page(client, first, make_editor())
    go_to(monkeypatch, timezone.localdate() + datetime.timedelta(days=4))

    later = timezone.now()
    assert not Publication.objects.current(later).exists()
    assert not Publication.objects.scheduled().exists()
    client.logout()
    answer = client.get(f"/articles/{first.slug}/")
    assert HARM not in answer.content.decode()
    assert "It told families something harmful." in answer.content.decode()
    revision = Revision.objects.get(pk=waiting.revision_id)
    assert revision.state == Revision.State.APPROVED


def test_the_page_that_confirms_names_what_will_be_cancelled_and_its_moment(client, page):
    first, waiting = page

    shown = withdraw_page(client, first, make_editor())

    moment = timezone.localtime(waiting.goes_live_at)
    assert f"Version {waiting.number}" in shown
    assert date_format(moment, "j F Y, H:i") in shown


def test_who_scheduled_it_is_told_and_the_record_says_who_cancelled(client, page):
    first, waiting = page
    editor = make_editor()

    withdraw_page(client, first, editor)

    cancelled = waiting.events.get()
    assert (cancelled.kind, cancelled.by) == ("cancelled", editor)
    assert "was withdrawn: It told families something harmful." in cancelled.reason
    assert Message.objects.filter(to=waiting.published_by, subject__endswith="was cancelled")


def test_a_superuser_cancels_with_the_emergency_power_too(client, page):
    first, _ = page

    withdraw_page(client, first, make_person(is_superuser=True))

    assert not Publication.objects.scheduled().exists()


def test_who_withdrew_a_page_does_not_publish_it_again(client, page):
    first, waiting = page
    editor = make_editor()
    withdraw_page(client, first, editor)
    address = reverse("admin:education_revision_publish", args=[waiting.revision_id])

    client.post(address, {"goes_live_at": ""})
    assert not Publication.objects.current().exists()

    client.force_login(make_editor())
    client.post(address, {"goes_live_at": ""})
    assert Publication.objects.current().exists()


def test_only_the_schedule_of_the_same_page_is_cancelled(client, page):
    first, _ = page
    other = publish(
        revision=make_approved_revision(),
        by=make_editor(),
        goes_live_at=timezone.now() + datetime.timedelta(days=2),
    )

    withdraw_page(client, first, make_editor())

    assert Publication.objects.scheduled().get() == other
