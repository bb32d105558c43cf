"""The first page."""

from django.db.models import Case, Exists, OuterRef, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from education.public.parts import Claim, claims_of, options_of
from education.public.publications import entries, for_lists, open_of_kind
from education.publishing.models import Publication, PublicationQuerySet
from education.topics.models import Topic

# The first page shows a taste of each, and leads to the rest.
QUESTIONS, NEWS = 8, 5
# Always among them, first: it is for a family that is about to pay.
FIRST_QUESTIONS = ("before-you-pay",)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The question, the short answer, what parents ask, the options, what is new."""
    listed, shown = for_lists(), open_of_kind("comparison", "claims")
    comparison = next((view for view in shown if view.publication.kind == "comparison"), None)
    claims = [
        claim for view in shown if view.publication.kind == "claims" for claim in claims_of(view)
    ]
    context = {
        "comparison": comparison,
        "notes": comparison.notes if comparison else (),
        "options": options_of(comparison) if comparison else [],
        "claims": _one_of_each_verdict(claims),
        "questions": entries(_first_articles(listed.filter(kind="article"))),
        "news": listed.order_by("-goes_live_at", "-pk")[:NEWS],
    }
    return render(request, "public/home.html", context)


def _first_articles(articles: PublicationQuerySet) -> list[Publication]:
    """
    The first by the order of the topics, after ``FIRST_QUESTIONS``: sought in the first topics that
    have some.
    """
    topics = Topic.objects.filter(Exists(articles.filter(topic=OuterRef("pk"))))[:QUESTIONS]
    is_first = Q(slug__in=FIRST_QUESTIONS)
    in_order = articles.filter(is_first | Q(topic__in=list(topics))).order_by(
        Case(When(is_first, then=0), default=1), "topic__position", "topic__title", "title", "slug"
    )
    return list(in_order[:QUESTIONS])


def _one_of_each_verdict(claims: list[Claim]) -> list[Claim]:
    """
    The last claim with each verdict, so that the taste is fair to all of them. What clinics say
    stands last, after what articles say.
    """
    return list({claim.verdict: claim for claim in claims if claim.verdict}.values())
