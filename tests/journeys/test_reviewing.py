"""What a reviewer meets in the browser beside the keyboard: marked words, evidence, kept words."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from education.review.checklists import CHECKLISTS
from education.review.comments import add_comment
from education.review.models import Comment, Review
from tests.factories import (
    PASSWORD,
    make_draft,
    make_item,
    make_medical_reviewer,
    make_revision_in_review,
)
from tests.journeys.desk import sign_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

BODY = """## What was found

Scores rose by two points [@first2020]. They fell *later* [@first2020; @second2020].

- Pain was rare [@second2020].
- Fever was not.
"""
# From the first word of one block to the last of another, as somebody drags the mouse.
MARK = """([first, last]) => {
  const blocks = [...document.querySelectorAll(".article-text :is(p, li)")];
  const start = blocks.find((block) => block.textContent.startsWith(first));
  const end = blocks.find((block) => block.textContent.startsWith(last));
  const range = document.createRange();
  range.setStart(start, 0);
  range.setEnd(end, end.childNodes.length);
  document.getSelection().removeAllRanges();
  document.getSelection().addRange(range);
}"""


@pytest.fixture
def revision():
    make_item("first2020")
    make_item("second2020")
    make_medical_reviewer(username="neurology")
    draft = make_draft("first2020", "second2020", body=BODY)
    return make_revision_in_review(draft=draft)


@pytest.fixture
def review(page, live_server, revision):
    """The page of the review, signed in."""
    sign_in(page, live_server.url, "neurology")
    page.goto(f"{live_server.url}/admin/education/revision/{revision.pk}/review/")
    return page


@pytest.mark.parametrize(
    ("first", "last", "passage"),
    [
        ("Scores", "Scores", "Scores rose by two points. They fell later."),
        (
            "Scores",
            "Fever",
            "Scores rose by two points. They fell later. Pain was rare. Fever was not.",
        ),
    ],
)
def test_words_that_are_marked_are_commented_on_and_found_again(
    review, revision, first, last, passage
):
    expect(review.frame_locator("iframe").locator("h1")).to_be_visible()
    review.frame("readers").evaluate(MARK, [first, last])
    review.get_by_role("button", name="Comment on the words you marked").click()
    expect(review.get_by_label("Passage:")).to_have_value(passage)
    review.get_by_label("Comment:").fill("Is it so?")
    review.get_by_role("button", name="Comment", exact=True).click()

    expect(review.get_by_text("Recorded.")).to_be_visible()
    assert Comment.objects.get().passage == passage
    expect(review.frame_locator("iframe").locator("h1")).to_be_visible()
    review.get_by_role("button", name="Show in the text").click()
    marked = "[...CSS.highlights.get('desk-passage')][0].toString()"
    shown = review.frame("readers").evaluate(marked)
    assert shown.startswith("Scores rose")


def test_evidence_comes_into_view_beside_the_words_that_rest_on_it(review):
    second = review.locator("#evidence-2")
    text = review.frame_locator("iframe")
    text.locator(".article-text li", has_text="Pain was").locator(".cite a").focus()

    expect(second).to_have_class("desk-evidence desk-shown")
    expect(review.locator("#evidence-1")).to_have_class("desk-evidence")


def test_what_was_typed_survives_a_sign_in_that_ended(review, live_server, revision):
    review.locator("summary", has_text="Write a comment").click()
    review.get_by_label("Comment:").fill("A long thought")
    review.get_by_label("Comments:").fill("Another thought")
    Session.objects.all().delete()
    review.get_by_role("button", name="Comment", exact=True).click()
    review.get_by_label("Username").fill("neurology")
    review.get_by_label("Password").fill(PASSWORD)
    review.get_by_role("button", name="Log in").click()

    expect(review.get_by_label("Comment:")).to_have_value("A long thought")
    expect(review.get_by_label("Comments:")).to_have_value("Another thought")
    expect(review.get_by_text("it was kept in this browser")).to_have_count(2)
    assert not Comment.objects.exists()

    review.get_by_role("button", name="Comment", exact=True).click()
    expect(review.get_by_text("Recorded.")).to_be_visible()
    expect(review.get_by_label("Comment:")).to_have_value("")
    expect(review.get_by_label("Comments:")).to_have_value("Another thought")


def test_a_decision_takes_no_script(browser, live_server, revision):
    add_comment(revision=revision, by=make_medical_reviewer(), text="Look here.")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, "neurology")
    page.goto(f"{live_server.url}/admin/education/revision/{revision.pk}/review/")
    page.get_by_text("Checklist").click()
    question = page.get_by_role("group", name=CHECKLISTS["medical"][0].text)
    question.get_by_label("Partly").check()
    page.get_by_label("Ask for changes").check()
    page.get_by_label("Comments:").fill("Please say how many.")
    page.get_by_role("button", name="Record my decision").click()

    expect(page.get_by_text("Confirm your declaration of interests first.")).to_be_visible()
    expect(page.get_by_label("Comments:")).to_have_value("Please say how many.")
    expect(page.get_by_label("Ask for changes")).to_be_checked()
    expect(question.get_by_label("Partly")).to_be_checked()
    assert not Review.objects.exists()

    page.get_by_label("My declaration of interests").check()
    page.get_by_role("button", name="Record my decision").click()
    expect(page.get_by_text("recorded.")).to_be_visible()
    assert Review.objects.get().comments == "Please say how many."
    context.close()
