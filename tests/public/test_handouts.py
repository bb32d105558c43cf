"""Handouts for everybody: found, chosen by link, printed here or as a PDF, and never recorded."""

import datetime
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education.handouts.codes import format_code
from education.handouts.copy_check import public_code
from education.handouts.models import PrintedCopy
from education.handouts.typesetting import qr_code
from education.languages import plain_month
from education.publishing.operations import withdraw
from education.safety.notes import approve_note, write_note
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision_in_review,
)
from tests.handouts.clinics import days_after_due, fall, go_to, make_draft_resting_on
from tests.handouts.paper import needs_poppler, read_pages, read_text
from tests.public.reading import make_claims, make_comparison, make_glossary, read

pytestmark = pytest.mark.django_db

CODE = re.compile(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}")


def page_of(publication, asked=""):
    return f"{reverse('handout-detail', args=[publication.slug])}{asked}"


def pdf_of(publication, asked=""):
    return f"{reverse('handout-pdf', args=[publication.slug])}{asked}"


def pages(client, publication, asked=""):
    response = client.get(pdf_of(publication, asked))
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    return read_pages(response.content)


# Finding one


def test_handout_list_shows_every_public_text_and_no_draft(client):
    shown = make_publication(draft=make_draft(title="On paper"))
    hidden = make_revision_in_review(draft=make_draft(title="Only for reviewers"))

    page = read(client, reverse("handout-list"))

    assert "On paper" in page.text
    assert "Only for reviewers" not in page.text
    links = [link["href"] for link in page.all("a")]
    assert page_of(shown) in links
    assert client.get(page_of(shown)).status_code == 200
    assert client.get(f"/handouts/{hidden.article.slug}/").status_code == 404
    assert client.get(f"/handouts/{hidden.article.slug}.pdf").status_code == 404


def test_handout_list_finds_by_words_and_says_when_nothing_fits(client):
    make_publication(draft=make_draft(title="Rhizotomy on paper"))
    make_publication(draft=make_draft(title="Stem cells on paper"))
    address = reverse("handout-list")

    found = read(client, f"{address}?q=rhizotomies").text
    assert "Rhizotomy on paper" in found
    assert "Stem cells on paper" not in found
    assert "No handout has all of these words" in read(client, f"{address}?q=zebra").text
    assert "No handout" not in read(client, f"{address}?q=%00%20").text


def test_every_page_that_may_be_printed_leads_to_its_handout(client):
    article, comparison = make_publication(), make_comparison()
    make_claims()

    for publication in (article, comparison):
        address = reverse("article-detail", args=[publication.slug])
        links = [link["href"] for link in read(client, address).all("a")]
        assert page_of(publication) in [link.partition("?")[0] for link in links]
    assert "/handouts/claims-you-may-hear/" in str(read(client, reverse("claim-list")).elements)
    assert reverse("handout-list") in str(read(client, reverse("home")).elements)


def test_the_grid_leads_to_a_handout_of_the_questions_that_were_chosen(client):
    comparison = make_comparison()
    address = reverse("article-detail", args=[comparison.slug])

    links = [link["href"] for link in read(client, f"{address}?question=undone").all("a")]

    # Above the text and below it.
    (link,) = {link for link in links if link.startswith(page_of(comparison))}
    words = read(client, link).text
    assert "Can it be undone? Rhizotomy answers" in words
    assert "What is it? Rhizotomy answers" not in words


# The page to print


def test_the_page_carries_what_paper_must_say(client):
    publication = make_publication(draft=make_draft(title="On paper"))

    page = read(client, page_of(publication))

    assert "On paper Version 1, reviewed" in page.text
    assert "Do not use after" in page.text
    assert format_code(public_code(publication)) in page.text
    assert "In your own words, what does this mean for your child?" in page.text
    assert len(page.all("h1")) == 1
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("make", [make_publication, make_comparison, make_claims, make_glossary])
@pytest.mark.parametrize("asked", ["", "?length=short&size=giant&references=code&ink=black"])
def test_a_handout_of_every_kind_is_a_page_and_a_pdf(client, make, asked):
    publication = make()

    assert publication.title in read(client, page_of(publication, asked)).text
    response = client.get(pdf_of(publication, asked))
    assert (response.status_code, response.content[:5]) == (200, b"%PDF-")


