"""Handing over on a telephone: one version by its code, as it stands today, with nothing kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from education.audit.models import Event
from education.handouts.codes import format_code
from education.handouts.copy_check import public_code
from education.publishing.operations import withdraw
from tests.factories import make_editor, make_item, make_next_publication, make_publication
from tests.handouts.clinics import (
    days_after_due,
    fall,
    go_to,
    make_clinic,
    make_clinic_person,
    make_draft_resting_on,
    print_for,
)
from tests.handouts.paper import needs_poppler, read_text
from tests.public.reading import make_comparison, read

pytestmark = pytest.mark.django_db

CHILD = {"age": "4-5", "gmfcs": "2"}


def code_of(publication):
    return format_code(public_code(publication))


def given(client, publication, query="", status=200):
    return read(client, reverse("given-text", args=[code_of(publication)]) + query, status)


# The family's address


def test_the_newest_version_says_so_and_offers_print_and_sending(client):
    publication = make_publication()
    page = given(client, publication)

    assert "This is the newest version" in page.text
    links = {link.get("href") for link in page.all("a")}
    assert reverse("handout-pdf", args=[publication.slug]) in links
    assert any(link and link.startswith("sms:?&body=") for link in links)
    assert any(link and link.startswith("mailto:?subject=") for link in links)


def test_months_later_it_says_what_changed_before_the_old_text(client):
    publication = make_publication()
    make_next_publication(publication, what_changed="The dose is told.")
    page = given(client, publication)

    assert "A newer version exists" in page.text
    assert page.text.index("The dose is told.") < page.text.index("as it was given to you")
    assert page.all("details")
    assert reverse("handout-pdf", args=[publication.slug]) not in {
        link.get("href") for link in page.all("a")
    }


def test_a_retracted_study_is_told_first_and_nothing_is_printed(client):
    item = make_item("fallen2020")
    publication = make_publication(draft=make_draft_resting_on("fallen2020"))
    fall(item)
    page = given(client, publication)

    assert "Do not rely on this text as it was" in page.text
    assert "before you change anything" in page.text
    assert "Save as PDF" not in page.text


def test_of_a_withdrawn_text_no_word_is_left(client):
    publication = make_publication()
    words = publication.content["short_answer_text"]
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    response = client.get(reverse("given-text", args=[code_of(publication)]))

    assert response.status_code == 410
    page = response.content.decode()
    assert "It was wrong." in page
    assert words not in page


def test_a_text_overdue_for_too_long_shows_its_notice_alone(client, monkeypatch):
    publication = make_publication()
    words = publication.content["short_answer_text"]
    go_to(monkeypatch, days_after_due(publication, 181))
    page = given(client, publication)

    assert "not been checked for too long" in page.text
    assert words not in page.text


@pytest.mark.parametrize(
    "typed", ["AAA-AAA-AAA", "nonsense", "0" * 9, "+".join(["000000000"] * 11)]
)
def test_what_is_no_code_of_ours_leads_to_the_form(client, typed):
    page = read(client, reverse("given-text", args=[typed]), 404)

    assert page.all("input")
    assert "Problem:" in page.text


def test_a_clinics_code_shows_its_texts_and_neither_its_name_nor_a_note(client):
    publication = make_publication()
    person = make_clinic_person(make_clinic("Hillside Clinic"))
    copy = print_for(person, publication)
    page = read(client, reverse("given-text", args=[copy.code]))

    assert publication.title in page.text
    assert "Hillside" not in page.text


def test_several_codes_are_one_address_with_each_text_in_it(client):
    first, second = make_publication(), make_publication()
    make_next_publication(first)
    both = f"{code_of(first)}+{code_of(second)}"
    page = read(client, reverse("given-text", args=[both]) + "?age=4-5")

    links = [link.get("href") for link in page.all("a")]
    for publication in (first, second):
        assert reverse("given-text", args=[code_of(publication)]) + "?age=4-5" in links
    assert "see what changed" in page.text


# What it carries, and where it is kept


def test_the_desks_page_tells_what_the_address_carries_before_the_square(client):
    publication = make_publication()
    page = read(client, reverse("hand-over", args=[code_of(publication)]) + "?age=4-5&gmfcs=2")

    assert page.text.index("4 to 5 years, GMFCS level II") < page.text.index("Scan with")
    plain = read(client, reverse("hand-over", args=[code_of(publication)]))
    assert "of the child: nothing" in plain.text


def test_the_square_carries_what_was_chosen_and_nothing_else(client):
    publication = make_comparison()
    row = publication.content["comparison"]["rows"][0]["slug"]
    asked = f"?age=4-5&gmfcs=2&question={row}&name=Anna&question=none"
    response = client.get(reverse("hand-over", args=[code_of(publication)]) + asked)

    own = reverse("given-text", args=[code_of(publication)])
    assert response.context["address"].endswith(f"{own}?age=4-5&gmfcs=2&question={row}")
    assert "Anna" not in response.content.decode()


@pytest.mark.parametrize("name", ["given-text", "hand-over", "article-detail", "handout-pdf"])
def test_what_tells_of_a_child_is_written_and_kept_nowhere(client, name):
    publication = make_publication()
    by_code = name in {"given-text", "hand-over"}
    address = reverse(name, args=[code_of(publication) if by_code else publication.slug])
    before = Event.objects.count()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = client.get(address, CHILD)

    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies
    assert "ETag" not in response
    assert all(query["sql"].startswith("SELECT") for query in asked)
    assert Event.objects.count() == before
    assert "4-5" not in "".join(query["sql"] for query in asked)


def test_no_answer_to_an_address_with_a_query_is_public(client):
    publication = make_publication()
    for address in (
        reverse("given-text", args=[code_of(publication)]),
        reverse("article-detail", args=[publication.slug]),
        reverse("handout-pdf", args=[publication.slug]),
        reverse("article-card", args=[publication.slug]),
        "/api/v1/articles/",
    ):
        assert "public" in client.get(address)["Cache-Control"], address
        assert "public" not in client.get(address, {"question": "x", "language": "en"}).get(
            "Cache-Control", ""
        )


def test_no_link_says_where_it_was_pressed(client):
    publication = make_publication()
    for name in ("given-text", "hand-over"):
        response = client.get(reverse(name, args=[code_of(publication)]), CHILD)
        assert response["Referrer-Policy"] == "no-referrer"


# The personal copy


@needs_poppler
def test_a_personal_copy_says_how_far_the_studies_fit_and_has_lines_for_a_pen(client):
    publication = make_publication()
    response = client.get(
        reverse("handout-pdf", args=[publication.slug]), CHILD | {"note": "Be brave"}
    )
    words = read_text(response.content)

    assert "Children like yours: 4 to 5 years, GMFCS level II" in words
    assert "Written by hand for your child" in words
    assert "[Not reported]" in words
    assert "Be brave" not in words
    assert "4-5" not in response["Content-Disposition"]


def test_the_page_to_print_shows_the_same_and_carries_it_on(client):
    publication = make_publication()
    page = read(client, reverse("handout-detail", args=[publication.slug]) + "?age=4-5&gmfcs=2")

    assert "Children like yours: 4 to 5 years, GMFCS level II" in page.text
    links = {link.get("href") for link in page.all("a")}
    assert reverse("handout-pdf", args=[publication.slug]) + "?age=4-5&gmfcs=2" in links
    assert (
        "Children like yours"
        not in read(client, reverse("handout-detail", args=[publication.slug])).text
    )
