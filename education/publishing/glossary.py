"""The words that new texts explain: those of the live glossary, as it was frozen."""

from collections.abc import Set as AbstractSet

from education.articles.models import Article
from education.evidence.rules import retracted_keys
from education.publishing.models import Publication
from education.publishing.status import evidence_notices
from education.text.glossary import Term, terms_of


def live_glossary(language: str) -> dict[str, Term]:
    """
    The glossary's words by slug, in the words of the copy that is live; none where there is none.

    A copy that is scheduled, was withdrawn, or is not shown because its review is too late gives no
    words; nor does a definition, part of which rests on a retracted work.
    """
    words = _words(language)
    retracted = retracted_keys() if words else frozenset()
    return {slug: term for slug, term in words.items() if not _rests_on(term, retracted)}


def words_resting_on(key: str, language: str) -> dict[str, Term]:
    """The live glossary's words whose definitions rest on a work, whatever became of it."""
    return {slug: term for slug, term in _words(language).items() if _rests_on(term, {key})}


def _words(language: str) -> dict[str, Term]:
    glossaries = Publication.objects.filter(kind=Article.Kind.GLOSSARY, language=language)
    if not glossaries.exists():  # asked for with every draft; which one counts is a long question
        return {}
    publication = glossaries.current().order_by("-revision__number", "slug").first()
    if publication is None or evidence_notices(publication).is_notice_only:
        return {}
    return terms_of(publication.content)


def _rests_on(term: Term, keys: AbstractSet[str]) -> bool:
    return any(not keys.isdisjoint(statement) for statement in term.evidence)
