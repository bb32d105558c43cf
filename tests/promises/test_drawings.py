"""A drawing is approved as the words are, and what was published keeps the drawing it had."""

import pytest
from django.urls import reverse

from education.articles.models import Revision
from education.publishing.models import Publication
from education.review.models import Review
from education.text import figures
from tests.factories import (
    make_approved_revision,
    make_decision,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_writer,
)

pytestmark = pytest.mark.django_db

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><title>A leg</title>'
    "<desc>A leg.</desc><text>{}</text></svg>"
)
APPROVED, CHANGED = "Half a dose", "Ten doses"


@pytest.fixture
def draw(tmp_path, monkeypatch):
    """Write the file of a drawing."""
    load = figures.load_figure
    monkeypatch.setattr(
        "education.text.rendering.load_figure",
        lambda name, **how: load(name, **how, folder=tmp_path),
    )

    def draw(words, name="leg", drawing=DRAWING):
        path = tmp_path / f"{name}.svg"
        path.write_text(drawing.format(words))
        figures._checked.cache_clear()

    draw(APPROVED)
    return draw


def with_drawing(**fields):
    key = make_item().key
    placed = f'![A leg with a muscle.](figure:leg "A leg [@{key}].")'
    return make_draft(key, body=f"## What was found\n\nSomething [@{key}].\n\n{placed}\n", **fields)


def publish_page(client, revision):
    client.force_login(make_editor())
    address = reverse("admin:education_revision_publish", args=[revision.pk])
    answer = client.post(address, {"goes_live_at": ""}, follow=True)
    client.logout()
    return answer.content.decode()


def test_a_drawing_that_changed_after_approval_is_not_published(client, draw):
    revision = make_approved_revision(draft=with_drawing())
    draw(CHANGED)

    answer = publish_page(client, revision)

    assert not Publication.objects.exists()
    assert "Missing: 1 medical reviewer" in answer


def test_it_is_published_once_it_was_approved_as_it_is(client, draw):
    revision = make_approved_revision(draft=with_drawing())
    draw(CHANGED)
    make_decision(revision, make_medical_reviewer("Neurosurgery"))

    publish_page(client, revision)

    page = client.get(f"/articles/{revision.article.slug}/").content.decode()
    assert CHANGED in page


def test_a_drawing_taken_back_makes_the_approval_count_again(client, draw):
    revision = make_approved_revision(draft=with_drawing())
    draw(CHANGED)
    draw(APPROVED)

    publish_page(client, revision)

    assert Publication.objects.exists()


def test_a_published_page_keeps_the_drawing_it_was_frozen_with(client, draw):
    publication = make_publication(draft=with_drawing())
    draw(CHANGED)

    page = client.get(f"/articles/{publication.slug}/").content.decode()

    assert APPROVED in page
    assert CHANGED not in page


def test_a_page_that_places_no_drawing_keeps_its_approvals(draw):
    revision = make_approved_revision()
    draw(CHANGED)

    assert Revision.objects.get(pk=revision.pk).state == Revision.State.APPROVED
    assert Review.objects.get().content_format == 2


def test_the_same_drawing_written_otherwise_keeps_approvals(client, draw):
    revision = make_approved_revision(draft=with_drawing())
    draw(APPROVED, drawing=DRAWING.replace("><desc>", ">\n  <!-- As it was. -->\n<desc>"))

    publish_page(client, revision)

    assert Publication.objects.exists()


def test_readers_of_changes_are_told_that_a_drawing_is_another(client, draw):
    first = make_publication(by=make_writer(), draft=with_drawing())
    draw(CHANGED)
    make_next_publication(first)

    changes = client.get(f"/articles/{first.slug}/changes/1-2/").content.decode()

    assert "A leg with a muscle." in changes
