"""Rows of a table of findings are written one at a time, beside the rules that grade them."""

import pytest
from django.urls import reverse

from education.articles.models import Article
from education.articles.operations import draft_of
from education.people.models import Role
from tests.admin.test_untouched import as_a_browser_sends
from tests.factories import (
    edit,
    make_article,
    make_item,
    make_person,
    make_revision,
    make_writer,
)
from tests.findings_table import make_row, make_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_item("trial2002")


@pytest.fixture
def table(item):
    article = make_article(kind=Article.Kind.FINDINGS)
    draft = make_table(make_row(item.key), key=item.key)
    return make_revision(article=article, draft=draft, by=make_writer())


@pytest.fixture
def writer(client):
    person = make_writer()
    client.force_login(person)
    return person


def page_of(table, slug=""):
    if not slug:
        return reverse("admin:education_revision_finding_add", args=[table.pk])
    return reverse("admin:education_revision_finding", args=[table.pk, slug])


def typed(table, **changes):
    """What the form of the first row sends."""
    row = draft_of(table).findings[0]
    values = {
        **row,
        "evidence": " ".join(row["evidence"]),
        "findings": " ".join(row["findings"]),
        "expected_version": table.version,
        **changes,
    }
    return {name: "" if value is None else value for name, value in values.items()}


def row_of(table, slug="movement/rhizotomy"):
    table.refresh_from_db()
    return next(row for row in draft_of(table).findings if row["slug"] == slug)


def test_every_row_is_listed_under_its_outcome_with_what_a_panel_must_decide(table, writer, client):
    page = client.get(reverse("admin:education_revision_findings", args=[table.pk]))

    text = page.content.decode()
    assert "movement/rhizotomy" in text
    assert "movement/cells" in text
    assert "What a panel of clinicians must decide" in text
    assert "hqo2017" in text


def test_the_rules_stand_beside_the_fields_they_are_about(table, writer, client):
    text = client.get(page_of(table, "movement/rhizotomy")).content.decode()

    assert "Rule 17, Direction" in text
    assert "Rule 21, Frames" in text


def test_a_row_saved_untouched_changes_nothing(table, writer, client):
    before = draft_of(table).text()

    client.post(page_of(table, "movement/rhizotomy"), typed(table))

    table.refresh_from_db()
    assert draft_of(table).text() == before
    assert table.version == 1


def test_a_row_is_changed_alone(table, writer, client):
    others = draft_of(table).findings[1:]

    client.post(page_of(table, "movement/rhizotomy"), typed(table, certainty="very_low"))

    assert row_of(table)["certainty"] == "very_low"
    assert draft_of(table).findings[1:] == others
    assert table.contributions.filter(person=writer).exists()


def test_a_row_is_added_at_the_end(table, writer, client):
    new = typed(table, slug="movement/rhizotomy-2", about="against a pump")

    client.post(page_of(table), new)

    assert row_of(table, "movement/rhizotomy-2")["about"] == "against a pump"
    assert len(draft_of(table).findings) == 3


def test_a_row_is_deleted_after_asking(table, writer, client):
    address = reverse(
        "admin:education_revision_finding_delete", args=[table.pk, "movement/rhizotomy"]
    )

    assert "may improve movement" in client.get(address).content.decode()
    client.post(address, {"expected_version": table.version})

    assert [row["slug"] for row in draft_of(table).findings] == ["movement/cells"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"evidence": "nobody2099"}, "There is no evidence item nobody2099."),
        ({"slug": "movement/cells"}, "Another row of this table has this id."),
        ({"slug": "pain/rhizotomy"}, "begins with movement/."),
        ({"findings": "trial2002#1"}, "trial2002 has 0 findings"),
        ({"findings": "other#1"}, "other#1 is no finding of a work of this row."),
        ({"with_option": "101"}, "Say of how many people, and count no more than that."),
        ({"frame": ""}, "Say of how many people, and count no more than that."),
        ({"words": ""}, "This field is required."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(
    table, writer, client, changes, reason
):
    before = draft_of(table).text()

    answer = client.post(
        page_of(table, "movement/rhizotomy"), typed(table, people="91 children", **changes)
    )

    text = answer.content.decode()
    assert reason in text
    assert "91 children" in text
    table.refresh_from_db()
    assert draft_of(table).text() == before


def test_a_save_over_somebody_elses_is_refused_with_what_was_typed(table, writer, client):
    seen = typed(table, people="91 children")
    edit(table, make_writer(), title="Another title")

    text = client.post(page_of(table, "movement/rhizotomy"), seen).content.decode()

    assert "Somebody saved" in text
    assert "91 children" in text
    assert row_of(table)["people"] == "3 trials, 90 children"


def form_of_the_text(client, table):
    """What the form of the whole text sends, as it was shown."""
    address = reverse("admin:education_revision_change", args=[table.pk])
    return as_a_browser_sends(client, address, "revision_form") | {"_save": "Save"}


def test_saving_the_text_keeps_the_rows(table, writer, client):
    rows = draft_of(table).findings
    values = form_of_the_text(client, table) | {"title": "What does each treatment do?"}

    client.post(reverse("admin:education_revision_change", args=[table.pk]), values)

    table.refresh_from_db()
    assert table.title == "What does each treatment do?"
    assert draft_of(table).findings == rows


def test_an_option_that_a_row_is_about_cannot_go(table, writer, client):
    values = form_of_the_text(client, table)
    number = next(
        name.split("-")[1] for name, value in values.items()
        if name.startswith("comparison_options-") and value == "cells"
    )  # fmt: skip
    values[f"comparison_options-{number}-DELETE"] = "on"

    answer = client.post(reverse("admin:education_revision_change", args=[table.pk]), values)

    assert "Rows of the table are about cells." in answer.content.decode()


def test_rows_of_a_text_of_another_kind_have_no_page(writer, client):
    text = make_revision()

    assert (
        client.get(reverse("admin:education_revision_findings", args=[text.pk])).status_code == 404
    )


def test_only_writers_write_rows(table, client):
    client.force_login(make_person(Role.AUDITOR))

    assert client.get(page_of(table, "movement/rhizotomy")).status_code == 403
    client.post(page_of(table, "movement/rhizotomy"), typed(table, certainty="high"))

    assert row_of(table)["certainty"] == "low"
    listed = client.get(reverse("admin:education_revision_findings", args=[table.pk]))
    assert "Add a row" not in listed.content.decode()
