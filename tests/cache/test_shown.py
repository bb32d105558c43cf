"""What the public sees has a name on the disk, and every change gives it a new one."""

import os
import time

import pytest
from django.db import transaction

from education.audit.operations import record
from education.public.freshness import ContentState
from portal.cache.version import (
    CHECK_AFTER_FAILURE,
    CHECK_EVERY,
    ContentVersion,
    DatabaseAwayError,
    turn_link,
)
from tests.factories import make_publication, make_revision

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


@pytest.fixture
def link(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    turn_link()
    return tmp_path / "shown"


def test_a_change_names_what_is_shown_anew_when_it_is_so(link):
    revision = make_revision()
    before = link.resolve(strict=True)
    with transaction.atomic():
        record("topic.changed", revision.article.topic, by=None)
        assert link.resolve() == before
    assert link.resolve(strict=True) != before


def test_what_changes_no_page_or_is_undone_leaves_the_name(link):
    publication = make_publication()
    before = link.resolve(strict=True)
    with transaction.atomic():
        record("comment.made", publication.revision, by=None)
    with transaction.atomic():
        record("topic.changed", publication.topic, by=None)
        transaction.set_rollback(True)
    assert link.resolve(strict=True) == before


def test_no_name_comes_twice_and_old_ones_go(link):
    names = set()
    for _ in range(20):
        turn_link()
        names.add(link.readlink())
    assert len(names) == 20
    for old in link.parent.glob("shown.*"):
        os.utime(old, (time.time() - 3600,) * 2)
    turn_link()
    assert {path.name for path in link.parent.iterdir()} == {"shown", str(link.readlink())}


def test_what_was_done_on_another_machine_turns_the_link_once(link):
    before = link.readlink()
    current = ContentVersion(lambda now: ContentState("another", now + 60))
    current(1000.0)
    seen = link.readlink()
    assert seen != before
    current(1000.1)
    current(1010.0)
    assert link.readlink() == seen


def test_a_disk_that_can_not_be_written_fails_no_step(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert make_publication().pk


class Database:
    """Says which content is current, as often as it is asked; or does not answer."""

    def __init__(self):
        self.asked, self.version, self.is_away = 0, "one", False

    def __call__(self, now):
        self.asked += 1
        if self.is_away:
            raise DatabaseAwayError
        return ContentState(self.version, now + 60)


def test_the_database_is_asked_once_a_second_and_when_the_link_is_turned(link):
    database = Database()
    current = ContentVersion(database)
    current(1000.0)  # it turns the link to this version
    current(1000.0)
    before = database.asked
    for tenth in range(9):
        assert current(1000 + tenth / 10).version == "one"
    assert database.asked == before

    database.version = "two"
    assert current(1000.95).version == "one"
    turn_link("two")
    assert current(1000.95).version == "two"

    database.version = "three"
    assert current(1000.95 + CHECK_EVERY).version == "three"


def test_a_date_that_changes_pages_and_a_clock_set_back_are_asked_about(link):
    database = Database()
    current = ContentVersion(database)
    current(1000.0)
    for moment in (1059.9, 1060.7, 500.0):
        database.version = f"at {moment}"
        assert current(moment).version == f"at {moment}"


def test_a_database_that_is_away_is_left_alone_for_some_seconds(link):
    database = Database()
    current = ContentVersion(database)
    current(1000.0)
    database.is_away = True
    for moment in (1002.0, 1002.1, 1002.0 + CHECK_AFTER_FAILURE - 0.1):
        with pytest.raises(DatabaseAwayError):
            current(moment)
    before = database.asked
    database.is_away = False
    assert current(1002.0 + CHECK_AFTER_FAILURE).version == "one"
    assert database.asked == before + 1
