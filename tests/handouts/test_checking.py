"""What becomes of a printed copy: current, changed, expired, do not use, unknown."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from education.handouts.codes import ALPHABET, check_character, format_code, new_code, parse_code
from education.handouts.copy_check import State, check, public_code, verdicts, verdicts_of
from education.handouts.models import PrintedCopy
from education.handouts.operations import print_pack
from education.publishing.operations import withdraw
from education.safety.operations import lift_status
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
)
from tests.handouts.clinics import (
    days_after_due,
    fall,
    go_to,
    make_clinic_person,
    make_draft_resting_on,
    print_for,
)
from tests.handouts.test_clinics import pack_of

pytestmark = pytest.mark.django_db


def both_codes(publication):
    """The code of a clinic's print and that of a public one."""
    return [print_for(make_clinic_person(), publication).code, public_code(publication)]


def test_a_copy_of_what_is_public_now_is_current():
    publication = make_publication()

    for code in both_codes(publication):
        verdict = check(code)
        assert (verdict.state, verdict.title) == (State.CURRENT, publication.title)
        assert verdict.may_be_used
        assert not verdict.is_for_the_bin
        assert verdict.why == ""


def test_a_newer_version_says_what_changed_in_each_and_offers_the_newest():
    first = make_publication()
    codes = both_codes(first)
    second = make_next_publication(first, what_changed="We added a study")
    third = make_next_publication(second, what_changed="We corrected a number.")

    for code in codes:
        verdict = check(code)
        (checked,) = verdict.checked_texts
        assert verdict.state == State.CHANGED
        assert verdict.is_for_the_bin
        assert checked.changes == (second, third)
        assert checked.instead == third
        assert verdict.why == (
            "Version 3 has taken its place. We added a study. We corrected a number."
        )


def test_a_withdrawn_page_says_why_and_since_when_and_offers_nothing():
    publication = make_publication()
    codes = both_codes(publication)
    event = withdraw(publication=publication, by=make_editor(), reason="It was wrong")

    for code in codes:
        verdict = check(code)
        (checked,) = verdict.checked_texts
        assert verdict.state == State.DO_NOT_USE
        assert checked.since == event.at.date()
        assert verdict.why.endswith("It was wrong.")
        assert checked.instead is None


def test_a_withdrawn_version_takes_those_before_it_along():
    first = make_publication()
    codes = both_codes(first)
    withdraw(publication=make_next_publication(first), by=make_editor(), reason="Both were wrong.")

    assert {verdict.state for verdict in verdicts(codes).values()} == {State.DO_NOT_USE}


def test_a_retraction_ends_every_version_that_rests_on_it_and_a_new_one_takes_over():
    item = make_item("fallen2020")
    first = make_publication(draft=make_draft_resting_on(item.key))
    codes = both_codes(first)
    event = fall(item)

    for code in codes:
        (checked,) = check(code).checked_texts
        assert check(code).state == State.DO_NOT_USE
        assert checked.since == event.occurred_on
        assert item.title.rstrip(".") in checked.why
        assert "The data could not be trusted." in checked.why
        assert checked.instead is None

    without = make_draft(make_item().key, what_changed="We left a retracted study out.")
    second = make_publication(article=first.revision.article, draft=without)
    for code in codes:
        (checked,) = check(code).checked_texts
        assert check(code).state == State.DO_NOT_USE
        assert checked.instead == second
    assert check(public_code(second)).state == State.CURRENT


def test_a_false_alarm_that_is_lifted_makes_paper_good_again():
    item = make_item("doubted2020")
    codes = both_codes(make_publication(draft=make_draft_resting_on(item.key)))
    before = verdicts(codes)
    event = fall(item)

    lift_status(event=event, by=make_medical_reviewer(), reason="Another study of that name.")

    after = verdicts(codes)
    assert [after[code].state for code in codes] == [State.CURRENT, State.CURRENT]
    assert [after[code].checked_texts for code in codes] == [
        before[code].checked_texts for code in codes
    ]


def test_a_concern_leaves_a_copy_current_and_says_what_is_not_on_the_paper():
    item = make_item("doubted2020")
    codes = both_codes(make_publication(draft=make_draft_resting_on(item.key)))
    fall(item, status="concern")

    for code in codes:
        assert check(code).state == State.CURRENT
        assert "expression of concern" in check(code).why


def test_a_copy_past_its_printed_date_is_expired(monkeypatch):
    publication = make_publication()
    copy = print_for(make_clinic_person(), publication)

    go_to(monkeypatch, copy.do_not_use_after)
    assert check(copy.code).state == State.CURRENT

    go_to(monkeypatch, copy.do_not_use_after + datetime.timedelta(days=1))
    assert check(copy.code).state == State.EXPIRED
    assert check(copy.code).why.startswith("It was good until ")


