"""What was found, outcome by outcome: the evidence map, and one page for each outcome."""

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from education import languages
from education.evidence.models import Finding
from education.public.drawings import draw_forest, draw_map
from education.public.outcomes import comparisons, evidence_map, glance, standing_findings
from education.public.paging import leaf
from education.public.publications import PageLink
from education.publishing.findings import live_table


@require_safe
def outcome_list(request: HttpRequest) -> HttpResponse:
    """
    The evidence map: what is known and what isn't, with the certainties of the published table of
    findings; where none is published, how much was studied, in how many.
    """
    table = live_table(languages.current())
    options, rows = evidence_map(standing_findings())
    context = {
        "table": table[0] if table else None,
        "outcomes": glance(table[1]) if table else [],
        "options": options,
        "rows": rows,
        "drawing": draw_map([str(option.label) for option in options], rows),
        "trail": [PageLink(gettext("Evidence library"), reverse("evidence-list"))],
    }
    return render(request, "public/outcome_list.html", context)


def _by_option(shown: list[Finding]) -> list[dict[str, object]]:
    """Findings under the options they are about, with drawings of those that share a scale."""
    parts: list[dict[str, object]] = []
    for option, of_option in groupby(shown, key=lambda finding: Finding.Option(finding.option)):
        findings = list(of_option)
        forests = [draw_forest(comparison) for comparison in comparisons(findings)]
        parts.append({"option": option, "findings": findings, "forests": forests})
    return parts


@require_safe
def outcome_detail(request: HttpRequest, outcome: str) -> HttpResponse:
    """Everything found about one outcome, treatment by treatment."""
    if outcome not in Finding.Outcome.values:
        raise Http404
    findings = standing_findings().filter(outcome=outcome)
    context = {
        "outcome": Finding.Outcome(outcome),
        "leaf": leaf(findings, request.GET, _by_option),
        "trail": [
            PageLink(gettext("Evidence library"), reverse("evidence-list")),
            PageLink(gettext("Evidence map"), reverse("outcome-list")),
        ],
    }
    return render(request, "public/outcome_detail.html", context)
