"""Search."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from education.handouts.codes import code_searched_for, format_code
from education.public import site_search
from education.public.children import FilterChoice, filter_of
from education.public.other_languages import lines_for
from education.public.rate_limits import limited
from education.search.retrieval import cleaned
from education.topics.models import Topic

MOST_SUGGESTED = 6


@require_safe
@limited
def search(request: HttpRequest) -> HttpResponse:
    """Find a reader's words in everything that is public; any input gives an answer."""
    query = cleaned(request.GET.get("q", ""))
    if code := code_searched_for(query):
        return redirect("check-copy", format_code(code))
    topics = list(Topic.objects.order_by("position", "title").values_list("slug", "title"))
    filters = [
        filter_of(
            "kind",
            gettext("Show"),
            gettext("Everything"),
            site_search.Kind.choices,
            request.GET.get("kind", ""),
        ),
        filter_of(
            "topic", gettext("Topic"), gettext("All topics"), topics, request.GET.get("topic", "")
        ),
    ]
    chosen = {choice.name: choice.chosen.value for choice in filters if choice.chosen}
    answer = site_search.find(query, **chosen)
    context = {
        "query": query,
        "answer": answer,
        "own_language": lines_for(query, tuple(settings.READER_LANGUAGES)),
        "filters": [
            {"label": one.label, "links": [_link(query, chosen, one.name, c) for c in one.choices]}
            for one in filters
        ],
        "is_filtered": bool(chosen),
    }
    return render(request, "public/search.html", context)


@require_safe
@limited
def suggest(request: HttpRequest) -> HttpResponse:
    """
    Pages for what was typed so far: [query, titles, descriptions, addresses].

    As OpenSearch Suggestions 1.1 has it, for our search forms and for a browser's own bar.
    """
    query = cleaned(request.GET.get("q", ""))
    hits = site_search.find(query).hits[:MOST_SUGGESTED]
    site = settings.SITE_URL.rstrip("/")
    offered = [_offered(hit) for hit in hits]
    parts = [query, offered, [hit.kind for hit in hits], [site + hit.url for hit in hits]]
    return JsonResponse(parts, safe=False, content_type="application/x-suggestions+json")


def _offered(hit: site_search.Hit) -> str:
    """A page's title; nothing else beside it says that it is a claim, or on a fallen study."""
    is_claim = hit.kind == str(site_search.CLAIM_CHECK)
    title = f"{hit.kind}: {hit.title}" if is_claim else hit.title
    return f"{title} ({hit.notice.rstrip('.')})" if hit.notice else title


def _link(query: str, chosen: dict[str, str], name: str, choice: FilterChoice) -> dict[str, object]:
    """A choice as a link that keeps the query and the other filter."""
    parameters = {"q": query, **chosen, name: choice.value}
    kept = urlencode({key: value for key, value in parameters.items() if value})
    return {"label": choice.label, "query": f"?{kept}", "chosen": choice.chosen}
