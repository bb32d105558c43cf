"""The worksheet of a comparison: on screen, where nothing of it is sent, and on paper."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from education import languages
from education.handouts.pdf import ConfirmFirstError, MayNotPrintError, printable
from education.handouts.print_options import as_query, options_of
from education.handouts.typesetting import TypesettingError
from education.handouts.worksheet import worksheet_of, worksheet_pdf
from education.public.publications import PublicationView, page_of, publication_view, spoken_in
from education.public.views.handouts import (
    ask_to_confirm,
    emergency_notes_of,
    file_headers,
    refuse,
)


@require_safe
def worksheet(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet to fill in on screen; its fields have no name and stand in no form."""
    reading = publication_view(slug)
    if reading is None or not reading.is_open:
        raise Http404
    sheet = worksheet_of(
        reading.content, request.GET.getlist("question"), request.GET.getlist("option")
    )
    if sheet is None:
        raise Http404
    options = options_of(request.GET, questions=request.GET.getlist("question")[:50])
    asked = as_query(options)
    if shown := request.GET.getlist("option")[:50]:
        asked += f"{'&' if asked else '?'}{urlencode([('option', slug) for slug in shown])}"
    context = {
        "publication": reading.publication,
        "reading": reading,
        "sheet": sheet,
        "asked": asked,
        "may_print": reading.standing.may_print,
        "spoken_in": spoken_in(slug),
        "trail": [page_of(reading.publication)],
    }
    return render(request, "public/worksheet.html", context)


@require_safe
def worksheet_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet on paper, with empty boxes, while its comparison may be printed."""
    language = languages.current()
    try:
        (standing,) = printable([(slug, language)], confirmed="confirm" in request.GET)
    except ConfirmFirstError as question:
        return ask_to_confirm(request, slug, language, question)
    except MayNotPrintError as refusal:
        return refuse(request, slug, language, refusal)
    content = PublicationView(standing.publication, standing).content
    sheet = worksheet_of(content, request.GET.getlist("question"), request.GET.getlist("option"))
    if sheet is None:
        raise Http404
    try:
        pdf = worksheet_pdf(
            sheet,
            standing,
            on=timezone.localdate(),
            options=options_of(request.GET),
            beside=emergency_notes_of(slug, language),
        )
    except TypesettingError as refusal:
        return refuse(request, slug, language, refusal)
    headers = {
        "Cache-Control": "public, no-cache",
        **file_headers(standing.publication, "worksheet"),
        "Link": f'<{reverse("worksheet", args=[slug])}>; rel="canonical"',
    }
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
