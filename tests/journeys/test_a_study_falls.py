"""A study is retracted and the false alarm lifted: at the desk and for readers, in Chromium."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
)
from tests.journeys.desk import sign_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

BODY = """## What was found

Only one study found a gain [@fallen2020]. Two studies found it safe [@fallen2020; @other2021].
Nobody knows if it lasts.
"""


@pytest.mark.smoke
def test_a_retraction_reaches_readers_at_once_and_lifted_leaves_no_trace(page: Page, live_server):
    site = live_server.url
    fallen, other = make_item("fallen2020"), make_item("other2021")
    make_medical_reviewer(username="reviewer")
    make_editor(username="editor")
    make_publication(
        article=make_article(slug="does-it-help"),
        draft=make_draft(
            other.key,
            short_answer=f"It may help a little [@{other.key}].",
            body=BODY,
        ),
    )
    address = f"{site}/articles/does-it-help/"
    before = page.request.get(address).body()
    page.goto(address)
    expect(page.get_by_text("Only one study found a gain")).to_be_visible()

    # A reviewer records it, after a list of what it touches.
    sign_in(page, site, "reviewer")
    page.goto(f"{site}/admin/education/evidenceitem/{fallen.pk}/change/")
    page.get_by_role("link", name="Record a retraction, concern or correction").click()
    page.get_by_label("Retracted").check()
    page.get_by_label("What happened").fill("Two children were counted twice.")
    page.get_by_role("button", name="Show what it touches").click()
    expect(page.get_by_text("1 statement taken out")).to_be_visible()
    expect(page.get_by_text("1 statement that still cites it")).to_be_visible()
    page.get_by_role("button", name="Record it: retracted").click()
    expect(page.get_by_text("fallen2020: retracted. Recorded.")).to_be_visible()
    page.goto(f"{site}/admin/")
    expect(page.get_by_text("Evidence that fell (1)")).to_be_visible()

    # A reader sees the notice and the gap, and nothing that rested on it alone.
    page.goto(address)
    expect(page.get_by_text("Only one study found a gain")).to_have_count(0)
    expect(page.get_by_text("Two studies found it safe")).to_be_visible()
    expect(page.get_by_text("Two children were counted twice.").first).to_be_visible()

    # Who recorded it can't take it back; a second person can.
    page.goto(f"{site}/admin/education/statusevent/{fallen.status_events.get().pk}/lift/")
    expect(page.get_by_text("a second person must lift it")).to_be_visible()
    sign_in(page, site, "editor")
    page.goto(f"{site}/admin/education/statusevent/{fallen.status_events.get().pk}/change/")
    page.get_by_role("link", name="Lift it as a false alarm").click()
    expect(page.get_by_text("1 statement shown again")).to_be_visible()
    page.get_by_label("Reason").fill("It was another study of the same name.")
    page.get_by_role("button", name="Lift it").click()
    expect(page.get_by_text("fallen2020: retracted lifted.")).to_be_visible()

    page.context.clear_cookies()
    assert page.request.get(address).body() == before
