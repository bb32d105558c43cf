"""The page that says whether a printed copy is still good, for one code and for a shelf."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.handouts.codes import format_code, new_code
from education.handouts.copy_check import public_code
from education.handouts.rules import do_not_use_after
from education.languages import plain_date
from education.publishing.operations import withdraw
from education.publishing.status import statuses_of
from education.safety.notes import approve_note, write_note
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
)
from tests.handouts.clinics import fall, go_to, make_clinic_person, make_draft_resting_on, print_for
from tests.public.reading import read

pytestmark = pytest.mark.django_db


def check(client, code, status=200):
    return read(client, reverse("check-copy", args=[code]), status)


def shelf(client, typed):
    return client.post(reverse("check-shelf"), {"codes": typed})


# One code


@pytest.mark.parametrize(
    "typed",
    [
        "{}",
        " {} ",
        "{lower}",
        "{spaced}",
        "https://portal.example/check/{}/",
        "{}\n",
    ],
)
def test_a_code_is_understood_however_it_is_typed(client, typed):
    publication = make_publication()
    code = format_code(public_code(publication))
    said = typed.format(code, lower=code.lower(), spaced=" ".join(code.replace("-", "")))

    response = client.get(reverse("check"), {"code": said}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("check-copy", args=[code])
    assert "This copy is current" in response.content.decode()


@pytest.mark.parametrize("typed", ["", "7F3", "7F3-K9Q-2MU", "7F3-K9Q-2MM", "<script>", "٣" * 9])
def test_what_is_no_code_gets_a_message_and_is_not_lost(client, typed):
    response = client.get(reverse("check"), {"code": typed})

    html = response.content.decode()
    assert response.status_code == 200
    assert 'role="alert"' in html
    assert "<script>" not in html
    if typed == "7F3":
        assert 'value="7F3"' in html
        assert "this has 3" in html


@pytest.mark.parametrize("page", ["search", "handout-list"])
@pytest.mark.parametrize("typed", ["7F3-K9Q-2MF", "7f3k9q2mf", " 7F3 K9Q 2MF "])
def test_a_code_that_is_typed_into_a_search_leads_to_how_the_copy_stands(client, page, typed):
    response = client.get(reverse(page), {"q": typed})

    assert (response.status_code, response.url) == (302, "/check/7F3-K9Q-2MF/")


@pytest.mark.parametrize("page", ["search", "handout-list"])
def test_a_code_with_a_slip_that_is_typed_into_a_search_is_told_there_and_can_be_mended(
    client, page
):
    answer = client.get(reverse(page), {"q": "7f3-k9q-2mm"}, follow=True)

    assert answer.redirect_chain == [("/check/7f3-k9q-2mm/", 302)]
    html = answer.content.decode()
    assert "One character is wrong" in html
    assert 'value="7f3-k9q-2mm"' in html


@pytest.mark.parametrize("page", ["search", "handout-list"])
@pytest.mark.parametrize(
    "words", ["7F3 K9Q 2MM", "7F3-K9Q", "7F3K9Q2MF and more", "botulinum", "2024-2025"]
)
def test_words_that_are_no_code_are_searched_for(client, page, words):
    assert client.get(reverse(page), {"q": words}).status_code == 200


def test_a_scanned_address_with_a_damaged_code_is_not_found_and_offers_the_form(client):
    page = check(client, "7F3-K9Q-2MX", status=404)
    assert "One character is wrong" in page.text


def test_a_current_copy_says_until_when(client):
    copy = print_for(make_clinic_person(), make_publication(draft=make_draft(title="On paper")))

    page = check(client, copy.code)

    assert "This copy is current" in page.text
    assert f"Do not use it after {copy.do_not_use_after.day} " in page.text
    assert "On paper" in page.text


def test_a_newer_version_is_named_with_what_changed_and_a_button_to_print_it(client):
    publication = make_publication()
    code = public_code(publication)
    make_next_publication(publication, what_changed="We added what one study found.")

    page = check(client, code)

    assert "A newer version exists" in page.text
    assert "We added what one study found." in page.text
    assert "Print version 2" in page.text
    assert reverse("handout-detail", args=[publication.slug]) in str(page.all("a"))


def test_do_not_use_says_why_and_since_when(client):
    item = make_item("fallen2020")
    publication = make_publication(draft=make_draft_resting_on(item.key))
    copy = print_for(make_clinic_person(), publication)
    fall(item)

    page = check(client, copy.code)

    assert "Do not use this copy" in page.text
    assert "Why, since 4 March 2026" in page.text
    assert "The data could not be trusted." in page.text


def test_an_emergency_note_that_came_after_the_paper_stands_beside_the_answer(client):
    publication = make_publication()
    code = print_for(make_clinic_person(), publication).code
    note = write_note(slug=publication.slug, text="One batch was recalled.", by=make_editor())
    assert "One batch was recalled." not in check(client, code).text

    approve_note(note=note, by=make_medical_reviewer())

    assert "One batch was recalled." in check(client, code).text
    assert "One batch was recalled." in shelf(client, code).content.decode()


def test_an_unknown_code_is_not_found_and_says_what_to_do(client):
    page = check(client, new_code(), status=404)
    assert "We do not know this code" in page.text


def test_the_answer_tells_nothing_of_who_printed_or_how_many(client):
    person = make_clinic_person()
    copy = print_for(person, make_publication(), copies=473)

    text = check(client, copy.code).text

    assert copy.clinic.name not in text
    assert "473" not in text


def test_an_answer_is_never_kept_by_a_cache_or_found_by_a_search(client):
    for address in (
        reverse("check-copy", args=[public_code(make_publication())]),
        reverse("check-copy", args=[new_code()]),
    ):
        response = client.get(address)
        assert "no-store" in response["Cache-Control"]
        assert '<meta name="robots" content="noindex">' in response.content.decode()
        assert not response.cookies


def test_asking_writes_nothing(client):
    code = print_for(make_clinic_person(), make_publication()).code

    with CaptureQueriesContext(connection) as queries:
        check(client, code)
        shelf(client, code)

    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


@given(typed=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_an_answer(client, typed):
    response = client.get(reverse("check"), {"code": typed})
    assert response.status_code in {200, 302}


# A shelf


def test_a_shelf_is_sorted_into_keep_bin_not_ours_and_not_read(client):
    person = make_clinic_person()
    good = make_publication(draft=make_draft(title="Good one"))
    gone = make_publication(draft=make_draft(title="Gone one"))
    old = make_publication(draft=make_draft(title="Old one"))
    codes = [print_for(person, each).code for each in (good, gone)] + [public_code(old)]
    make_next_publication(old, what_changed="We said it better.")
    withdraw(publication=gone, by=make_editor(), reason="It was wrong.")
    nobodys = new_code()
    typed = "\n".join([*map(format_code, codes), format_code(nobodys), "coffee", codes[0]])

    page = shelf(client, typed)

    html = page.content.decode()
    assert "<strong>1</strong> to keep, <strong>2</strong> to bin" in html
    assert "<strong>1</strong> not ours, <strong>1</strong> not read" in html
    parts = [html.index(f'id="{name}"') for name in ("unread", "bin", "keep", "unknown")]
    assert parts == sorted(parts)
    assert parts[1] < html.index("Gone one") < html.index("Old one") < parts[2]
    assert parts[2] < html.index("Good one") < parts[3] < html.index(format_code(nobodys))
    assert "It was wrong." in html
    # The list can be changed and sent again.
    assert "coffee</textarea>" not in html
    assert f"coffee\r\n{codes[0]}</textarea>" in html or f"coffee\n{codes[0]}</textarea>" in html


@pytest.mark.parametrize(
    ("typed", "said"),
    [("  \n", "Type or paste the codes first"), ("coffee, " * 20_000, "more than 500 codes")],
)
def test_a_list_that_can_not_be_checked_says_why_and_is_not_lost(client, typed, said):
    response = shelf(client, typed)

    assert response.status_code == 400
    assert said in response.content.decode()
    assert typed.strip()[:50] in response.content.decode()


def test_a_shelf_of_500_codes_takes_no_more_queries_than_one_of_5(client):
    person, publication = make_clinic_person(), make_publication()
    codes = [print_for(person, publication).code for _ in range(5)]

    with CaptureQueriesContext(connection) as few:
        shelf(client, codes[0])
    with CaptureQueriesContext(connection) as many:
        shelf(client, "\n".join(codes + [new_code() for _ in range(300)]))

    assert len(many) <= len(few) + 1


def test_a_shelf_needs_no_cookie_and_nothing_typed_runs(client):
    response = shelf(client, "<script>alert(1)</script>")

    assert not response.cookies
    assert "<script>alert" not in response.content.decode()


def test_two_addresses_on_one_line_of_a_shelf_give_two_answers(client):
    first = format_code(public_code(make_publication(draft=make_draft(title="First one"))))
    second = format_code(public_code(make_publication(draft=make_draft(title="Second one"))))

    for between in (" ", "\t"):
        typed = f"https://a.example/check/{first}/{between}https://a.example/check/{second}/"
        html = shelf(client, typed).content.decode()
        assert "<strong>2</strong> to keep" in html
        assert "First one" in html
        assert "Second one" in html


def test_a_code_is_read_as_it_is_printed(client):
    code = format_code(public_code(make_publication()))

    response = client.get(reverse("check"), {"code": f"Code {code}"}, follow=True)

    assert "This copy is current" in response.content.decode()


# When a public copy was printed


def printed_in(code, month):
    return f"{reverse('check-copy', args=[format_code(code)])}?printed={month}"


def test_a_public_copy_is_never_good_for_longer_than_its_paper_says(client, monkeypatch):
    publication = make_publication()
    code = public_code(publication)
    month = timezone.localdate().replace(day=1)
    due = statuses_of([publication])[publication.pk].due_on
    paper = do_not_use_after(timezone.localdate(), [due])
    last = do_not_use_after(month, [due])
    assert last <= paper

    page = read(client, printed_in(code, f"{month:%Y-%m}"))

    assert f"Do not use it after {plain_date(last)}" in page.text
    html = shelf(client, f"https://a.example{printed_in(code, f'{month:%Y-%m}')}").content.decode()
    assert plain_date(last) in html
    go_to(monkeypatch, last + datetime.timedelta(days=1))
    assert "This copy is too old to use" in read(client, printed_in(code, f"{month:%Y-%m}")).text


def test_an_address_that_was_typed_or_scanned_into_the_form_keeps_its_month(client):
    code = public_code(make_publication())
    month = f"{timezone.localdate():%Y-%m}"

    response = client.get(reverse("check"), {"code": f"https://a.example{printed_in(code, month)}"})

    assert response.url == printed_in(code, month)


@pytest.mark.parametrize("month", ["", "1999-01", "2999-01", "2026-13", "nonsense", "2026-11-29"])
def test_an_old_public_copy_is_told_to_go_by_the_day_printed_on_it(client, month):
    publication = make_publication()
    code = public_code(publication)

    page = read(client, printed_in(code, month))

    assert "This copy is current" in page.text
    assert "If the day printed on it has not passed, it is good" in page.text
    assert "Look for the day printed on it" in page.text
    assert "Do not use it after" not in page.text
    html = shelf(client, format_code(code)).content.decode()
    assert "The day printed on it" in html


def test_the_month_changes_nothing_of_a_clinics_copy(client):
    copy = print_for(make_clinic_person(), make_publication())

    page = read(client, printed_in(copy.code, f"{timezone.localdate():%Y-%m}"))

    assert f"Do not use it after {plain_date(copy.do_not_use_after)}" in page.text
