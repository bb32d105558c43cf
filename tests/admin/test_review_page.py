"""The page on which a reviewer judges."""

import pytest
from django.urls import reverse

from education.articles.models import Article
from education.review.models import Review
from education.review.operations import submit_for_review
from tests.factories import (
    edit,
    make_article,
    make_decision,
    make_draft,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def review_page(client, revision) -> str:
    return client.get(
        reverse("admin:education_revision_review", args=[revision.pk])
    ).content.decode()


def test_the_text_stands_beside_its_evidence(client):
    item = make_item(finding="Scores rose by <b>two</b> points.", limitations="It was small.")
    revision = make_revision_in_review(draft=make_draft(item.key))
    client.force_login(make_medical_reviewer())

    shown = review_page(client, revision)

    assert f"Statement about {item.key}" in shown
    assert "Scores rose by &lt;b&gt;two&lt;/b&gt; points." in shown
    assert "It was small." in shown


def test_a_reviewer_sees_what_changed_since_their_own_approval(client):
    writer = make_writer()
    revision = make_revision_in_review(
        by=writer, article=make_article(risk_class=Article.RiskClass.A)
    )
    reviewer = make_medical_reviewer()
    make_decision(revision, reviewer)
    make_decision(
        revision, make_medical_reviewer("Neurosurgery"), Review.Decision.CHANGES_REQUESTED
    )
    revision.refresh_from_db()
    revision = edit(revision, writer, unknowns="- Whether it lasts long.")
    submit_for_review(revision=revision, by=writer)
    client.force_login(reviewer)

    shown = review_page(client, revision)

    assert "Since you approved it on" in shown
    assert "<ins>lasts long.</ins>" in shown


def test_a_reviewer_sees_what_changed_since_the_published_version(client):
    first = make_publication()
    revision = make_next_publication(first, title="Does it really help?").revision
    client.force_login(make_medical_reviewer())

    shown = review_page(client, revision)

    assert "Since the published version" in shown
    assert "<ins>really " in shown
