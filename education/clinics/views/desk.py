"""The desk itself: what to bin, what to print, what was printed, who we are."""

import base64
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from education.clinics.access import DeskRequest, at_desk
from education.clinics.forms import ClinicDetailsForm
from education.errors import EditorialError
from education.handouts.codes import MOST_TEXTS_OF_AN_ADDRESS, code_searched_for, format_code
from education.handouts.copy_check import Verdict, public_code, verdicts_of
from education.handouts.models import Clinic, Pack, PrintedCopy
from education.handouts.operations import save_profile
from education.handouts.packs import PackLine, lines_of_packs
from education.handouts.pdf import options_from_record
from education.handouts.print_options import SAVED_CHOICES, in_words
from education.handouts.recall_lists import STAYS_ON_THE_LIST, drill_of, drills, recalls_of
from education.handouts.statistics import HEIGHT, WIDTH, bars, by_month, by_text
from education.publishing.models import Publication
from education.publishing.status import statuses_of

A_PAGE = 50
SHOWN = 20


@at_desk
@require_safe
def desk(request: DeskRequest) -> HttpResponse:
    """What must be done first, then what can be printed; the code of a print leads to it."""
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    if code := code_searched_for(query):
        is_own = _copies(request.clinic).filter(code=code).exists()
        return redirect("clinic-copy" if is_own else "check-copy", format_code(code))
    publications = Publication.objects.current().filter(language="en").order_by("title", "slug")
    for word in query.split()[:8]:
        publications = publications.filter(Q(title__icontains=word) | Q(summary__icontains=word))
    packs = request.clinic.packs.in_use().prefetch_related("items")
    context = {
        "clinic": request.clinic,
        "bin": sum(not recall.is_answered for recall in recalls_of(request.clinic)),
        "looked_for": query,
        "handouts": _with_reasons(publications.defer("html", "search_text")[:A_PAGE]),
        "packs": [_in_short(*of_pack) for of_pack in lines_of_packs(packs[:SHOWN])],
        "last": _rows(verdicts_of(_copies(request.clinic)[:5])),
    }
    return render(request, "clinics/desk.html", context)


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: DeskRequest) -> HttpResponse:
    """What stands at the head of every handout of this clinic, and how it usually prints."""
    form = ClinicDetailsForm(
        request.POST or None, request.FILES or None, initial=model_to_dict(request.clinic)
    )
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        logo = said.pop("logo_file")
        usual = {name: said.pop(name) for name in SAVED_CHOICES}
        print_choices = {name: value for name, value in usual.items() if value}
        try:
            save_profile(
                clinic=request.clinic,
                by=request.user,
                logo=logo,
                print_choices=print_choices,
                **said,
            )
        except EditorialError as refusal:
            form.add_error("logo_file" if logo is not None else None, str(refusal))
        else:
            messages.success(request, "Saved. It holds for new prints.")
            return redirect("clinic-details")
    context = {"clinic": request.clinic, "form": form, "logo": _as_address(request.clinic)}
    return render(request, "clinics/details.html", context)


@at_desk
@require_safe
def printed(request: DeskRequest) -> HttpResponse:
    """Everything this clinic printed, newest first, and whether it may still be used."""
    page = Paginator(_copies(request.clinic), A_PAGE).get_page(request.GET.get("page"))
    context = {"clinic": request.clinic, "page": page, "rows": _rows(verdicts_of(page))}
    return render(request, "clinics/printed.html", context)


@at_desk
@require_safe
def to_bin(request: DeskRequest) -> HttpResponse:
    """The recall list: what this clinic printed that must not be used any more."""
    recalls = recalls_of(request.clinic)
    open_ones = [recall for recall in recalls if not recall.is_answered]
    context = {
        "clinic": request.clinic,
        "rows": _rows(recall.verdict for recall in open_ones),
        "drills": [
            (copy, format_code(copy.code))
            for drill in drills(request.clinic)
            for copy in drill.copies
            if drill_of(copy)
        ],
        "answered": [recall for recall in recalls if recall.is_answered],
        "binned": sum(recall.binned for recall in recalls),
        "given_out": sum(recall.given_out for recall in recalls),
        "today": timezone.localdate(),
        "months": STAYS_ON_THE_LIST.days // 30,
    }
    return render(request, "clinics/bin.html", context)


@at_desk
@require_safe
def counts(request: DeskRequest) -> HttpResponse:
    """How many copies, by month and text, as a drawing and as tables."""
    copies = PrintedCopy.objects.filter(clinic=request.clinic)
    months = by_month(copies, timezone.localdate())
    context = {
        "clinic": request.clinic,
        "months": months,
        "bars": bars(months),
        "width": WIDTH,
        "height": HEIGHT,
        "total": sum(month.copies for month in months),
        "texts": by_text(copies.filter(printed_on__gte=months[0].first)),
    }
    return render(request, "clinics/counts.html", context)


def _with_reasons(found: Iterable[Publication]) -> list[tuple[Publication, str, str]]:
    """Each text with why it can't be printed now, or nothing, and the code to hand it over by."""
    standings = statuses_of(found).values()
    return [
        (
            standing.publication,
            " ".join(standing.reasons_against_printing),
            format_code(public_code(standing.publication)),
        )
        for standing in standings
    ]


def _copies(clinic: Clinic) -> QuerySet[PrintedCopy]:
    return PrintedCopy.objects.filter(clinic=clinic).order_by("-pk")


def _rows(found: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Copies with how they were printed, in words."""
    return [
        {
            "verdict": verdict,
            "copy": verdict.copy,
            "how": in_words(options_from_record(verdict.copy.options)),
        }
        for verdict in found
        if verdict.copy
    ]


def _in_short(pack: Pack, lines: list[PackLine]) -> dict[str, Any]:
    """A pack, and how many of its handouts have moved on or can't be printed."""
    return {
        "pack": pack,
        "lines": len(lines),
        "moved_on": sum(bool(line.moved_on) for line in lines),
        "why_not": sum(bool(line.why_not) for line in lines),
        "codes": _codes(lines),
    }


def _codes(lines: list[PackLine]) -> str:
    """The codes by which a pack is handed over; none where a text of it is not public any more."""
    texts = [line.standing.publication for line in lines if line.standing]
    if len(texts) != len(lines) or len(texts) > MOST_TEXTS_OF_AN_ADDRESS:
        return ""
    return "+".join(format_code(public_code(text)) for text in texts)


def _as_address(clinic: Clinic) -> str:
    """The logo as an address that holds it: an image of a page never runs what is in it."""
    logo = clinic.checked_logo()
    if not logo:
        return ""
    return f"data:{logo.content_type};base64,{base64.b64encode(logo.data).decode()}"
