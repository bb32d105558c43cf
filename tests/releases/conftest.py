"""What tests of released databases begin from."""

import uuid

import pytest
from django.db import connection


@pytest.fixture
def empty_database(tmp_path, transactional_db):
    """The address of a database without any table, of the kind that is tested."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'db.sqlite3'}"
        return
    # Folders of two workers may have the same name; they share one server.
    name = f"release_{uuid.uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    found = connection.settings_dict
    yield f"postgres://{found['USER']}@/{name}?host={found['OPTIONS']['host']}"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')
