"""What the pages ask of publications: the questions of the reader's site, in one place."""

import datetime
import difflib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db.models import OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from education import languages
from education.evidence.people_studied import Child
from education.expressions import JSONArraySubquery
from education.publishing.models import Publication, PublicationQuerySet
from education.publishing.status import (
    Due,
    PublicationStatus,
    due_status,
    shown_content,
    shown_summaries,
    status_of,
)
from education.safety.notes import with_notes
from education.search.models import SearchEntry
from education.search.retrieval import find
from education.topics.models import Topic

# Lists need a title and dates, not the text.
TEXTS = ("content", "html", "search_text")

CLOSED = _("This text is not shown now, because it has not been checked for too long.")

NOBODY = Child()

# Below this likeness a title is no help to somebody who is lost.
_ALIKE = 0.5
_MOST_COMPARED = 20


@dataclass(frozen=True)
class PageLink:
    """A page to offer: what it is called and where it is."""

    title: str
    url: str


@dataclass(frozen=True)
class ListEntry:
    """A publication in a list: with its one-sentence answer as it may be shown now."""

    publication: Publication
    summary: str


@dataclass(frozen=True)
class PublicationView:
    """
    A publication as it may be read now: nothing that rests on retracted work alone is in it.

    ``notes`` are the emergency notes above its page, ``spoken_in`` the languages in which its page
    is public now.
    Asked about a child, its page says after each statement how far the studies included such.
    """

    publication: Publication
    standing: PublicationStatus
    child: Child = NOBODY
    notes: tuple[dict[str, str], ...] = ()
    spoken_in: frozenset[str] = frozenset()

    @cached_property
    def content(self) -> dict[str, Any]:
        """The tree of blocks."""
        return shown_content(self.publication, self.standing)

    @property
    def is_open(self) -> bool:
        """Whether the text is shown at all, not only a notice of why it isn't (rule 5)."""
        return not self.standing.is_notice_only

    @property
    def summary(self) -> str:
        """The one-sentence answer, or why there is none."""
        return str(self.content["short_answer_text"]) if self.is_open else str(CLOSED)

    @property
    def funding(self) -> str:
        """Who paid for the text; empty where it is not shown."""
        return str(self.content.get("funding", "")) if self.is_open else ""


def publication_view(slug: str, child: Child = NOBODY) -> PublicationView | None:
    """The page at an address as it may be read now; nothing where none is public."""
    found = _whole_pages(languages.current(), tuple(languages.offered_languages())).filter(
        slug=slug
    )
    return next((_reading(publication, child) for publication in found), None)


def publication_views(
    publications: PublicationQuerySet, child: Child = NOBODY
) -> list[PublicationView]:
    """Publications as they may be read now, in their order, by one query."""
    found = _with_all_beside(publications, languages.offered_languages())
    return [_reading(publication, child) for publication in found]


@cache
def _whole_pages(language: str, offered: tuple[str, ...]) -> QuerySet[Any]:
    """Every public page in a language; kept, since it takes longer to put together than to run."""
    return _with_all_beside(_current(language).select_related("topic__parent"), offered)


def _with_all_beside(publications: PublicationQuerySet, offered: Collection[str]) -> QuerySet[Any]:
    spoken = Publication.objects.current().filter(slug=OuterRef("slug"), language__in=offered)
    found: QuerySet[Any] = with_notes(publications.with_standing()).annotate(
        spoken_in=JSONArraySubquery(spoken, language="language")
    )
    return found


def _reading(publication: Any, child: Child) -> PublicationView:
    return PublicationView(
        publication,
        status_of(publication),
        child,
        tuple(publication.notes),
        frozenset(one["language"] for one in publication.spoken_in),
    )


def entries(publications: Iterable[Publication]) -> list[ListEntry]:
    """Publications for a list, in the order given."""
    found = list(publications)
    summaries = shown_summaries(found)
    today = timezone.localdate()
    return [
        ListEntry(
            publication, str(CLOSED) if is_closed(publication, today) else summaries[publication.pk]
        )
        for publication in found
    ]


