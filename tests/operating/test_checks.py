"""What a deployment gets wrong is said before it serves."""

import pytest
from django.core import checks as system
from django.db import connection
from django.urls import reverse

from education import checks
from education.publisher import PUBLISHER_SETTINGS

pytestmark = pytest.mark.django_db

WELL = {
    "DEMO": False,
    "SECOND_FACTOR": True,
    "PUBLISHER_NAME": "The publisher",
    "SITE_URL": "https://portal.example.org",
    "ALLOWED_HOSTS": ["portal.example.org", "testserver"],
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    **{setting.name: "The publisher says this." for setting in PUBLISHER_SETTINGS},
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
        ("PURGE_URL", "cache.example.org/purge", "education.E011"),
        ("CROSSREF_API_URL", "no such address", "education.E011"),
    ],
)
def test_each_fault_is_told(settings, name, value, told):
    setattr(settings, name, value)

    assert found() == {told}


@pytest.mark.parametrize("setting", PUBLISHER_SETTINGS, ids=lambda setting: setting.name)
def test_each_duty_of_the_publisher_is_asked_for_and_shown(settings, client, setting):
    if setting.name == "EMERGENCY_NUMBER":
        settings.EMERGENCY_TEXT = ""  # which would stand in place of the sentence with the number

    setattr(settings, setting.name, "Said & “done”.")
    assert "Said &amp; “done”." in client.get(reverse(setting.page)).content.decode()

    setattr(settings, setting.name, " ")
    hints = [
        message.hint
        for message in system.run_checks(include_deployment_checks=True)
        if message.id == "education.W004"
    ]
    asked = [f"Set {setting.name}; /{setting.page}/ shows it."] if setting.is_asked else []
    assert hints == asked
    assert client.get(reverse(setting.page)).status_code == 200


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


@pytest.mark.parametrize(
    ("hosts", "told"),
    [
        (["*"], {"education.E008"}),
        (["other.example.org"], {"education.E009"}),
        ([".example.org"], set()),
    ],
)
def test_the_site_answers_by_its_own_name_alone(settings, hosts, told):
    settings.ALLOWED_HOSTS = hosts

    assert found() == told


@pytest.mark.parametrize("name", ["DATABASE_URL", "EMAIL_URL", "CACHE_URL"])
def test_an_at_sign_that_ends_a_password_too_early_is_told(monkeypatch, name):
    monkeypatch.setenv(name, "smtp+tls://user:p@ss@mail.example.org:587")

    assert found() == {"education.E010"}


def test_what_was_done_on_sqlite_stays_done_when_the_power_goes():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL waits for the disk by itself.")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")

        assert cursor.fetchone() == (2,)
