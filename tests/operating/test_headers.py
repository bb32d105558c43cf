"""What every answer forbids browsers, whoever asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

from tests.factories import make_editor, make_publication

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db

STRICT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize(
    "address", ["/", "/nowhere/", "/check/", "/admin/", "/admin/login/", "/health/live", "/clinic/"]
)
def test_every_answer_carries_the_strict_headers(client, address):
    client.force_login(make_editor())
    response = client.get(address)

    assert {name: response[name] for name in STRICT} == STRICT
    assert "camera=()" in response["Permissions-Policy"]
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


def test_only_what_is_made_for_other_sites_may_be_taken_there(client):
    slug = make_publication().slug

    card = client.get(reverse("article-card", args=[slug]))
    embedded = client.get(f"/embed/{slug}/")
    page = client.get(reverse("article-detail", args=[slug]))

    assert card["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "X-Frame-Options" not in embedded
    assert "frame-ancestors *" in embedded["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_a_real_site_insists_on_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31536000

    assert client.get("/")["Location"] == "https://testserver/"
    assert "max-age=31536000" in client.get("/", secure=True)["Strict-Transport-Security"]
    assert client.get("/health/live").status_code == 200


def test_over_https_cookies_are_tied_to_this_host(tmp_path):
    env = {**os.environ, "HTTPS": "on", "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": ""}
    code = (
        "from portal import settings as s; "
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["__Host-session", "__Host-csrf", "True", "True", "True"]
