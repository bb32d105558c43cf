"""A real nginx before the portal, as docs/deploy/nginx.conf has it: right after every change."""

import http.client
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from benchmarks.nginx import CONF, free_port, ours, serving
from tests.cache.test_two_processes import PAGE, Processes, make_site

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()),
        reason="nginx is not installed (Debian: nginx)",
    ),
]


class Behind:
    """The portal behind nginx, and a browser before both."""

    def __init__(self, nginx, processes):
        self.nginx, self.processes, self.asked = nginx, processes, 0

    def ask(self, path, **headers):
        """Status, headers and words."""
        named = {"Host": "localhost"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self.asked += 1
        request = urllib.request.Request(self.nginx + path, headers=named)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def log(self):
        """What nginx did with each request: HIT, MISS …"""
        until = time.monotonic() + 30
        while True:  # a line is written after its answer
            lines = (self.folder / "portal.log").read_text("utf-8").splitlines()
            if len(lines) == self.asked:
                break
            assert time.monotonic() < until
        return [line.split()[6] for line in lines]


@pytest.fixture
def behind(tmp_path):
    make_site()
    processes = Processes(tmp_path)
    folder, port = tmp_path / "nginx", free_port()
    folder.mkdir()
    try:
        portal = processes.sites[0].removeprefix("http://")
        with serving(ours(folder, port, portal, tmp_path), folder, port) as nginx:
            behind = Behind(nginx, processes)
            behind.folder = folder
            yield behind
    finally:
        processes.stop()


def test_a_page_comes_from_nginx_until_something_changes_and_never_after(behind):
    behind.ask("/about/")  # a process that has just begun looks at what is shown
    behind.ask(PAGE)
    first = behind.ask(PAGE)
    assert (first[0], behind.log()) == (200, ["MISS", "MISS", "HIT"])
    assert b"a gain" in first[2]
    status, headers, body = behind.ask(PAGE, If_None_Match=first[1]["ETag"])
    assert (status, body) == (304, b"")
    assert headers["ETag"] == first[1]["ETag"]

    for step, words in (
        ('make_next_publication(page(), title="A second title")', b"A second title"),
        ("note()", b"Read this first."),
        ('fall("concern")', b"Counted twice."),
    ):
        assert words not in behind.ask(PAGE)[2]
        assert behind.log()[-1] == "HIT"
        behind.processes.step(step)
        assert words in behind.ask(PAGE)[2]
        assert behind.log()[-1] == "MISS"
        assert words in behind.ask(PAGE)[2]
        assert behind.log()[-1] == "HIT"

    behind.processes.step('withdraw(publication=page(), by=person("editor"), reason="Wrong.")')
    assert behind.ask(PAGE)[0] == 410


def test_browsers_get_what_they_take_and_the_desk_is_never_kept(behind):
    behind.ask("/about/")
    behind.log()
    done = []
    for accepted, given in (
        ("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip"), ("gzip", "gzip"), ("", None),
        ("gzip, deflate, br, zstd", "br"),
    ):  # fmt: skip
        _, headers, _ = behind.ask(PAGE, Accept_Encoding=accepted)
        assert headers["Content-Encoding"] == given, accepted
        assert headers["Vary"] == "Accept-Encoding"
        done.append(behind.log()[-1])
    assert done == ["MISS", "MISS", "HIT", "MISS", "HIT"]
    for path in ("/admin/login/", "/check/", "/connect/?mainSearchCriteria.v.c=G80"):
        for _ in range(2):
            assert behind.ask(path)[0] in {200, 400}
            assert behind.log()[-1] in {"-", "MISS", "BYPASS"}


def test_while_the_portal_is_away_readers_get_what_nginx_has(behind):
    behind.ask("/about/")
    before = behind.ask(PAGE)[2]
    for process in behind.processes.running:
        process.terminate()
        process.wait(timeout=30)
    assert behind.ask(PAGE)[2] == before
    status, headers, words = behind.ask("/people/")
    assert (status, headers["Retry-After"]) == (503, "60")
    assert b"not available just now" in words


def test_the_log_holds_nothing_that_opens_a_copy_a_report_or_an_account(behind):
    for path in ("/check/ABCDEFGHJ/", "/reports/123456789/", "/reports/", "/about/"):
        behind.ask(path)
    behind.log()

    written = (behind.folder / "portal.log").read_text("utf-8")
    assert "ABCDEFGHJ" not in written
    assert "123456789" not in written
    assert [line.split()[2] for line in written.splitlines()] == [
        "/check/-", "/reports/-", "/reports/", "/about/",
    ]  # fmt: skip


def test_looking_at_the_page_to_sign_in_is_never_too_much(behind):
    answers = {behind.ask("/admin/login/")[0] for _ in range(20)}

    assert answers == {200}


def test_over_plain_http_a_program_is_refused_and_a_person_led_on(tmp_path):
    conf, port = CONF.read_text("utf-8"), free_port()
    with serving(insecure(conf, tmp_path, port), tmp_path, port):
        for path, status, to in (
            ("/api/", 403, None),
            ("/api/v1/articles/?q=secret-3", 403, None),
            ("/apis", 301, "https://portal.example.org/apis"),
            ("/search/?q=secret-3", 301, "https://portal.example.org/search/?q=secret-3"),
        ):
            site = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            site.request("GET", path, headers={"Host": "localhost"})
            answer = site.getresponse()
            site.close()
            assert (answer.status, answer.headers["Location"]) == (status, to), path
            assert answer.headers["Server"] == "nginx"
    log = (tmp_path / "portal.log").read_text("utf-8")
    assert len(log.splitlines()) == 4
    assert "127.0.0.1" not in log
    assert "secret-3" not in log


def insecure(conf, folder, port):
    """What our file says before its server with TLS, on a port."""
    conf = conf[: conf.index("server {\n    listen 443")].replace("    listen [::]:80;\n", "")
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("/var/cache/nginx/portal", f"{folder}/cache"),
        ("/var/log/nginx/portal.log", f"{folder}/portal.log"),
        ("/var/log/nginx/portal-error.log", f"{folder}/error.log"),
    ):
        assert written in conf
        conf = conf.replace(written, here)
    return conf
