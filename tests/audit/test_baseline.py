"""The baseline that the upgrade to numbered formats appends to the record (migration 0023)."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from education.articles.models import Contribution
from education.audit import triggers
from education.audit.models import Event, EventHead
from education.management.integrity import audit_problems
from education.review.models import Review
from tests.factories import make_publication

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
migration = importlib.import_module("education.migrations.0023_baseline_of_the_record")


def append_baseline():
    migration.append_baseline(apps, None)


@pytest.fixture
def without_triggers():
    """As someone who may change the database's schema."""
    triggers.remove(connection)
    yield
    triggers.install(connection)


def test_an_empty_record_has_none():
    append_baseline()

    assert not Event.objects.exists()


def test_it_is_appended_once_as_part_of_the_chain_and_readers_see_no_change():
    make_publication()
    seen = EventHead.objects.get().last_seen_outside

    append_baseline()
    append_baseline()

    event = Event.objects.get(action="audit.baseline")
    assert (event.by, event.by_name, event.article_id) == (None, "command", None)
    assert event.data["tables"]["education_review"]["rows"] == 1
    assert EventHead.objects.get().last_seen_outside == seen
    assert list(audit_problems()) == []


def test_the_record_goes_on_after_it():
    make_publication()
    append_baseline()

    make_publication()

    assert list(audit_problems()) == []


@pytest.mark.usefixtures("without_triggers")
@pytest.mark.parametrize(
    ("table", "alter"),
    [
        ("education_review", lambda: Review.objects.update(comments="I never read it.")),
        ("education_contribution", lambda: Contribution.objects.all().delete()),
    ],
)
def test_an_old_row_that_was_altered_or_removed_is_found_in_its_table(table, alter):
    make_publication()
    append_baseline()

    alter()

    (problem,) = audit_problems()
    assert table in problem


@pytest.mark.usefixtures("without_triggers")
def test_it_says_nothing_of_rows_that_came_later():
    make_publication()
    append_baseline()
    last = Review.objects.last().pk
    make_publication()

    Review.objects.filter(pk__gt=last).update(comments="Another word.")

    assert list(audit_problems()) == []
