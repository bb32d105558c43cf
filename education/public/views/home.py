"""The first page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from education.public.parts import options_of
from education.public.reading import for_lists, of_kind

# The first page shows a taste of each, and leads to the rest.
QUESTIONS, NEWS = 8, 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The question, the short answer, what parents ask, the options, what is new."""
    comparison = of_kind("comparison").first()
    claims = of_kind("claims").first()
    context = {
        "comparison": comparison,
        "options": options_of(comparison) if comparison else [],
        "claims": _one_of_each_verdict(claims.content["claims"]) if claims else [],
        "questions": for_lists().filter(kind="article")[:QUESTIONS],
        "news": for_lists().order_by("-goes_live_at")[:NEWS],
    }
    return render(request, "education/home.html", context)


def _one_of_each_verdict(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first claim with each verdict, so that the taste is fair to all of them."""
    return list({claim["verdict"]: claim for claim in reversed(claims)}.values())[::-1]
