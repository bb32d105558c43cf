"""A comparison is published only when it asks every question of every option."""

import pytest

from education.articles.models import Article
from education.publishing.models import Publication
from education.publishing.operations import MayNotPublishError, publish
from education.review.operations import NotReadyError
from tests.factories import make_approved_revision, make_article, make_draft, make_editor, make_item
from tests.public.reading import OPTIONS

pytestmark = pytest.mark.django_db

NO_CHANGE = "no-change"


def make_approved_comparison(options, *, unanswered=()):
    """An approved comparison of the options; none of the ``unanswered`` has an answer."""
    key = make_item().key
    cell = {"text": f"It may help [@{key}].", "certainty": "low", "unknown": False}
    row = {
        "slug": "does-it-help",
        "question": "Does it help?",
        "cells": {
            option["slug"]: cell for option in options if option["slug"] not in set(unanswered)
        },
    }
    kind = Article.Kind.COMPARISON
    return make_approved_revision(
        article=make_article(kind=kind),
        draft=make_draft(key, kind=kind, options=options, rows=[row]),
    )


def test_a_comparison_with_every_answer_is_published():
    publish(revision=make_approved_comparison(OPTIONS), by=make_editor())

    assert Publication.objects.count() == 1


@pytest.mark.parametrize(
    "instead", [[], [{"slug": "nothing", "name": "No change in treatment"}]], ids=["none", "named"]
)
def test_no_change_in_treatment_must_be_an_option(instead):
    options = [option for option in OPTIONS if option["slug"] != NO_CHANGE] + instead
    with pytest.raises(NotReadyError, match="“No change in treatment” must be one of the"):
        make_approved_comparison(options)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option["slug"])
def test_every_question_is_asked_of_every_option(option):
    refusal = f"“Does it help\\?” is not answered for {option['name']}"

    with pytest.raises(NotReadyError, match=refusal):
        make_approved_comparison(OPTIONS, unanswered=[option["slug"]])


def test_an_uneven_text_that_is_approved_is_not_published():
    revision = make_approved_comparison(OPTIONS)
    # As a text that was sent to review before submission asked.
    revision.comparison_rows.get().cells.get(option__slug=NO_CHANGE).delete()

    with pytest.raises(MayNotPublishError, match="is not answered for No change in treatment"):
        publish(revision=revision, by=make_editor())

    assert not Publication.objects.exists()
