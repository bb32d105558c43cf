"""Why a reader can check us: process, people, corrections, about, privacy."""

from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education.public.reading import LANGUAGE, TEXTS, Page, for_lists, page_of
from education.publishing.models import Publication, PublicationEvent


@dataclass
class Person:
    """Somebody who wrote or reviewed what is public, as they were then."""

    name: str
    credentials: str = ""
    specialty: str = ""
    interests: str = ""
    roles: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """Something that happened to a public page, in words for readers."""

    at: datetime
    title: str
    url: str
    kind: str
    words: str


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
        writers = [{"role": "Writer", **person} for person in publication.writers]
        for entry in [*publication.reviewers, *writers]:
            person = found.setdefault(entry["name"], Person(entry["name"]))
            person.credentials = person.credentials or entry.get("credentials", "")
            person.specialty = person.specialty or entry.get("specialty", "")
            person.interests = person.interests or entry.get("interests", "")
            if entry["role"] not in person.roles:
                person.roles.append(entry["role"])
            if page not in person.pages:
                person.pages.append(page)
    context = {"people": sorted(found.values(), key=lambda person: person.name), "trail": []}
    return render(request, "education/people.html", context)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """Every change and withdrawal that readers should know of, newest first."""
    newer = Publication.objects.live().filter(language=LANGUAGE, number__gt=1)
    changes = [
        Change(
            at=publication.goes_live_at,
            title=publication.title,
            url=reverse("version-detail", args=[publication.slug, publication.number]),
            kind="Correction" if publication.correction else f"Version {publication.number}",
            words=publication.correction or publication.what_changed,
        )
        for publication in newer.defer(*TEXTS)
    ]
    withdrawals = PublicationEvent.objects.filter(
        kind=PublicationEvent.Kind.WITHDRAWN, publication__language=LANGUAGE
    )
    changes += [
        Change(
            at=event.at,
            title=event.publication.title,
            url=reverse("version-list", args=[event.publication.slug]),
            kind="Withdrawn",
            words=event.reason,
        )
        for event in withdrawals.select_related("publication").defer(
            *(f"publication__{text}" for text in TEXTS)
        )
    ]
    changes.sort(key=lambda change: change.at, reverse=True)
    return render(request, "education/corrections.html", {"changes": changes, "trail": []})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who publishes this, for whom, and what it can't do."""
    return render(request, "education/about.html", {"trail": []})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What the site knows about its readers: nothing."""
    return render(request, "education/privacy.html", {"trail": []})
