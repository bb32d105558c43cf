"""What the pages ask of publications: the questions of the reader's site, in one place."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from education.publishing.models import Publication, PublicationQuerySet
from education.topics.models import Topic

LANGUAGE = "en"

# Lists need a title and dates, not the text.
_TEXTS = ("content", "html", "search_text")

# Below this likeness a title is no help to somebody who is lost.
_ALIKE = 0.5


@dataclass(frozen=True)
class Page:
    """A page to offer: what it is called and where it is."""

    title: str
    url: str


def current() -> PublicationQuerySet:
    """Everything the public sees now, in the language of these pages."""
    return Publication.objects.current().filter(language=LANGUAGE)


def for_lists() -> PublicationQuerySet:
    """The same without the texts, by title."""
    return current().select_related("topic").defer(*_TEXTS).order_by("title")


def of_kind(kind: str) -> PublicationQuerySet:
    """Current publications of one kind, with their texts, by address."""
    return current().filter(kind=kind).select_related("topic").order_by("slug")


def on_topic(topics: QuerySet[Topic] | list[Topic]) -> PublicationQuerySet:
    """Current publications on any of these topics, without their texts."""
    return for_lists().filter(topic__in=topics)


def page_of(publication: Publication) -> Page:
    """Where a publication is read."""
    return Page(publication.title, reverse("article-detail", args=[publication.slug]))


def trail_of(topic: Topic) -> list[Page]:
    """The way down to a topic, for a breadcrumb."""
    return [
        Page(step.title, reverse("topic-detail", args=[step.slug]))
        for step in reversed(topic.lineage())
    ]


def nearest(words: str, limit: int = 5) -> list[Page]:
    """
    What may have been meant by an address that leads nowhere, best first.

    ``words`` is any text, such as the last part of the address.
    """
    wanted = " ".join(_words(words))[:80]
    if not wanted:
        return []
    scored = sorted(
        ((max(_likeness(wanted, slug), _likeness(wanted, page.title)), page)
         for slug, page in _known_pages()),
        key=lambda entry: -entry[0],
    )  # fmt: skip
    return [page for score, page in scored if score >= _ALIKE][:limit]


def _known_pages() -> Iterator[tuple[str, Page]]:
    for slug, title in current().values_list("slug", "title"):
        yield slug, Page(title, reverse("article-detail", args=[slug]))
    for slug, title in Topic.objects.values_list("slug", "title"):
        yield slug, Page(title, reverse("topic-detail", args=[slug]))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _likeness(wanted: str, name: str) -> float:
    """From 0 to 1: letters in the same order, or words in common, whichever is more."""
    words = set(_words(name))
    if not words:
        return 0
    letters = difflib.SequenceMatcher(None, wanted, " ".join(_words(name))).ratio()
    common = len(words & set(wanted.split())) / min(len(words), len(set(wanted.split())))
    return max(letters, common)
