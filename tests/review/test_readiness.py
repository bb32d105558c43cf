"""What is missing is one answer: in the form, at submission, in review and at publishing."""

import datetime
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Article, Revision
from education.articles.operations import draft_of, render_draft, render_revision
from education.publishing.operations import publish
from education.review.operations import NotReadyError, submit_for_review
from education.review.readiness import missing_texts, readiness
from tests.factories import (
    edit,
    make_approved_revision,
    make_article,
    make_draft,
    make_editor,
    make_publication,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db
WHAT_CHANGED = "Say what changed for readers."
UNCITED = "Key message 1 has no citation."


def page(client, name: str, revision: Revision) -> str:
    return client.get(
        reverse(f"admin:education_revision_{name}", args=[revision.pk])
    ).content.decode()


@pytest.fixture
def writer():
    return make_writer()


@pytest.fixture
def second(writer):
    """A draft of a page that is public; what changed is not said yet."""
    last = make_publication().revision
    return make_revision(by=writer, article=last.article, draft=draft_of(last))


def test_a_next_version_is_not_submitted_until_it_says_what_changed(client, writer, second):
    client.force_login(writer)
    submit = reverse("admin:education_revision_submit", args=[second.pk])

    for shown in (page(client, "change", second), client.get(submit).content.decode()):
        assert WHAT_CHANGED in shown
    assert WHAT_CHANGED in client.post(submit).content.decode()
    second.refresh_from_db()
    assert second.state == Revision.State.DRAFT

    edit(second, writer, what_changed="We added a study.")
    assert WHAT_CHANGED not in page(client, "change", second)
    client.post(submit)
    second.refresh_from_db()
    assert second.state == Revision.State.IN_REVIEW


def test_a_next_version_of_a_scheduled_copy_says_what_changed_too(writer):
    last = make_approved_revision()
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    publish(revision=last, by=make_editor(), goes_live_at=tomorrow)
    revision = make_revision(by=writer, article=last.article, draft=draft_of(last))

    with pytest.raises(NotReadyError, match=WHAT_CHANGED):
        submit_for_review(revision=revision, by=writer)


def test_a_first_version_need_not_say_what_changed(writer):
    assert submit_for_review(revision=make_revision(by=writer), by=writer).submitted_at


@pytest.mark.parametrize(
    ("draft", "missing"),
    [
        ({"key_messages": [{"text": "It may help.", "certainty": "low"}]}, UNCITED),
        ({"short_answer": ""}, "The one-sentence answer is missing."),
        ({"body": ""}, "The text is missing."),
    ],
)
def test_what_publishing_would_refuse_is_refused_before_reviewers_are_asked(
    client, writer, draft, missing
):
    revision = make_revision(by=writer, draft=make_draft(**draft))
    client.force_login(writer)

    with pytest.raises(NotReadyError, match=missing):
        submit_for_review(revision=revision, by=writer)
    assert missing in page(client, "change", revision)
    assert missing in page(client, "submit", revision)


def test_a_comparison_that_is_not_even_is_refused_before_reviewers_are_asked(writer):
    article = make_article(kind=Article.Kind.COMPARISON)
    options = [{"slug": "stem-cells", "name": "Stem cells"}, {"slug": "fspr", "name": "Rhizotomy"}]
    cell = {"text": "", "certainty": "not_graded", "unknown": True}
    rows = [{"slug": "pain", "question": "Does it hurt?", "cells": {"fspr": cell}}]
    draft = make_draft(kind=Article.Kind.COMPARISON, options=options, rows=rows)
    revision = make_revision(by=writer, article=article, draft=draft)

    with pytest.raises(NotReadyError) as refusal:
        submit_for_review(revision=revision, by=writer)

    assert "“No change in treatment” must be one of the options." in refusal.value.problems
    assert "“Does it hurt?” is not answered for Stem cells." in refusal.value.problems


def test_what_is_typed_and_not_saved_is_answered_as_if_it_were(writer):
    revision = make_revision(by=writer, draft=make_draft(funding=""))
    typed = replace(draft_of(revision), funding="Nobody paid.", unknowns=" ")

    missing = missing_texts(
        readiness(revision, render_draft(typed), draft=typed), before_review=True
    )

    assert missing == ["Say what we do not know."]


def test_no_approval_counts_while_the_text_may_change(writer):
    revision = make_revision(by=writer)

    gates = readiness(revision, render_revision(revision))

    assert not missing_texts(gates, before_review=True)
    assert missing_texts(gates) == ["Missing: 1 medical reviewer."]


def test_the_list_of_what_is_missing_stands_on_every_page_of_the_way(client, writer, second):
    client.force_login(make_editor())

    for name in ("change", "submit", "review", "publish"):
        shown = page(client, name, second)
        assert WHAT_CHANGED in shown, name
        assert "Missing: 1 medical reviewer." in shown, name
