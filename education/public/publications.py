"""What the pages ask of publications: the questions of the reader's site, in one place."""

import datetime
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from education import languages
from education.evidence.people_studied import Child
from education.publishing.models import Publication, PublicationQuerySet
from education.publishing.status import (
    Due,
    PublicationStatus,
    due_status,
    shown_content,
    shown_summaries,
    statuses_of,
)
from education.safety.models import EmergencyNote
from education.safety.notes import notes_of
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

    ``notes`` are the emergency notes above its page.
    Asked about a child, its page says after each statement how far the studies included such.
    """

    publication: Publication
    standing: PublicationStatus
    child: Child = NOBODY
    notes: tuple[EmergencyNote, ...] = ()

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
    views = publication_views(current().filter(slug=slug).select_related("topic__parent"), child)
    return views[0] if views else None


def publication_views(
    publications: Iterable[Publication], child: Child = NOBODY
) -> list[PublicationView]:
    """Publications as they may be read now, in their order; as many queries for many as for one."""
    publications = list(publications)
    if not publications:
        return []
    statuses, notes = statuses_of(publications), notes_of(publications)
    return [
        PublicationView(publication, statuses[publication.pk], child, tuple(notes[publication.pk]))
        for publication in publications
    ]


def entries(publications: Iterable[Publication]) -> list[ListEntry]:
    """Publications for a list, in the order given."""
    listed = list(publications)
    summaries = shown_summaries(listed)
    today = timezone.localdate()
    return [
        ListEntry(
            publication, str(CLOSED) if is_closed(publication, today) else summaries[publication.pk]
        )
        for publication in listed
    ]


def is_closed(publication: Publication, today: datetime.date) -> bool:
    """Whether its review is so late that the text is not shown; asks for extensions only then."""
    late = due_status(publication.review_due_on, today) == Due.NOTICE_ONLY
    return late and due_status(publication.due_on, today) == Due.NOTICE_ONLY


def current() -> PublicationQuerySet:
    """Everything the public sees now, in the language of these pages."""
    return Publication.objects.current().filter(language=languages.current())


def for_lists() -> PublicationQuerySet:
    """The same without the texts, by title."""
    return current().select_related("topic").defer(*TEXTS).order_by("title", "slug")


def spoken_in(slug: str) -> set[str]:
    """The languages in which a page is public now; asked only where several are offered."""
    offered = languages.offered_languages()
    if len(offered) == 1:
        return set(offered)
    spoken = Publication.objects.current().filter(slug=slug, language__in=offered)
    return set(spoken.values_list("language", flat=True))


def versions_of(slug: str) -> PublicationQuerySet:
    """Every version of a page that was ever public, newest first."""
    live = Publication.objects.live().filter(slug=slug, language=languages.current())
    return live.select_related("topic__parent").order_by("-number")


def open_of_kind(*kinds: str) -> list[PublicationView]:
    """Current publications of these kinds whose text may be shown, by address."""
    # They are few: sorted here, so that no database looks through all pages in this order.
    views = publication_views(current().filter(kind__in=kinds).select_related("topic").order_by())
    views.sort(key=lambda view: view.publication.slug)
    return [view for view in views if view.is_open]


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
    candidates = find(words).candidates
    numbers = [
        candidate.subject_id for candidate in candidates if candidate.kind == SearchEntry.Kind.PAGE
    ]
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
    wanted_words = set(wanted.split())
    common = len(wanted_words & set(words)) / min(len(set(words)), len(wanted_words))
    return max(letters, common)
