"""Every release's database, with something of everything in it, becomes today's without loss."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.releases.selection import older_marked_thorough

ROOT = Path(__file__).resolve().parents[2]
KEPT = sorted(Path(__file__).parent.glob("*.json.xz"))


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.parametrize(
    "file", older_marked_thorough(KEPT), ids=lambda file: file.name.removesuffix(".json.xz")
)
def test_a_released_database_is_upgraded_without_loss(file, empty_database):
    env = {
        **os.environ,
        "DATABASE_URL": empty_database,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "tests.releases.upgrade", str(file)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["lost"] == []
    assert told["rows"] > 1000
    # What was sealed is checked by the rule it was sealed with; the record of a site that began
    # before formats had numbers, by one baseline.
    assert told["sealed"] == []
    assert told["scheduled"] == 1
    assert told["altered"] == []
    assert told["baselines"] == told["wanted"]
    assert told["unnoticed"] == []
    assert told["triggers"] == []
    # What the release took and today's rules would not, counts (above), and is listed at the desk.
    (approval,), (verification,), (lacking,) = told["before"].values()
    assert "approved it on" in approval
    assert "and wrote words that stand in it." in approval
    assert "entered or last changed" in verification
    assert lacking.endswith(": 1 medical reviewer of another specialty")
    assert told["pages"].pop("/articles/a-withdrawn-page/") == 410
    assert set(told["pages"].values()) == {200}
    assert len(told["pages"]) > 15


def test_every_release_is_kept_and_the_version_is_the_last_of_them():
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## (\d+\.\d+\.\d+)\b", changes, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    assert {file.name for file in KEPT} == {f"{release}.json.xz" for release in released}
    assert project["project"]["version"] == released[0]
