"""Handouts: find one, choose how it is printed, print it here or as a PDF. Nothing is recorded."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from education import languages
from education.canonical import digest
from education.handouts.codes import code_searched_for, format_code
from education.handouts.copy_check import public_code
from education.handouts.labels import paper_labels
from education.handouts.pdf import (
    ConfirmFirstError,
    MayNotPrintError,
    make_pdf,
    notices_of,
    options_as_record,
    printable,
    public_check_url,
)
from education.handouts.pdf_cache import PdfCache
from education.handouts.personal import PersonalDetails, like_yours
from education.handouts.print_options import as_query, fields_of, options_of
from education.handouts.printable import shown_address
from education.handouts.rules import do_not_use_after
from education.handouts.typesetting import Length, PrintOptions, TypesettingError, qr_code
from education.languages import plain_month
from education.public.children import child_filters, child_of, query_of
from education.public.paging import leaf
from education.public.parts import html_of
from education.public.publications import (
    PageLink,
    PublicationView,
    entries,
    for_lists,
    page_of,
    spoken_in,
)
from education.publishing.indexing import SUBJECT
from education.publishing.models import Publication, PublicationQuerySet
from education.publishing.status import PublicationStatus, statuses_of
from education.safety.notes import notes_above
from education.search.retrieval import cleaned, find
from education.sharing import open_to_others

_recent = PdfCache()


@dataclass(frozen=True)
class Sheet:
    """What a public print of a text says of itself on every page."""

    standing: PublicationStatus

    @property
    def code(self) -> str:
        """The code of every public print of this version, as people read it."""
        return format_code(self._code)

    @property
    def check_address(self) -> str:
        """Where the code is typed, without scheme."""
        return shown_address(f"{settings.SITE_URL}{reverse('check')}")

    @property
    def qr(self) -> str:
        """The way to the check page of this code, as an SVG."""
        return qr_code(public_check_url(self._code, timezone.localdate()))

    @property
    def printed(self) -> str:
        """The month in which a copy is printed today."""
        return plain_month(timezone.localdate())

    @property
    def do_not_use_after(self) -> object:
        """The last day a copy printed today may be used."""
        return do_not_use_after(timezone.localdate(), [self.standing.due_on])

    @cached_property
    def _code(self) -> str:
        return public_code(self.standing.publication)


@dataclass(frozen=True)
class HandoutEntry:
    """A text in the list of handouts: its one-sentence answer, and whether it may be printed."""

    publication: Publication
    summary: str
    standing: PublicationStatus


@require_safe
def handout_list(request: HttpRequest) -> HttpResponse:
    """Every text that is public, to find the one to print."""
    query = cleaned(request.GET.get("q", ""))
    if code := code_searched_for(query):
        return redirect("check-copy", format_code(code))
    handouts = _find(query)
    context = {
        "looked_for": query,
        "number_found": handouts.count() if query else 0,
        "leaf": leaf(handouts, request.GET, _entries),
        "trail": [],
    }
    return render(request, "public/handout_list.html", context)


def _entries(publications: Iterable[Publication]) -> list[HandoutEntry]:
    """Publications for the list of handouts, each with whether it may be printed."""
    listed = entries(publications)
    statuses = statuses_of([entry.publication for entry in listed])
    return [
        HandoutEntry(entry.publication, entry.summary, statuses[entry.publication.pk])
        for entry in listed
    ]


@require_safe
def handout_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One text as a page to print, and the choices for its PDF."""
    language = languages.current()
    try:
        (standing,) = printable([(slug, language)], confirmed="confirm" in request.GET)
    except ConfirmFirstError as question:
        return ask_to_confirm(request, slug, language, question)
    except MayNotPrintError as refusal:
        return refuse(request, slug, language, refusal)
    reading = PublicationView(standing.publication, standing, child_of(request.GET))
    return render(request, "public/handout_detail.html", handout_context(request, reading))


def handout_context(request: HttpRequest, reading: PublicationView) -> dict[str, Any]:
    """What ``public/handout_detail.html`` is drawn with."""
    publication, standing = reading.publication, reading.standing
    slug, language = publication.slug, publication.language
    options = _options(request, publication)
    # Paper shows the questions that were chosen, each for every option.
    chosen = QueryDict(mutable=True)
    chosen.setlist("question", list(options.questions))
    # In short, many of these places aren't there.
    html, grid = html_of(reading, chosen, request.path, backlinks=options.length == "full")
    return {
        "publication": publication,
        "reading": reading,
        "sheet": Sheet(standing),
        "options": options,
        "fields": fields_of(options),
        "asked": _link(request, publication),
        "lengths": [
            (gettext("Short (PDF)"), _link(request, publication, length="short")),
            (gettext("Whole (PDF)"), _link(request, publication, length="full")),
        ],
        "kept": [*_kept(request).items(), *(("question", each) for each in options.questions)],
        "questions": [
            (row.slug, row.name, options.prints_question(row.slug))
            for row in (grid.questions if grid else ())
        ],
        "child_filters": child_filters(reading.child),
        "personal": _personal(reading),
        "notices": notices_of(standing, emergency_notes_of(slug, language)),
        "html": html,
        "grid": grid,
        # A glossary has no shorter form.
        "is_whole": options.length == "full" or not (html["key_messages"] or html["questions"]),
        "spoken_in": spoken_in(slug),
        "words": paper_labels(language),
        "trail": [
            PageLink(gettext("Handouts"), reverse("handout-list")),
            page_of(publication),
        ],
    }


