"""Remarks on a text: who may make, answer and resolve them, and what a blocking one stops."""

import pytest

from education.articles.operations import content_hash
from education.people.models import Message, Role
from education.publishing.operations import MayNotPublishError, publish
from education.review.comments import (
    MayNotCommentError,
    add_comment,
    passage_stands,
    reply,
    resolve_comment,
)
from education.review.models import Comment
from tests.factories import (
    edit,
    make_approved_revision,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db


def test_a_blocking_comment_stops_publication_until_it_is_resolved():
    revision = make_approved_revision()
    reviewer = make_medical_reviewer("Neurosurgery")
    comment = add_comment(revision=revision, by=reviewer, text="Is this so?", is_blocking=True)

    with pytest.raises(MayNotPublishError, match="Is this so"):
        publish(revision=revision, by=make_editor())

    resolve_comment(comment=comment, by=reviewer)
    assert publish(revision=revision, by=make_editor()).number == 1


def test_a_contributor_neither_blocks_nor_resolves_a_block():
    writer = make_person(Role.WRITER, Role.EDITOR_IN_CHIEF)
    revision = make_revision(by=writer)
    comment = add_comment(
        revision=revision, by=make_medical_reviewer(), text="Is this so?", is_blocking=True
    )

    with pytest.raises(MayNotCommentError, match="instead of blocking"):
        add_comment(revision=revision, by=writer, text="Wait.", is_blocking=True)
    with pytest.raises(MayNotCommentError, match="resolves this"):
        resolve_comment(comment=comment, by=writer)

    assert Comment.objects.blocking().get() == comment


def test_a_comment_says_when_its_passage_is_gone():
    writer = make_writer()
    revision = make_revision(by=writer)
    comment = add_comment(
        revision=revision, by=make_medical_reviewer(), text="Which?", passage="Statement  about"
    )
    assert passage_stands(revision, comment.passage)

    revision = edit(revision, writer, body="## What was found\n\nOther words.\n")

    assert not passage_stands(revision, comment.passage)
    assert Comment.objects.get().passage == "Statement about"


def test_a_comment_on_words_that_are_not_there_is_refused():
    revision = make_revision()

    with pytest.raises(MayNotCommentError, match="does not hold these words"):
        add_comment(revision=revision, by=make_writer(), text="?", passage="Never written")

    assert not Comment.objects.exists()


@pytest.mark.parametrize("roles", [(), (Role.AUDITOR,), (Role.CLINIC,)])
def test_commenting_needs_an_editorial_role(roles):
    with pytest.raises(MayNotCommentError, match="editorial role"):
        add_comment(
            revision=make_revision(), by=make_person(*roles, is_superuser=True), text="Hello."
        )

    assert not Comment.objects.exists()


def test_a_published_text_is_commented_on_in_its_next_revision():
    publication = make_publication()

    with pytest.raises(MayNotCommentError, match="next revision"):
        add_comment(revision=publication.revision, by=make_medical_reviewer(), text="Late.")


def test_a_comment_changes_no_approval():
    revision = make_approved_revision()
    before = content_hash(revision)

    add_comment(revision=revision, by=make_medical_reviewer(), text="Well said.")

    assert content_hash(revision) == before


def test_an_answer_is_mailed_to_the_thread_and_not_to_its_author():
    revision = make_revision()
    first, second = (make_medical_reviewer(email=f"{n}@example.org") for n in "ab")
    comment = add_comment(revision=revision, by=first, text="Is this so?")

    reply(comment=comment, by=second, text="It is.")

    assert [message.to for message in Message.objects.all()] == [first]
    assert comment.replies.get().text == "It is."
