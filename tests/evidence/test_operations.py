"""Entering, changing and verifying evidence."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from education.evidence.models import EvidenceItem, Verification
from education.evidence.operations import (
    MayNotVerifyError,
    change_item,
    enter_item,
    verify_item,
)
from education.people.models import Role
from tests.factories import make_item, make_medical_reviewer, make_person, make_writer

pytestmark = pytest.mark.django_db


def test_an_item_is_verified_by_two_people_one_of_them_medical():
    item = make_item(verified=False)
    verify_item(item=item, by=make_writer(), level="abstract")
    assert not item.is_verified()

    verify_item(item=item, by=make_writer(), level="abstract")
    assert not item.is_verified()

    verify_item(item=item, by=make_medical_reviewer(), level="abstract")
    assert item.is_verified()


def test_one_medical_reviewer_alone_does_not_verify():
    item = make_item(verified=False)

    verify_item(item=item, by=make_medical_reviewer(), level="full-text")

    assert not item.is_verified()


def test_the_same_person_does_not_count_twice():
    item = make_item(verified=False)
    reviewer = make_medical_reviewer()
    verify_item(item=item, by=reviewer, level="abstract")

    with pytest.raises(MayNotVerifyError, match="a second person must"):
        verify_item(item=item, by=reviewer, level="full-text")

    assert Verification.objects.count() == 1


def test_an_edit_ends_the_verification_until_it_is_verified_again():
    item = make_item()
    assert item.is_verified()

    changed = change_item(item=item, details={"sample_size": 41}, by=make_writer())

    assert not changed.is_verified()
    assert changed.details_hash == changed.computed_details_hash()


def test_an_edit_taken_back_revives_no_verification():
    item = make_item(sample_size=40)
    change_item(item=item, details={"sample_size": 41}, by=make_writer())

    restored = change_item(item=item, details={"sample_size": 40}, by=make_writer())

    assert not restored.is_verified()


@pytest.mark.parametrize("roles", [(), (Role.AUDITOR,), (Role.CLINIC,)])
def test_verifying_needs_an_editorial_role(roles):
    item = make_item(verified=False)

    with pytest.raises(MayNotVerifyError, match="editorial role"):
        verify_item(item=item, by=make_person(*roles, is_superuser=True), level="abstract")

    assert not Verification.objects.exists()


def test_an_item_is_not_verified_by_memory():
    item = make_item(verified=False)

    with pytest.raises(MayNotVerifyError, match="reading its abstract"):
        verify_item(item=item, by=make_medical_reviewer(), level="memory")


def test_an_item_that_may_not_be_cited_is_not_verified():
    item = make_item(verified=False, usable=False, unusable_reason="nobody has read it")

    with pytest.raises(MayNotVerifyError, match="nobody has read it"):
        verify_item(item=item, by=make_medical_reviewer(), level="abstract")


def test_a_medical_reviewer_with_expired_credentials_counts_as_no_medical_one():
    item = make_item(verified=False)
    verify_item(item=item, by=make_medical_reviewer(credentials=""), level="abstract")
    verify_item(item=item, by=make_writer(), level="abstract")

    assert not item.is_verified()


def test_a_doi_is_entered_once():
    make_item(doi="10.1000/one")

    with pytest.raises(ValidationError, match="DOI is here already"):
        make_item(doi="10.1000/one")
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceItem.objects.create(key="again", title="Again", doi="10.1000/one")

    assert EvidenceItem.objects.count() == 1


def test_an_item_that_may_not_be_cited_says_why():
    with pytest.raises(ValidationError, match="Say why"):
        enter_item(details={"key": "x", "title": "X", "usable": False}, by=None)

    assert not EvidenceItem.objects.exists()


def test_csl_goes_in_and_out_without_empty_fields():
    item = make_item(key="tester2020", volume="6", doi="10.1000/two")

    assert item.csl() == {
        "id": "tester2020",
        "type": "article-journal",
        "title": item.title,
        "author": [{"family": "Tester", "given": "A"}],
        "container-title": "Journal of Tests",
        "issued": {"date-parts": [[2020]]},
        "volume": "6",
        "DOI": "10.1000/two",
        "language": "en",
    }
