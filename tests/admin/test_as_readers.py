"""A draft at the desk is drawn by the public templates: a reviewer sees what readers see."""

import re

import pytest
from django.urls import reverse

from education.handouts.codes import format_code
from education.handouts.copy_check import State, check
from education.publishing.models import Publication
from education.safety.operations import record_status
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db

SURFACES = ("page", "paper", "record", "hit", "card")
BODY = """## What was found

Scores rose by two points [@trial2020].

::: warning
Ask a doctor first.
:::
"""


def as_readers(client, revision, surface="page"):
    return client.get(reverse("admin:education_revision_as_readers", args=[revision.pk, surface]))


@pytest.fixture
def revision():
    make_item("trial2020")
    writer = make_writer(interests="I own shares in a clinic.")
    draft = make_draft("trial2020", body=BODY, funding="Paid for by the Example Fund.")
    return make_revision_in_review(by=writer, draft=draft)


def test_a_reviewer_reads_names_interests_funding_warning_and_references(client, revision):
    reviewer = make_medical_reviewer(interests="I was paid for a talk.")
    client.force_login(reviewer)

    shown = as_readers(client, revision).content.decode()

    for words in (
        str(revision.contributors()[0]),
        "I own shares in a clinic.",
        "Paid for by the Example Fund.",
        str(reviewer),
        "I was paid for a talk.",
        "Where this information comes from",
    ):
        assert words in shown, words
    assert re.search(r'class="[^"]*callout[^"]*"', shown)


def test_the_text_of_a_draft_is_that_of_its_publication(client):
    """Between title and review record, a reviewer before and readers after see the same."""
    publication = make_publication()
    client.force_login(make_medical_reviewer())
    main = re.compile(r'<div class="article-text">.*?<section id="review-record"', re.DOTALL)

    before = main.search(as_readers(client, publication.revision).content.decode())
    after = main.search(client.get(f"/articles/{publication.slug}/").content.decode())

    assert before[0] == after[0]


@pytest.mark.parametrize("surface", SURFACES)
def test_every_surface_may_stand_in_a_frame_of_this_site_alone(client, revision, surface):
    client.force_login(make_medical_reviewer())

    answer = as_readers(client, revision, surface)

    assert answer.status_code == 200
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    if surface != "card":
        assert revision.title in answer.content.decode()


def test_who_has_no_part_in_the_desk_sees_no_draft(client, revision, django_user_model):
    assert as_readers(client, revision).status_code == 302
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    assert as_readers(client, revision).status_code == 403
    assert not Publication.objects.exists()


def test_paper_of_a_draft_carries_a_code_that_is_not_ours(client, revision):
    client.force_login(make_medical_reviewer())

    shown = as_readers(client, revision, "paper").content.decode()

    code = re.search(r"type the code <strong>([0-9A-Z-]+)</strong>", shown)[1]
    assert code == format_code(code.replace("-", ""))
    assert check(code.replace("-", "")).state == State.UNKNOWN
    assert not Publication.objects.exists()


def test_a_fallen_study_is_said_above_and_its_words_stay_to_be_judged(client, revision):
    record_status(
        item=revision.citations.get().item,
        status="retracted",
        occurred_on=revision.updated_at.date(),
        reason="Figures were made up.",
        by=make_editor(),
    )
    client.force_login(make_medical_reviewer())

    shown = as_readers(client, revision).content.decode()

    assert "Figures were made up." in shown
    assert "Scores rose by two points" in shown


def test_the_next_version_says_its_number_and_what_changed(client):
    first = make_publication(article=make_article(slug="does-it-help"))
    revision = make_next_publication(first, what_changed="A new trial.").revision
    client.force_login(make_medical_reviewer())

    shown = as_readers(client, revision).content.decode()

    assert "What changed: A new trial." in shown
