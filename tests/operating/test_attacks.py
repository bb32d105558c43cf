"""What somebody who means harm tries, from outside."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client

from education.audit.models import Event, EventHead
from education.people.mail import notify
from education.text.rendering import Draft, render
from education.topics.models import TopicCode
from tests.factories import PASSWORD, make_editor, make_person, make_revision, make_writer
from tests.handouts.paper import needs_poppler, read_pages
from tests.operating.world import addresses, make_world

pytestmark = pytest.mark.django_db

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
# What no answer may hold but as text.
LIVE = re.compile(rb"<script>alert|<img src=x|onerror=alert\(1\)>(?!&)")
AIMED = [
    "'; DROP TABLE education_event; --",
    "\x00",
    "%00",
    "../../../etc/passwd",
    "{{7*7}}",
    "9" * 400,
]


def alive(content: bytes) -> list[bytes]:
    return [found for found in LIVE.findall(content) if b"<" in found]


@pytest.fixture
def hostile():
    return make_world(words=f" {SCRIPT}")


def everything(world, client):
    """Every address that answers, with its answer."""
    for pattern in addresses():
        address = world.address(pattern)
        if "sign-out" in address or "logout" in address:
            continue
        response = client.get(address)
        if response.status_code == 200:
            yield address, response


@pytest.mark.slow
def test_what_people_typed_is_text_wherever_it_comes_out(hostile, client):
    client.force_login(make_editor(is_superuser=True))
    seen, shown = [], 0
    for address, response in everything(hostile, client):
        content = b"".join(response) if response.streaming else response.content
        kind = response.headers["Content-Type"].partition(";")[0]
        seen.append(kind)
        if kind == "text/html":
            assert alive(content) == [], address
            shown += b"alert(1)" in content
        elif kind.endswith(("xml", "svg+xml")):
            elements = list(ET.fromstring(content).iter())
            assert "alert" not in {element.tag for element in elements}
            for element in elements:  # what a reader of feeds shows as HTML
                if element.get("type") == "html":
                    assert alive((element.text or "").encode()) == [], address
        elif kind.endswith("json"):
            json.loads(content)
        assert response.headers["X-Content-Type-Options"] == "nosniff", address

    assert {"text/html", "application/json", "application/atom+xml"} <= set(seen)
    assert shown > 25  # the words were there to be shown
    found = client.get("/search/", {"q": "help"}).content
    assert b"<mark>" in found
    assert b"alert(1)" in found
    assert alive(found) == []


@pytest.mark.parametrize("kind", ["text/xml", "application/json"])
def test_a_health_record_is_given_words_as_text(hostile, client, kind):
    """It shows the summary of each entry as HTML."""
    topic = hostile.rows["topic"]
    TopicCode.objects.create(topic=topic, system="mesh", code="D1", display=SCRIPT)
    asked = {
        "mainSearchCriteria.v.c": "D1",
        "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.177",
        "knowledgeResponseType": kind,
    }
    content = client.get("/connect/", asked).content
    if kind == "text/xml":
        told = [e.text for e in ET.fromstring(content).iter() if e.get("type") == "html"]
    else:
        told = [entry["summary"]["_value"] for entry in json.loads(content)["feed"]["entry"]]

    assert "alert(1)" in " ".join(told)
    assert alive(" ".join(told).encode()) == []


def test_a_clinics_desk_shows_words_as_text(hostile, client):
    client.force_login(hostile.own)
    for address, response in everything(hostile, client):
        if response.headers["Content-Type"].startswith("text/html"):
            assert alive(response.content) == [], address


@needs_poppler
def test_paper_holds_words_as_words(hostile, client):
    pages = read_pages(client.get("/handouts/page.pdf").content)

    assert "<script>alert(1)</script>" in " ".join(" ".join(pages).split())


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r="])
def test_a_spreadsheet_finds_no_formula_in_the_record(client, sign):
    name = f"{sign}HYPERLINK(1)"
    make_revision(by=make_writer(display_name=name))
    assert name in Event.objects.values_list("by_name", flat=True)
    client.force_login(make_person(is_superuser=True))

    text = b"".join(client.get("/admin/education/event/export.csv")).decode()

    cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
    assert f"'{name}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("words", [SCRIPT, *AIMED])
def test_what_an_address_says_is_text_and_never_an_error(client, words):
    make_world()
    tried = [
        ("/search/", {"q": words, "topic": words, "kind": words}),
        (
            "/evidence/",
            {"topic": words, "age": words, "gmfcs": words, "page": words, "sort": words},
        ),
        ("/articles/page/", {"age": words, "gmfcs": words, "option": words}),
        ("/handouts/page/", {"paper": words, "size": words, "question": words}),
        ("/check/", {"code": words}),
        ("/connect/", {"mainSearchCriteria.v.c": words, "mainSearchCriteria.v.dn": words}),
        ("/api/v1/articles/", {"limit": words, "after": words}),
        ("/api/v1/changes/", {"since": words}),
        ("/articles/page/changes/", {"old": words, "new": words}),
    ]
    for address, query in tried:
        response = client.get(address, query)
        assert response.status_code < 500, (address, response.status_code)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            assert alive(response.content) == [], address
    for address in ("/articles/{}/", "/check/{}/", "/topics/{}/", "/evidence/{}/", "/{}"):
        response = client.get(address.format(quote(words)))
        assert response.status_code in {301, 302, 400, 404}, address
        assert alive(response.content) == [], address


def test_every_form_of_the_desks_wants_its_token():
    world = make_world()
    before = EventHead.objects.get().sequence
    for person in (make_editor(is_superuser=True), world.own):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person)
        for pattern in addresses():
            if pattern.startswith(("admin/", "clinic/")):
                response = client.post(world.address(pattern))
                assert response.status_code in {302, 403, 404, 405}, pattern
                if response.status_code == 302:
                    assert "login" in response["Location"] or "/change/" in response["Location"]
    assert EventHead.objects.get().sequence == before


@pytest.mark.parametrize("sign_in", ["/admin/login/", "/clinic/sign-in/"])
@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"],
)
def test_a_sign_in_leads_nowhere_else(client, sign_in, elsewhere):
    world = make_world()
    person = make_editor() if "admin" in sign_in else world.own
    response = client.post(
        f"{sign_in}?next={elsewhere}",
        {"username": person.username, "password": PASSWORD, "next": elsewhere},
    )

    assert response.status_code == 302
    assert response["Location"].startswith("/")
    assert not response["Location"].startswith("//")


def test_a_session_gets_a_new_name_at_the_sign_in(client):
    person = make_editor()
    client.get("/admin/login/")
    session = client.session
    session["left"] = "by an attacker"
    session.save()
    client.cookies["sessionid"] = session.session_key

    client.post("/admin/login/", {"username": person.username, "password": PASSWORD})

    assert client.cookies["sessionid"].value != session.session_key


def test_a_wrong_name_is_refused_in_the_words_of_a_wrong_password(client):
    person = make_editor()

    def refused(username):
        page = client.post("/admin/login/", {"username": username, "password": "wrong"})
        return re.sub(r'value="[^"]*"', "", page.content.decode())

    assert refused(person.username) == refused("nobody-here")


def test_another_name_of_the_host_is_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"X-Forwarded-Host": "evil.example"}).status_code == 200
    assert (
        b"evil.example" not in client.get("/", headers={"X-Forwarded-Host": "evil.example"}).content
    )


@pytest.mark.parametrize(
    "path",
    ["/static/../portal/settings.py", "/static/%2e%2e/%2e%2e/manage.py", "/..%2f..%2fetc/passwd",
     "/handouts/..%2f..%2fetc%2fpasswd.pdf", "/static//etc/passwd"],
)  # fmt: skip
def test_no_path_leads_out_of_the_site(client, path):
    response = client.get(path)

    assert response.status_code == 404


def test_a_mail_has_one_subject_and_one_reader(django_capture_on_commit_callbacks):
    person = make_writer(email="writer@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        notify([person], subject="A title\r\nBcc: thief@example.org", text="x", path="/")

    assert [sent.to for sent in mail.outbox] == [["writer@example.org"]]
    assert "\n" not in mail.outbox[0].subject
    assert mail.outbox[0].recipients() == ["writer@example.org"]


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "> " * 50_000, "*a " * 50_000, "- " * 20_000 + "x", "`" * 50_000, "[@" * 50_000,
     "[@a; " * 30_000, "![" * 50_000, "|a" * 50_000 + "\n" + "|-" * 50_000, "a@" * 100_000,
     "&#" * 100_000, "::: x\n" * 20_000, "https://" * 30_000, "a" * 2_000_000, "1 " * 300_000,
     "\n".join("  " * n + "- x" for n in range(500))],
    ids=range(16),
)  # fmt: skip
def test_no_text_keeps_the_desk_busy(text):
    """A generous end for the whole test run stops what never ends; the point is that this ends."""
    rendered = render(Draft(title="x", body=text), {})

    assert rendered.html is not None
