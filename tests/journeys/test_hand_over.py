"""A nurse hands over to a telephone and prints for one family; a family fills in a worksheet."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from education.handouts.models import PrintedCopy
from tests.factories import make_next_publication, make_publication
from tests.handouts.clinics import make_clinic, make_clinic_person
from tests.handouts.paper import needs_poppler, needs_zbar, read_text, squares_on
from tests.journeys.test_life_of_a_copy import come_to_the_clinics_desk, sideways
from tests.public.reading import make_comparison
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


@needs_poppler
@needs_zbar
def test_a_nurse_hands_over_prints_for_one_family_and_the_link_tells_of_the_change(
    page: Page, live_server, tmp_path: Path
) -> None:
    site = live_server.url
    publication = make_publication()
    person = make_clinic_person(make_clinic("Hillside Clinic"))
    come_to_the_clinics_desk(page, site, person.username)

    page.get_by_role("link", name=f"Hand over {publication.title}").click()
    page.get_by_text("Change what it tells").click()
    page.get_by_label("Child’s age").select_option("4-5")
    page.get_by_role("button", name="Show the new code").click()
    expect(page.get_by_text("of the child: 4 to 5 years")).to_be_visible()
    assert violations(page) == []
    given = page.get_by_role("link", name="See what the family sees").get_attribute("href")
    path = given.partition("/v/")[2]
    square = tmp_path / "square.png"
    page.locator(".give-code").screenshot(path=square)
    assert [read.partition("/v/")[2] for read in squares_on(square)] == [path]

    page.goto(f"{site}/clinic/print/{publication.slug}/")
    page.get_by_text("A copy for one family").click()
    page.get_by_label("A note for this family").fill("Ring the ward first")
    with page.expect_response(re.compile(r"/clinic/print/")) as answered:
        page.get_by_role("button", name="Print: open the PDF").click()
    assert answered.value.headers["content-type"] == "application/pdf"
    assert "no-store" in answered.value.headers["cache-control"]
    assert PrintedCopy.objects.count() == 1

    make_next_publication(publication, what_changed="The dose is told.")
    page.context.clear_cookies()
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(f"{site}/v/{path}")
    expect(page.get_by_text("The dose is told.")).to_be_visible()
    expect(page.get_by_text("Marked for: 4 to 5 years")).to_be_visible()
    assert sideways(page) == 0
    assert violations(page) == []
    assert page.context.cookies() == []


@needs_poppler
def test_a_worksheet_is_filled_in_kept_in_its_tab_and_emptied(page: Page, live_server) -> None:
    site = live_server.url
    publication = make_comparison()
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(f"{site}{reverse('worksheet', args=[publication.slug])}")
    assert violations(page) == []
    assert sideways(page) == 0
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))

    page.get_by_label("Who decides with us").fill("Grandmother Quillfeather")
    page.get_by_role("textbox", name="Our questions for the team").fill(
        "\n".join(["The first question", *"abcdefgh"])
    )
    box = page.get_by_label("Very much").first
    box.check()
    page.emulate_media(media="print")
    expect(page.get_by_label("Who decides with us")).to_have_value("Grandmother Quillfeather")
    expect(page.get_by_text("Gone when you close this page.")).to_be_hidden()
    printed = read_text(page.pdf())
    assert "Grandmother Quillfeather" in printed
    assert "The first question" in printed  # though a screen has no room for all that was typed
    page.emulate_media(media="screen")

    assert requests == []
    assert page.evaluate("localStorage.length") == 0
    assert "Quillfeather" not in page.url
    page.get_by_role("link", name="Where this comes from").click()
    page.go_back()
    page.reload()  # what a browser does that has no room for a page behind
    expect(page.get_by_label("Who decides with us")).to_have_value("Grandmother Quillfeather")
    expect(page.get_by_label("Very much").first).to_be_checked()
    page.get_by_role("button", name="Empty the sheet").click()
    page.reload()
    expect(page.get_by_label("Who decides with us")).to_have_value("")
    expect(page.get_by_label("Very much").first).not_to_be_checked()


@needs_poppler
def test_a_comparison_is_printed_whole_or_with_the_answers_that_were_opened(
    page: Page, live_server
) -> None:
    publication = make_comparison()
    first, second, *_ = publication.content["comparison"]["rows"]
    option = publication.content["comparison"]["options"][0]["name"]
    address = f"{live_server.url}{reverse('article-detail', args=[publication.slug])}"

    page.goto(address)
    printed = " ".join(read_text(page.pdf()).split())
    for row in (first, second):
        assert f"{row['question']} {option} answers" in printed
    assert "A study of something" in printed.partition("Where this information comes from")[2]
    assert "Hide the numbers" not in printed
    assert "The answers" not in printed

    page.goto(f"{address}#row-{second['slug']}")
    printed = " ".join(read_text(page.pdf()).split())
    assert f"{second['question']} {option} answers" in printed
    assert f"{first['question']} {option} answers" not in printed
