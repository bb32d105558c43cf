"""Who stands behind what is public now, from what each page froze."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_noop

from education.public.publications import PageLink, current, for_lists
from education.publishing.models import PublicationQuerySet

WRITER = gettext_noop("Writer")
# A page froze what its reviewers reviewed as in English.
REVIEWED_AS = (gettext_noop("Medical reviewer"), gettext_noop("Plain-language reviewer"))
# So many pages are named beside a person; the rest has a list of its own.
MOST_PAGES = 6


@dataclass
class Person:
    """Somebody who wrote or reviewed what is public, as they were then, and the first pages."""

    name: str
    credentials: str = ""
    specialty: str = ""
    interests: str = ""
    roles: list[str] = field(default_factory=list)
    pages: list[PageLink] = field(default_factory=list)
    has_more: bool = False

    @property
    def url(self) -> str:
        """Where all their pages are."""
        return f"{reverse('people')}?{urlencode({'name': self.name})}"


def everyone() -> list[Person]:
    """
    All of them by name, by one query.

    Pages that the same people made are asked for together, the first few of them only: so what is
    read grows with the people, not with the pages.
    """
    made_by = Window(RowNumber(), partition_by=["writers", "reviewers"], order_by=["title", "slug"])
    first = current().annotate(place=made_by).filter(place__lte=MOST_PAGES + 1)
    rows = first.order_by("title", "slug").values_list("title", "slug", "writers", "reviewers")
    people: dict[str, Person] = {}
    for title, slug, writers, reviewers in rows:
        page = PageLink(title, reverse("article-detail", args=[slug]))
        for entry in [*reviewers, *({"role": WRITER, **person} for person in writers)]:
            _add(people.setdefault(entry["name"], Person(entry["name"])), entry, page)
    return sorted(people.values(), key=lambda person: person.name)


def _add(person: Person, entry: dict[str, Any], page: PageLink) -> None:
    person.credentials = person.credentials or entry.get("credentials", "")
    person.specialty = person.specialty or entry.get("specialty", "")
    person.interests = person.interests or entry.get("interests", "")
    role = gettext(entry["role"])
    if role not in person.roles:
        person.roles.append(role)
    if page in person.pages:
        return
    if len(person.pages) < MOST_PAGES:
        person.pages.append(page)
    else:
        person.has_more = True


def pages_by(name: str) -> PublicationQuerySet:
    """Everything public that somebody of this name wrote or reviewed, by title."""
    return for_lists().naming(name)
