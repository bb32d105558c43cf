"""An editor's draft becomes a reviewed, cited, public article: through the pages, in Chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

from education.articles.models import Article, Revision
from education.people.models import Role
from tests.factories import (
    make_editor,
    make_item,
    make_medical_reviewer,
    make_plain_language_reviewer,
    make_topic,
    make_writer,
)
from tests.journeys.desk import WRITES_MARKDOWN, sign_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

BODY = """## What was found

Stiffness falls at once [@first2020]. Nobody knows how long this lasts [@second2021].
"""


def decide(page: Page, site: str, revision: Revision, decision: str, comments: str = "") -> None:
    page.goto(f"{site}/admin/education/revision/{revision.pk}/review/")
    page.locator(".desk-checklist summary").first.click()
    for answer in page.locator(".desk-checklist").get_by_role("radio", name="Yes").all():
        answer.check()
    page.get_by_role("radio", name=decision).check()
    page.get_by_role("textbox", name="Comments").fill(comments)
    page.get_by_label(re.compile("My declaration of interests")).check()
    page.get_by_role("button", name="Record my decision").click()
    expect(page.get_by_text("recorded.")).to_be_visible()


@pytest.mark.smoke
def test_a_draft_becomes_a_public_page(page: Page, live_server):
    site = live_server.url
    make_topic("rhizotomy")
    make_item("first2020"), make_item("second2021")
    writer = make_writer(username="writer")
    make_medical_reviewer(username="neurology")
    make_medical_reviewer("Neurosurgery", username="neurosurgery")
    make_plain_language_reviewer(username="plain")
    make_editor(username="editor")
    address = f"{site}/articles/does-it-last/"

    def not_public() -> None:
        assert page.goto(address).status == 404

    # The writer writes and submits.
    page.add_init_script(WRITES_MARKDOWN)
    sign_in(page, site, "writer")
    page.goto(f"{site}/admin/education/article/add/")
    page.get_by_label("Title").fill("Does it last?")
    page.get_by_label("Slug").fill("does-it-last")
    page.get_by_label("Topic").select_option(label="Rhizotomy")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("textbox", name="One-sentence answer").fill(
        "For years, probably [@first2020]."
    )
    page.get_by_role("textbox", name="Body").fill(BODY)
    expect(page.locator("[data-preview-text]")).to_contain_text("Stiffness falls at once")
    page.get_by_role("textbox", name="What we do not know").fill("- How long it lasts.")
    page.get_by_role("textbox", name="Who paid for this text").fill("Nobody.")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    expect(page.locator("[data-preview-text]")).to_contain_text("Nobody knows how long")
    not_public()
    revision = Revision.objects.get()
    page.goto(f"{site}/admin/education/revision/{revision.pk}/submit/")
    expect(page.get_by_text("Class A is the judgement of one person so far.")).to_be_visible()

    # A reviewer confirms the risk class; then the writer submits.
    sign_in(page, site, "neurology")
    page.get_by_role("link", name="Look at the class").click()
    page.get_by_role("button", name="It is class A").click()
    expect(page.get_by_text("is of class A")).to_be_visible()
    sign_in(page, site, "writer")
    page.goto(f"{site}/admin/education/revision/{revision.pk}/submit/")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("is in review").first).to_be_visible()

    # The writer can't approve it, even with a reviewer's role.
    writer.groups.add(*make_medical_reviewer("Orthopaedics").groups.all())
    assert writer.has_role(Role.MEDICAL_REVIEWER)
    page.goto(f"{site}/admin/education/revision/{revision.pk}/review/")
    expect(page.get_by_text("You can’t decide on this revision")).to_be_visible()
    expect(page.get_by_role("button", name="Record my decision")).to_have_count(0)

    # A reviewer asks for changes; the writer answers.
    sign_in(page, site, "neurology")
    decide(page, site, revision, "Ask for changes", "Say what stiffness is.")
    not_public()
    sign_in(page, site, "writer")
    page.goto(f"{site}/admin/education/revision/{revision.pk}/change/")
    expect(page.get_by_text("Say what stiffness is.").first).to_be_visible()
    page.get_by_role("textbox", name="Body").fill(
        BODY.replace("Stiffness falls", "Stiffness (tight muscles) falls")
    )
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto(f"{site}/admin/education/revision/{revision.pk}/submit/")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("is in review").first).to_be_visible()

    # All three approve.
    for username in ("neurology", "neurosurgery", "plain"):
        sign_in(page, site, username)
        decide(page, site, revision, "Approve")
        not_public()

    # The editor-in-chief publishes; anybody reads.
    sign_in(page, site, "editor")
    page.goto(f"{site}/admin/education/revision/{revision.pk}/publish/")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("is public")).to_be_visible()
    page.context.clear_cookies()
    assert page.goto(address).ok
    expect(page.get_by_role("heading", level=1)).to_have_text("Does it last?")
    expect(page.locator("main")).to_contain_text("Stiffness (tight muscles) falls at once")
    assert Article.objects.get().risk_class == Article.RiskClass.A
