"""
What the page on privacy says of logs is true: every address of readers and clinics is asked with
something secret in each place, and then everything that was written down is read.

Our own lines are written by the formatters of the site, nginx's by a real nginx with
``docs/deploy/nginx.conf``, PostgreSQL's by a server with the settings of ``docs/deploy/install``
and ``compose.yaml``.
"""

import html
import http.client
import io
import logging
import re
import shutil
from logging.config import DictConfigurator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client

from benchmarks.nginx import free_port, ours, serving
from education.handouts.models import Clinic
from portal.operating.logs import RequestName
from tests.factories import PASSWORD, make_medical_reviewer
from tests.local_server import local_server
from tests.operating.world import addresses, make_world

ROOT = Path(__file__).resolve().parents[2]
QUERY, AGENT, FROM, TYPED, COOKIE = "zqquery", "ZqBrowser", "zqcamefrom", "zqtyped", "zqcookie"
ADDRESS = "203.0.113.77"
TOKEN = "zqtoken-of-somebody"
# Parts of an address that anybody may know: they name what is public, or say nothing by themselves.
OPEN = {"slug", "ending", "kind", "outcome", "old", "new", "int"}
KEY_OF_EVIDENCE = "evidence/<slug:key>"
# What the page says, and what that means of a log: a change of either asks for a look at the other.
SENTENCES = (
    "We do not store what you search for.",
    "We don’t ask who you are, and we can’t find out",
    "The log of this site’s machines says which page was asked for, when and with what result;",
    "never from where, with which browser, from which other page, what was searched for or typed,",
    "which code of a printed copy, and which number of a report.",
    "When and with what kind of browser an editor signed in, never from where: 90 days.",
)


def doors():
    """The pattern of every address outside the editors' desk."""
    return [pattern for pattern in addresses() if not pattern.startswith(("admin/", "static"))]


def parameters(pattern):
    """Each parameter that is no number, date or slug of something public."""
    for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", pattern):
        if name in OPEN or kind in OPEN or KEY_OF_EVIDENCE in pattern:
            continue
        yield name


def secret_paths(world):
    """Addresses that open something, real and invented, each with the part that opens it."""
    report, copy = world.rows["report"].number, world.named["code"]
    real = {"code": copy, "codes": copy, "number": report, "key": TOKEN, "token": TOKEN}
    for pattern in doors():
        for name in parameters(pattern):
            for value in (real[name], TOKEN):
                yield "/" + re.sub(r"<(?:\w+:)?\w+>", value, pattern), value
                yield "/en-xa/" + re.sub(r"<(?:\w+:)?\w+>", value, pattern), value


@pytest.fixture
def world(db):
    world = make_world()
    Clinic.objects.filter(pk=world.rows["clinic"].pk).update(recall_key=TOKEN)
    return world


@pytest.fixture
def written(settings):
    """What the site writes meanwhile, in both formats."""
    streams, as_set = [], DictConfigurator(settings.LOGGING)
    for formatter in settings.LOGGING["formatters"].values():
        handler = logging.StreamHandler(io.StringIO())
        handler.setFormatter(as_set.configure_formatter(dict(formatter)))
        handler.addFilter(RequestName())
        handler.setLevel(logging.INFO)
        logging.getLogger().addHandler(handler)
        streams.append(handler)
    yield lambda: "\n".join(handler.stream.getvalue() for handler in streams)
    for handler in streams:
        logging.getLogger().removeHandler(handler)


def asked(client, path):
    """A page, and a form sent to it, with something secret wherever a request has room."""
    headers = {"User-Agent": AGENT, "Referer": f"https://{FROM}.example/{FROM}", "Cookie": COOKIE}
    names = ("q", "code", "number", "words", "username", "password", "part", "kind", "email")
    for method, data in (
        ("get", {"q": QUERY, "child": QUERY}),
        ("post", dict.fromkeys(names, TYPED)),
    ):
        getattr(client, method)(
            path, data, headers=headers, REMOTE_ADDR=ADDRESS, HTTP_X_FORWARDED_FOR=ADDRESS
        )


def test_our_own_lines_and_tables_hold_nothing_of_who_asked_for_what(world, written):
    secrets = {QUERY, AGENT, FROM, TYPED, COOKIE, ADDRESS, TOKEN}
    for person in (None, world.own):
        client = Client(raise_request_exception=False, enforce_csrf_checks=person is None)
        if person:
            client.force_login(person)
        for pattern in doors():
            if "sign-out" in pattern:
                continue
            with transaction.atomic():
                asked(client, world.address(pattern))
        for path, value in secret_paths(world):
            secrets.add(value)
            asked(client, path)

    lines = written()
    assert "Not Found" in lines  # something was written
    written_down = [line for line in lines.splitlines() if any(one in line for one in secrets)]
    assert written_down == []
    kept = "\n".join(
        str(row)
        for model in apps.get_models()
        for row in model._base_manager.values_list()
        if model.__module__.startswith(("education.", "django.contrib.sessions"))
    )
    # A report keeps its words; nothing keeps the rest.
    assert {secret for secret in (QUERY, AGENT, FROM, COOKIE, ADDRESS) if secret in kept} == set()


