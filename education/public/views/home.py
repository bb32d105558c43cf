"""The first page."""

from django.db.models import OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from education.expressions import JSONArraySubquery
from education.public.parts import Claim, claims_of, options_of
from education.public.publications import current, entries, for_lists, open_of_kind
from education.publishing.models import Publication
from education.topics.models import Topic

# The first page shows a taste of each, and leads to the rest.
QUESTIONS, NEWS = 8, 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The question, the short answer, what parents ask, the options, what is new."""
    comparison = next(iter(open_of_kind("comparison")), None)
    claims = [claim for reading in open_of_kind("claims") for claim in claims_of(reading)]
    context = {
        "comparison": comparison,
        "notes": comparison.notes if comparison else (),
        "options": options_of(comparison) if comparison else [],
        "claims": _one_of_each_verdict(claims),
        "questions": entries(_first_articles()),
        "news": for_lists().order_by("-goes_live_at", "-pk")[:NEWS],
    }
    return render(request, "public/home.html", context)


def _first_articles() -> list[Publication]:
    """The first articles in the order of the topics, by an index: however many there are."""
    articles = current().filter(kind="article", topic=OuterRef("pk")).order_by("title", "slug")
    topics = Topic.objects.annotate(first=JSONArraySubquery(articles[:QUESTIONS], number="pk"))
    numbers = [one["number"] for topic in topics for one in topic.first][:QUESTIONS]
    found = for_lists().in_bulk(numbers)
    return [found[number] for number in numbers]


def _one_of_each_verdict(claims: list[Claim]) -> list[Claim]:
    """
    The last claim with each verdict, so that the taste is fair to all of them. What clinics say
    stands last, after what articles say.
    """
    return list({claim.verdict: claim for claim in claims if claim.verdict}.values())
