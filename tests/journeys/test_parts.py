"""The parts of a text are moved and copied by buttons, with the keyboard alone, or dragged."""

import pytest
from playwright.sync_api import expect

from education.articles.models import Article, Revision
from education.articles.operations import draft_of
from tests.admin.test_parts import OPTIONS, make_rows
from tests.factories import make_article, make_draft, make_revision, make_writer
from tests.journeys.desk import sign_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_questions_are_moved_and_copied_by_keyboard(page, live_server):
    draft = make_draft(
        kind="comparison", options=OPTIONS, rows=make_rows("Walking", "Pain"), key_messages=[]
    )
    article = make_article(kind=Article.Kind.COMPARISON)
    revision = make_revision(by=make_writer(username="writer"), article=article, draft=draft)
    sign_in(page, live_server.url, "writer")
    page.goto(f"{live_server.url}/admin/education/revision/{revision.pk}/change/")
    expect(page.get_by_role("button", name="Save draft")).to_be_visible()

    page.get_by_role("button", name="Down: comparison row Walking").press("Enter")
    expect(page.get_by_text("Moved to place 2 of 2.")).to_be_attached()

    # The order alone is kept as words are, until it is saved.
    page.reload()
    expect(page.get_by_label("Question:").first).to_have_value("Walking")
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Question:").first).to_have_value("Pain")

    page.get_by_role("button", name="Copy: comparison row Pain").press("Enter")
    expect(page.get_by_label("Question:").nth(1)).to_have_value("Pain (copy)")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    rows = draft_of(Revision.objects.get(pk=revision.pk)).rows
    assert [row["question"] for row in rows] == ["Pain", "Pain (copy)", "Walking"]
    assert rows[1]["cells"]["fspr"]["text"] == "It helps."

    # Dragged by its head, and put in the same numbers as by the buttons.
    heads = page.locator("#comparison_rows-group .inline-related:not(.empty-form) > h3")
    heads.nth(2).drag_to(heads.nth(0), target_position={"x": 30, "y": 2})
    expect(page.get_by_text("Moved to place 1 of 3.")).to_be_attached()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    rows = draft_of(Revision.objects.get(pk=revision.pk)).rows
    assert [row["question"] for row in rows] == ["Walking", "Pain", "Pain (copy)"]
