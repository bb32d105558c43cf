"""The last thing recorded of a work counts, by sequence, wherever its status is asked for."""

import pytest
from django.utils import timezone

from education.admin.revision_comparison import _status_at
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.rules import problems_as_citations, retracted_keys, standing_events
from education.handouts.copy_check import State, check, public_code
from education.handouts.pdf import MayNotPrintError
from education.handouts.rules import reasons_against_printing
from education.publishing.status import (
    evidence_notices,
    shown_content,
    shown_summaries,
)
from education.safety.models import Task
from education.safety.rules import effects_of_lifting
from tests.factories import make_draft, make_item, make_publication
from tests.handouts.clinics import fall, make_clinic_person, print_for

pytestmark = pytest.mark.django_db

# What was recorded first would be the answer of a reversed order.
WORSE = ("corrected", "retracted")
BETTER = ("concern", "corrected")


@pytest.fixture
def item():
    return make_item("moved2020")


@pytest.fixture
def publication(item):
    """A page whose every cited statement rests on the item."""
    return make_publication(draft=make_draft(item.key))


def record(item, statuses):
    return [fall(item, status) for status in statuses]


@pytest.mark.parametrize("statuses", [WORSE, BETTER])
def test_of_an_item_and_of_many(item, statuses):
    record(item, statuses)

    assert item.status == statuses[-1]
    assert EvidenceItem.objects.with_status().get(pk=item.pk).status == statuses[-1]
    assert standing_events([item.key])[item.key].status == statuses[-1]
    assert _status_at(item, timezone.now()) == statuses[-1]


def test_a_work_that_was_cleared_has_nothing_against_it(item, publication):
    record(item, ("concern", "current"))

    assert item.status == StatusEvent.Status.CURRENT
    assert standing_events([item.key]) == {}
    assert evidence_notices(publication).events == {}


def test_a_work_corrected_and_then_retracted_may_not_be_cited(item):
    record(item, WORSE)
    many = list(EvidenceItem.objects.with_status())

    assert retracted_keys() == {item.key}
    assert problems_as_citations(many) == {item.key: [f"{item.key} was retracted."]}


def test_a_page_is_masked_and_told_of_the_retraction_alone(item, publication):
    record(item, WORSE)
    standing = evidence_notices(publication)

    assert standing.masked == {item.key}
    assert [notice.kind for notice in standing.notices] == ["retracted"]
    assert "It may help" not in str(shown_content(publication))
    assert "It may help" not in shown_summaries([publication])[publication.pk]


def test_a_page_whose_work_was_under_a_concern_and_then_corrected_is_told_of_the_correction(
    item, publication
):
    record(item, BETTER)

    assert [notice.kind for notice in evidence_notices(publication).notices] == ["corrected"]


def test_search_shows_no_words_that_rest_on_it(client, item, publication):
    assert "about moved2020" in client.get("/search/?q=statement").content.decode()

    record(item, WORSE)

    assert "about moved2020" not in client.get("/search/?q=statement").content.decode()


def test_paper_is_not_printed_and_what_was_printed_is_not_used(item, publication):
    person = make_clinic_person()
    copy = print_for(person, publication)
    record(item, WORSE)

    assert reasons_against_printing(evidence_notices(publication))
    with pytest.raises(MayNotPrintError, match="was retracted"):
        print_for(person, publication)
    for code in (copy.code, public_code(publication)):
        assert check(code).state == State.DO_NOT_USE


def test_paper_of_a_page_whose_work_was_only_corrected_in_the_end_is_good(item, publication):
    copy = print_for(make_clinic_person(), publication)
    record(item, BETTER)

    assert check(copy.code).state == State.CURRENT
    assert "was corrected" in check(copy.code).why


def test_the_open_task_is_that_of_the_last_event(item, publication):
    _, last = record(item, WORSE)

    assert Task.objects.get(publication=publication, closed_at=None).cause == last


def test_lifting_the_last_gives_back_the_one_before(item):
    _, last = record(item, WORSE)

    assert effects_of_lifting(last).after == StatusEvent.Status.CORRECTED
