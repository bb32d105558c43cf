"""What a deployment gets wrong is said before it serves."""

import pytest
from django.core import checks as system

from education import checks

WELL = {
    "DEMO": False,
    "SECOND_FACTOR": True,
    "PUBLISHER_NAME": "The publisher",
    "SITE_URL": "https://portal.example.org",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
}


def found():
    told = system.run_checks(include_deployment_checks=True)
    return {message.id for message in told if message.id.startswith("education.")}


@pytest.fixture(autouse=True)
def _well(settings):
    for name, value in WELL.items():
        setattr(settings, name, value)


def test_a_site_set_up_well_is_told_nothing():
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEMO", True, "education.E001"),
        ("SECOND_FACTOR", False, "education.E004"),
        ("PUBLISHER_NAME", "Demonstration publisher", "education.W001"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "education.W002"),
        ("SITE_URL", "http://portal.example.org", "education.E002"),
        ("SITE_URL", "https://localhost:8000", "education.E002"),
    ],
)
def test_each_fault_is_told(settings, name, value, told):
    setattr(settings, name, value)

    assert found() == {told}


def test_a_database_file_on_a_network_disk_is_refused(settings, monkeypatch, tmp_path):
    folder = tmp_path / "a share"
    folder.mkdir()
    place = str(folder).replace(" ", "\\040")
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/data {place} nfs4 rw 0 0\n")
    monkeypatch.setattr(checks, "MOUNTS", mounts)
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "ENGINE", "django.db.backends.sqlite3")
    monkeypatch.setitem(database, "NAME", str(tmp_path / "db.sqlite3"))
    assert [message.id for message in checks.database_is_on_a_local_disk()] == []

    monkeypatch.setitem(database, "NAME", str(folder / "db.sqlite3"))

    assert [message.id for message in checks.database_is_on_a_local_disk()] == ["education.E003"]
