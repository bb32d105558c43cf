"""A backup is whole, comes back as it was on either database, or is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from education.audit import triggers
from education.audit.models import Event, JobRun
from education.handouts.models import PrintedCopy
from education.management import backup
from education.management.backup import (
    BackupError,
    end_of,
    read_manifest,
    restore,
    write_backup,
)
from education.publishing.models import Publication, RestoreHold
from education.publishing.operations import withdraw
from education.safety.restores import settle
from tests.factories import make_editor, make_publication
from tests.operating.test_killed import address
from tests.operating.world import World

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


def rows(folder, *, but=("jobrun",)):
    """What a backup holds, besides when timers last ran."""
    files = read_manifest(folder)["files"]
    return {name: told for name, told in files.items() if not any(each in name for each in but)}


# What a restore writes itself: its event, and mail that says it.
WRITTEN = ("jobrun", ".event", "message", "restorehold")


def settle_everything(outcome=RestoreHold.Outcome.BROUGHT_BACK):
    for hold in RestoreHold.objects.waiting():
        settle(hold=hold, by=None, outcome=outcome)


def pages(client):
    paths = ("", "articles/page/", "handouts/page/", "search/?q=help")
    return [client.get(f"/{path}").content for path in paths]


def test_a_backup_comes_back_as_it_was(client, tmp_path):
    World()
    shown = pages(client)
    call_command("backup", str(tmp_path / "kept"), verbosity=0)
    withdraw(publication=Publication.objects.current().get(slug="page"), by=make_editor(),
             reason="It was wrong.")  # fmt: skip
    assert client.get("/articles/page/").status_code == 410

    call_command("restore", str(tmp_path / "kept"), "--replace", verbosity=0)
    settle_everything()  # the page was withdrawn since

    assert pages(client) == shown
    write_backup(tmp_path / "again")
    assert rows(tmp_path / "again", but=WRITTEN) == rows(tmp_path / "kept", but=WRITTEN)
    call_command("check_integrity", verbosity=0)
    make_publication()  # keys and guards are as if nothing had happened
    with pytest.raises(Exception, match="never changed"), connection.cursor() as cursor:
        cursor.execute("UPDATE education_event SET action = 'x'")


@pytest.mark.thorough
def test_a_backup_of_one_database_comes_back_on_the_other_with_the_same_hashes(tmp_path):
    World()
    end = end_of(write_backup(tmp_path / "here"))
    env = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    for step in (
        ["migrate", "--verbosity=0"],
        ["restore", str(tmp_path / "here"), "--move", end],
        ["check_integrity"],
        ["backup", str(tmp_path / "there")],
    ):
        command = [sys.executable, "manage.py", *step]
        subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)

    assert rows(tmp_path / "there", but=WRITTEN) == rows(tmp_path / "here", but=WRITTEN)
    assert not read_manifest(tmp_path / "there")["files"]["rows/education.restorehold.jsonl"][
        "rows"
    ]
    restore(tmp_path / "there", replace=True)  # the same site, a step ahead
    assert not RestoreHold.objects.exists()
    write_backup(tmp_path / "back")
    assert rows(tmp_path / "back", but=WRITTEN) == rows(tmp_path / "here", but=WRITTEN)


@pytest.mark.slow
def test_a_backup_taken_during_writes_is_of_one_moment(client, tmp_path):
    World()
    make_editor(username="editor")
    shown = pages(client)
    env = {
        **os.environ,
        "DATABASE_URL": address(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "tests.management.amid_writes", str(tmp_path / "kept")]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["after"][1] == told["before"][1] + 2  # others did not wait

    call_command("restore", str(tmp_path / "kept"), "--replace", verbosity=0)

    events = Event.objects.exclude(action="backup.restored").count()
    assert [events, PrintedCopy.objects.count()] == told["before"]
    settle_everything()  # the page was withdrawn meanwhile
    assert pages(client) == shown
    call_command("check_integrity", verbosity=0)


def break_a_row(folder):
    file = folder / "rows" / "education.publication.jsonl"
    file.write_text(file.read_text("utf-8").replace("Does it help", "It helps", 1), "utf-8")


def lose_a_file(folder):
    (folder / "rows" / "education.event.jsonl").unlink()


def cut_a_file(folder):
    file = folder / "rows" / "education.event.jsonl"
    file.write_bytes(file.read_bytes()[:-20])


def change_the_manifest(folder):
    file = folder / "manifest.json"
    file.write_text(file.read_text("utf-8").replace('"rows": 2', '"rows": 3'), "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (break_a_row, "publication.jsonl was altered"),
        (lose_a_file, "event.jsonl is missing"),
        (cut_a_file, "event.jsonl was altered"),
        (change_the_manifest, "manifest.json was altered"),
    ],
)
def test_a_damaged_backup_is_refused_and_nothing_is_changed(tmp_path, damage, said):
    World()
    write_backup(tmp_path / "kept")
    damage(tmp_path / "kept")
    before = Event.objects.count()

    with pytest.raises(CommandError, match=said):
        call_command("restore", str(tmp_path / "kept"), "--replace")

    assert Event.objects.count() == before
    assert triggers.missing(connection) == []


@pytest.mark.slow
def test_a_backup_of_altered_data_is_not_restored(tmp_path, monkeypatch):
    make_publication()
    write_backup(tmp_path / "good")
    triggers.remove(connection)
    Event.objects.filter(sequence=3).update(action="altered")
    triggers.install(connection)
    write_backup(tmp_path / "bad")
    restore(tmp_path / "good", replace=True)

    with pytest.raises(BackupError, match=r"Event 3 .* was altered"):
        restore(tmp_path / "bad", replace=True)

    assert not Event.objects.filter(action="altered").exists()
    assert triggers.missing(connection) == []


def test_nothing_is_replaced_unless_that_was_said(tmp_path):
    make_publication()
    write_backup(tmp_path / "kept")

    with pytest.raises(BackupError, match="--replace"):
        restore(tmp_path / "kept")
    with pytest.raises(BackupError, match="is there already"):
        write_backup(tmp_path / "kept")


def test_a_backup_of_another_schema_says_which(tmp_path, monkeypatch):
    make_publication()
    write_backup(tmp_path / "kept")
    monkeypatch.setattr(backup, "_schema", lambda: ["education.9999_newer"])

    with pytest.raises(BackupError, match="9999_newer"):
        restore(tmp_path / "kept", replace=True)


def test_a_backup_for_a_timer_is_named_after_its_moment_and_noted(tmp_path):
    make_publication()
    call_command("backup", str(tmp_path), "--dated", verbosity=0)
    (folder,) = tmp_path.iterdir()

    call_command("restore", str(folder), "--check", verbosity=0)

    assert JobRun.objects.filter(name="backup", failure="").exists()
