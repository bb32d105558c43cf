"""The content hash: what each of its formats covers."""

from copy import deepcopy
from dataclasses import replace

import pytest

from education.articles import operations
from education.articles.models import Article
from education.articles.operations import (
    CONTENT_FORMAT,
    ContentPart,
    content_hash,
    draft_of,
    render_revision,
)
from tests.factories import make_article, make_draft, make_publication, make_revision

pytestmark = pytest.mark.django_db
FORMATS = range(1, CONTENT_FORMAT + 1)


@pytest.mark.parametrize("content_format", FORMATS)
@pytest.mark.parametrize("change", [{"risk_class": "B"}, {"review_every_months": 6}])
def test_it_covers_risk_class_and_review_cycle(change, content_format):
    revision = make_revision()
    before = content_hash(revision, None, content_format)

    Article.objects.update(**change)
    revision.refresh_from_db()

    assert content_hash(revision, None, content_format) != before


@pytest.mark.parametrize("content_format", FORMATS)
def test_it_covers_the_definitions_of_the_words_it_explains(content_format):
    term = {"slug": "tone", "term": "Tone", "also": [], "definition": "Tightness of a muscle."}
    article = make_article(kind=Article.Kind.GLOSSARY)
    glossary = make_publication(
        article=article, draft=make_draft(kind=Article.Kind.GLOSSARY, terms=[term])
    )
    revision = make_revision(draft=make_draft(unknowns="- Whether tone comes back."))
    before = content_hash(revision, None, content_format)

    redefined = [term | {"definition": "How stiff a muscle is."}]
    draft = replace(draft_of(glossary.revision), terms=redefined, what_changed="A definition.")
    make_publication(article=article, draft=draft)

    assert content_hash(revision, None, content_format) != before


def test_from_the_second_format_on_it_covers_what_our_dialect_makes_of_the_markdown():
    revision = make_revision()
    rendered = render_revision(revision)
    tree = deepcopy(rendered.tree)
    tree["funding"] = "Somebody paid for this text."
    otherwise = replace(rendered, tree=tree)

    assert content_hash(revision, rendered) != content_hash(revision, otherwise)
    assert content_hash(revision, rendered, 1) == content_hash(revision, otherwise, 1)


@pytest.mark.parametrize("said", [None, "", [], {}])
def test_a_part_that_says_nothing_of_a_text_leaves_its_hash_as_it_was(said, monkeypatch):
    revision = make_revision()
    before = content_hash(revision)

    monkeypatch.setitem(operations.CONTENT_PARTS, "drawings", ContentPart(2, lambda *_: said))

    assert content_hash(revision) == before


def test_a_part_of_a_later_format_is_in_no_hash_of_an_earlier_one(monkeypatch):
    revision = make_revision()
    before = {number: content_hash(revision, None, number) for number in FORMATS}
    later = CONTENT_FORMAT + 1

    monkeypatch.setitem(operations.CONTENT_PARTS, "drawings", ContentPart(later, lambda *_: ["a"]))

    assert {number: content_hash(revision, None, number) for number in FORMATS} == before
    assert content_hash(revision, None, later) not in before.values()
