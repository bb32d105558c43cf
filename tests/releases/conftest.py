"""What tests of released databases begin from."""

import pytest
from django.db import connection


@pytest.fixture
def empty_database(tmp_path, transactional_db):
    """The address of a database without any table, of the kind that is tested."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'db.sqlite3'}"
        return
    name = f"release_{tmp_path.name}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    found = connection.settings_dict
    yield f"postgres://{found['USER']}@/{name}?host={found['OPTIONS']['host']}"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')
