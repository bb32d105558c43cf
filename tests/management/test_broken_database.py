"""A broken SQLite file is told in words, and a backup is restored in its place."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site on SQLite, its backup, and how its commands are run."""
    folder = tmp_path_factory.mktemp("site")
    env = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }

    def run(*words):
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    assert run("migrate", "--verbosity=0")[0] == 0
    assert run("backup", str(folder / "kept"))[0] == 0
    return folder, run


@pytest.mark.slow
def test_a_rehearsal_restores_beside_the_site_and_leaves_nothing(site):
    folder, run = site
    before = sorted(path.name for path in folder.iterdir())

    code, said = run("rehearse_restore", str(folder / "kept"))

    assert code == 0, said
    assert "comes back" in said
    assert sorted(path.name for path in folder.iterdir()) == before
    manifest = folder / "kept" / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole + b" ")
    code, said = run("rehearse_restore", str(folder / "kept"))
    manifest.write_bytes(whole)
    assert (code, "was altered" in said) == (1, True)


@pytest.mark.slow
def test_every_command_says_so_in_words_and_restore_works_in_its_place(site):
    folder, run = site
    file = folder / "db.sqlite3"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)

    kept = str(folder / "kept")
    for words in (
        ["check_integrity"],
        ["verify_audit"],
        ["backup", str(folder / "another")],
        ["restore", kept],
    ):
        code, said = run(*words)
        assert code == 1
        assert "is broken" in said
        assert "--replace" in said
        assert "Traceback" not in said
    assert not list(folder.glob("*.part"))

    code, said = run("restore", kept, "--replace")

    assert (code, "Restored" in said) == (0, True), said
    assert [path.name for path in folder.glob("db.sqlite3.broken-*")]
    assert run("check_integrity")[0] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIME_ZONE", "Mars/Olympus"),
        ("CACHE_URL", "memcache://x"),
        ("DATABASE_URL", "portal:secret@db"),
        ("DATABASE_URL", "postgres://portal:secret@host:port/name"),
        ("DATABASE_URL", "postgres:///portal?conn_max_age=secret"),
        ("EMAIL_URL", "smpt://user:secret@mail.example.org"),
        ("DATA_DIR", "/proc/secret"),
        ("HTTPS", "oui"),
        ("EVIDENCE_FETCH_SECONDS", "ten"),
        ("PORT", "http"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_setting_that_can_not_be_used_is_named_in_one_line(tmp_path, name, value):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings",
             name: value},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode
    assert name in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr
    assert re.match(r"The settings can't be used", done.stderr)


def test_a_command_of_the_timers_says_one_line_while_the_database_is_away(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "forget"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings",
             "DATABASE_URL": f"postgres:///nothing?host={tmp_path}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_password_in_a_setting_stands_in_no_traceback_of_the_web_server(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "portal.wsgi"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings",
             "CACHE_URL": "memcache://portal:secret@host"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "CACHE_URL must be a Redis server" in done.stderr
    assert "secret" not in done.stderr
