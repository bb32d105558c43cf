"""The table of states, and its map."""

from pathlib import Path

import pytest

from education.articles.models import Article, Revision
from education.articles.operations import put_aside
from education.articles.states import STEPS, State, WrongStateError, drawing, move
from tests.factories import make_revision, make_revision_in_review, make_writer

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_map_in_the_docs_is_the_table_in_the_code():
    assert (DOCS / "states.md").read_text(encoding="utf-8") == drawing()


def test_every_state_is_reached_and_only_the_ends_have_no_way_on():
    reached, changed = {State.DRAFT}, True
    while changed:
        more = {step.after for step in STEPS if step.before in reached} - reached
        reached, changed = reached | more, bool(more)
    ends = {state for state in State if not any(s.before == state for s in STEPS)}

    assert reached == set(State)
    assert ends == {State.DISCARDED}


def test_move_refuses_a_step_the_table_does_not_hold():
    revision = Revision(article=Article(slug="an-article"), number=1, state=State.DRAFT)

    with pytest.raises(WrongStateError):
        move(revision, "publish", State.PUBLISHED)

    assert revision.state == State.DRAFT


@pytest.mark.django_db
def test_put_aside_keeps_the_text_and_frees_the_article():
    revision = make_revision()

    put_aside(revision=revision, by=make_writer(), reason="Asked in another article.")

    revision.refresh_from_db()
    assert revision.state == State.DISCARDED
    assert revision.body
    assert make_revision(article=revision.article).number == 2


@pytest.mark.django_db
def test_put_aside_refuses_a_text_in_review():
    revision = make_revision_in_review()

    with pytest.raises(WrongStateError):
        put_aside(revision=revision, by=make_writer(), reason="No longer wanted.")

    revision.refresh_from_db()
    assert revision.state == State.IN_REVIEW
