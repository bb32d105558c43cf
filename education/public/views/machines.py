"""For search engines: what may be read, and where everything is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education.public.reading import current
from education.topics.models import Topic

FIXED = (
    "home", "topic-list", "claim-list", "evidence-list", "glossary", "how-we-review", "people",
    "corrections", "about", "privacy",
)  # fmt: skip


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything but the desk may be read; a demonstration is not for search engines."""
    hidden = "/" if settings.DEMO else "/admin/"
    site = settings.SITE_URL.rstrip("/")
    lines = ["User-agent: *", f"Disallow: {hidden}", f"Sitemap: {site}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page that is public now, with the day it last changed."""
    addresses: list[dict[str, object]] = [{"path": reverse(name)} for name in FIXED]
    addresses += [
        {"path": reverse("topic-detail", args=[slug])}
        for slug in Topic.objects.filter(publications__in=current())
        .order_by("slug")
        .values_list("slug", flat=True)
        .distinct()
    ]
    addresses += [
        {"path": reverse("article-detail", args=[slug]), "changed": changed}
        for slug, changed in current().order_by("slug").values_list("slug", "goes_live_at")
    ]
    context = {"site": settings.SITE_URL.rstrip("/"), "addresses": addresses}
    return render(request, "education/sitemap.xml", context, content_type="application/xml")
