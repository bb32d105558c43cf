"""What a study found, as data: entered, sealed to approvals, shown, shipped."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from education.articles.models import Revision
from education.articles.operations import content_hash
from education.audit.models import Event
from education.evidence.models import EvidenceItem, Finding
from education.evidence.operations import change_item, enter_item
from education.evidence.people_studied import ages_in_words, levels_in_words
from tests.factories import (
    PASSWORD,
    make_approved_revision,
    make_draft,
    make_item,
    make_medical_reviewer,
    make_writer,
)
from tests.public.reading import read
from tests.shipped import load_shipped_evidence

CONTENT = Path(__file__).resolve().parents[2] / "education" / "content"
GAIN = {
    "outcome": "movement",
    "option": "cells",
    "given": "Donor cells",
    "measure": "gmfm-66",
    "contrast": "between",
    "effect": "8.1",
    "low": "1.6",
    "high": "14.5",
    "unit": "points",
    "time_point": "12 months",
    "number_analysed": 72,
    "certainty": "low",
    "as_reported": "8.1 points higher than sham",
    "locator": "Abstract",
}


# Entering and changing ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_findings_are_details_that_come_back_as_they_were_entered():
    item = enter_item(details={"key": "x", "title": "X", "findings": [GAIN]}, by=None)

    item = EvidenceItem.objects.get(pk=item.pk)
    assert item.findings == [GAIN]
    assert item.details()["findings"] == [GAIN]
    assert item.details_hash == item.computed_details_hash()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"), [(8.10, "8.1"), (0, "0"), ("-0.40", "-0.4"), (Decimal(1500), "1500")]
)
def test_a_number_is_kept_without_zeros_that_say_nothing(given, kept):
    rows = [GAIN | {"effect": given, "low": None, "high": None}]

    item = make_item(findings=rows)

    assert item.findings[0]["effect"] == kept


@pytest.mark.django_db
def test_an_item_that_says_nothing_new_has_the_hash_it_always_had():
    item = make_item()

    assert not set(item.details()) & set(EvidenceItem.LATER_DETAILS)
    assert item.is_verified()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "details",
    [
        {"findings": [GAIN | {"effect": "8.2"}]},
        {"findings": [GAIN | {"certainty": "very_low"}]},
        {"findings": []},
        {"findings": [GAIN, GAIN]},
        {"gmfcs_levels": [2, 3]},
        {"age_from_months": 12},
        {"age_to_months": 0},
        {"registration": "NCT00000000"},
    ],
)
def test_a_change_ends_verifications_and_lapses_approvals_also_when_it_is_taken_back(details):
    item = make_item("sealed2020", findings=[GAIN])
    revision = make_approved_revision(draft=make_draft("sealed2020"))
    sealed = content_hash(revision)

    changed = change_item(item=item, details=details, by=make_writer())

    assert not changed.is_verified()
    assert content_hash(revision) != sealed
    revision.refresh_from_db()
    assert revision.state == Revision.State.IN_REVIEW
    moved = Event.objects.get(action="revision.approvals_lapsed").data["moved"]
    assert list(moved) == list(details)

    back = {"findings": [GAIN]} | {
        name: EvidenceItem.LATER_DETAILS[name] for name in details if name != "findings"
    }
    assert not change_item(item=item, details=back, by=make_writer()).is_verified()
    assert content_hash(revision) != sealed  # nobody has seen that it is as it was


@pytest.mark.django_db
def test_the_same_findings_again_change_nothing():
    item = make_item(findings=[GAIN])
    events, rows = Event.objects.count(), list(item.found.values_list("pk", flat=True))

    change_item(item=item, details={"findings": [GAIN | {"effect": 8.1}]}, by=make_writer())

    assert Event.objects.count() == events
    assert list(item.found.values_list("pk", flat=True)) == rows


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"outcome": "luck"}, "outcome: Value 'luck' is not a valid choice"),
        ({"effect": "much"}, "effect: "),
        ({"effect": "NaN"}, "effect: "),
        ({"low": None}, "both ends"),
        ({"low": "15", "high": "14"}, "lower one first"),
        ({"effect": None}, "needs the effect"),
        ({"as_reported": ""}, "as_reported: This field cannot be blank"),
        ({"luck": 1}, "luck: not a part of a finding"),
        ({"number_analysed": -1}, "number_analysed: "),
    ],
)
def test_a_wrong_finding_is_refused_with_its_number_and_changes_nothing(wrong, reason):
    item = make_item(findings=[GAIN])

    with pytest.raises(ValidationError, match=reason) as refusal:
        change_item(item=item, details={"findings": [GAIN, GAIN | wrong]}, by=make_writer())

    assert all(said.startswith("Finding 2: ") for said in refusal.value.messages)
    assert EvidenceItem.objects.get(pk=item.pk).findings == [GAIN]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "columns",
    [{"position": 1}, {"low": None}, {"low": 20}, {"effect": None}],
)
def test_the_database_refuses_what_a_finding_may_not_be(columns):
    item = make_item(findings=[GAIN])
    row = {"position": 2} | GAIN | columns

    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.create(item=item, **row)


@pytest.mark.django_db
@pytest.mark.parametrize("levels", [[0], [6], [3, 2], [2, 2], ["2"], [True], "23", {"2": 1}])
def test_gmfcs_levels_are_numbers_from_one_to_five_in_order(levels):
    with pytest.raises(ValidationError, match="from 1 to 5"):
        make_item(gmfcs_levels=levels)


@pytest.mark.django_db
def test_the_youngest_is_not_older_than_the_oldest():
    with pytest.raises(ValidationError, match="can't be older"):
        make_item(age_from_months=30, age_to_months=20)


@pytest.mark.parametrize(
    ("ages", "words"),
    [
        ((None, None), ""),
        ((12, 72), "1 to 6 years"),
        ((30, 79), "2 years 6 months to 6 years 7 months"),
        ((6, 420), "6 months to 35 years"),
        ((0, 24), "0 to 2 years"),
        ((0, 1), "birth to 1 month"),
        ((None, 228), "up to 19 years"),
        ((252, None), "21 years and older"),
    ],
)
def test_ages_are_told_as_readers_write_them(ages, words):
    item = EvidenceItem(age_from_months=ages[0], age_to_months=ages[1], gmfcs_levels=[2, 3])

    assert ages_in_words(item) == words
    assert levels_in_words(item) == "II, III"


# Pages -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_evidence_detail_shows_each_finding_in_a_table(client):
    make_item("found2020", findings=[GAIN], age_from_months=12, age_to_months=72, gmfcs_levels=[2])

    page = read(client, reverse("evidence-detail", args=["found2020"]))

    assert "8.1 points (95% CI 1.6 to 14.5) GMFM-66. Difference between groups." in page.text
    assert "12 months 72" in page.text
    assert "Low certainty" in page.text
    assert "Ages 1 to 6 years" in page.text
    assert "Movement levels (GMFCS) II" in page.text


def form_of(page):
    return {
        field["name"]: field.get("value", "")
        for field in page.all("input")
        if field.get("name") and field.get("type") in {"hidden", "text", "number", "url"}
    }


@pytest.mark.django_db
def test_the_desk_saves_findings_through_the_operation(client):
    writer = make_writer()
    client.login(username=writer.username, password=PASSWORD)
    item = make_item("desk2020", findings=[GAIN])
    address = reverse("admin:education_evidenceitem_change", args=[item.pk])
    first = item.found.get().pk
    posted = {
        "title": item.title, "csl_type": item.csl_type, "design": item.design,
        "authors": json.dumps(item.authors), "authors_complete": "on", "csl_extra": "{}",
        "gmfcs_levels": "[1, 2]", "usable": "on", "language": "en", "issued_year": "2020",
        "container_title": item.container_title, "sample_size": "40", "finding": item.finding,
        "limitations": item.limitations,
        "found-TOTAL_FORMS": "2", "found-INITIAL_FORMS": "1",
        "found-0-id": str(first), "found-0-item": str(item.pk), "found-1-item": str(item.pk),
        **{f"found-0-{name}": str(value) for name, value in (GAIN | {"effect": "9"}).items()},
        **{f"found-1-{name}": str(value) for name, value in GAIN.items()},
        "verifications-TOTAL_FORMS": "0", "verifications-INITIAL_FORMS": "0",
        "status_events-TOTAL_FORMS": "0", "status_events-INITIAL_FORMS": "0",
    }  # fmt: skip

    answer = client.post(address, posted)

    assert answer.status_code == 302, answer.context["errors"]
    item.refresh_from_db()
    assert item.findings == [GAIN | {"effect": "9"}, GAIN]
    assert item.gmfcs_levels == [1, 2]
    assert item.details_hash == item.computed_details_hash()
    assert Event.objects.filter(action="evidence_item.changed").last().by == writer


@pytest.mark.django_db
def test_the_page_to_verify_shows_what_is_sealed(client):
    reviewer = make_medical_reviewer()
    client.login(username=reviewer.username, password=PASSWORD)
    item = make_item(findings=[GAIN], age_from_months=12, registration="NCT00000000")

    page = read(client, reverse("admin:education_evidenceitem_verify", args=[item.pk]))

    assert "8.1 points (95% CI 1.6 to 14.5)" in page.text
    assert "8.1 points higher than sham" in page.text
    assert "1 year and older" in page.text
    assert "NCT00000000" in page.text


# What ships --------------------------------------------------------------------------------------

SHIPPED = yaml.safe_load((CONTENT / "findings.yaml").read_text(encoding="utf-8"))
RECORDS = {
    record["id"]: record
    for record in json.loads((CONTENT / "evidence.json").read_text(encoding="utf-8"))
}


def numbers(text):
    return {Decimal(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}


@pytest.mark.parametrize("key", SHIPPED)
def test_each_shipped_number_stands_in_the_record_of_its_item(key):
    record = RECORDS[key]
    told = " ".join(str(value) for value in record["custom"].values())
    known = numbers(told.replace("-", " "))

    assert record["custom"]["usable_as_citation"]
    for finding in SHIPPED[key].get("findings", []):
        as_text = {k: str(v) if isinstance(v, float) else v for k, v in finding.items()}
        Finding(position=1, **as_text).clean_fields(exclude={"item"})
        assert finding["as_reported"] in record["custom"]["finding"]
        for name in ("effect", "low", "high", "number_analysed"):
            if finding.get(name) is not None:
                assert abs(Decimal(str(finding[name]))) in known, (name, finding[name])
        assert finding.get("certainty") is None or "graded" in finding["as_reported"]
    registration = SHIPPED[key].get("registration", "")
    assert registration in json.dumps(record)


@pytest.mark.slow
@pytest.mark.django_db
def test_load_evidence_gives_items_their_findings_once():
    load_shipped_evidence()
    events, rows = Event.objects.count(), Finding.objects.count()

    call_command("load_evidence")

    assert rows == sum(len(entry.get("findings", [])) for entry in SHIPPED.values())
    assert (Event.objects.count(), Finding.objects.count()) == (events, rows)
    assert EvidenceItem.objects.get(key="summers2019").gmfcs_levels == [2, 3]
    items = EvidenceItem.objects.all()
    assert all(item.details_hash == item.computed_details_hash() for item in items)


@pytest.mark.slow
@pytest.mark.django_db
def test_load_evidence_leaves_an_item_alone_that_somebody_verified(capsys):
    make_item("sun2017")

    call_command("load_evidence")

    item = EvidenceItem.objects.get(key="sun2017")
    assert item.findings == []
    assert item.is_verified()


BAD_FINDINGS = {
    "unknown1999:\n  gmfcs: [1]\n": "line 2, unknown1999: there is no such evidence item",
    "sun2017:\n  gmfcs: [9]\n": "line 2, sun2017: .*from 1 to 5",
    "sun2017:\n  ages: [1]\n": "line 2, sun2017: ages are two numbers",
    "sun2017:\n  luck: 1\n": "line 2, sun2017: an entry has ages",
    "sun2017:\n  findings: 1\n": "line 2, sun2017: findings are a list",
    "sun2017:\n  findings: [{outcome: luck}]\n": "line 2, sun2017: Finding 1: ",
    "sun2017: {}\nsun2017: {}\n": "line 3: sun2017 is here twice",
    "- 1\n": "line 1: keys of evidence items are missing",
    "sun2017: [\n": "line 3: ",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("file", "reason"), BAD_FINDINGS.items())
def test_load_evidence_stops_at_a_bad_finding_and_leaves_nothing(tmp_path, file, reason):
    works, findings = tmp_path / "works.json", tmp_path / "findings.yaml"
    dossier = json.loads((CONTENT / "evidence.json").read_text("utf-8"))
    works.write_text(json.dumps([work for work in dossier if work["id"] == "sun2017"]), "utf-8")
    findings.write_text("# What was found\n" + file, encoding="utf-8")

    with pytest.raises(CommandError, match=f"findings.yaml, {reason}") as refusal:
        call_command("load_evidence", works, findings=findings)

    assert "Nothing was loaded" in str(refusal.value)
    assert not EvidenceItem.objects.exists()
