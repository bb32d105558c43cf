"""What the public sees has a name on the disk, and every change gives it a new one."""

import os
import time

import pytest
from django.db import transaction

from education.audit.operations import record
from portal.front.shown import name_anew, see
from tests.factories import make_publication, make_revision

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


@pytest.fixture
def link(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    name_anew()
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
        name_anew()
        names.add(link.readlink())
    assert len(names) == 20
    for old in link.parent.glob("shown.*"):
        os.utime(old, (time.time() - 3600,) * 2)
    name_anew()
    assert {path.name for path in link.parent.iterdir()} == {"shown", str(link.readlink())}


def test_what_was_done_elsewhere_is_seen_once(link):
    before = link.readlink()
    see("another")
    seen = link.readlink()
    assert seen != before
    see("another")
    assert link.readlink() == seen


def test_a_disk_that_can_not_be_written_fails_no_step(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert make_publication().pk
