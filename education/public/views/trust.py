"""Why a reader can check us: process, people, corrections, about, privacy."""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from education.public.news import what_changed
from education.public.reading import Page, for_lists, page_of

WRITER = gettext_noop("Writer")
# A page froze what its reviewers reviewed as in English.
REVIEWED_AS = (gettext_noop("Medical reviewer"), gettext_noop("Plain-language reviewer"))


@dataclass
class Person:
    """Somebody who wrote or reviewed what is public, as they were then."""

    name: str
    credentials: str = ""
    specialty: str = ""
    interests: str = ""
    roles: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)


@require_safe
def how_we_review(request: HttpRequest) -> HttpResponse:
    """How a page comes about, and what its words and dates mean."""
    context = {"policies": for_lists().filter(kind="policy"), "trail": []}
    return render(request, "education/how_we_review.html", context)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everyone behind the pages that are public now, built from what each page froze."""
    found: dict[str, Person] = {}
    for publication in for_lists():
        page = page_of(publication)
        writers = [{"role": WRITER, **person} for person in publication.writers]
        for entry in [*publication.reviewers, *writers]:
            person = found.setdefault(entry["name"], Person(entry["name"]))
            person.credentials = person.credentials or entry.get("credentials", "")
            person.specialty = person.specialty or entry.get("specialty", "")
            person.interests = person.interests or entry.get("interests", "")
            role = gettext(entry["role"])
            if role not in person.roles:
                person.roles.append(role)
            if page not in person.pages:
                person.pages.append(page)
    context = {"people": sorted(found.values(), key=lambda person: person.name), "trail": []}
    return render(request, "education/people.html", context)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """Every change and withdrawal that readers should know of, newest first."""
    return render(request, "education/corrections.html", {"changes": what_changed(), "trail": []})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who publishes this, for whom, and what it can't do."""
    return render(request, "education/about.html", {"trail": []})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What the site knows about its readers: nothing."""
    return render(request, "education/privacy.html", {"trail": []})
