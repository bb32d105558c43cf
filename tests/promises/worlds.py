"""What the tests of promises begin from: a glossary and a page that explains a word from it."""

from dataclasses import replace

from django.utils import timezone

from education.articles.models import Article, Revision
from education.articles.operations import draft_of
from education.evidence.models import EvidenceItem
from education.publishing.models import Publication
from education.safety.operations import record_status
from tests.factories import (
    make_approved_revision,
    make_article,
    make_draft,
    make_item,
    make_medical_reviewer,
    make_publication,
)

WHY = "The numbers were made up."


def make_glossary_revision(definition: str, key: str, last: Publication | None = None) -> Revision:
    """An approved glossary that explains spasticity; the next version of one, if given."""
    if last:
        draft = draft_of(last.revision)
        terms = [draft.terms[0] | {"definition": definition}]
        changed = replace(draft, terms=terms, what_changed="We said it better.")
        return make_approved_revision(article=last.revision.article, draft=changed)
    term = {"slug": "spasticity", "term": "Spasticity", "also": [], "definition": definition}
    draft = make_draft(key, title="Words", kind=Article.Kind.GLOSSARY, terms=[term])
    article = make_article(slug="glossary", kind=Article.Kind.GLOSSARY)
    return make_approved_revision(article=article, draft=draft)


def make_explaining_draft(**fields):
    """A text that uses the word, and cites another work."""
    key = make_item().key
    body = f"## What was found\n\nIt eases spasticity in some children [@{key}].\n"
    return make_draft(key, **{"body": body, "title": "Does it ease legs?"} | fields)


def make_explaining_page(slug: str = "easing") -> Publication:
    """A page in public that explains the word in place."""
    return make_publication(article=make_article(slug=slug), draft=make_explaining_draft())


def record_as(item: EvidenceItem, status: str):
    """Somebody records what became of a work."""
    return record_status(
        item=item,
        status=status,
        occurred_on=timezone.localdate(),
        reason=WHY,
        by=make_medical_reviewer(),
    )
