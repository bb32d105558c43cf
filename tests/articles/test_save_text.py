"""Writing: who may, what it leaves behind, and two people at once."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from education.articles.models import Citation, Revision
from education.articles.operations import (
    MayNotWriteError,
    content_hash,
    draft_of,
    save_text,
    start_revision,
)
from education.errors import StaleError
from education.people.models import Role
from tests.factories import (
    edit,
    make_article,
    make_draft,
    make_item,
    make_person,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db

COMPARISON = {
    "options": [{"slug": "cells", "name": "Cells"}, {"slug": "no-change", "name": "No change"}],
    "rows": [
        {
            "slug": "what",
            "question": "What is it?",
            "cells": {
                "cells": {"text": "An infusion.", "certainty": "low", "unknown": False},
                "no-change": {"text": "", "certainty": "not_graded", "unknown": True},
            },
        }
    ],
}


def test_save_text_keeps_every_part_as_it_was_written():
    draft = make_draft(
        kind="article",
        **COMPARISON,
        claims=[
            {
                "slug": "it-works",
                "said": "It works.",
                "verdict": "overstated",
                "certainty": "low",
                "answer": "It may.",
                "claim": "C01",
            }
        ],
        terms=[{"slug": "tone", "term": "Tone", "also": ["stiffness"], "definition": "Tightness."}],
    )

    revision = make_revision(draft=draft)

    assert draft_of(Revision.objects.get(pk=revision.pk)) == draft


def test_save_text_derives_the_citations_in_order_of_first_use():
    first, second = make_item(), make_item()
    revision = make_revision(draft=make_draft(first.key, second.key))

    edit(revision, make_writer(), short_answer=f"Perhaps [@{second.key}].")

    citations = Citation.objects.filter(revision=revision)
    assert [(c.number, c.item.key) for c in citations] == [(1, second.key), (2, first.key)]


def test_save_text_refuses_a_stale_save_and_keeps_the_first():
    revision = make_revision()
    first = edit(revision, make_writer(), body="## First\n\nThe first saved text.\n")

    with pytest.raises(StaleError, match="Somebody saved"):
        edit(revision, make_writer(), body="## Second\n\nThe second text.\n")

    first.refresh_from_db()
    assert "The first saved text" in first.body


def test_save_text_makes_the_writer_a_contributor_once():
    revision = make_revision()
    writer = make_writer()

    revision = edit(revision, writer, unknowns="- A.")
    edit(revision, writer, unknowns="- B.")

    assert list(revision.contributors()).count(writer) == 1


def test_save_text_without_a_change_makes_nobody_a_contributor():
    revision = make_revision()
    writer = make_writer()

    save_text(
        revision=revision,
        draft=draft_of(revision),
        by=writer,
        expected_version=revision.version,
    )

    assert writer not in revision.contributors()


def test_save_text_refuses_people_without_a_role_to_write():
    revision = make_revision()

    for person in (make_person(Role.AUDITOR), make_person(is_superuser=True), make_person()):
        with pytest.raises(MayNotWriteError):
            edit(revision, person, unknowns="- Mine.")

    revision.refresh_from_db()
    assert "Mine" not in revision.unknowns


def test_only_one_revision_is_open():
    revision = make_revision()

    with pytest.raises(MayNotWriteError, match="still open"):
        start_revision(article=revision.article, draft=make_draft(), by=make_writer())
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(article=revision.article, number=2, title="Second")

    assert Revision.objects.count() == 1


def test_an_article_is_reviewed_at_least_every_36_months():
    with pytest.raises(ValidationError):
        make_article(review_every_months=37)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another title"},
        {"funding": "Somebody paid."},
        {"what_changed": "Everything."},
        {"questions": "- Why?"},
        {"key_messages": [{"text": "It may help.", "certainty": "high"}]},
    ],
)
def test_the_content_hash_covers_every_part(change):
    revision = make_revision()
    before = content_hash(revision)

    revision = edit(revision, make_writer(), **change)

    assert content_hash(revision) != before
