"""A process that is killed at any write of a step leaves nothing of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import make_approved_revision, make_editor
from tests.operating.world import World

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.engine,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
]


def address(folder: Path) -> str:
    """Where other processes find what the test made."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / "db.sqlite3")])
        return f"sqlite:///{folder / 'db.sqlite3'}"
    found = connection.settings_dict
    return f"postgres://{found['USER']}@/{found['NAME']}?host={found['OPTIONS']['host']}"


STEPS = ["publish", "retract", "print", "import"]
MANY = 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "step", [STEPS[0], *(pytest.param(step, marks=pytest.mark.thorough) for step in STEPS[1:])]
)
def test_a_step_that_is_killed_is_done_wholly_or_not_at_all(step, tmp_path):
    assert kill(step, tmp_path) >= 3  # the step wrote, and was killed at each


@pytest.mark.soak
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_killed_two_hundred_times(step, tmp_path):
    assert kill(step, tmp_path, more=MANY) > MANY


def kill(step, tmp_path, more=0):
    """Kill a step at each write, and at more by chance; how many kills that was."""
    World()
    make_approved_revision()
    make_editor(username="editor")
    env = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": address(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    command = [sys.executable, "-m", "tests.operating.killed", step, str(more)]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=1200, check=False
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert [problems for problems in told["kills"] if problems] == []
    assert told["whole"] == []
    return len(told["kills"])
