"""Topics: what families look up."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from education.public.paging import leaf
from education.public.publications import PageLink, current, entries, for_lists, trail_of
from education.publishing.models import Publication
from education.topics.models import Topic

# Titles of a topic in the list of all topics; its own page has the rest.
TITLES = 6
# Pages of one topic that people look for under others too, in the list of all topics.
ALSO_UNDER = {
    "stem-cell-therapy": ("harms-of-cells-and-surgery",),
    "rhizotomy": ("harms-of-cells-and-surgery",),
}


@dataclass(frozen=True)
class Branch:
    """A topic with the first of what is public on it, and the topics below it."""

    topic: Topic
    publications: list[Publication]
    has_more: bool
    children: list["Branch"]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is public on it or below it."""
        return not self.publications and not self.children


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    """Every topic that has a public page on it or below it, as a tree."""
    first = current().only("title", "slug", "topic").order_by("title", "slug")[: TITLES + 1]
    topics: list[Any] = list(
        Topic.objects.prefetch_related(Prefetch("publications", first, to_attr="first"))
    )

    elsewhere = {slug for slugs in ALSO_UNDER.values() for slug in slugs}
    also = {page.slug: page for page in current().filter(slug__in=elsewhere).only("title", "slug")}

    def pages(topic: Any) -> list[Publication]:
        more = [also[slug] for slug in ALSO_UNDER.get(topic.slug, ()) if slug in also]
        return [*(page for page in topic.first[:TITLES] if page not in more), *more]

    def branches(parent: int | None) -> list[Branch]:
        grown = [
            Branch(topic, pages(topic), len(topic.first) > TITLES, branches(topic.pk))
            for topic in topics
            if topic.parent_id == parent
        ]
        return [branch for branch in grown if not branch.is_empty]

    context = {"topics": branches(None), "trail": []}
    return render(request, "public/topic_list.html", context)


@require_safe
def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One topic and everything public on it and below it."""
    topic = get_object_or_404(Topic.objects.select_related("parent"), slug=slug)
    children = list(topic.children.all())
    context = {
        "topic": topic,
        "children": children,
        "leaf": leaf(for_lists().filter(topic__in=[topic, *children]), request.GET, entries),
        "trail": [PageLink(gettext("Topics"), reverse("topic-list")), *trail_of(topic)[:-1]],
    }
    return render(request, "public/topic_detail.html", context)
