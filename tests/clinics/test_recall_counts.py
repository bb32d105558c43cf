"""The publisher sees what clinics answered to recalls, on a page and as CSV and JSON."""

import csv
import datetime
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from education.handouts.models import Clinic
from education.handouts.operations import answer_recall, start_drill
from education.publishing.operations import withdraw
from tests.factories import make_editor, make_publication
from tests.handouts.clinics import go_to, make_clinic, make_clinic_person, print_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def recalled(client):
    """One page withdrawn that two clinics printed; the first has answered for its one print."""
    publication, editor = make_publication(), make_editor()
    first = make_clinic_person(make_clinic("=Hillside"))
    second = make_clinic_person(make_clinic("Valley"))
    copy = print_for(first, publication, copies=40)
    print_for(second, publication, copies=5)
    withdraw(publication=publication, by=editor, reason="It was wrong.")
    answer_recall(copy=copy, by=first, binned=30, given_out=4)
    client.force_login(editor)
    return copy


def file_of(client, ending):
    return client.get(reverse("admin:education_clinic_recalls_file", args=[ending]))


def test_page_csv_and_json_say_the_same(client, recalled):
    page = client.get(reverse("admin:education_clinic_recalls")).content.decode()
    assert "It was wrong." in page
    rows = {row["clinic"]: row for row in file_of(client, "json").json()["results"]}
    assert set(rows) == {"=Hillside", "Valley"}
    assert rows["=Hillside"] | {"recall": "", "why": ""} == {
        "recall": "", "began_on": timezone.localdate().isoformat(), "why": "",
        "clinic": "=Hillside", "is_drill": False, "prints": 1, "copies": 40,
        "answered_prints": 1, "binned": 30, "given_out": 4, "open_prints": 0,
    }  # fmt: skip
    assert (rows["Valley"]["answered_prints"], rows["Valley"]["open_prints"]) == (0, 1)

    text = file_of(client, "csv").content.decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert {row["clinic"] for row in table} == {"'=Hillside", "Valley"}  # no formula
    assert sum(int(row["binned"]) for row in table) == 30
    assert file_of(client, "xml").status_code == 404


def test_paper_past_its_date_stays_counted_and_closes_by_itself(client, recalled, monkeypatch):
    go_to(monkeypatch, recalled.do_not_use_after + datetime.timedelta(days=1))
    client.force_login(make_editor())
    rows = file_of(client, "json").json()["results"]
    assert [row["open_prints"] for row in rows] == [0, 0]
    assert sum(row["binned"] for row in rows) == 30


def test_answers_to_a_drill_and_recalls_from_before_the_upgrade_are_not_mixed_in(client, recalled):
    Clinic.objects.update(recalls_from=timezone.now() + datetime.timedelta(seconds=1))
    assert file_of(client, "json").json()["results"] == []
    Clinic.objects.update(recalls_from=timezone.now() - datetime.timedelta(days=1))
    person = recalled.clinic.staff.get().person
    print_for(person, make_publication())
    drill = start_drill(clinic=recalled.clinic, by=make_editor())
    answer_recall(copy=drill.copy, by=person, binned=2)
    rows = {row["is_drill"]: row for row in file_of(client, "json").json()["results"]
            if row["clinic"] == "=Hillside"}  # fmt: skip
    assert (rows[True]["binned"], rows[False]["binned"]) == (2, 30)


def test_a_clinic_sees_no_counts_of_others(client, recalled):
    client.force_login(recalled.clinic.staff.get().person)
    for ending in ("csv", "json"):
        assert file_of(client, ending).status_code == 302
