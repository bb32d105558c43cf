"""What can be looked up one by one: claims, evidence, words."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from education import languages
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.people_studied import ages_in_words, levels_in_words
from education.evidence.references import reference_html
from education.evidence.web_sources import last_seen
from education.public.children import child_filters, child_of, filter_of
from education.public.drawings import draw_forest
from education.public.outcomes import comparisons
from education.public.paging import leaf
from education.public.parts import Claim, claims_of, terms_of
from education.public.publications import (
    PageLink,
    PublicationView,
    for_lists,
    open_of_kind,
    page_of,
    spoken_in,
)
from education.public.studies import StudyList
from education.publishing.findings import RegradedRow, regraded_rows
from education.safety.models import EmergencyNote
from education.text.html import Options, to_html, verdict_badge
from education.text.labels import VERDICTS, seen_on_words

# Claims as parents meet them; in each group what sellers say comes first. What a site checks
# besides these stands under the last title.
CLAIM_GROUPS = (
    (
        gettext_noop("About cells"),
        (
            "stem-cells-cure", "no-risk", "approved-because-registered",
            "one-product-for-many-diseases", "other-trials-prove-our-cells",
            "a-review-graded-our-cells-high",
            "stem-cells-as-a-miracle", "hundred-billion-nerve-cells",
            "new-nerve-cells-would-heal-the-brain", "how-stem-cells-are-given",
            "nerve-stem-cells-from-cord-blood", "do-new-nerve-cells-survive",
            "do-cells-find-their-way", "few-stem-cells-become-nerve-cells",
            "batches-of-cells-differ", "nerves-grow-a-millimetre-a-day",
            "trials-were-not-well-controlled", "no-lasting-benefit-shown",
            "no-direct-evidence-for-cells", "stem-cells-can-form-tumours",
            "a-university-centre-confirmed-tumours",
            "a-hospital-showed-tumours-from-embryonic-cells",
            "any-dividing-cell-can-form-a-tumour", "monkey-tests-must-come-first",
            "still-at-the-research-stage", "exploiting-families-is-wrong",
            "not-even-the-laboratory-has-results", "nobody-independent-has-judged",
        ),
    ),
    (
        gettext_noop("About the operation"),
        (
            "surgery-is-a-permanent-cure", "fspr-eradicates-spasticity",
            "surgery-has-no-side-effects", "first-choice-for-every-child",
            "helps-speech-arms-and-squint", "walking-within-days",
            "fspr-beats-ordinary-rhizotomy", "we-can-tell-from-a-video",
            "fspr-is-mature", "fspr-works-at-once", "fspr-is-one-of-the-more-effective-methods",
        ),
    ),
    (
        gettext_noop("About waiting, choosing and cost"),
        (
            "wait-and-the-chance-is-lost", "families-pay-to-take-part", "no-follow-up-needed",
            "either-cells-or-surgery", "nothing-else-helps",
            "stem-cells-cost-tens-of-thousands", "fspr-is-cheaper",
        ),
    ),
)  # fmt: skip
OTHER_CLAIMS = gettext_noop("What else you may hear")


@require_safe
def claim_list(request: HttpRequest) -> HttpResponse:
    """Every claim that was checked, with its verdict."""
    views = open_of_kind("claims")
    claims = [claim for reading in views for claim in claims_of(reading)]
    given = {claim.verdict for claim in claims}
    verdicts = filter_of(
        "verdict",
        gettext("Verdict"),
        gettext("All of them"),
        [(verdict, _verdict_words(verdict)) for verdict in VERDICTS if verdict in given],
        request.GET.get("verdict", ""),
    )
    chosen = verdicts.chosen
    context = {
        "groups": _grouped([c for c in claims if not chosen or c.verdict == chosen.value]),
        "verdicts": verdicts,
        "publications": [reading.publication for reading in views],
        "notes": _notes(views),
        "trail": [],
    }
    return render(request, "public/claim_list.html", context)


@require_safe
def claim_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One claim: what is said, the verdict, the fair answer, its sources."""
    for reading in open_of_kind("claims"):
        claims = claims_of(reading)
        for place, claim in enumerate(claims):
            if claim.slug == slug:
                options = Options(claim=slug)
                context = {
                    "claim": claim,
                    "verdict_words": _verdict_words(claim.verdict),
                    "html": to_html(reading.content, options),
                    "reading": reading,
                    "publication": reading.publication,
                    "notes": _notes([reading]),
                    "regraded": _regraded(reading, slug),
                    "before": claims[place - 1] if place else None,
                    "after": claims[place + 1] if place + 1 < len(claims) else None,
                    "spoken_in": spoken_in(reading.publication.slug),
                    "trail": [PageLink(gettext("Claim checks"), reverse("claim-list"))],
                }
                return render(request, "public/claim_detail.html", context)
    raise Http404


