"""What a published copy says of itself can't be changed unnoticed, in the format of its hash."""

import datetime

import pytest
from django.db import connection
from django.db.models import F

from education.articles.operations import CONTENT_FORMAT
from education.audit import triggers
from education.audit.models import Event
from education.management.integrity import audit_problems
from education.publishing.models import Publication
from education.publishing.operations import FROZEN_FORMAT, frozen_hash
from tests.factories import make_editor, make_publication, make_revision, make_topic

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
# What each format covers beside what the copy shows; a value, or what makes one.
DATES = {"reviewed_on": F("reviewed_on") - DAY, "review_due_on": F("review_due_on") + DAY}
SINCE_FORMAT_2 = {
    "topic": lambda: make_topic("another"),
    "revision": make_revision,
    "published_by": make_editor,
    "search_text": "It works wonders.",
    "published_at": F("published_at") - DAY,
    "goes_live_at": F("goes_live_at") + DAY,
    "content_format": CONTENT_FORMAT + 1,
}


def alter(**values):
    triggers.remove(connection)
    Publication.objects.update(**values)
    triggers.install(connection)


def freeze_in_format_1(publication):
    """As copies were frozen before formats had numbers: their events have none either."""
    alter(frozen_format=1, content_format=1)
    publication.refresh_from_db()
    alter(frozen_hash=frozen_hash(publication))
    publication.refresh_from_db()
    event = Event.objects.get(action="publication.published")
    del event.data["frozen_format"], event.data["content_format"]
    event.data["frozen_hash"] = publication.frozen_hash
    event.hash = event.computed_hash()
    triggers.remove(connection)
    event.save()
    triggers.install(connection)


def of_copies():
    return [problem for problem in audit_problems() if "published copy" in problem]


def test_a_copy_and_its_event_carry_the_formats():
    publication = make_publication()

    assert (publication.content_format, publication.frozen_format) == (
        CONTENT_FORMAT, FROZEN_FORMAT,
    )  # fmt: skip
    data = Event.objects.get(action="publication.published").data
    assert (data["content_format"], data["frozen_format"]) == (CONTENT_FORMAT, FROZEN_FORMAT)
    assert list(audit_problems()) == []


@pytest.mark.parametrize("name", DATES | SINCE_FORMAT_2)
def test_what_a_copy_says_of_itself_is_found_when_it_was_changed(name):
    publication = make_publication()
    value = (DATES | SINCE_FORMAT_2)[name]
    alter(**{name: value() if callable(value) else value})

    assert of_copies() == [
        f"The published copy {publication} (number {publication.pk}) was altered."
    ]


@pytest.mark.parametrize("name", DATES)
def test_the_first_format_covers_the_dates_of_review(name):
    publication = make_publication()
    freeze_in_format_1(publication)
    assert of_copies() == []

    alter(**{name: DATES[name]})

    assert len(of_copies()) == 1


def test_a_copy_is_checked_in_its_own_format():
    freeze_in_format_1(make_publication())
    assert of_copies() == []

    alter(frozen_format=FROZEN_FORMAT)

    assert len(of_copies()) == 1
