"""Why a reader can check us: process, people, corrections, what the publisher says of itself."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from education.public.corrections import PublicChanges
from education.public.paging import leaf
from education.public.people import everyone, pages_by
from education.public.publications import PageLink, for_lists, page_of
from education.publisher import publisher_statements


@require_safe
def how_we_review(request: HttpRequest) -> HttpResponse:
    """How a page comes about, and what its words and dates mean."""
    context = {"policies": for_lists().filter(kind="policy"), "trail": []}
    return render(request, "public/how_we_review.html", context)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everyone behind the pages that are public now; ``?name=`` gives all pages of one of them."""
    people = everyone()
    name = request.GET.get("name", "")
    if not name:
        context = {"leaf": leaf(people, request.GET, list), "trail": []}
        return render(request, "public/people.html", context)
    person = next((each for each in people if each.name == name), None)
    if person is None:
        raise Http404
    context = {
        "person": person,
        "leaf": leaf(
            pages_by(name), request.GET, lambda copies: [page_of(copy) for copy in copies]
        ),
        "trail": [PageLink(gettext("People and their interests"), reverse("people"))],
    }
    return render(request, "public/person.html", context)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """Every change and withdrawal that readers should know of, newest first."""
    context = {"leaf": leaf(PublicChanges(), request.GET, list), "trail": []}
    return render(request, "public/corrections.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who publishes this, for whom, and what it can't do."""
    return render(request, "public/about.html", {"trail": []})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What the site knows about its readers, who answers for it, and what they can ask."""
    return _statement(request, "privacy")


@require_safe
def imprint(request: HttpRequest) -> HttpResponse:
    """Who publishes this and how to reach them, who pays, and whether there is advertising."""
    return _statement(request, "imprint")


@require_safe
def disclaimer(request: HttpRequest) -> HttpResponse:
    """What this information can't do, and what to do in an emergency."""
    return _statement(request, "disclaimer")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How far everybody can use the site, and whom to tell where they can't."""
    return _statement(request, "accessibility")


def _statement(request: HttpRequest, page: str) -> HttpResponse:
    context = {"publisher": publisher_statements(), "trail": []}
    return render(request, f"public/{page}.html", context)
