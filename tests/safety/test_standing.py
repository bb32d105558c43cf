"""What follows from dates and evidence alone: notices, printing, pages that are only a notice."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from education.publishing.operations import extend_review
from education.publishing.status import (
    Due,
    due_status,
    evidence_notices,
    shown_content,
    shown_summaries,
    statuses_of,
)
from education.safety.operations import record_status
from education.text.html import to_html
from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DUE = datetime.date(2026, 3, 4)


def days_after_due(publication, days):
    """Noon, so many days after the review of a publication is due."""
    day = publication.due_on + datetime.timedelta(days=days)
    return datetime.datetime.combine(day, datetime.time(12), tzinfo=datetime.UTC)


def fall(item, status="retracted"):
    return record_status(
        item=item,
        status=status,
        occurred_on=datetime.date(2026, 3, 4),
        reason="The data could not be trusted",
        source_url="https://example.org/notice",
        by=make_medical_reviewer(),
    )


@pytest.mark.parametrize(
    ("days", "due"),
    [
        (-1, Due.CURRENT),
        (0, Due.OVERDUE),
        (29, Due.OVERDUE),
        (30, Due.ASK_BEFORE_PRINTING),
        (89, Due.ASK_BEFORE_PRINTING),
        (90, Due.NO_NEW_PRINTS),
        (179, Due.NO_NEW_PRINTS),
        (180, Due.NOTICE_ONLY),
        (5000, Due.NOTICE_ONLY),
    ],
)
def test_due_status_follows_rule_5_day_by_day(days, due):
    assert due_status(DUE, DUE + datetime.timedelta(days=days)) == due


@pytest.mark.parametrize(
    ("days", "notices", "may_print", "asks", "notice_only"),
    [
        (-1, 0, True, False, False),
        (0, 1, True, False, False),
        (30, 1, True, True, False),
        (90, 1, False, False, False),
        (180, 1, False, False, True),
    ],
)
def test_an_overdue_review_has_its_consequences(days, notices, may_print, asks, notice_only):
    publication = make_publication()

    now = evidence_notices(publication, days_after_due(publication, days))

    assert len(now.notices) == notices
    assert now.may_print is may_print
    assert now.print_needs_confirmation is asks
    assert now.is_notice_only is notice_only


def test_an_extension_moves_every_consequence():
    publication = make_publication()
    moment = days_after_due(publication, 89)
    assert evidence_notices(publication, moment).due == Due.ASK_BEFORE_PRINTING

    extend_review(publication=publication, by=make_editor(), days=90, reason="A trial is coming.")

    assert evidence_notices(publication, moment).due == Due.CURRENT


def test_a_notice_says_which_reference_when_and_why():
    item = make_item(title="A study of cells.")
    publication = make_publication(draft=make_draft(item.key))
    fall(item, "concern")

    (notice,) = evidence_notices(publication).notices

    assert notice.text.startswith(
        "Reference 1 of this page, “A study of cells”, was put under an expression of concern on "
        "4 March 2026: The data could not be trusted. "
    )
    assert (notice.key, notice.number) == (item.key, 1)
    assert notice.source_url == "https://example.org/notice"


def test_the_most_serious_notice_comes_first():
    corrected, retracted, concern = make_item(), make_item(), make_item()
    publication = make_publication(draft=make_draft(corrected.key, retracted.key, concern.key))
    fall(corrected, "corrected")
    fall(retracted, "retracted")
    fall(concern, "concern")

    now = evidence_notices(publication, days_after_due(publication, 1))

    kinds = [notice.kind for notice in now.notices]
    assert kinds == ["retracted", "concern", "corrected", "overdue"]


def test_what_is_not_masked_is_the_frozen_object_itself():
    publication = make_publication()

    assert shown_content(publication) is publication.content
    assert to_html(publication.content) == publication.html


def test_masking_leaves_the_frozen_tree_alone():
    item = make_item()
    publication = make_publication(draft=make_draft(item.key))
    fall(item)
    before = repr(publication.content)

    shown_content(publication)

    assert repr(publication.content) == before


def test_standings_of_many_take_as_many_queries_as_of_one_and_never_ask_about_articles():
    items = [make_item() for _ in range(4)]
    publications = [make_publication(draft=make_draft(item.key)) for item in items]
    fall(items[0])

    with CaptureQueriesContext(connection) as of_one:
        statuses_of(publications[:1])
    with CaptureQueriesContext(connection) as asked:
        now = statuses_of(publications)

    assert [now[publication.pk].may_print for publication in publications] == [
        False,
        True,
        True,
        True,
    ]
    assert len(asked) == len(of_one)
    assert not any("education_article" in query["sql"] for query in asked)
    assert not any("education_citation" in query["sql"] for query in asked)


def test_summaries_of_a_list_take_one_query_while_nothing_is_retracted():
    publications = [make_publication() for _ in range(3)]

    with CaptureQueriesContext(connection) as asked:
        shown_summaries(publications)

    assert len(asked) == 1


def test_summaries_of_a_list_take_a_fixed_number_of_queries_when_something_is():
    item = make_item()
    publications = [make_publication(draft=make_draft(item.key)) for _ in range(3)]
    fall(item)

    with CaptureQueriesContext(connection) as of_one:
        shown_summaries(publications[:1])
    with CaptureQueriesContext(connection) as asked:
        shown = shown_summaries(publications)

    assert len(asked) == len(of_one)
    assert all("It may help" not in summary for summary in shown.values())
