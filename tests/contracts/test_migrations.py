"""Migrations are linear, one idea each; moving data is reversible and apart from tables."""

import re
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

MIGRATIONS = {
    name: migration
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items())
    if app == "education"
}


@pytest.mark.django_db
@pytest.mark.engine
def test_models_have_no_change_without_a_migration():
    said = StringIO()
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, stdout=said)
    except (SystemExit, CommandError):
        pytest.fail(said.getvalue())


def test_migrations_are_linear():
    for earlier, later in pairwise(MIGRATIONS):
        ours = [name for app, name in MIGRATIONS[later].dependencies if app == "education"]
        assert ours == [earlier]


@pytest.mark.parametrize("name", MIGRATIONS)
def test_migration_is_named_for_what_it_does(name):
    assert re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", name)
    assert "_auto_" not in name


@pytest.mark.parametrize("name", MIGRATIONS)
def test_migration_moves_data_reversibly_and_apart_from_tables(name):
    operations = MIGRATIONS[name].operations
    moves = [operation for operation in operations if isinstance(operation, RunPython | RunSQL)]

    assert len(moves) in (0, len(operations))
    assert all(operation.reversible for operation in moves)
