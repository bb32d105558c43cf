"""A table of findings is a text like any other: written, approved, shown, masked, printed."""

from dataclasses import replace

import pytest
from django.utils import timezone

from education.articles.files import read_article
from education.articles.models import Article
from education.articles.operations import content_hash, draft_of, render_draft, start_revision
from education.articles.shipped_texts import ARTICLES
from education.safety.operations import record_status
from education.text.findings import grade_by_steps
from education.text.rendering import Draft, cited_keys, render
from tests.factories import (
    edit,
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_publication,
    make_revision,
    make_writer,
)
from tests.findings_table import OPTIONS, OUTCOMES, make_row, make_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_item("trial2002")


@pytest.fixture
def table(item):
    article = make_article(kind=Article.Kind.FINDINGS)
    draft = make_table(make_row(item.key), key=item.key)
    return make_revision(article=article, draft=draft, by=make_writer())


def test_a_table_is_stored_as_it_was_written(table, item):
    assert draft_of(table).text() == make_table(make_row(item.key), key=item.key).text()


def test_texts_of_other_kinds_have_no_part_for_findings():
    """So that their hashes, and approvals bound to them, stay what they were."""
    assert not {"outcomes", "findings"} & set(Draft().text())
    assert "findings" not in render(make_draft(), {}).tree


@pytest.mark.parametrize(
    "change",
    [
        {"effect": "5.0 points more"},
        {"certainty": "moderate"},
        {"direction": "no_difference"},
        {"with_option": 40},
        {"time": "24 months"},
        {"comparator": "nothing"},
        {"grading": "start high"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_of_a_row_ends_approvals(table, item, change):
    before = content_hash(table)
    draft = draft_of(table)
    rows = [draft.findings[0] | change, *draft.findings[1:]]

    edit(table, make_writer(), findings=rows)

    assert content_hash(table) != before


def test_works_of_rows_are_cited(table, item):
    other = make_item("other2003")
    draft = draft_of(table)

    edit(table, make_writer(), findings=[draft.findings[0] | {"evidence": [item.key, other.key]}])

    assert set(table.citations.values_list("item__key", flat=True)) == {item.key, other.key}
    assert cited_keys(draft_of(table))[-1] == other.key


def test_the_next_revision_begins_with_the_rows(table):
    draft = draft_of(table)
    table.state = "discarded"
    table.save(update_fields=["state"])

    following = start_revision(article=table.article, draft=draft, by=make_writer())

    assert draft_of(following).findings == draft.findings
    assert draft_of(following).outcomes == OUTCOMES


@pytest.fixture
def publication(item):
    article = make_article(kind=Article.Kind.FINDINGS)
    draft = make_table(make_row(item.key), key=item.key)
    return make_publication(article=article, draft=draft)


def test_readers_see_each_row_with_its_reasons_and_what_is_not_known(publication, client):
    page = client.get(f"/articles/{publication.slug}/").content.decode()

    assert 'id="finding-movement/rhizotomy"' in page
    for words in (
        "Rhizotomy may improve movement a little.", "Low certainty", "Better", "4.0 points more",
        "Of 100: 39 with it; without it: not known", "3 trials, 90 children",
        "Compared with: the same physiotherapy", "risk of bias -1 (families knew)",
        "Not known: nothing we could check.",
    ):  # fmt: skip
        assert words in page, words
    assert "<li>Cells</li>" in page


def test_machines_get_the_rows_as_data(publication, client):
    content = client.get(f"/api/v1/articles/{publication.slug}/").json()["content"]

    [outcome] = content["findings"]["outcomes"]
    row = outcome["rows"][0]
    assert (row["direction"], row["certainty"]) == ("better", "low")
    assert (row["frame"], row["with_option"], row["without_option"]) == (100, 39, None)
    assert row["evidence"] == ["trial2002"]


def test_a_row_that_rests_on_retracted_work_alone_loses_its_figures(publication, client, item):
    record_status(
        item=item,
        status="retracted",
        occurred_on=timezone.localdate(),
        reason="The data were made up.",
        by=make_editor(),
    )

    page = client.get(f"/articles/{publication.slug}/").content.decode()

    for words in ("4.0 points more", "may improve movement a little", "families knew", "39 with"):
        assert words not in page, words
    assert "The study it rested on no longer stands" in page


def test_a_table_is_printed(publication, client):
    answer = client.get(f"/handouts/{publication.slug}.pdf")

    assert b"".join(answer).startswith(b"%PDF")
    assert "4.0 points more" in client.get(f"/handouts/{publication.slug}/").content.decode()


# The table that ships


@pytest.fixture(scope="module")
def shipped():
    return read_article(ARTICLES / "table-of-findings.md").draft


def test_shipped_rows_are_named_under_their_outcomes(shipped):
    slugs = [row["slug"] for row in shipped.findings]

    assert len(slugs) == len(set(slugs)) == 291
    assert all(row["slug"].startswith(f"{row['outcome']}/") for row in shipped.findings)
    pairs = {(row["outcome"], row["option"]) for row in shipped.findings}
    assert len(pairs) == len(shipped.outcomes) * len(shipped.options)


def test_the_certainty_of_a_shipped_row_is_what_its_reasons_add_up_to(shipped):
    """One set of rules for cells, surgery and usual care; rules that cap a grade are told apart."""
    counted = [
        (row["slug"], row["certainty"], by_steps)
        for row in shipped.findings
        if (by_steps := grade_by_steps(row.get("grading", "")))
    ]

    assert len(counted) > 50
    assert [each for each in counted if each[1] != each[2]] == []


def test_nothing_is_better_without_a_comparison(shipped):
    """Rule 4: a change in one group is better than before."""
    unsaid = [
        row["slug"]
        for row in shipped.findings
        if row["direction"] == "better" and row.get("comparator", "") in {"", "none"}
    ]

    assert unsaid == []


def test_findings_as_data_are_those_of_works_of_the_row(shipped):
    for row in shipped.findings:
        keys = {name.partition("#")[0] for name in row.get("findings", [])}
        assert keys <= set(row.get("evidence", [])), row["slug"]


def test_a_table_without_rows_renders():
    draft = replace(make_draft(), kind="findings", outcomes=OUTCOMES, options=OPTIONS)

    assert "Movement after a year" in render_draft(draft).html["findings"]
