"""The words that pages explain are those of the glossary that readers have: live, as frozen."""

import datetime

import pytest
from django.utils import timezone

from education.publishing.models import Publication
from education.publishing.operations import cancel_schedule, publish, withdraw
from tests.factories import make_editor, make_item
from tests.promises.worlds import make_explaining_page, make_glossary_revision

pytestmark = pytest.mark.django_db


def words_of(client, page) -> str:
    """Everything readers and machines get of a page."""
    answers = [
        client.get(f"/articles/{page.slug}/"),
        client.get(f"/api/v1/articles/{page.slug}/"),
        client.get(f"/embed/{page.slug}/"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    return " ".join(answer.content.decode() for answer in answers)


@pytest.fixture
def live():
    key = make_item().key
    return publish(
        revision=make_glossary_revision(f"Stiff muscles [@{key}].", key), by=make_editor()
    )


@pytest.fixture
def scheduled(live):
    revision = make_glossary_revision("Sproingy muscles.", "", last=live)
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    return publish(revision=revision, by=make_editor(), goes_live_at=tomorrow)


def test_a_page_takes_its_words_from_the_live_glossary_not_from_a_scheduled_one(client, scheduled):
    page = make_explaining_page()

    words = words_of(client, page)

    assert "Stiff muscles" in words
    assert "Sproingy" not in words


def test_nothing_is_explained_by_a_glossary_that_never_went_live(client):
    key = make_item().key
    publish(
        revision=make_glossary_revision(f"Sproingy muscles [@{key}].", key),
        by=make_editor(),
        goes_live_at=timezone.now() + datetime.timedelta(days=1),
    )

    assert "Sproingy" not in words_of(client, make_explaining_page())


def test_a_schedule_that_was_cancelled_explains_nothing(client, live, scheduled):
    cancel_schedule(publication=scheduled, by=make_editor(), reason="Not yet.")

    words = words_of(client, make_explaining_page())

    assert "Stiff muscles" in words
    assert "Sproingy" not in words


def test_nothing_is_explained_by_a_glossary_that_was_withdrawn(client, live, scheduled):
    cancel_schedule(publication=scheduled, by=make_editor(), reason="Not yet.")
    withdraw(publication=live, by=make_editor(), reason="It was wrong.")

    words = words_of(client, make_explaining_page())

    assert "muscles" not in words
    assert "spasticity" in words


def test_a_glossary_gives_its_words_from_its_moment_on(client, scheduled, monkeypatch):
    now = timezone.now() + datetime.timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: now)

    assert "Sproingy" in words_of(client, make_explaining_page())


def test_a_glossary_whose_review_is_too_late_to_be_shown_explains_nothing(client, monkeypatch):
    key = make_item().key
    glossary = publish(
        revision=make_glossary_revision(f"Stiff muscles [@{key}].", key), by=make_editor()
    )
    late = timezone.now() + datetime.timedelta(days=370 + 180)
    monkeypatch.setattr(timezone, "now", lambda: late)

    assert "Stiff muscles" not in client.get("/glossary/").content.decode()
    assert "Stiff muscles" not in words_of(client, make_explaining_page())
    assert Publication.objects.current().filter(pk=glossary.pk).exists()
