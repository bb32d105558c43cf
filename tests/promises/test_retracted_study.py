"""What a retracted study found is told nowhere by itself: not on its page, in files, in the API."""

import json

import pytest

from education.safety.operations import lift_status
from tests.factories import make_draft, make_item, make_medical_reviewer, make_publication
from tests.promises.worlds import record_as

pytestmark = pytest.mark.django_db

FOUND = "Every child walked."


@pytest.fixture
def study():
    finding = {
        "outcome": "movement",
        "option": "cells",
        "given": "Donor cells",
        "measure": "gmfm-66",
        "contrast": "between",
        "effect": "8.1",
        "unit": "points",
        "as_reported": "12 of 12 walked",
        "locator": "Abstract",
    }
    return make_item(key="miracle2020", finding=FOUND, findings=[finding])


@pytest.fixture
def addresses(study):
    page = make_publication(draft=make_draft(study.key, make_item().key))
    return [
        f"/evidence/{study.key}/",
        f"/evidence/{study.key}.json",
        f"/articles/{page.slug}/references.json",
        f"/api/v1/evidence/{study.key}/",
        "/api/v1/evidence/",
    ]


def telling(client, addresses):
    told = {address: client.get(address).content.decode() for address in addresses}
    return [address for address in addresses if "walked" in told[address]]


def test_it_is_told_while_the_study_stands_and_again_when_the_retraction_is_lifted(
    client, study, addresses
):
    assert telling(client, addresses) == addresses

    retraction = record_as(study, "retracted")
    assert telling(client, addresses) == []

    lift_status(event=retraction, by=make_medical_reviewer(), reason="It was another study.")
    assert telling(client, addresses) == addresses


def test_its_page_says_so_and_files_say_what_became_of_it(client, study, addresses):
    record_as(study, "retracted")

    assert "don’t repeat what a retracted study" in client.get(addresses[0]).content.decode()
    (record,) = json.loads(client.get(addresses[1]).content)
    assert record["status"] == "retracted"
    assert record["custom"]["design"] == "randomised-trial"
    for ending in ("ris", "bib"):
        assert "Retracted" in client.get(f"/evidence/{study.key}.{ending}").content.decode()
