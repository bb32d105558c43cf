"""Topics: what families look up."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education.public.reading import Page, current, entries, for_lists, trail_of
from education.topics.models import Topic


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    """Every topic that has a public page on it or below it, as a tree."""
    pages = Counter(current().values_list("topic", flat=True))
    topics = list(Topic.objects.all())

    def entry(topic: Topic) -> dict[str, object]:
        children = [entry(child) for child in topics if child.parent_id == topic.pk]
        below = sum(int(str(child["pages"])) for child in children)
        return {
            "topic": topic,
            "pages": pages[topic.pk] + below,
            "children": [child for child in children if child["pages"]],
        }

    tree = [entry(topic) for topic in topics if topic.parent_id is None]
    context = {"topics": [found for found in tree if found["pages"]], "trail": []}
    return render(request, "education/topic_list.html", context)


@require_safe
def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One topic and everything public on it and below it."""
    topic = get_object_or_404(Topic.objects.select_related("parent"), slug=slug)
    children = list(topic.children.all())
    context = {
        "topic": topic,
        "children": children,
        "entries": entries(for_lists().filter(topic__in=[topic, *children])),
        "trail": [Page("Topics", reverse("topic-list")), *trail_of(topic)[:-1]],
    }
    return render(request, "education/topic_detail.html", context)
