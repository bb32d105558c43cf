"""docs/deploy/upgrade, run with stand-ins for systemd, git's source and Python's environment."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "deploy" / "upgrade"
pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="releases come from git")

STUBS = {
    # Its options, then what it runs.
    "systemd-run": 'while [ "${1#/}" = "$1" ]; do shift; done\n"$@"',
    "systemctl": 'echo "systemctl $*" >> "$LOG"\n[ "$*" != "$FAILS" ]',
    # python3 -m venv FOLDER
    "python3": 'mkdir -p "$3/bin"\nfor name in python pip; do cp "$STUB" "$3/bin/$name"; done',
}
# python manage.py COMMAND …, and pip: noted with the release that runs.
STUB = '#!/bin/bash\necho "$(basename "$(dirname "$(dirname "$(dirname "$0")")")") $*" >> "$LOG"\n'


def git(folder, *words):
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", folder, *named, *words], check=True, capture_output=True)


@pytest.fixture
def machine(tmp_path):
    """A site that serves its first release by a link; runs the script."""
    source, releases, stubs = (tmp_path / name for name in ("source", "releases", "stubs"))
    for folder in (source / "docs" / "deploy", releases, stubs, tmp_path / "units"):
        folder.mkdir(parents=True)
    (source / "docs" / "deploy" / "portal.service").write_text("[Service]\n")
    (source / "docs" / "deploy" / "portal-mail.timer").write_text("[Timer]\n")
    (source / "requirements.txt").write_text("")
    git(source, "init", "--quiet")
    git(source, "add", ".")
    git(source, "commit", "--quiet", "-m", "First")
    git(source, "tag", "2.0")
    git(tmp_path, "clone", "--quiet", str(source), str(releases / "1.0"))
    stub = tmp_path / "stub"
    stub.write_text(STUB + 'case "$*" in *"$FAILS_IN"*) [ -z "$FAILS_IN" ];; esac\n')
    stub.chmod(0o755)
    for name, body in STUBS.items():
        (stubs / name).write_text(f"#!/bin/bash\n{body}\n")
        (stubs / name).chmod(0o755)
    (releases / "1.0" / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(stub, releases / "1.0" / ".venv" / "bin" / "python")
    (tmp_path / "portal").symlink_to(releases / "1.0")
    log = tmp_path / "log"

    def upgrade(**also):
        env = {
            "PATH": f"{stubs}:{os.environ['PATH']}", "HOME": str(tmp_path), "LOG": str(log),
            "STUB": str(stub), "FAILS": "", "FAILS_IN": "", "PORTAL_LINK": f"{tmp_path}/portal",
            "PORTAL_RELEASES": str(releases), "PORTAL_BACKUPS": f"{tmp_path}/backups",
            "PORTAL_UNITS": f"{tmp_path}/units",
        }  # fmt: skip
        command = ["bash", str(SCRIPT), "2.0"]
        done = subprocess.run(command, env=env | also, capture_output=True, text=True, check=False)
        steps = log.read_text().splitlines() if log.exists() else []
        return done, steps, (tmp_path / "portal").resolve().name

    return upgrade


def test_the_new_release_is_ready_before_the_running_one_is_stopped(machine):
    done, steps, serves = machine()

    assert done.returncode == 0, done.stderr
    assert serves == "2.0"
    order = [
        " ".join(step.split()[:4]).replace("manage.py ", "")
        for step in steps
        if "pip" not in step and "install" not in step
    ]
    assert [step.split("/")[0].strip() for step in order] == [
        "1.0 backup", "2.0 collectstatic --no-input", "systemctl stop portal",
        "2.0 migrate --verbosity=0", "systemctl daemon-reload", "systemctl start portal",
        "2.0 rebuild_search", "2.0 verify_audit",
    ]  # fmt: skip


def test_where_the_migration_fails_the_old_release_serves_again(machine):
    done, steps, serves = machine(FAILS_IN="migrate")

    assert done.returncode == 1
    assert serves == "1.0"
    assert steps[-1] == "systemctl start portal"
    assert "serves again" in done.stderr


def test_where_it_fails_before_the_site_is_never_stopped(machine):
    done, steps, serves = machine(FAILS_IN="collectstatic")

    assert done.returncode
    assert serves == "1.0"
    assert "systemctl stop portal" not in steps
