"""Remarks on a text: who may make, answer and resolve them, and what a blocking one stops."""

import pytest

from education.articles.models import Revision
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
from education.review.rules import may_review
from tests.factories import (
    edit,
    make_approved_revision,
    make_draft,
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


ORIGINAL = "Families asked how long the children had to stay in hospital."
PROPOSED = "Most families wanted to know after how many days children go home again."


def propose(passage: str = ORIGINAL, proposal: str = PROPOSED, **fields):
    """A draft with a passage for which a reviewer proposes other words."""
    writer, reviewer = make_writer(), make_medical_reviewer()
    revision = make_revision(by=writer, draft=make_draft(unknowns=f"- {ORIGINAL}"))
    comment = add_comment(
        revision=revision, by=reviewer, text="", passage=passage, proposal=proposal, **fields
    )
    return revision, writer, reviewer, comment


def test_who_proposed_words_that_a_writer_takes_over_counts_as_a_writer():
    revision, writer, reviewer, comment = propose()
    assert comment.text == "I propose these words."
    assert may_review(reviewer, revision)

    edit(revision, writer, unknowns=f"- {PROPOSED}")

    assert reviewer in {row.person for row in revision.contributions.all()}
    assert not may_review(reviewer, revision)


def test_who_proposed_part_of_a_sentence_counts_as_a_writer_of_it():
    revision, writer, reviewer, _ = propose("stay in hospital", "wait for another operation there")

    edit(
        revision, writer,
        unknowns="- Families asked how long the children had to wait for another operation there.",
    )  # fmt: skip

    assert not may_review(reviewer, revision)


def test_words_that_were_proposed_and_not_taken_over_bar_nobody():
    revision, writer, reviewer, _ = propose()

    edit(revision, writer, questions="- How will we know whether it helped our child?")

    assert may_review(reviewer, Revision.objects.get())


@pytest.mark.parametrize(
    ("passage", "proposal", "why"),
    [("", PROPOSED, "which words"), (ORIGINAL, f" {ORIGINAL}", "already")],
)
def test_a_proposal_is_other_words_for_a_passage(passage, proposal, why):
    with pytest.raises(MayNotCommentError, match=why):
        propose(passage, proposal)

    assert not Comment.objects.exists()


def test_what_stands_around_a_passage_is_kept_and_cut():
    comment = propose(words_before="x" * 90 + " before", words_after="after  " + "y" * 90)[3]

    assert comment.words_before.endswith("x before")
    assert comment.words_after.startswith("after y")
    assert len(comment.words_before) == len(comment.words_after) == 80