def test_short_leaves_the_text_out_and_keeps_what_matters(client):
    publication = make_publication()

    whole, short = (read(client, page_of(publication, a)).text for a in ("", "?length=short"))

    assert "What was found" in whole
    assert "What was found" not in short
    for kept in ("What the evidence says", "Whether it lasts.", "How do you know?"):
        assert kept in short


def test_what_names_no_choice_prints_as_usual(client):
    publication = make_publication()

    odd = "?paper=a3&size=tiny&length=&references=%00&ink=gold&question=none&language=%F0"

    assert client.get(page_of(publication, odd)).status_code == 200
    assert client.get(pdf_of(publication, odd)).status_code == 200


def test_short_and_whole_are_two_choices_that_keep_what_was_asked(client):
    publication = make_publication()

    page = client.get(page_of(publication, "?size=large")).content.decode()

    pdf = reverse("handout-pdf", args=[publication.slug])
    assert f'href="{pdf}?size=large&amp;length=short">Short (PDF)' in page
    assert f'href="{pdf}?size=large">Whole (PDF)' in page


@needs_poppler
def test_options_by_link_are_in_the_pdf(client):
    publication = make_publication()
    few = len(pages(client, publication))

    assert len(pages(client, publication, "?size=giant")) > few
    short = " ".join(pages(client, publication, "?length=short"))
    assert "What was found" not in short
    without = " ".join(pages(client, publication, "?references=code"))
    assert "Journal of Tests" not in without


@needs_poppler
def test_every_page_of_a_public_pdf_carries_the_same_code_as_the_page(client):
    publication = make_publication()
    shown = CODE.findall(read(client, page_of(publication)).text)

    for asked in ("", "?paper=letter&size=giant"):
        for words in pages(client, publication, asked):
            assert set(CODE.findall(words)) == set(shown)


@needs_poppler
def test_a_comparison_prints_the_questions_that_were_chosen(client):
    comparison = make_comparison()

    words = read_text(client.get(pdf_of(comparison, "?question=undone")).content)

    assert "Can it be undone?" in words
    assert "What is it? Rhizotomy answers" not in words


@needs_poppler
def test_an_emergency_note_stands_on_paper_and_page(client):
    publication = make_publication()
    note = write_note(slug=publication.slug, text="One batch was recalled.", by=make_editor())
    approve_note(note=note, by=make_medical_reviewer())

    assert "One batch was recalled." in read(client, page_of(publication)).text
    assert "One batch was recalled." in read_text(client.get(pdf_of(publication)).content)


# Nothing is recorded, and nothing old is shown


def test_a_public_print_writes_nothing_and_sets_no_cookie(client):
    publication = make_publication()

    for address in (page_of(publication), pdf_of(publication), reverse("handout-list")):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        for query in queries.captured_queries:
            assert query["sql"].startswith("SELECT"), query["sql"]
        assert client.post(address).status_code == 405
    assert not PrintedCopy.objects.exists()


def test_a_pdf_that_is_still_the_same_is_not_sent_again(client, monkeypatch):
    item = make_item("doubted2020")
    publication = make_publication(draft=make_draft_resting_on(item.key))
    first = client.get(pdf_of(publication))
    known = {"HTTP_IF_NONE_MATCH": first["ETag"]}

    assert client.get(pdf_of(publication), **known).status_code == 304
    assert client.get(pdf_of(publication, "?size=large"), **known).status_code == 200
    assert "no-cache" in first["Cache-Control"]

    fall(item, status="concern")
    changed = client.get(pdf_of(publication), **known)
    assert changed.status_code == 200

    go_to(monkeypatch, datetime.date.today() + datetime.timedelta(days=1))  # noqa: DTZ011
    assert client.get(pdf_of(publication), HTTP_IF_NONE_MATCH=changed["ETag"]).status_code == 200


@needs_poppler
def test_the_newest_version_is_printed(client):
    first = make_publication()
    second = make_next_publication(first, title="Said better")

    words = read_text(client.get(pdf_of(first)).content)

    assert "Said better" in words
    assert format_code(public_code(second)) in words
    assert format_code(public_code(first)) not in words


