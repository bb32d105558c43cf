"""The first password: a link by mail, a page by keyboard alone, and the door."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from education.accounts.invitations import CONSOLE
from tests.factories import make_person
from tests.journeys.desk import sign_in
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

NEW = "a quiet afternoon by the sea"


def test_somebody_invited_chooses_a_password_by_keyboard(page, live_server, settings):
    settings.SITE_URL = live_server.url
    make_person(username="administrator", is_superuser=True)
    person = make_person(username="newcomer", email="new@portal.example")
    sign_in(page, live_server.url, "administrator")
    page.goto(live_server.url + reverse("admin:education_user_change", args=[person.pk]))
    page.get_by_role("link", name="Invite to set a password").click()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("has got a link by mail")).to_be_visible()

    page.context.clear_cookies()
    (link,) = re.findall(r"http\S+/admin/password/\S+", mail.outbox[-1].body)
    page.goto(link)
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    assert "set-password" in page.url
    assert violations(page, preload=False) == []
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "new_password1":
            break
    page.keyboard.type("short")
    page.keyboard.press("Tab")
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This password is too short.")).to_be_visible()
    assert violations(page, preload=False) == []
    page.get_by_label("New password", exact=False).first.focus()
    page.keyboard.type(NEW)
    page.keyboard.press("Tab")
    page.keyboard.type(NEW)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password is set. Sign in with it.")).to_be_visible()

    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Password").fill(NEW)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link does not open any more")).to_be_visible()
    assert violations(page, preload=False) == []


def test_a_link_by_hand_is_read_from_the_page(page, live_server, settings):
    settings.EMAIL_BACKEND = CONSOLE
    make_person(username="administrator", is_superuser=True)
    person = make_person()
    sign_in(page, live_server.url, "administrator")
    page.goto(live_server.url + reverse("admin:education_user_invite", args=[person.pk]))
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_text("Hand this link over in person")).to_be_visible()
    assert violations(page, preload=False) == []
