"""Statements name a row of the published table of findings, and may not say more than it does."""

from dataclasses import replace

import pytest
from django.urls import reverse

from education.articles.models import Article
from education.articles.operations import content_hash, draft_of, render_revision
from education.errors import EditorialError
from education.evidence.models import Certainty
from education.handouts.pdf import notices_of
from education.publishing.findings import regraded_rows
from education.publishing.status import statuses_of
from education.review.operations import submit_for_review
from tests.admin.test_untouched import as_a_browser_sends
from tests.factories import (
    edit,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_publication,
    make_revision,
    make_writer,
)
from tests.findings_table import make_findings_table

pytestmark = pytest.mark.django_db

ROW = "movement/rhizotomy"  # low, better


@pytest.fixture
def item():
    return make_item("trial2002")


@pytest.fixture
def table(item):
    return make_findings_table(key=item.key)


def naming(key, **fields):
    """A text whose key message names the row, as the row grades it."""
    message = {
        "text": f"Rhizotomy may improve movement a little [@{key}].",
        "certainty": "low",
        "finding": ROW,
        "direction": "better",
    }
    return make_draft(key, key_messages=[message | fields])


def problems_of(revision, code):
    return [problem for problem in render_revision(revision).problems if problem.code == code]


def regrade(table, **changes):
    """The next version of the table, with its first row graded otherwise."""
    draft = draft_of(table.revision)
    rows = [draft.findings[0] | changes, *draft.findings[1:]]
    return make_next_publication(table, findings=rows, what_changed="A row was graded anew.")


def test_nothing_blocks_until_a_table_is_published(item):
    revision = make_revision(draft=naming(item.key, certainty="moderate", direction="worse"))

    assert not any(problem.code.startswith("row") for problem in render_revision(revision).problems)
    assert "row" not in render_revision(revision).tree["key_messages"][0]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"certainty": "moderate", "text": "It probably helps [@trial2002]."}, "row-certainty"),
        ({"direction": "no_difference"}, "row-direction"),
        ({"direction": "better_than_before"}, "row-direction"),
        ({"finding": "movement/nothing"}, "row-unknown"),
    ],
    ids=["surer", "another direction", "another comparison", "no such row"],
)
def test_a_text_that_says_more_than_its_row_is_not_submitted(table, item, fields, code):
    writer = make_writer()
    revision = make_revision(draft=naming(item.key, **fields), by=writer)

    assert [problem.blocking for problem in problems_of(revision, code)] == [True]
    with pytest.raises(EditorialError, match="Key message 1"):
        submit_for_review(revision=revision, by=writer)


@pytest.mark.parametrize("certainty", ["low", "very_low", "not_graded"])
def test_a_text_may_be_as_sure_as_its_row_or_less(table, item, certainty):
    revision = make_revision(draft=naming(item.key, certainty=certainty))

    assert not problems_of(revision, "row-certainty")


@pytest.mark.parametrize("certainty", [grade for grade in Certainty if grade != "not_graded"])
def test_an_effect_without_a_row_is_advice(table, item, certainty):
    revision = make_revision(draft=naming(item.key, certainty=certainty, finding="", direction=""))

    assert [problem.blocking for problem in problems_of(revision, "row-missing")] == [False]


def test_the_row_counts_in_what_is_approved_only_where_it_is_named(table, item):
    named = make_revision(draft=naming(item.key))
    other = make_revision(draft=naming(item.key, finding="", direction=""))
    before = content_hash(named), content_hash(other)

    regrade(table, words="Rhizotomy may improve movement.")

    assert content_hash(named) != before[0]
    assert content_hash(other) == before[1]


def test_a_text_that_names_no_row_is_hashed_as_before_there_were_rows(item):
    revision = make_revision(draft=naming(item.key, finding="", direction=""))

    assert set(draft_of(revision).key_messages[0]) == {"text", "certainty"}


def test_a_copy_keeps_its_row_and_says_when_the_table_graded_it_anew(table, item, client):
    page = make_publication(draft=naming(item.key))
    frozen = page.content["key_messages"][0]["row"]

    newer = regrade(table, certainty="very_low", words="We are very uncertain about movement.")

    page.refresh_from_db()
    assert page.content["key_messages"][0]["row"] == frozen
    assert frozen["certainty"] == "low"
    shown = client.get(f"/articles/{page.slug}/").content.decode()
    assert "Graded anew on" in shown
    assert str(newer.goes_live_at.year) in shown.split("Graded anew on")[1][:40]


def test_the_table_is_read_once_and_its_older_copies_only_where_there_are_some(
    table, item, django_assert_num_queries
):
    page = make_publication(draft=naming(item.key))
    with django_assert_num_queries(1):
        assert regraded_rows(page.content, "en") == []
    regrade(table, certainty="very_low")
    with django_assert_num_queries(2):
        assert len(regraded_rows(page.content, "en")) == 1


