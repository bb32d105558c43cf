"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from education import languages
from education.public.parts import Claim, claims_of, options_of
from education.public.reading import entries, for_lists, open_of_kind
from education.safety.notes import notes_above

# The first page shows a taste of each, and leads to the rest.
QUESTIONS, NEWS = 8, 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The question, the short answer, what parents ask, the options, what is new."""
    comparison = next(iter(open_of_kind("comparison")), None)
    claims = [claim for reading in open_of_kind("claims") for claim in claims_of(reading)]
    context = {
        "comparison": comparison,
        "notes": notes_above(comparison.publication.slug, languages.current())
        if comparison
        else [],
        "options": options_of(comparison) if comparison else [],
        "claims": _one_of_each_verdict(claims),
        "questions": entries(
            for_lists().filter(kind="article").order_by("topic__position", "title")[:QUESTIONS]
        ),
        "news": for_lists().order_by("-goes_live_at")[:NEWS],
    }
    return render(request, "education/home.html", context)


def _one_of_each_verdict(claims: list[Claim]) -> list[Claim]:
    """
    The last claim with each verdict, so that the taste is fair to all of them. What clinics say
    stands last, after what articles say.
    """
    return list({claim.verdict: claim for claim in claims if claim.verdict}.values())
