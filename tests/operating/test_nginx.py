"""nginx by our file: what it says while the portal is stopped, and whom it counts at the doors."""

import http.client
import shutil
import socket
from pathlib import Path

import pytest

from benchmarks.nginx import CONF, free_port, ours, serving
from tests.local_server import local_server

pytestmark = pytest.mark.skipif(
    not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()),
    reason="nginx is not installed (Debian: nginx)",
)


def answers(port, method, path, times=1):
    """Status, headers and words of each answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    told = []
    for _ in range(times):
        connection.request(method, path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        told.append((answer.status, answer.headers, answer.read().decode()))
    connection.close()
    return told


def test_while_the_portal_is_stopped_everybody_gets_our_page(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:  # it listens, until it is closed
        portal = f"127.0.0.1:{closed.getsockname()[1]}"
    port = free_port()
    with serving(ours(tmp_path, port, portal, tmp_path), tmp_path, port):
        for method, path in (("GET", "/"), ("GET", "/admin/"), ("POST", "/clinic/print/")):
            ((status, headers, words),) = answers(port, method, path)

            assert status == 503
            assert "This site is not available just now" in words
            assert headers["Retry-After"] == "60"
            assert headers["Cache-Control"] == "no-store"


def test_a_hospital_behind_one_address_signs_in_and_a_machine_is_slowed_down(tmp_path):
    port = free_port()
    with (
        local_server(lambda _request: (200, {}, b"the form")) as site,
        serving(ours(tmp_path, port, site.removeprefix("http://"), tmp_path), tmp_path, port),
    ):
        opened = answers(port, "GET", "/admin/login/", times=100)
        signed_in = answers(port, "POST", "/admin/login/", times=60)
        machine = answers(port, "POST", "/admin/login/", times=200)

    assert {status for status, _, _ in (*opened, *signed_in)} == {200}
    assert 429 in {status for status, _, _ in machine}


def test_port_80_leads_to_no_name_that_somebody_else_chose():
    insecure = CONF.read_text("utf-8").partition("listen 80;")[2].partition("\nserver {")[0]

    assert "return 301 https://$server_name$request_uri;" in insecure
    assert "$host" not in insecure