@needs_poppler
def test_page_and_paper_say_the_month_of_printing_and_so_does_their_square(client, monkeypatch):
    publication = make_publication(publisher=make_editor())  # no paper of it was kept before
    squares = []
    monkeypatch.setattr(
        "education.handouts.typesetting.qr_code", lambda url: squares.append(url) or qr_code(url)
    )
    monkeypatch.setattr(
        "education.public.views.handouts.qr_code", lambda url: squares.append(url) or qr_code(url)
    )

    page = read(client, page_of(publication))
    words = pages(client, publication)

    today = timezone.localdate()
    assert f"Printed {plain_month(today)}" in page.text
    assert all(f"Printed {plain_month(today)}" in each.replace("\xa0", " ") for each in words)
    assert len(squares) == 2
    for square in squares:
        asked = square.removeprefix(settings.SITE_URL.rstrip("/"))
        assert asked.endswith(f"/?printed={today:%Y-%m}")
        assert "Do not use it after" in read(client, asked).text


# What may not be printed


def test_an_overdue_text_asks_first_and_keeps_what_was_chosen(client, monkeypatch):
    publication = make_publication()
    go_to(monkeypatch, days_after_due(publication, 30))

    asked = client.get(pdf_of(publication, "?size=large"))
    assert (asked.status_code, asked.url) == (302, page_of(publication, "?size=large"))

    question = read(client, asked.url)
    assert "Please confirm that you print it all the same." in question.text
    (yes,) = [link["href"] for link in question.all("a") if "confirm" in link["href"]]
    confirmed = read(client, yes)
    assert "Parts of it may be out of date." in confirmed.text
    pdf, _whole = [link["href"] for link in confirmed.all("a") if ".pdf" in link["href"]]
    assert "size=large" in pdf
    assert client.get(pdf).status_code == 200


def test_90_days_late_is_refused_and_says_why(client, monkeypatch):
    publication = make_publication()
    go_to(monkeypatch, days_after_due(publication, 90))

    assert "is overdue" in read(client, page_of(publication, "?confirm=yes")).text
    assert "is overdue" in read(client, pdf_of(publication, "?confirm=yes"), status=403).text
    article = read(client, reverse("article-detail", args=[publication.slug]))
    assert page_of(publication) not in [link["href"] for link in article.all("a")]


def test_a_text_whose_evidence_fell_is_refused_and_says_why(client):
    item = make_item("fallen2020")
    publication = make_publication(draft=make_draft_resting_on(item.key))
    fall(item)

    assert "was retracted" in read(client, page_of(publication)).text
    assert "was retracted" in read(client, pdf_of(publication), status=403).text


def test_a_withdrawn_text_is_gone_and_says_why(client):
    publication = make_publication()
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    for address in (page_of(publication), pdf_of(publication)):
        assert "It was wrong." in read(client, address, status=410).text


def test_a_page_that_never_was_is_not_found(client):
    for address in ("/handouts/no-such-page/", "/handouts/no-such-page.pdf"):
        assert client.get(address).status_code == 404


@needs_poppler
def test_a_short_handout_of_a_comparison_has_the_rows_that_were_chosen(client):
    publication = make_comparison()

    words = " ".join(" ".join(pages(client, publication, "?length=short&question=undone")).split())
    page = read(client, page_of(publication, "?length=short&question=undone"))
    without = " ".join(" ".join(pages(client, publication, "?length=short")).split())

    assert "Can it be undone?" in words
    assert "What is it?" not in words
    assert "Can it be undone?" in page.text
    assert "Can it be undone?" not in without


def test_a_comparison_is_short_until_the_whole_of_it_is_asked_for(client):
    publication = make_comparison()

    bare = read(client, page_of(publication))
    whole = read(client, page_of(publication, "?length=full"))

    assert "Can it be undone? Rhizotomy answers" not in bare.text
    assert "Can it be undone? Rhizotomy answers" in whole.text
    # What is shown is what the PDF beside it has, and what the form asks for when it is sent.
    assert pdf_of(publication) in [link["href"] for link in bare.all("a")]
    assert pdf_of(publication, "?length=full") in [link["href"] for link in whole.all("a")]
    assert checked_questions(bare) == set()
    assert checked_questions(whole) == {"what-is-it", "undone"}


def checked_questions(page):
    return {
        box["value"]
        for box in page.all("input")
        if box.get("name") == "question" and "checked" in box
    }


@needs_poppler
def test_the_pdf_of_a_comparison_is_short_until_the_whole_is_asked_for(client):
    publication = make_comparison()

    assert "Rhizotomy answers" not in " ".join(pages(client, publication))
    assert "Rhizotomy answers" in " ".join(pages(client, publication, "?length=full"))


@needs_poppler
def test_a_short_handout_of_a_few_lines_is_one_sheet(client):
    publication = make_publication()

    assert len(pages(client, publication, "?length=short")) == 1
