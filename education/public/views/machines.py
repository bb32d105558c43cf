"""For search engines: what may be read, and where everything is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education import languages
from education.public.parts import claims_of
from education.public.reading import current, open_of_kind
from education.topics.models import Topic

FIXED = (
    "home", "topic-list", "claim-list", "evidence-list", "outcome-list", "glossary",
    "handout-list", "check", "how-we-review", "people", "corrections", "about", "privacy",
)  # fmt: skip


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
    """
    addresses = [one for language in languages.offered() for one in _addresses(language)]
    context = {"site": settings.SITE_URL.rstrip("/"), "addresses": addresses}
    return render(request, "education/sitemap.xml", context, content_type="application/xml")


def _addresses(language: str) -> list[dict[str, object]]:
    with languages.speaking(language):
        topics = Topic.objects.filter(publications__in=current()).order_by("slug").distinct()
        pages = current().order_by("slug").values_list("slug", "goes_live_at")
        found: list[dict[str, object]] = [{"path": reverse(name)} for name in FIXED]
        found += [
            {"path": reverse("topic-detail", args=[slug])}
            for slug in topics.values_list("slug", flat=True)
        ]
        found += [
            {"path": reverse("article-detail", args=[slug]), "changed": changed}
            for slug, changed in pages
        ]
        found += [
            {"path": reverse("claim-detail", args=[claim.slug])}
            for reading in open_of_kind("claims")
            for claim in claims_of(reading)
        ]
        return found


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
    return render(request, "education/opensearch.xml", context, content_type=kind)


def _in_short(name: str) -> str:
    """The first words of a name in at most 16 characters, as OpenSearch asks."""
    words = name.split()
    while len(words) > 1 and len(" ".join(words)) > LONGEST_SHORT_NAME:
        words.pop()
    return " ".join(words)[:LONGEST_SHORT_NAME]
