"""Who verifies an item has no stake in its topic and did not enter or last change it."""

import pytest
from django.urls import reverse

from education.evidence.models import EvidenceItem, Verification
from education.evidence.operations import change_item, enter_item
from education.people.models import ConflictOfInterest
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_revision,
    make_topic,
    make_writer,
)

pytestmark = pytest.mark.django_db


def verify(client, person, item):
    client.force_login(person)
    page = reverse("admin:education_evidenceitem_verify", args=[item.pk])
    return client.post(page, {"level": "abstract", "note": ""}).content.decode()


@pytest.mark.parametrize("below", [False, True])
def test_a_declared_conflict_bars_verifying_evidence_of_the_topic(client, below):
    topic, person = make_topic("cells"), make_medical_reviewer()
    inner = make_topic("inner", parent=topic) if below else topic
    item = make_item("study1", verified=False, topic=inner)
    ConflictOfInterest.objects.create(person=person, topic=topic, description="Shares")
    assert "has declared a conflict of interest on" in verify(client, person, item)
    assert not Verification.objects.exists()
    other = make_item("study2", verified=False, topic=make_topic("other"))
    verify(client, person, other)
    assert Verification.objects.get().item == other


def test_who_entered_or_last_changed_an_item_is_not_one_of_its_two(client):
    entered, changed, earlier = (make_medical_reviewer() for _ in range(3))
    details = {"key": "study1", "title": "A study", "finding": "It helped."}
    item = enter_item(details=details, by=entered)
    change_item(item=item, details={"finding": "It may help."}, by=earlier)
    change_item(item=item, details={"finding": "It harmed."}, by=changed)
    for person in (entered, changed):
        assert "entered or last changed study1" in verify(client, person, item)
    assert not Verification.objects.exists()
    verify(client, earlier, item)
    verify(client, make_writer(), item)
    assert EvidenceItem.objects.get().is_verified()


def test_my_work_asks_nobody_who_may_not(client):
    person = make_medical_reviewer()
    item = enter_item(details={"key": "study1", "title": "A study"}, by=person)
    make_revision(draft=make_draft("study1"))
    client.force_login(person)
    page = reverse("admin:education_evidenceitem_verify", args=[item.pk])
    assert page not in client.get(reverse("admin:index")).content.decode()


def test_an_item_that_counted_before_counts_until_it_is_changed_and_is_listed(client):
    item = make_item("study1", topic=make_topic("cells"))
    first, second = (verification.by for verification in item.verifications.order_by("pk"))
    # As an upgrade finds them: one entered it, the other has a conflict.
    EvidenceItem.objects.update(entered_by=first)
    ConflictOfInterest.objects.create(person=second, topic=item.topic, description="Shares")
    assert item.is_verified()
    client.force_login(make_editor())
    listed = client.get(reverse("admin:education_revision_before")).content.decode()
    assert f"verified by {first}" in listed
    assert f"{second} has declared a conflict" in listed
    change_item(item=item, details={"volume": "3"}, by=make_writer())
    assert not item.is_verified()
    assert "entered or last changed" in verify(client, first, item)
