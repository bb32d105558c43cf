"""Articles, their versions, and comparisons."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education import languages
from education.errors import RETRY_AFTER
from education.public.cards import HEIGHT, WIDTH, card_of
from education.public.children import (
    PAGE_ON_NOT_WALKING,
    ROW_ON_NOT_WALKING,
    StudiesForChild,
    child_filters,
    child_of,
    query_of,
)
from education.public.grid import Grid
from education.public.metadata import linked_data
from education.public.parts import contents_of, folded, html_of
from education.public.publications import (
    TEXTS,
    PageLink,
    PublicationView,
    current,
    entries,
    for_lists,
    nearest,
    page_of,
    publication_view,
    publication_views,
    spoken_in,
    trail_of,
    versions_of,
)
from education.public.views.handouts import Sheet
from education.publishing.findings import regraded_rows
from education.publishing.models import Publication
from education.publishing.status import versions_as_told, withdrawals_of
from education.sharing import open_to_others
from education.text.readability import reading_minutes

# Seconds that others may keep a card; its address names the version.
KEEP_CARD = 24 * 60 * 60

# Texts of this topic are handed to children of 8 to 12: they come before who reviewed them and how.
TOPIC_FOR_CHILDREN = "for-children"


@require_safe
def article_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The text that is public now; a withdrawn one says why it is gone."""
    reading = publication_view(slug, child_of(request.GET))
    return _show(request, reading) if reading else _gone_or_held(request, slug)


@open_to_others()  # it is made for links elsewhere
@require_safe
def article_card(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture beside a link to the page, drawn anew when the page has a new version."""
    publication = get_object_or_404(current().defer(*TEXTS), slug=slug)
    response = HttpResponse(card_of(publication), content_type="image/png")
    response["Cache-Control"] = f"public, max-age={KEEP_CARD}"
    return response


@require_safe
def version_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version that was ever public, newest first."""
    versions = versions_as_told(versions_of(slug).defer(*TEXTS))
    if not versions:
        raise Http404
    newest = versions[0]
    withdrawal = newest.withdrawal
    context = {
        "title": newest.title,
        "versions": list(zip(versions, [*versions[1:], None], strict=True)),
        "current": None if withdrawal else newest,
        "withdrawal": withdrawal,
        "spoken_in": spoken_in(slug) | {languages.current()},
        "trail": [*trail_of(newest.topic), page_of(newest)],
    }
    return render(request, "public/version_list.html", context)


@require_safe
def version_detail(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version at its own address, marked when it is old or was withdrawn."""
    versions = list(versions_of(slug).defer(*TEXTS))
    wanted = versions_as_told(versions_of(slug).filter(number=number))
    views = publication_views(wanted, child_of(request.GET))
    if not views:
        raise Http404
    publication = views[0].publication
    withdrawal = withdrawals_of([publication]).get(publication.pk)
    return _show(request, views[0], newest=versions[0], withdrawal=withdrawal)


@require_safe
def comparison_list(request: HttpRequest) -> HttpResponse:
    """Where "Compare the options" leads: to the comparison, or to a list when there are more."""
    publications = list(for_lists().filter(kind="comparison"))
    if len(publications) == 1:
        return redirect("article-detail", publications[0].slug)
    context = {"entries": entries(publications), "trail": []}
    return render(request, "public/comparison_list.html", context)


def _show(request: HttpRequest, reading: PublicationView, **about_version: object) -> HttpResponse:
    context = article_context(request, reading, **about_version)
    return render(request, "public/article_detail.html", context)


def article_context(
    request: HttpRequest, reading: PublicationView, **about_version: object
) -> dict[str, Any]:
    """What ``public/article_detail.html`` is drawn with."""
    publication, child = reading.publication, reading.child
    site = settings.SITE_URL.rstrip("/")
    address = reverse("article-detail", args=[publication.slug])
    version = reverse("version-detail", args=[publication.slug, publication.number])
    html, grid, studies = None, None, None
    more_text = ""
    more_titles: list[str] = []
    if reading.is_open:
        if child:
            studies = StudiesForChild(child, reading.content["references"], publication.topic)
        # A work that only an old version cites may have no page any more.
        html, grid = html_of(
            reading, request.GET, request.path, studies=studies, link_findings=not about_version
        )
    contents = contents_of(reading.content) if reading.is_open else []
    if html and grid:
        html["body"], more_text, more_titles = folded(html["body"], reading.content)
    newest = about_version.get("newest") or publication
    is_past = bool(about_version.get("withdrawal")) or newest != publication
    return {
        "publication": publication,
        "tells_a_child": publication.topic.slug == TOPIC_FOR_CHILDREN,
        "reading": reading,
        "notes": reading.notes,
        "html": html,
        "grid": grid,
        "minutes": reading_minutes(publication.content),
        "contents": contents,
        "more_text": more_text,
        "more_titles": more_titles,
        "child": child,
        "child_query": query_of(child),
        "child_filters": child_filters(child),
        "studies": studies,
        "not_walking": (
            _on_not_walking(publication.slug, grid) if studies and studies.may_not_walk else None
        ),
        # What a browser prints of the page that counts now is a copy that can be checked.
        "sheet": (
            Sheet(reading.standing)
            if reading.is_open and reading.standing.may_print and not about_version
            else None
        ),
        # Links to an old version or a withdrawn page don't show the page that counts now.
        "card": None if about_version else {"width": WIDTH, "height": HEIGHT},
        "version_address": f"{site}{version}",
        # Nobody has reviewed the pages of a demonstration, so they don't say so to machines; nor
        # does a version that was withdrawn, or whose place another took.
        "regraded": (
            regraded_rows(reading.content, publication.language)
            if reading.is_open and not about_version
            else []
        ),
        "linked_data": (
            linked_data(reading, f"{site}{address}")
            if reading.is_open
            and not (settings.DEMO or reading.standing.of_demonstration)
            and not is_past
            else None
        ),
        "trail": trail_of(publication.topic),
        # Versions are counted in each language by itself.
        "spoken_in": {languages.current()} if about_version else spoken_in(publication.slug),
        **about_version,
    }


def _on_not_walking(slug: str, grid: Grid | None) -> PageLink | None:
    """Where to read on about children who do not walk: a question of this grid, or a page."""
    if grid:
        for row in grid.questions:
            if row.slug == ROW_ON_NOT_WALKING:
                return PageLink(row.name, f"#row-{row.slug}")
    pages = current().filter(slug=PAGE_ON_NOT_WALKING).exclude(slug=slug).defer(*TEXTS)
    return next(map(page_of, pages), None)


def _gone_or_held(request: HttpRequest, slug: str) -> HttpResponse:
    """Why there is no page: it was withdrawn, or it is held after a restore and may come back."""
    newest = Publication.objects.newest().filter(slug=slug, language=languages.current())
    publication = newest.select_related("topic").first()
    if publication is None:
        raise Http404
    withdrawal = publication.withdrawal
    if withdrawal is None:
        (reading,) = publication_views(newest.select_related("topic__parent"))
        response = _show(request, reading)
        response.status_code, response["Retry-After"] = 503, RETRY_AFTER
        return response
    context = {
        "publication": publication,
        "withdrawal": withdrawal,
        "nearest": nearest(publication.title),
        "spoken_in": spoken_in(slug),
    }
    return render(request, "410.html", context, status=410)