def _regraded(reading: PublicationView, slug: str) -> list[RegradedRow]:
    """The row of the table of findings that a claim names, where it is graded otherwise by now."""
    claim: dict[str, Any] = next(
        (part for part in reading.content["claims"] if part["slug"] == slug), {}
    )
    named = claim.get("row", {}).get("slug")
    if not named:
        return []
    changed = regraded_rows(reading.content, reading.publication.language)
    return [row for row in changed if row.row["slug"] == named]


def _grouped(claims: list[Claim]) -> list[tuple[str, list[Claim]]]:
    """The claims by what they are about; groups without any are left out."""
    places = {
        slug: (title, place) for title, slugs in CLAIM_GROUPS for place, slug in enumerate(slugs)
    }
    other = (OTHER_CLAIMS, 0)
    groups: dict[str, list[Claim]] = {title: [] for title, _ in CLAIM_GROUPS}
    for claim in sorted(claims, key=lambda claim: places.get(claim.slug, other)[1]):
        groups.setdefault(places.get(claim.slug, other)[0], []).append(claim)
    return [(gettext(title), group) for title, group in groups.items() if group]


def _verdict_words(verdict: str) -> str:
    """A verdict in the words of its badge; of one whose evidence fell, that it is looked at."""
    return strip_tags(verdict_badge(verdict, languages.current())) or gettext("Being checked again")


@require_safe
def evidence_list(request: HttpRequest) -> HttpResponse:
    """Verified works as asked for by ``?topic=…&design=…&age=…``, a page at a time."""
    context = {"shelf": StudyList(request.GET), "trail": []}
    return render(request, "public/evidence_list.html", context)


@require_safe
def evidence_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One verified work: its reference, its study in plain words, where we use it."""
    item = get_object_or_404(EvidenceItem.objects.verified().with_status(), key=key)
    cited = for_lists().filter(published_citations__item=item)
    is_retracted = item.status == StatusEvent.Status.RETRACTED
    findings = [] if is_retracted else list(item.found.select_related("item"))
    child = child_of(request.GET)
    context = {
        "item": item,
        "child": child,
        "child_filters": child_filters(child),
        "fit": child.fit(item) if child else None,
        "found": findings,
        "is_retracted": is_retracted,
        "forests": [draw_forest(comparison) for comparison in comparisons(findings)],
        "ages": ages_in_words(item),
        "levels": levels_in_words(item),
        "reference": reference_html(item.csl()),
        "seen_on": seen_on_words(last_seen([item]).get(item.pk), languages.current()),
        "event": item.status_events.standing().order_by("-pk").first(),
        "leaf": leaf(cited, request.GET, lambda copies: [page_of(copy) for copy in copies]),
        "trail": [PageLink(gettext("Evidence library"), reverse("evidence-list"))],
    }
    return render(request, "public/evidence_detail.html", context)


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Every word that was explained, from A to Z."""
    views = open_of_kind("glossary")
    terms = sorted(
        (term for reading in views for term in terms_of(reading)),
        key=lambda term: term["term"].casefold(),
    )
    context = {
        "publications": [reading.publication for reading in views],
        "notes": _notes(views),
        "terms": terms,
        "trail": [],
    }
    return render(request, "public/glossary.html", context)


def _notes(views: list[PublicationView]) -> list[EmergencyNote]:
    """What readers of these texts must know now, whichever page shows a piece of them."""
    return [note for reading in views for note in reading.notes]
