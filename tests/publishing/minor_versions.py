"""Versions that are proposed as minor, through review."""

from education.articles.operations import draft_of, propose_minor, start_revision
from education.publishing.operations import publish
from education.review.operations import submit_for_review
from tests.factories import (
    approve_fully,
    edit,
    make_draft,
    make_editor,
    make_item,
    make_publication,
    make_writer,
)

BODY = (
    "## What was found\n\nIn one study 12 of 100 walked further [@{key}]. Families were content "
    "with the care. They said that care was good."
)
# Each alone is a change of wording; together they say something else.
SMALL_STEPS = [
    ("said that care was good", "said that the care was good"),
    ("said that the care was good", "said the care was good"),
]


def first_version():
    """The version whose text the small steps change."""
    key = make_item().key
    return make_publication(draft=make_draft(key, body=BODY.format(key=key)))


def next_draft(publication, *words, minor=True, by=None):
    """A draft after a version with words replaced, proposed as minor."""
    last, writer = publication.revision, by or make_writer()
    draft = draft_of(last)
    revision = start_revision(article=last.article, draft=draft, by=writer, based_on=last)
    body = draft.body.replace(*words) if words else draft.body
    edit(revision, writer, body=body, what_changed="We said it better.")
    return propose_minor(revision=revision, minor=minor, by=writer)


def approved(revision):
    writer = revision.contributors().first()
    submit_for_review(revision=revision, by=writer)
    return approve_fully(revision)


def next_version(publication, *words, minor=True, **how):
    return publish(
        revision=approved(next_draft(publication, *words, minor=minor)), by=make_editor(), **how
    )
