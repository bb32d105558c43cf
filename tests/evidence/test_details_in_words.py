"""Who verifies an item or approves a text is shown whatever ends that when it changes."""

from decimal import Decimal

import pytest
from django.db.models import BooleanField, CharField, IntegerField, TextField
from django.template.loader import render_to_string
from django.urls import reverse

from education.articles.models import Citation
from education.evidence.details_in_words import details_in_words
from education.evidence.models import EvidenceItem, Finding
from education.evidence.operations import change_item
from tests.factories import make_item, make_medical_reviewer, make_writer

FINDING = {
    "outcome": "movement",
    "option": "cells",
    "measure": "gmfm-66",
    "contrast": "between",
    "effect": "8.1",
    "as_reported": "8.1 points higher",
}
OTHER_STRUCTURES = {
    "authors": [{"family": "Other", "given": "B"}],
    "csl_extra": {"edition": "2"},
    "gmfcs_levels": [1, 2, 3],
}


@pytest.fixture
def item(db):
    """A work of which ages and levels are known, so that what holds of most means something."""
    return make_item(
        verified=False,
        age_from_months=24,
        age_to_months=72,
        gmfcs_levels=[2, 3],
        findings=[FINDING],
    )


def other_value(item: EvidenceItem, name: str):
    """What a detail does not say now."""
    if name in OTHER_STRUCTURES:
        return OTHER_STRUCTURES[name]
    field, value = EvidenceItem._meta.get_field(name), getattr(item, name)
    if field.choices:
        return next(choice for choice, _ in field.choices if choice != value)
    if isinstance(field, BooleanField):
        return not value
    if isinstance(field, IntegerField):
        return (value or 0) + 1
    assert isinstance(field, CharField | TextField), f"say what {name} may hold beside this"
    return f"{value} in other words"


def beside_the_text(item: EvidenceItem) -> str:
    """The work as it stands beside a text that a reviewer judges."""
    evidence = [(Citation(item=item, number=1), details_in_words(item))]
    return render_to_string("admin/education/revision/evidence.html", {"evidence": evidence})


def test_every_detail_is_shown_beside_the_text_and_to_who_verifies(item, client):
    client.force_login(make_medical_reviewer())
    address = reverse("admin:education_evidenceitem_verify", args=[item.pk])
    before, hidden = beside_the_text(item), []

    for name in {*EvidenceItem.DETAILS, *EvidenceItem.LATER_DETAILS} - {"findings"}:
        changed = EvidenceItem.objects.get(pk=item.pk)
        setattr(changed, name, other_value(item, name))
        if beside_the_text(changed) == before:
            hidden.append(name)

    assert hidden == []
    shown = render_to_string(
        "admin/education/evidenceitem/details.html", {"details": details_in_words(item)}
    )
    assert shown in beside_the_text(item)
    page = client.get(address).content.decode()
    for line in ("2 to 6 years", "II, III", "8.1 points higher", "<dt>Language</dt>"):
        assert line in page


@pytest.mark.django_db
@pytest.mark.parametrize("part", Finding.PARTS)
def test_every_part_of_a_finding_is_shown(item, part):
    ends = {"low": "1", "high": "9"} if part in {"low", "high"} else {}
    numbers = {"effect": Decimal("9.5"), "low": "2", "high": "8", "number_analysed": 7}
    others = {"outcome": "pain", "option": "rhizotomy", "measure": "other", "contrast": "within"}
    other = {**numbers, **others, "certainty": "low", "pooled": True}.get(part, "Something else")
    change_item(item=item, details={"findings": [FINDING | ends]}, by=None)
    before = beside_the_text(EvidenceItem.objects.get(pk=item.pk))

    change_item(item=item, details={"findings": [FINDING | ends | {part: other}]}, by=make_writer())

    assert beside_the_text(EvidenceItem.objects.get(pk=item.pk)) != before
