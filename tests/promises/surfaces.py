"""
Every address of readers, machines and clinics, by the surface it belongs to.

``docs/promises.md`` has a row for each surface. An address that is new needs a line here.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlsplit

from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.urls.resolvers import URLPattern, URLResolver

from education.evidence.models import EvidenceItem
from education.handouts.models import Clinic
from education.people.models import User
from education.public.views.exports import FORMAT_OF
from tests.promises.marked_texts import MarkedText
from tests.releases.addresses import of_a_clinic, of_readers

# What holds no words of a text, and why; what is asked all the same must show none.
WITHOUT_TEXTS = {
    "about the site": "holds the site's own words and settings",
    "reports": "names the page and what a reader sent, nothing of its text",
    "sitemap": "holds addresses alone",
    "people": "holds people's own words, which have an approval of their own",
}

# Of each pattern's name the surface.
SURFACES = {
    "home": "home",
    "topic-list": "topic pages",
    "topic-detail": "topic pages",
    "comparison-list": "list of comparisons",
    "article-detail": "page",
    "article-card": "picture of a shared link",
    "version-list": "list of versions",
    "version-detail": "version",
    "choose-changes": "changes",
    "version-changes": "changes",
    "references-export": "references as files",
    "claim-list": "claims",
    "claim-detail": "claims",
    "evidence-list": "library",
    "evidence-detail": "study",
    "evidence-export": "references as files",
    "outcome-list": "outcomes",
    "outcome-detail": "outcomes",
    "glossary": "glossary",
    "handout-list": "list of handouts",
    "handout-detail": "handout",
    "handout-pdf": "handout",
    "check": "check of a copy",
    "check-shelf": "check of a copy",
    "check-copy": "check of a copy",
    "find-report": "reports",
    "report-page": "reports",
    "clear": "reports",
    "report": "reports",
    "search": "search",
    "suggest": "search",
    "how-we-review": "about the site",
    "people": "people",
    "corrections": "corrections",
    "about": "about the site",
    "privacy": "about the site",
    "feed-new": "feeds",
    "feed-corrections": "feeds",
    "feed-recalls": "feeds",
    "worksheet": "worksheet",
    "worksheet-pdf": "worksheet",
    "opensearch": "about the site",
    "given-text": "version given to a family",
    "hand-over": "version given to a family",
    "imprint": "about the site",
    "disclaimer": "about the site",
    "accessibility": "about the site",
    "robots": "about the site",
    "sitemap": "sitemap",
    "connect": "record systems",
    "embed": "embed",
    "integrators": "about the site",
    "openapi": "about the site",
    "api-articles": "API, lists",
    "api-article": "API, page",
    "api-versions": "API, lists",
    "api-version": "API, version",
    "api-comparison": "API, page",
    "api-claims": "API, page",
    "api-claim": "API, page",
    "api-evidence": "API, studies",
    "api-evidence-item": "API, studies",
    "api-topics": "topic pages",
    "api-glossary": "API, page",
    "api-changes": "API, changes",
    "clinic-desk": "clinic's desk",
    "clinic-sign-in": "clinic's desk",
    "clinic-sign-out": "clinic's desk",
    "clinic-details": "clinic's desk",
    "clinic-people": "clinic's desk",
    "clinic-colleague": "clinic's desk",
    "clinic-print": "clinic's desk",
    "clinic-packs": "clinic's desk",
    "clinic-pack-new": "clinic's desk",
    "clinic-pack": "clinic's desk",
    "clinic-pack-print": "clinic's desk",
    "clinic-printed": "clinic's desk",
    "clinic-copy": "clinic's desk",
    "clinic-copy-pdf": "clinic's desk",
    "clinic-bin": "clinic's desk",
    "clinic-counts": "clinic's desk",
    "clinic-bin-answer": "clinic's desk",
    "clinic-recalls": "clinic's desk",
    "clinic-recall-mailbox": "clinic's desk",
    "clinic-recall-webhook": "clinic's desk",
    "clinic-receipt-key": "clinic's desk",
    "clinic-receipt": "clinic's desk",
    "clinic-mailbox": "clinic's desk",
    "clinic-recall-link": "clinic's desk",
    "clinic-recall-feed": "clinic's desk",
}


# No surface of the public: monitors are told numbers.
NOT_PUBLIC = {"live", "ready", "metrics"}


def surface_of(address: str) -> str:
    """The surface that an address belongs to."""
    return SURFACES[resolve(urlsplit(address).path).url_name or ""]


def names_of_patterns(resolver: URLResolver | None = None) -> Iterator[str]:
    """The name of every pattern of the site but the editors' desk."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield pattern.name
        elif pattern.app_name != "admin":
            yield from names_of_patterns(pattern)


def answers(
    texts: Iterable[MarkedText], clinic: Clinic, person: User
) -> Iterator[tuple[str, str, str]]:
    """
    The surface, address and answer of everything the public and a clinic can ask for; search and
    suggestions are asked by a word that stands beside those which mark a text.
    """
    searched = [
        f"{path}?q={quote(text.marks.beside)}"
        for text in texts
        for path in ("/search/", "/search/suggest/", "/evidence/")
    ]
    # Some forms of a reference hold a finding and some do not: each work is asked for in every one.
    keys = EvidenceItem.objects.values_list("key", flat=True)
    files = [reverse("evidence-export", args=[key, form]) for key in keys for form in FORMAT_OF]
    cards = [reverse("article-card", args=[text.copy.slug]) for text in texts if text.copy]
    visitor = Client()
    for address in [*of_readers(), *files, *cards, *searched]:
        yield surface_of(address), address, words_of(visitor, address)
    visitor.force_login(person)
    for address in of_a_clinic(clinic):
        yield surface_of(address), address, words_of(visitor, address)


def words_of(visitor: Client, address: str) -> str:
    """What an address answers, as text."""
    answer = visitor.get(address, follow=True)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace")
