"""For search engines: what may be read, and where everything is."""

import math
from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education import languages
from education.public.parts import claims_of
from education.public.publications import current, open_of_kind
from education.publishing.models import Publication, PublicationQuerySet
from education.topics.models import Topic

FIXED = (
    "home", "topic-list", "claim-list", "evidence-list", "outcome-list", "glossary",
    "handout-list", "check", "how-we-review", "people", "corrections", "about", "privacy",
    "imprint", "disclaimer", "accessibility",
)  # fmt: skip
# A sitemap holds 50,000 addresses at most: this many pages, and all that is no page.
MOST_PAGES = 45_000
LONGEST_SHORT_NAME = 16


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything but the desk may be read; a demonstration is not for search engines."""
    hidden = "/" if settings.DEMO else "/admin/"
    site = settings.SITE_URL.rstrip("/")
    lines = ["User-agent: *", f"Disallow: {hidden}", f"Sitemap: {site}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """
    Every page that is public now in every language, with the day it last changed; studies are
    found through the library.

    Where one file may not hold them all, it is an index of files, ``?part=1`` and so on.
    """
    site, kind = settings.SITE_URL.rstrip("/"), "application/xml"
    offered = languages.offered_languages()
    pages = Publication.objects.current().filter(language__in=offered).order_by("language", "slug")
    part = request.GET.get("part", "")
    if not part and pages[MOST_PAGES : MOST_PAGES + 1].exists():
        parts = range(1, math.ceil(pages.count() / MOST_PAGES) + 1)
        context = {"address": f"{site}{reverse('sitemap')}", "parts": parts}
        return render(request, "public/sitemap_index.xml", context, content_type=kind)
    number = max(1, int(part)) if part.isascii() and part.isdigit() and len(part) < 9 else 1
    addresses = _pages(pages[MOST_PAGES * (number - 1) : MOST_PAGES * number])
    if number == 1:
        addresses = [*(address for language in offered for address in _fixed(language)), *addresses]
    if not addresses:
        raise Http404
    context = {"site": site, "addresses": addresses}
    return render(request, "public/sitemap.xml", context, content_type=kind)


def _fixed(language: str) -> list[dict[str, object]]:
    """What is there whatever is published, and topics and claims."""
    with languages.language_override(language):
        topics = Topic.objects.filter(publications__in=current()).order_by("slug").distinct()
        addresses: list[dict[str, object]] = [{"path": reverse(name)} for name in FIXED]
        addresses += [
            {"path": reverse("topic-detail", args=[slug])}
            for slug in topics.values_list("slug", flat=True)
        ]
        addresses += [
            {"path": reverse("claim-detail", args=[claim.slug])}
            for reading in open_of_kind("claims")
            for claim in claims_of(reading)
        ]
        return addresses


def _pages(pages: PublicationQuerySet) -> list[dict[str, object]]:
    """The pages of some publications, which are in the order of their languages."""
    rows = pages.values_list("language", "slug", "goes_live_at")
    addresses: list[dict[str, object]] = []
    for language, of_language in groupby(rows, key=lambda row: row[0]):
        with languages.language_override(language):
            addresses += [
                {"path": reverse("article-detail", args=[slug]), "changed": changed}
                for _, slug, changed in of_language
            ]
    return addresses


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """How a browser searches this site from its own bar (OpenSearch 1.1)."""
    context = {
        "site": settings.SITE_URL.rstrip("/"),
        "name": settings.SITE_NAME,
        "language": languages.current(),
        "short_name": _in_short(settings.SITE_NAME),
    }
    kind = "application/opensearchdescription+xml"
    return render(request, "public/opensearch.xml", context, content_type=kind)


def _in_short(name: str) -> str:
    """The first words of a name in at most 16 characters, as OpenSearch asks."""
    words = name.split()
    while len(words) > 1 and len(" ".join(words)) > LONGEST_SHORT_NAME:
        words.pop()
    return " ".join(words)[:LONGEST_SHORT_NAME]