def test_the_page_waits_in_my_work_until_a_new_version_is_public(table, item, client):
    page = make_publication(draft=naming(item.key))
    regrade(table, certainty="very_low", words="We are very uncertain about movement.")
    client.force_login(make_editor())

    assert "Graded otherwise by now" in client.get(reverse("admin:index")).content.decode()

    less_sure = naming(item.key, certainty="very_low").key_messages
    make_next_publication(page, key_messages=less_sure, what_changed="Less sure.")

    assert "Graded otherwise by now" not in client.get(reverse("admin:index")).content.decode()
    assert "Graded anew on" not in client.get(f"/articles/{page.slug}/").content.decode()


def test_other_changes_of_a_row_leave_pages_alone(table, item, client):
    page = make_publication(draft=naming(item.key))

    regrade(table, people="91 children")

    assert "Graded anew on" not in client.get(f"/articles/{page.slug}/").content.decode()


def test_a_row_is_named_in_the_form_of_the_text(table, item, client):
    writer = make_writer()
    revision = make_revision(draft=naming(item.key, finding="", direction=""), by=writer)
    client.force_login(writer)
    address = reverse("admin:education_revision_change", args=[revision.pk])
    sent = as_a_browser_sends(client, address, "revision_form")

    client.post(
        address,
        sent
        | {"key_messages-0-finding": ROW, "key_messages-0-direction": "better", "_save": "Save"},
    )

    revision.refresh_from_db()
    assert draft_of(revision).key_messages[0]["finding"] == ROW


def test_a_cell_and_a_claim_name_rows_too(table, item):
    cell = {"text": f"It may help [@{item.key}].", "certainty": "moderate", "unknown": False}
    comparison = replace(
        naming(item.key),
        kind=Article.Kind.COMPARISON,
        options=[{"slug": "no-change", "name": "No change"}],
        rows=[
            {
                "slug": "movement",
                "question": "Movement?",
                "cells": {"no-change": cell | {"finding": ROW, "direction": "better"}},
            }
        ],
        claims=[
            {
                "slug": "it-helps", "said": "It helps.", "verdict": "overstated",
                "certainty": "low", "answer": f"It may [@{item.key}].", "claim": "",
                "finding": ROW, "direction": "worse",
            }
        ],
    )  # fmt: skip
    revision = make_revision(draft=comparison)

    assert [problem.where for problem in problems_of(revision, "row-certainty")] == [
        "rows.0.no-change"
    ]
    assert [problem.where for problem in problems_of(revision, "row-direction")] == ["claims.0"]
    edit(revision, make_writer(), title="The same rows")
    assert draft_of(revision).claims[0]["finding"] == ROW


def test_the_page_of_a_claim_says_that_its_row_was_graded_anew(table, item, client):
    claim = {
        "slug": "it-helps", "said": "It helps.", "verdict": "overstated", "certainty": "low",
        "answer": f"It may [@{item.key}].", "claim": "", "finding": ROW, "direction": "better",
    }  # fmt: skip
    another = claim | {"slug": "it-costs", "said": "It costs.", "finding": ""}
    make_publication(
        article=make_article(slug="claims", kind=Article.Kind.CLAIMS),
        draft=make_draft(item.key, kind=Article.Kind.CLAIMS, claims=[claim, another]),
    )
    before = client.get("/claims/it-helps/")
    assert (before.status_code, b"Graded anew on" in before.content) == (200, False)

    regrade(table, certainty="very_low", words="We are very uncertain about movement.")

    assert "Graded anew on" in client.get("/claims/it-helps/").content.decode()
    assert "Graded anew on" not in client.get("/claims/it-costs/").content.decode()


def test_the_page_of_a_comparison_says_that_a_row_of_its_grid_was_graded_anew(table, item, client):
    cell = {"text": f"It may help [@{item.key}].", "certainty": "low", "unknown": False}
    row = {
        "slug": "movement",
        "question": "Movement?",
        "cells": {"no-change": cell | {"finding": ROW, "direction": "better"}},
    }
    page = make_publication(
        article=make_article(slug="compared", kind=Article.Kind.COMPARISON),
        draft=make_draft(
            item.key,
            kind=Article.Kind.COMPARISON,
            options=[{"slug": "no-change", "name": "No change"}],
            rows=[row],
        ),
    )
    regrade(table, certainty="very_low", words="We are very uncertain about movement.")

    assert "Graded anew on" in client.get(f"/articles/{page.slug}/").content.decode()


def test_paper_says_that_a_row_was_graded_anew(table, item):
    page = make_publication(draft=naming(item.key))
    assert notices_of(statuses_of([page])[page.pk]) == []

    regrade(table, certainty="very_low", words="We are very uncertain about movement.")

    (notice,) = notices_of(statuses_of([page])[page.pk])
    assert notice.startswith("How sure we are of statements on this page was graded anew.")
    assert "Graded anew on" in notice
