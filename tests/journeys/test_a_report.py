"""A reader reports that something could harm a child; an editor answers; the reader reads it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import make_article, make_draft, make_editor, make_item, make_publication
from tests.journeys.desk import sign_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_life_of_a_report(browser, live_server, scripts):
    item = make_item("cited2020")
    make_publication(article=make_article(slug="page"), draft=make_draft(item.key))
    make_editor(username="editor")
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()

    page.goto(f"{live_server.url}{reverse('article-detail', args=['page'])}")
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.get_by_role("link", name="Tell us what was not clear").click()
    expect(page.get_by_label("Something is hard to understand")).to_be_checked()
    page.get_by_label("Something could harm a child").check()
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in a few words")
    expect(page.get_by_label("Something could harm a child")).to_be_checked()
    page.get_by_label("Tell us more").fill("The dose is wrong.")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    assert context.cookies() == []
    number = page.locator(".kicker strong").inner_text()

    desk = browser.new_context().new_page()
    sign_in(desk, live_server.url, "editor")
    expect(desk.locator("h2[id^=pile]").first).to_contain_text("could harm a child (1)")
    desk.get_by_role("link", name="Read and answer").click()
    desk.get_by_role("link", name="Answer the reader").click()
    desk.get_by_label("Your answer").fill("You are right. We mended it.")
    desk.get_by_label("How does it end?").select_option("We changed the page")
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.get_by_text("Answered.")).to_be_visible()

    page.goto(f"{live_server.url}/reports/")
    page.get_by_label("Number").fill(number.lower())
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="We changed the page")).to_be_visible()
    expect(page.get_by_text("You are right. We mended it.")).to_be_visible()
    context.close()
    desk.context.close()
