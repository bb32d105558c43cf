"""Two people at once, on real connections: each step happens once and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from education.articles.models import Article, Revision
from education.articles.operations import content_hash
from education.audit.models import Event
from education.audit.operations import broken_links
from education.errors import EditorialError, StaleError
from education.publishing.models import Publication
from education.publishing.operations import publish
from education.review.models import Review
from education.review.operations import submit_for_review
from tests.factories import (
    edit,
    make_approved_revision,
    make_article,
    make_decision,
    make_editor,
    make_medical_reviewer,
    make_revision,
    make_revision_in_review,
    make_writer,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


def at_once(*steps):
    """Run the steps in threads that begin together; what each returned or refused with."""
    barrier = Barrier(len(steps))

    def run(step):
        barrier.wait(timeout=30)
        try:
            return step()
        except EditorialError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_two_reviewers_approve_at_once_and_each_counts_once():
    revision = make_revision_in_review(article=make_article(risk_class=Article.RiskClass.A))
    first, second = make_medical_reviewer("Neurology"), make_medical_reviewer("Neurosurgery")

    at_once(
        lambda: make_decision(revision, first),
        lambda: make_decision(revision, second),
        lambda: make_decision(revision, first),
        lambda: make_decision(revision, second),
    )

    assert Review.objects.count() == 2
    assert Event.objects.filter(action="revision.approved").count() == 2


def test_two_publishers_press_at_once_and_one_publication_exists():
    revision = make_approved_revision()
    editors = [make_editor(), make_editor()]

    results = at_once(*(lambda by=by: publish(revision=revision, by=by) for by in editors))

    assert sum(isinstance(result, Publication) for result in results) == 1
    assert Publication.objects.count() == 1


def test_two_writers_save_at_once_and_no_word_is_lost():
    revision = make_revision()
    writers = [make_writer(), make_writer()]

    results = at_once(
        *(lambda by=by: edit(revision, by, unknowns=f"- Said by {by}.") for by in writers)
    )

    refused = [result for result in results if isinstance(result, StaleError)]
    saved = Revision.objects.get(pk=revision.pk)
    assert len(refused) == 1
    assert saved.unknowns in {f"- Said by {by}." for by in writers}


def test_submit_and_save_at_once_never_leave_an_unreviewed_word_in_review():
    writer = make_writer()
    revision = make_revision(by=writer)

    at_once(
        lambda: submit_for_review(revision=revision, by=writer),
        lambda: edit(revision, writer, unknowns="- Slipped in."),
    )

    stored = Revision.objects.get(pk=revision.pk)
    submitted = Event.objects.get(action="revision.submitted")
    assert submitted.data["content_hash"] == content_hash(stored)


def test_many_steps_at_once_leave_a_whole_record():
    writers = [make_writer() for _ in range(6)]

    at_once(*(lambda by=by: make_revision(by=by) for by in writers))

    assert Revision.objects.count() == 6
    assert not list(broken_links())