def is_closed(publication: Publication, today: datetime.date) -> bool:
    """Whether its review is so late that the text is not shown; asks for extensions only then."""
    late = due_status(publication.review_due_on, today) == Due.NOTICE_ONLY
    return late and due_status(publication.due_on, today) == Due.NOTICE_ONLY


def current() -> PublicationQuerySet:
    """Everything the public sees now, in the language of these pages."""
    return _current(languages.current()).all()


@cache
def _current(language: str) -> PublicationQuerySet:
    """The same, kept as ``_whole_pages`` is."""
    return Publication.objects.current().filter(language=language)


def for_lists() -> PublicationQuerySet:
    """The same without the texts, by title."""
    return current().select_related("topic").defer(*TEXTS).order_by("title", "slug")


def spoken_in(slug: str) -> set[str]:
    """The languages in which a page is public now; asked only where several are offered."""
    offered = languages.offered_languages()
    if len(offered) == 1:
        return set(offered)
    found = Publication.objects.current().filter(slug=slug, language__in=offered)
    return set(found.values_list("language", flat=True))


def versions_of(slug: str) -> PublicationQuerySet:
    """Every version of a page that was ever public, newest first."""
    live = Publication.objects.live().filter(slug=slug, language=languages.current())
    return live.select_related("topic__parent").order_by("-number")


def open_of_kind(kind: str) -> list[PublicationView]:
    """Current publications of one kind whose text may be shown, by address."""
    # They are few: sorted here, so that no database looks through all pages in this order.
    found = publication_views(current().filter(kind=kind).select_related("topic").order_by())
    found.sort(key=lambda reading: reading.publication.slug)
    return [reading for reading in found if reading.is_open]


def page_of(publication: Publication) -> PageLink:
    """Where a publication is read."""
    return PageLink(publication.title, reverse("article-detail", args=[publication.slug]))


def trail_of(topic: Topic) -> list[PageLink]:
    """The way down to a topic, for a breadcrumb."""
    return [
        PageLink(step.title, reverse("topic-detail", args=[step.slug]))
        for step in reversed(topic.lineage())
    ]


def nearest(words: str, limit: int = 5) -> list[PageLink]:
    """
    What may have been meant by an address that leads nowhere, best first.

    ``words`` is any text, such as the last part of the address. Search finds the pages that have
    some of the words; how alike their addresses and titles are decides.
    """
    wanted = " ".join(_words(words))[:80]
    if not wanted:
        return []
    scored = [
        (max(_likeness(wanted, slug), _likeness(wanted, page.title)), page)
        for slug, page in _pages_with(wanted)
    ]
    scored.sort(key=lambda entry: -entry[0])
    return [page for score, page in scored if score >= _ALIKE][:limit]


def _pages_with(words: str) -> Iterator[tuple[str, PageLink]]:
    found = find(words).candidates
    numbers = [one.subject_id for one in found if one.kind == SearchEntry.Kind.PAGE]
    copies = current().filter(pk__in=numbers[:_MOST_COMPARED])
    for slug, title in copies.order_by("title", "slug").values_list("slug", "title"):
        yield slug, PageLink(title, reverse("article-detail", args=[slug]))
    for slug, title in Topic.objects.values_list("slug", "title"):
        yield slug, PageLink(title, reverse("topic-detail", args=[slug]))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _likeness(wanted: str, name: str) -> float:
    """From 0 to 1: letters in the same order, or words in common, whichever is more."""
    words = _words(name)
    if not words:
        return 0
    letters = difflib.SequenceMatcher(None, wanted, " ".join(words)).ratio()
    asked = set(wanted.split())
    common = len(asked & set(words)) / min(len(set(words)), len(asked))
    return max(letters, common)
