"""The database's triggers are there after every migration, and a missing one is said."""

import re

import pytest
from django.core import checks
from django.core.management import call_command
from django.core.management.sql import emit_pre_migrate_signal
from django.db import connection, connections
from django.db.migrations import Migration

from education.articles.models import Contribution
from education.audit import triggers

pytestmark = pytest.mark.engine


def warnings():
    found = checks.run_checks(databases=["default"])
    return [message for message in found if message.id == "education.W003"]


def in_database():
    """The names of our triggers, asked without what is under test."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        return {name for (name,) in cursor.fetchall() if name.startswith("education_")}


@pytest.fixture
def migrated_back():
    """As before the published citations and their triggers came; afterwards as now."""
    call_command("migrate", "education", "0013", verbosity=0)
    yield
    call_command("migrate", verbosity=0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_migrating_one_app_back_and_forth_keeps_every_trigger(migrated_back):
    of_later_tables = {
        "education_definitioncitation_never_updated",
        "education_definitioncitation_never_deleted",
        "education_publishedcitation_never_updated",
        "education_publishedcitation_never_deleted",
        "education_recallanswer_never_updated",
        "education_recallanswer_never_deleted",
        "education_recalldrill_never_updated",
        "education_recalldrill_never_deleted",
        "education_drawing_never_redrawn",
        "education_drawing_never_deleted",
    }
    every = {trigger.name for trigger in triggers.TRIGGERS}
    assert every - in_database() == of_later_tables
    assert warnings() == []

    call_command("migrate", "education", verbosity=0)

    assert in_database() >= every
    assert len(every) >= 23
    assert triggers.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_a_table_that_triggers_of_others_read_can_be_rebuilt():
    emit_pre_migrate_signal(
        0, interactive=False, db="default", plan=[(Migration("rebuild", "education"), False)]
    )
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            editor._remake_table(Contribution)
    call_command("migrate", "education", verbosity=0)

    assert triggers.missing(connection) == []


@pytest.mark.django_db
def test_a_database_with_every_trigger_is_told_nothing():
    assert warnings() == []


@pytest.mark.django_db
def test_missing_triggers_are_counted_and_named():
    triggers.remove(connections["default"], triggers.TRIGGERS[:2])

    (message,) = warnings()

    assert message.level == checks.WARNING
    assert f"2 of {len(triggers.TRIGGERS)}" in message.msg
    assert all(trigger.name in message.msg for trigger in triggers.TRIGGERS[:2])
    assert "migrate" in message.hint


@pytest.mark.django_db
def test_a_check_that_names_no_database_asks_none(django_assert_num_queries):
    triggers.remove(connection)

    with django_assert_num_queries(0):
        found = checks.run_checks()

    assert "education.W003" not in {message.id for message in found}


@pytest.mark.parametrize(
    "trigger", [one for one in triggers.TRIGGERS if one.when], ids=lambda trigger: trigger.name
)
def test_a_trigger_says_which_columns_its_condition_needs(trigger):
    tables = dict(re.findall(r"FROM (\w+) (\w+)", trigger.when))
    by_alias = {alias: table for table, alias in tables.items()} | dict.fromkeys(
        ["NEW", "OLD"], trigger.table
    )
    needed = {
        (by_alias[alias], column) for alias, column in re.findall(r"(\w+)\.(\w+)", trigger.when)
    }

    assert needed == {(table, name) for table, names in trigger.reads.items() for name in names}
