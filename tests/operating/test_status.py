"""How the site is, for people and for programs, and when its certificate ends."""

import shutil
import socket
import subprocess

import pytest
from django.core.management import CommandError, call_command

from education.audit.models import Event
from education.audit.operations import record_job_run
from education.management.scheduled_command import late_after
from education.people.mail_check import confirm_test_mail, send_test_mail
from education.people.models import MailTest, Message
from education.publishing.models import RestoreHold
from tests.factories import make_editor, make_person, make_publication
from tests.local_server import tls_server


def run_all_timers():
    for name in late_after():
        record_job_run(name)
    send_test_mail("keeper@example.org")
    confirm_test_mail(MailTest.objects.get().code)


@pytest.mark.django_db
def test_status_says_each_thing_what_to_do_and_an_exit_code(capsys):
    run_all_timers()
    call_command("status")
    assert "well" in capsys.readouterr().out

    Message.objects.create(to=make_person(), subject="A mail", body="Words", attempts=1)
    with pytest.raises(SystemExit) as needs_a_look:
        call_command("status")

    said = capsys.readouterr().out.splitlines()
    assert needs_a_look.value.code == 1
    assert said[0].startswith("look    mail")
    assert "send_test_mail" in said[1]


@pytest.mark.django_db
def test_what_is_broken_has_an_exit_code_of_its_own(monkeypatch, capsys):
    run_all_timers()
    monkeypatch.setattr("portal.operating.health.LEAST_FREE", 1 << 62)

    with pytest.raises(SystemExit) as broken:
        call_command("status")

    assert broken.value.code == 2
    assert capsys.readouterr().out.startswith("BROKEN  disk")


@pytest.mark.django_db
def test_the_page_says_what_to_do_about_what_is_held(client):
    run_all_timers()
    page = make_publication()
    RestoreHold.objects.create(
        publication=page, restored=Event.objects.first(), held_at=page.published_at
    )
    client.force_login(make_editor())

    shown = client.get("/admin/status/").content.decode()

    assert "wait after a restore" in shown
    assert "confirm_restore" in shown


def make_certificate(folder, days):
    """A certificate of so many days, and its key."""
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    kind = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days))
    files = ("-keyout", key, "-out", certificate)
    subprocess.run(["openssl", *kind, *names, *files], check=True, capture_output=True)
    return certificate, key


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "trusted", "said"),
    [(90, True, ""), (5, True, "certbot renew"), (90, False, "certificate of localhost: self")],
)
def test_a_certificate_that_ends_soon_or_is_not_trusted_is_told(
    tmp_path, settings, monkeypatch, days, trusted, said
):
    with tls_server(*make_certificate(tmp_path, days)) as port:
        settings.SITE_URL = f"https://localhost:{port}"
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", f"{tmp_path}/cert.pem")
        if said:
            with pytest.raises(CommandError, match=said):
                call_command("check_certificate")
        else:
            call_command("check_certificate", verbosity=0)


@pytest.mark.django_db
def test_a_site_that_does_not_answer_is_told(settings):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.SITE_URL = f"https://localhost:{port}"

    with pytest.raises(CommandError, match="does not answer"):
        call_command("check_certificate")
