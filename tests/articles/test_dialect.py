"""A revision is read in the dialect in which it was last saved, up to its frozen copy."""

from dataclasses import replace

import pytest
from django.urls import reverse

from education.articles.models import Revision
from education.articles.operations import (
    content_hash,
    draft_of,
    render_revision,
    save_text,
    saved_draft,
)
from tests.factories import make_draft, make_revision, make_writer

pytestmark = pytest.mark.django_db


@pytest.fixture
def old():
    """A revision that was saved before the second dialect."""
    revision = make_revision(draft=make_draft(body="## A\n\nIt was 10^6^ cells.\n"))
    saved = revision.saved_texts.get()
    assert saved.draft.pop("dialect") == 2
    revision.saved_texts.model.objects.filter(pk=saved.pk).update(draft=saved.draft)
    Revision.objects.filter(pk=revision.pk).update(dialect=1)
    return Revision.objects.get(pk=revision.pk)


def test_an_old_text_reads_as_before_until_it_is_saved_anew(old):
    before = content_hash(old)
    assert "10^6^ cells" in render_revision(old).html["body"]
    assert saved_draft(old.saved_texts.get()).dialect == 1

    untouched = save_text(
        revision=old, draft=replace(draft_of(old), dialect=2), by=make_writer(), expected_version=1
    )
    assert untouched.dialect == 1
    assert content_hash(untouched) == before

    saved = save_text(
        revision=old, draft=replace(draft_of(old), title="Another"), by=make_writer(),
        expected_version=1,
    )  # fmt: skip
    assert saved.dialect == 2
    assert "10<sup>6</sup> cells" in render_revision(saved).html["body"]


def test_another_reading_is_another_content(old):
    before = content_hash(old)
    Revision.objects.filter(pk=old.pk).update(dialect=2)

    assert content_hash(Revision.objects.get(pk=old.pk)) != before


def test_the_dialect_alone_changes_no_hash_of_words_that_read_alike():
    revision = make_revision(draft=make_draft(body="## A\n\nNothing is raised.\n"))
    before = [content_hash(revision, None, one) for one in (1, 2)]
    Revision.objects.filter(pk=revision.pk).update(dialect=1)

    again = Revision.objects.get(pk=revision.pk)
    assert [content_hash(again, None, one) for one in (1, 2)] == before


def test_texts_that_may_read_otherwise_are_listed_for_editors(old, client):
    make_revision(draft=make_draft(body="## A\n\nIt was 10^6^ cells.\n"))
    client.force_login(make_writer())

    page = client.get(reverse("admin:education_revision_changelist"), {"reading": "changes"})

    assert [one.pk for one in page.context["cl"].result_list] == [old.pk]
