"""Search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from education.public import finding


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Find a reader's words in everything that is public; any input gives an answer."""
    query = finding.cleaned(request.GET.get("q", ""))
    answer = finding.find(query)
    context = {
        "query": query,
        "words": answer.words,
        "hits": answer.hits,
        "loose": answer.loose,
    }
    return render(request, "education/search.html", context)
