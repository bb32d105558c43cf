"""The first sign-in on a real site: a telephone, codes on paper, and the desk."""

import base64

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from tests.factories import PASSWORD, make_editor
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def give_password(page, site, username):
    page.context.clear_cookies()
    page.goto(f"{site}/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.smoke
def test_a_telephone_is_set_up_once_and_asked_for_from_then_on(page, live_server, settings):
    settings.SECOND_FACTOR = True
    editor = make_editor(username="editor")
    give_password(page, live_server.url, "editor")

    expect(page.get_by_role("heading", name="Set up the second step")).to_be_visible()
    assert violations(page, preload=False) == []
    key = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("The code that the telephone shows now").fill(
        f"{totp(base64.b32decode(key)):06d}"
    )
    page.get_by_role("button", name="Use this telephone").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert violations(page, preload=False) == []
    paper = page.locator(".desk-codes code").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()

    give_password(page, live_server.url, "editor")
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    assert violations(page, preload=False) == []
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This code is not right")).to_be_visible()
    page.get_by_label("Code").fill(paper)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    assert TOTPDevice.objects.get().user == editor
