"""Who works at a clinic's desk in these tests."""

import pytest

from tests.handouts.clinics import make_clinic, make_clinic_person


@pytest.fixture
def person(client, db):
    """Somebody of a clinic, signed in."""
    person = make_clinic_person(make_clinic("Hillside Clinic"))
    client.force_login(person)
    return person
