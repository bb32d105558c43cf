"""The life of a paper copy: printed, current, changed, not to be used; every list agrees."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect

from education.handouts.codes import format_code
from education.handouts.models import PrintedCopy
from tests.factories import (
    PASSWORD,
    make_article,
    make_draft,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
)
from tests.handouts.clinics import make_clinic, make_clinic_person
from tests.handouts.paper import needs_poppler, read_pages
from tests.journeys.desk import sign_in
from tests.public.reading import make_comparison
from tests.web.checkers import violations

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def sideways(page: Page) -> int:
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def come_to_the_clinics_desk(page: Page, site: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/clinic/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What shall we print?")).to_be_visible()


def print_at_the_desk(page: Page, site: str, title: str, copies: int) -> PrintedCopy:
    """Press the button of a handout; the answer is a PDF with a code on every page."""
    page.goto(f"{site}/clinic/")
    page.get_by_role("link", name=f"Print {title}").click()
    page.get_by_label("Copies").fill(str(copies))
    with page.expect_response(re.compile(r"/clinic/printed/\w+\.pdf$")) as answered:
        page.get_by_role("button", name="Print: open the PDF").click()
    copy = PrintedCopy.objects.latest("pk")
    assert answered.value.status == 200
    assert answered.value.url.endswith(f"/clinic/printed/{copy.code}.pdf")
    pdf = page.request.get(answered.value.url).body()
    for words in read_pages(pdf):
        assert format_code(copy.code) in words
        assert "Do not use after" in words
    return copy


def ask(page: Page, site: str, code: str, headline: str) -> None:
    """Type a code as people do: small letters and blanks."""
    page.goto(f"{site}/check/")
    page.get_by_label("Code").fill(" ".join(format_code(code).lower().split("-")))
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(headline)
    assert violations(page) == []


@needs_poppler
@pytest.mark.smoke
def test_the_life_of_a_paper_copy(page: Page, live_server):
    site = live_server.url
    fallen, other = make_item("fallen2020"), make_item("other2021")
    reviewer = make_medical_reviewer(username="reviewer")
    person = make_clinic_person(make_clinic("Hillside Clinic"), username="hillside")
    first = make_publication(
        article=make_article(slug="does-it-help"),
        draft=make_draft(other.key, fallen.key, title="Does it help?"),
    )
    make_publication(draft=make_draft(title="Something else"))

    # The clinic prints two texts. Both are current.
    come_to_the_clinics_desk(page, site, person.username)
    copy = print_at_the_desk(page, site, "Does it help?", 30)
    good = print_at_the_desk(page, site, "Something else", 5)
    ask(page, site, copy.code, "This copy is current")

    # Version 2 is published: the paper says what changed, and leads to the new one.
    make_next_publication(first, what_changed="We added what a second study found.")
    ask(page, site, copy.code, "A newer version exists")
    expect(page.get_by_text("We added what a second study found.")).to_be_visible()
    page.get_by_role("link", name="Print version 2").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Does it help?")
    expect(page.get_by_role("region", name="About this copy")).to_contain_text("Version 2")
    come_to_the_clinics_desk(page, site, person.username)
    newer = print_at_the_desk(page, site, "Does it help?", 10)
    ask(page, site, newer.code, "This copy is current")

    # A reviewer records at the desk that a source was retracted.
    sign_in(page, site, reviewer.username)
    page.goto(f"{site}/admin/education/evidenceitem/{fallen.pk}/change/")
    page.get_by_role("link", name="Record a retraction, concern or correction").click()
    page.get_by_label("Retracted").check()
    page.get_by_label("What happened").fill("Two children were counted twice.")
    page.get_by_role("button", name="Show what it touches").click()
    page.get_by_role("button", name="Record it: retracted").click()
    expect(page.get_by_text("fallen2020: retracted. Recorded.")).to_be_visible()

    # The mail has gone out, once; both prints are not to be used; none can be printed.
    mails = [each for each in mail.outbox if "new sign-in" not in each.subject]
    (told,) = [each for each in mails if each.to == [person.email]]
    assert "30 copies" in told.body
    assert "10 copies" in told.body
    page.context.clear_cookies()
    for code in (copy.code, newer.code):
        ask(page, site, code, "Do not use this copy")
        expect(page.get_by_text("Two children were counted twice.").first).to_be_visible()
    page.goto(f"{site}/handouts/does-it-help/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This can’t be printed now")

    # The shelf and the clinic's recall list say the same.
    page.goto(f"{site}/check/shelf/")
    page.get_by_label("Codes").fill(f"{copy.code}\n{newer.code}, {good.code}\ncoffee")
    page.get_by_role("button", name="Check the shelf").click()
    expect(page.get_by_role("status")).to_contain_text("1 to keep, 2 to bin, 1 not read")
    bin_codes = page.locator("#bin + .table-frame tbody th").all_text_contents()
    expect(page.locator("#keep + .table-frame tbody th")).to_have_text(format_code(good.code))
    assert violations(page) == []
    come_to_the_clinics_desk(page, site, person.username)
    expect(page.get_by_text("2 prints to take off the shelf")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="See what to bin, and why").click()
    recalled = page.locator("tbody th").all_text_contents()
    assert sorted(recalled) == sorted(bin_codes)
    assert set(recalled) == {format_code(copy.code), format_code(newer.code)}


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_every_page_of_the_clinics_desk_is_accessible(page: Page, live_server, width, scheme):
    site = live_server.url
    person = make_clinic_person(make_clinic("Hillside Clinic"), username="hillside")
    make_publication(draft=make_draft(title="On paper"))
    make_comparison()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{site}/clinic/")
    assert violations(page) == []
    come_to_the_clinics_desk(page, site, person.username)

    # A pack by keyboard: Enter in a field saves, buttons move.
    page.goto(f"{site}/clinic/packs/new/")
    page.get_by_label("On paper").check()
    page.get_by_role("button", name="Add the ticked ones").press("Enter")
    page.get_by_label("Stem cells or rhizotomy?").check()
    page.get_by_label("Name of the pack").fill("First visit")
    page.get_by_label("Name of the pack").press("Enter")
    expect(page.get_by_role("heading", name="First visit")).to_be_visible()
    pack = person.clinic_staff.clinic.packs.get()
    copy = print_at_the_desk(page, site, "On paper", 3)

    for address in (
        *(reverse(f"clinic-{name}") for name in
          ("desk", "details", "packs", "pack-new", "printed", "bin", "counts")),
        reverse("clinic-print", args=["stem-cells-or-fspr"]),
        reverse("clinic-pack", args=[pack.pk]),
        reverse("clinic-pack-print", args=[pack.pk]),
        reverse("clinic-copy", args=[copy.code]),
        reverse("check-shelf"),
    ):  # fmt: skip
        page.goto(f"{site}{address}")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert violations(page) == [], address
        assert sideways(page) == 0, address