@open_to_others(
    fetch="GET, HEAD",
    asks="If-None-Match, Accept, Prefer",
    exposes="ETag, Last-Modified",
    frame="application/pdf",
)
@require_safe
def handout_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The same text as an accessible PDF."""
    language = languages.current()
    try:
        fit = printable([(slug, language)], confirmed="confirm" in request.GET)
    except ConfirmFirstError:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(f"{reverse('handout-detail', args=[slug])}{query}")
    except MayNotPrintError as refusal:
        return refuse(request, slug, language, refusal)
    (standing,) = fit
    today, beside = timezone.localdate(), emergency_notes_of(slug, language)
    personal = PersonalDetails(child_of(request.GET))
    if personal:
        return _personal_copy(request, standing, personal)
    options = _options(request, standing.publication)
    # All that the paper depends on: known before the paper is made.
    made_of = {
        "text": standing.publication.frozen_hash,
        "due_on": standing.due_on.isoformat(),
        "notices": notices_of(standing, beside),
        "options": options_as_record(options),
        "on": today.isoformat(),
        "site": [settings.SITE_URL, settings.SITE_NAME, settings.DEMO],
    }
    made_of_all = digest(made_of)
    headers = {
        "ETag": quote_etag(made_of_all[:32]),
        # A study may fall at any moment; asking whether it still holds costs little.
        "Cache-Control": "public, no-cache",
        **file_headers(standing.publication),
    }
    known = get_conditional_response(request, headers["ETag"])
    if known is not None:
        return known
    pdf = _recent.get(made_of_all)
    if pdf is None:
        try:
            pdf = make_pdf(
                fit,
                code=public_code(standing.publication),
                printed_on=today,
                options=options,
                beside=beside,
            )
        except TypesettingError as refusal:
            return refuse(request, slug, language, refusal)
        _recent.keep(made_of_all, pdf)
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _personal_copy(
    request: HttpRequest, standing: PublicationStatus, personal: PersonalDetails
) -> HttpResponse:
    """A copy for one child: made for this answer, and kept by nobody."""
    publication = standing.publication
    try:
        pdf = make_pdf(
            [standing],
            code=public_code(publication),
            printed_on=timezone.localdate(),
            options=_options(request, publication),
            beside=emergency_notes_of(publication.slug, publication.language),
            personal=personal,
        )
    except TypesettingError as refusal:
        return refuse(request, publication.slug, publication.language, refusal)
    headers = {"Cache-Control": "private, no-store", **file_headers(publication)}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def file_headers(publication: Publication, what: str = "version") -> dict[str, str]:
    """What a browser is told of a PDF of this version."""
    name = f"{publication.slug}-{what}-{publication.number}.pdf"
    return {"Content-Disposition": f'inline; filename="{name}"', "X-Robots-Tag": "noindex"}


def _personal(reading: PublicationView) -> dict[str, object] | None:
    """What a page to print says for one child, as a PDF does; nothing where none is asked for."""
    studies = like_yours(reading.content, reading.child)
    if studies is None:
        return None
    words = paper_labels(reading.publication.language)
    return {"title": studies.title, "lines": studies.lines, "pen_title": words["written_by_hand"]}


def _find(query: str) -> PublicationQuerySet:
    """Texts that search finds, by title; all of them when nothing is asked."""
    if not query:
        return for_lists()
    numbers = [
        candidate.subject_id for candidate in find(query).candidates if candidate.subject == SUBJECT
    ]
    return for_lists().filter(pk__in=numbers)


def _kept(request: HttpRequest) -> dict[str, str]:
    """What a link carries on beside the options: a confirmation given, and a child asked about."""
    confirmed = {"confirm": "yes"} if request.GET.get("confirm") else {}
    return confirmed | dict(parse_qsl(query_of(child_of(request.GET)).removeprefix("?")))


def _options(request: HttpRequest, publication: Publication) -> PrintOptions:
    return options_of(request.GET, questions=_questions(publication))


def _questions(publication: Publication) -> list[str]:
    """The rows of a comparison; none of another text."""
    comparison = publication.content["comparison"]
    return [row["slug"] for row in comparison["rows"]] if comparison else []


def _link(
    request: HttpRequest, publication: Publication, *, length: Length | None = None, **more: str
) -> str:
    """The options that were asked for, as a link carries them on; ``length``: instead of theirs."""
    options = _options(request, publication)
    if length:
        options = replace(options, length=length)
    return as_query(options, questions=_questions(publication), **_kept(request) | more)


def emergency_notes_of(slug: str, language: str) -> dict[tuple[str, str], list[str]]:
    """Emergency notes stand on paper as on the page."""
    return {(slug, language): [note.text for note in notes_above(slug, language)]}


def ask_to_confirm(
    request: HttpRequest, slug: str, language: str, question: ConfirmFirstError
) -> HttpResponse:
    """The review is overdue (rule 5): whoever prints it all the same says so."""
    publication = Publication.objects.current().get(slug=slug, language=language)
    context = {
        "publication": publication,
        "question": str(question),
        "address": f"{request.path}{_link(request, publication, confirm='yes')}",
        "trail": [PageLink(gettext("Handouts"), reverse("handout-list"))],
    }
    return render(request, "public/handout_confirm.html", context)


def refuse(
    request: HttpRequest, slug: str, language: str, refusal: MayNotPrintError | TypesettingError
) -> HttpResponse:
    """Say why it is not printed; a page that was never public is not found."""
    newest = Publication.objects.newest().filter(slug=slug, language=language)
    publication = newest.first()
    if publication is None:
        raise Http404
    withdrawal = publication.withdrawal
    if withdrawal:
        status = 410
    elif isinstance(refusal, TypesettingError):
        status = 503
    else:
        status = 403 if request.path.endswith(".pdf") else 200
    context = {
        "publication": publication,
        "refusal": str(refusal),
        "withdrawal": withdrawal,
        "trail": [PageLink(gettext("Handouts"), reverse("handout-list"))],
    }
    return render(request, "public/handout_refused.html", context, status=status)