def test_a_public_copy_expires_90_days_after_its_review_was_due(monkeypatch):
    publication = make_publication()
    code = public_code(publication)

    go_to(monkeypatch, days_after_due(publication, 90))
    assert check(code).state == State.CURRENT

    go_to(monkeypatch, days_after_due(publication, 91))
    assert check(code).state == State.EXPIRED


def test_what_must_not_be_used_is_worse_than_what_is_old(monkeypatch):
    publication = make_publication()
    copy = print_for(make_clinic_person(), publication)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")

    go_to(monkeypatch, copy.do_not_use_after + datetime.timedelta(days=1))
    assert check(copy.code).state == State.DO_NOT_USE


def test_a_pack_is_as_good_as_its_worst_part():
    person = make_clinic_person()
    stays, goes = make_publication(), make_publication(draft=make_draft(title="Gone"))
    copy = print_pack(pack=pack_of(person, stays, goes), by=person)
    assert check(copy.code).state == State.CURRENT

    make_next_publication(goes, what_changed="We said it better.")
    verdict = check(copy.code)
    assert verdict.state == State.CHANGED
    assert [checked.state for checked in verdict.checked_texts] == [State.CURRENT, State.CHANGED]
    assert verdict.why == "Gone: version 2 has taken its place. We said it better."

    withdraw(publication=stays, by=make_editor(), reason="It was wrong.")
    assert check(copy.code).state == State.DO_NOT_USE


def test_a_scheduled_version_changes_nothing_before_its_moment(monkeypatch):
    # A code of a text that is not public yet would tell that it is coming.
    publication = make_publication()
    code = public_code(publication)

    assert check(code, at=publication.goes_live_at).state == State.CURRENT
    before = publication.goes_live_at - datetime.timedelta(seconds=1)
    assert check(code, at=before).state == State.UNKNOWN


def test_every_public_print_of_a_version_has_one_code_and_no_other_version_has_it():
    first = make_publication()
    second = make_next_publication(first)

    assert public_code(first) == public_code(first)
    assert public_code(first) != public_code(second)
    assert parse_code(public_code(first)) == public_code(first)
    assert not PrintedCopy.objects.exists()


def test_a_code_nobody_printed_is_unknown():
    verdict = check(new_code())
    assert (verdict.state, verdict.title, verdict.checked_texts) == (State.UNKNOWN, "", ())
    assert not verdict.is_for_the_bin


@given(drawn=st.text(ALPHABET, min_size=8, max_size=8))
def test_any_code_of_the_alphabet_gets_an_answer(drawn):
    code = drawn + check_character(drawn)
    assert check(code).state == State.UNKNOWN


def test_the_code_of_a_clinics_copy_says_nothing_of_the_copy_before_or_after_it():
    copy = print_for(make_clinic_person(), make_publication())
    number = 0
    for character in copy.code[:-1]:
        number = number << 5 | ALPHABET.index(character)
    neighbours = []
    for step in range(-50, 51):
        drawn = "".join(ALPHABET[(number + step) >> bits & 31] for bits in range(35, -1, -5))
        if step:
            neighbours.append(drawn + check_character(drawn))

    assert {verdict.state for verdict in verdicts(neighbours).values()} == {State.UNKNOWN}


def test_many_codes_are_answered_with_a_few_queries():
    person = make_clinic_person()
    publications = [make_publication() for _ in range(4)]
    codes = [print_for(person, publication).code for publication in publications for _ in "ab"]
    codes += [public_code(publication) for publication in publications] + [new_code()]

    with CaptureQueriesContext(connection) as few:
        verdicts(codes[:2] + codes[-2:])
    with CaptureQueriesContext(connection) as many:
        answers = verdicts(codes)

    assert len(many) == len(few) <= 20
    assert [answers[code].code for code in codes] == codes


def test_a_list_of_copies_keeps_its_order_and_agrees_with_the_check_page():
    person = make_clinic_person()
    first, second = make_publication(), make_publication()
    copies = [print_for(person, each) for each in (second, first, second)]
    withdraw(publication=first, by=make_editor(), reason="It was wrong.")

    listed = verdicts_of(copies)

    assert [verdict.copy for verdict in listed] == copies
    assert [v.state for v in listed] == [State.CURRENT, State.DO_NOT_USE, State.CURRENT]
    assert listed == [check(copy.code) for copy in copies]


@pytest.mark.parametrize("name", ["search", "handout-list"])
def test_a_code_typed_into_a_search_leads_to_how_the_copy_stands(client, name):
    code = format_code(public_code(make_publication()))
    for typed in (code, code.replace("-", " ").lower(), code.replace("-", "")):
        response = client.get(reverse(name), {"q": typed})
        assert response.status_code == 302
        assert response["Location"] == reverse("check-copy", args=[code])
    for words in ("spasticity", "age 5 and 6", code[:-1] + "?"):
        assert client.get(reverse(name), {"q": words}).status_code == 200
