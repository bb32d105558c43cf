"""A password that was stolen elsewhere is refused; who is asked about it never learns it."""

import hashlib
import threading

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse

from education.accounts import passwords
from tests.factories import make_editor
from tests.local_server import local_server

STOLEN, FRESH, COMMON = "violet-kettle-14 März", "slow-meadow-Lantern-92", "1qaz2wsx3edc4rfv"


def digest(password):
    return hashlib.sha1(password.encode()).hexdigest().upper()


class Service:
    """One that knows which passwords were stolen, on this machine; what it was asked, whole."""

    def __init__(self):
        self.status, self.asked, self.said = 200, [], None
        self.silent = threading.Event()
        self.silent.set()

    def answer(self, request):
        self.asked.append(f"{request.raw_requestline.decode()}{request.headers}")
        self.silent.wait(30)
        return self.status, {}, self.range_of(request.path.rpartition("/")[2])

    def range_of(self, start):
        if self.said is not None:
            return self.said
        # Padding names some that were seen 0 times: here the fresh one is among these.
        known = {digest(STOLEN): 7, digest(FRESH): 0, start + "0" * 35: 12}
        return "\r\n".join(
            f"{one[5:]}:{times}" for one, times in known.items() if one.startswith(start)
        ).encode()


@pytest.fixture
def service(settings):
    service = Service()
    with local_server(service.answer) as address:
        settings.PASSWORD_RANGE_URL = f"{address}/range/"
        yield service
        service.silent.set()


def refused(password):
    try:
        validate_password(password)
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


def test_a_stolen_password_is_refused_and_another_is_not(service):
    assert refused(STOLEN) == {"stolen"}
    assert refused(FRESH) == set()


def test_only_five_digits_of_its_hash_leave_the_site(service):
    refused(STOLEN)

    (asked,) = service.asked
    assert asked.startswith(f"GET /range/{digest(STOLEN)[:5]} HTTP/1.1")
    assert "Add-Padding: true" in asked
    assert digest(STOLEN)[:6].lower() not in asked.lower()
    assert not any(part in asked for part in ("violet", "kettle"))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (503, b"away"),
        (302, b""),
        (200, b"\xff\xfe not what was asked for"),
        (200, b"<html>" * 10),
        (200, b"0" * (passwords.MOST + 1)),
        (200, b""),
    ],
)
def test_nonsense_holds_nobody_up_and_common_ones_are_still_refused(service, status, said):
    service.status, service.said = status, said

    assert refused(STOLEN) == set()
    assert refused(COMMON) == {"password_too_common"}


def test_who_is_silent_is_not_waited_for_and_the_log_says_so(service, monkeypatch, caplog):
    service.silent.clear()
    monkeypatch.setattr(passwords, "PATIENCE", 0.1)
    monkeypatch.setattr(passwords.logger, "disabled", False)  # the linter of imports hushes all

    assert refused(STOLEN) == set()
    assert refused(COMMON) == {"password_too_common"}
    assert len(caplog.records) == 2
    assert "Nobody said whether a password was stolen" in caplog.text
    assert STOLEN not in caplog.text
    assert digest(STOLEN)[5:] not in caplog.text


def test_where_nobody_is_named_nobody_is_asked(service, settings):
    settings.PASSWORD_RANGE_URL = ""

    assert refused(STOLEN) == set()
    assert service.asked == []


@pytest.mark.django_db
def test_the_form_that_changes_a_password_refuses_a_stolen_one(service, client):
    editor = make_editor()
    editor.set_password(FRESH)
    editor.save()
    client.force_login(editor)
    form = {"old_password": FRESH, "new_password1": STOLEN, "new_password2": STOLEN}

    answer = client.post(reverse("admin:password_change"), form)

    assert "was stolen from some site" in answer.content.decode()
    editor.refresh_from_db()
    assert editor.check_password(FRESH)