@pytest.mark.django_db
def test_a_sign_in_is_written_without_where_from_and_without_what_was_typed(written):
    person = make_medical_reviewer()
    client = Client(headers={"User-Agent": AGENT}, REMOTE_ADDR=ADDRESS)
    # People type a password where the name belongs.
    for name, password in ((TYPED, TYPED), (person.username, PASSWORD)):
        client.post("/admin/login/", {"username": name, "password": password})

    lines = written()
    assert person.username in lines
    assert {secret for secret in (AGENT, ADDRESS, TYPED) if secret in lines} == set()


@pytest.mark.skipif(
    not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()),
    reason="nginx is not installed (Debian: nginx)",
)
@pytest.mark.parametrize("status", [200, 404, 500])
def test_nginx_writes_nothing_of_who_asked_for_what(world, tmp_path, status):
    port, secrets, paths = free_port(), {QUERY, AGENT, FROM, TYPED, COOKIE, "127.0.0.1"}, []
    for path, value in secret_paths(world):
        paths.append(path)
        secrets.add(value)
    with local_server(lambda _request: (status, {}, b"x")) as site:
        conf = ours(tmp_path, port, site.removeprefix("http://"), tmp_path)
        with serving(conf, tmp_path, port):
            nginx = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            headers = {"Host": "localhost", "User-Agent": AGENT, "Referer": FROM, "Cookie": COOKIE}
            for path in [*paths, "/search/", "/articles/page/", "/admin/login/", "/%zz"]:
                for method, body in (("GET", None), ("POST", f"words={TYPED}")):
                    nginx.request(method, f"{path}?q={QUERY}", body, headers)
                    nginx.getresponse().read()
            nginx.close()
            # What the site does not take at all, and a site that is away.
            nginx.request("GET", "/health/ready", headers=headers)
            nginx.getresponse().read()
            nginx.close()
    lines = (tmp_path / "portal.log").read_text() + (tmp_path / "error.log").read_text()

    assert "GET /articles/page/" in lines
    assert lines.count("\n") >= len(paths)
    assert {secret for secret in secrets if secret in lines} == set()


def settings_of_postgresql():
    """What each way to install it sets: of the role, and on the command line."""
    install = (ROOT / "docs" / "deploy" / "install").read_text("utf-8")
    compose = (ROOT / "compose.yaml").read_text("utf-8")
    yield dict(re.findall(r"ALTER ROLE portal SET (\w+) = (\w+)", install))
    yield dict(re.findall(r"-c, (log_\w+)=(\w+)", compose))


def test_both_ways_to_install_set_the_same():
    by_role, by_command = settings_of_postgresql()
    assert by_role == by_command != {}


@pytest.mark.engine
@pytest.mark.django_db
def test_postgresql_writes_nothing_of_what_people_typed():
    if connection.vendor != "postgresql":
        pytest.skip("of PostgreSQL alone")
    settings, _ = settings_of_postgresql()
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        log = Path(cursor.fetchone()[0]) / "log"
        if not log.is_file():
            pytest.skip("another's server, whose log we can't read")
        begins = log.stat().st_size
        refused = (
            ("INSERT INTO auth_group (name) VALUES (%s), (%s)", [TYPED, TYPED]),  # twice
            ("SELECT %s::integer", [TYPED]),
            ("INSERT INTO auth_permission (name) VALUES (%s)", [TYPED]),
            ("SELECT no_such_column FROM auth_group WHERE name = %s", [TYPED]),
        )
        for statement, values in refused:
            for name, value in {**settings, "log_min_messages": "warning"}.items():
                cursor.execute(f"SET {name} = {value}")
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement, values)
    lines = log.read_bytes()[begins:].decode(errors="replace")
    # A value that a type refuses stands in the message itself; forms let none come so far.
    lines = lines.replace(f'type integer: "{TYPED}"', "")

    assert "duplicate key value violates unique constraint" in lines
    assert "no_such_column" in lines
    assert TYPED not in lines


@pytest.mark.django_db
def test_the_page_on_privacy_says_what_was_tried_here(client):
    page = html.unescape(client.get("/privacy/").content.decode())

    for sentence in SENTENCES:
        assert sentence in page
