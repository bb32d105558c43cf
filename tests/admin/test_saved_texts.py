"""Every save of a text is there: who, when, two of them compared, words taken back."""

import pytest
from django.urls import reverse

from education.articles.operations import draft_of, put_aside
from education.people.models import Role
from tests.factories import (
    edit,
    make_draft,
    make_person,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db

BODY = "First words here.\n\nSecond words here [@first2020].\n\nThird words here.\n"


@pytest.fixture
def writer(client):
    writer = make_writer()
    client.force_login(writer)
    return writer


@pytest.fixture
def revision(writer):
    """A draft that was saved three times."""
    begun = make_revision(by=writer, draft=make_draft(body=BODY))
    begun = edit(begun, writer, body=BODY.replace("First", "Foremost").replace("Third", "Last"))
    return edit(
        begun, writer, title="Another title",
        key_messages=[{"text": "It may not help.", "certainty": "low"}],
    )  # fmt: skip


def address(revision) -> str:
    return reverse("admin:education_revision_saves", args=[revision.pk])


def page(client, revision, query: str = "") -> str:
    return client.get(f"{address(revision)}{query}").content.decode()


def take_back(client, revision, since: int, what: str, **fields) -> str:
    posted = {"expected_version": revision.version, "take_back": what, **fields}
    answer = client.post(f"{address(revision)}?from={since}", posted, follow=True)
    revision.refresh_from_db()
    return answer.content.decode()


def test_the_last_save_is_compared_with_the_one_before(client, revision, writer):
    shown = page(client, revision)

    assert f"{revision.version}, the text as it is" in shown
    assert shown.count(f"<td>{writer}</td>") == 3
    assert "<ins>Another title</ins>" in shown
    assert "<h4>Key message 1</h4>" in shown
    assert "Foremost" not in shown


def test_any_two_saves_are_compared(client, revision):
    first = revision.saved_texts.first().version
    shown = page(client, revision, f"?from={first}&to={first + 1}")

    assert "<ins>Foremost </ins>" in shown
    assert "Another title</ins>" not in shown
    assert "Take this passage back" not in shown
    assert f"?from={first}&amp;to={revision.version}" in shown
    for strange in ("x", "99999", "-1", "9" * 40):
        assert client.get(f"{address(revision)}?from={strange}&to={strange}").status_code == 200


def test_one_passage_is_taken_back_and_all_else_stays(client, revision, writer):
    first = revision.saved_texts.first().version

    shown = take_back(client, revision, first, "body:1")

    assert "Taken back to save" in shown
    assert revision.body == BODY.replace("First", "Foremost")
    assert revision.title == "Another title"
    assert revision.saved_texts.last().by == writer
    assert revision.saved_texts.count() == 4


def test_a_part_or_the_whole_text_is_taken_back(client, revision):
    first = revision.saved_texts.first().version
    began = revision.saved_texts.first().draft

    take_back(client, revision, first, "key_messages")
    assert draft_of(revision).key_messages == began["key_messages"]
    assert revision.title == "Another title"

    take_back(client, revision, first, "all")
    assert (revision.title, revision.body) == (began["title"], BODY)
    assert "nothing was saved" in take_back(client, revision, first, "all")
    assert "nothing was saved" in take_back(client, revision, first, "nothing:1")


def test_taking_back_over_somebody_elses_save_is_refused(client, revision):
    first = revision.saved_texts.first().version
    edit(revision, make_writer(), questions="- Who else?")

    shown = take_back(client, revision, first, "all", expected_version=revision.version)

    assert "Somebody saved" in shown
    assert revision.title == "Another title"


def test_who_would_be_barred_says_first_that_they_become_a_writer(client, revision):
    first = revision.saved_texts.first().version
    client.force_login(make_person(Role.WRITER, Role.EDITOR_IN_CHIEF))
    assert "can never publish this text" in page(client, revision)

    assert "Nothing was saved" in take_back(client, revision, first, "title")
    assert revision.title == "Another title"
    take_back(client, revision, first, "title", contributing="yes")
    assert revision.title == "Does it help?"


def test_nothing_is_taken_back_from_a_text_that_is_locked_or_by_who_may_not_write(
    client, revision, writer
):
    first = revision.saved_texts.first().version
    client.force_login(make_person(Role.AUDITOR))
    assert "Take this passage back" not in page(client, revision)
    assert "does not have the role Writer" in take_back(
        client, revision, first, "title", contributing="yes"
    )
    put_aside(revision=revision, by=writer, reason="Too early.")
    client.force_login(writer)
    assert "so nothing can be taken back now" in page(client, revision)
    assert "be changed" in take_back(client, revision, first, "title")
    assert revision.title == "Another title"
