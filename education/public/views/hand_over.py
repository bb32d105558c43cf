"""
Hand over a text on a telephone: exactly this version, by its code, and how it stands today.

The address is all there is: it carries what was chosen, and nothing is stored, counted or set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from education import languages
from education.evidence.people_studied import Child
from education.handouts.codes import (
    MOST_TEXTS_OF_AN_ADDRESS,
    CodeError,
    format_code,
    parse_code,
)
from education.handouts.copy_check import CheckedText, public_code, verdicts
from education.handouts.typesetting import qr_code
from education.public.children import child_filters, child_of, query_of
from education.public.parts import html_of
from education.public.publications import PublicationView, page_of, publication_views, trail_of
from education.public.rate_limits import limited
from education.public.views.checking import code_form
from education.public.views.handouts import Sheet
from education.publishing.models import Publication
from education.publishing.status import withdrawals_of

# Modules around a code that stay white (ISO/IEC 18004).
QUIET = 4


@dataclass(frozen=True)
class GivenText:
    """
    One text that a family was given, and what became of it.

    ``reading`` is its own version as it may be shown now; ``withdrawn`` says that no word of it is.
    """

    checked: CheckedText
    reading: PublicationView
    withdrawn: bool

    @property
    def publication(self) -> Publication:
        """The version that was given."""
        return self.reading.publication

    @property
    def code(self) -> str:
        """The code of this version, as people read it."""
        return format_code(public_code(self.publication))

    @property
    def is_newest(self) -> bool:
        """Whether no other version took its place."""
        return not (self.withdrawn or self.checked.changes or self.checked.rewordings)

    @property
    def is_shown(self) -> bool:
        """Whether its words may be read: not once it was withdrawn, hidden or left unchecked."""
        return self.reading.is_open and not self.withdrawn

    @property
    def may_print(self) -> bool:
        """Whether a new copy of this version may be printed."""
        return self.is_newest and self.reading.standing.may_print


@limited
@require_safe
def given_text(request: HttpRequest, codes: str) -> HttpResponse:
    """What a family was given, as it stands today; several texts as a list."""
    texts = _texts_of(request, codes, "given-text")
    if isinstance(texts, HttpResponse):
        return texts
    child = child_of(request.GET)
    if len(texts) > 1:
        context: dict[str, object] = {
            "texts": texts,
            "carried": query_of(child),
            "send": _ways_to_send(_address(codes, query_of(child)), gettext("Information for you")),
            "spoken_in": {languages.current()},
            "trail": [],
        }
        return _answer(render(request, "public/given_texts.html", context))
    (given,) = texts
    publication = given.publication
    html, grid = None, None
    if given.is_shown:
        html, grid = html_of(
            given.reading, request.GET, request.path, link_findings=given.is_newest
        )
    query = _carried(child, _chosen(given.reading, request))
    context = {
        "given": given,
        "publication": publication,
        "reading": given.reading,
        "html": html,
        "grid": grid,
        "child": child,
        "child_query": query_of(child),
        "asked": query,
        "send": _ways_to_send(_address(codes, query), publication.title),
        "sheet": Sheet(given.reading.standing) if given.may_print else None,
        "spoken_in": {languages.current()},
        "trail": trail_of(publication.topic),
    }
    status = 410 if given.withdrawn else 200
    return _answer(render(request, "public/given_text.html", context, status=status))


@limited
@require_safe
def hand_over(request: HttpRequest, codes: str) -> HttpResponse:
    """A page for the screen of a desk: what the address will carry, and a square to scan."""
    texts = _texts_of(request, codes, "hand-over")
    if isinstance(texts, HttpResponse):
        return texts
    child = child_of(request.GET)
    first = texts[0].publication
    questions = _chosen(texts[0].reading, request) if len(texts) == 1 else []
    query = _carried(child, questions)
    own = "+".join(text.code for text in texts)
    address = _address(own, query)
    may_hand_over = all(text.is_shown for text in texts)
    rows = _rows(texts[0].reading) if may_hand_over and len(texts) == 1 else []
    context = {
        "texts": texts,
        "title": first.title,
        "address": address,
        "typed": _address(own, "").partition("://")[2].rstrip("/"),
        "qr": qr_code(address, quiet=QUIET),
        "child": child,
        "filters": child_filters(child),
        "questions": [(slug, words, slug in questions) for slug, words in rows],
        "number_chosen": len(questions),
        "here": request.path,
        "asked": query,
        "in_other_languages": _other_languages(first) if len(texts) == 1 else [],
        "may_hand_over": may_hand_over,
        "spoken_in": {languages.current()},
        "trail": [page_of(first)] if len(texts) == 1 else [],
    }
    return _answer(render(request, "public/hand_over.html", context))


def _texts_of(request: HttpRequest, codes: str, view: str) -> list[GivenText] | HttpResponse:
    """The texts that codes joined by ``+`` name; else where to go, or a form to type a code."""
    try:
        parsed = [parse_code(code) for code in codes.split("+")]
    except CodeError as error:
        return code_form(request, codes, str(error), status=404)
    if len(parsed) > MOST_TEXTS_OF_AN_ADDRESS:
        message = gettext("This is more than {} codes. Please hand them over in parts.")
        return code_form(request, "", message.format(MOST_TEXTS_OF_AN_ADDRESS), status=404)
    answers = verdicts(parsed)
    if unknown := next((code for code in parsed if not answers[code].checked_texts), ""):
        message = gettext(
            "We do not know this code. Please compare it with the paper or the screen."
        )
        return code_form(request, format_code(unknown), message, status=404)
    checked_texts = {
        checked.publication.pk: checked
        for code in parsed
        for checked in answers[code].checked_texts
    }
    # A clinic's code names its texts; its note and its name stay on its paper.
    first = next(iter(checked_texts.values())).publication
    if other := _address_in_its_language(request, first, view, codes):
        return other
    return _given(checked_texts, child_of(request.GET))


def _given(checked_texts: dict[int, CheckedText], child: Child) -> list[GivenText]:
    wanted = Publication.objects.filter(pk__in=checked_texts).select_related("topic__parent")
    readings = {reading.publication.pk: reading for reading in publication_views(wanted, child)}
    withdrawn = withdrawals_of([checked.publication for checked in checked_texts.values()])
    return [
        GivenText(checked, readings[number], number in withdrawn)
        for number, checked in checked_texts.items()
    ]


def _address_in_its_language(
    request: HttpRequest, publication: Publication, view: str, codes: str
) -> HttpResponseRedirect | None:
    """Where the page speaks the language of its text, unless it is here."""
    wanted = languages.supported_language(publication.language)
    if wanted == languages.current():
        return None
    query = request.META.get("QUERY_STRING", "")
    with languages.language_override(wanted):
        address = reverse(view, args=[codes])
    return redirect(f"{address}?{query}" if query else address)


def _other_languages(publication: Publication) -> list[tuple[str, str, str]]:
    """The same text in each other language: its tag, its name, and where it is handed over."""
    offered = languages.offered_languages()
    if len(offered) == 1:
        return []
    others = Publication.objects.current().filter(slug=publication.slug, language__in=offered)
    translations = []
    for other in others.exclude(language=publication.language).order_by("language"):
        with languages.language_override(other.language):
            address = reverse("hand-over", args=[format_code(public_code(other))])
        translations.append((other.language, offered[other.language], address))
    return translations


def _rows(reading: PublicationView) -> list[tuple[str, str]]:
    comparison = reading.content["comparison"]
    return [(row["slug"], row["question"]) for row in comparison["rows"]] if comparison else []


def _chosen(reading: PublicationView, request: HttpRequest) -> list[str]:
    """The rows of a comparison that an address chooses; empty for all of them."""
    wanted = set(request.GET.getlist("question"))
    return [slug for slug, _ in _rows(reading) if slug in wanted]


def _carried(child: Child, questions: Sequence[str]) -> str:
    """The query of an address: what was chosen of a child and of the questions, nothing else."""
    return _joined(query_of(child), urlencode([("question", slug) for slug in questions]))


def _joined(query: str, more: str) -> str:
    if not more:
        return query
    return f"{query}&{more}" if query else f"?{more}"


def _address(codes: str, query: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse('given-text', args=[codes])}{query}"


def _ways_to_send(address: str, title: str) -> dict[str, str]:
    """Links that open the telephone's own messages and mail; nothing goes through this site."""
    body = quote(f"{title}: {address}")
    return {
        "address": address,
        "title": title,
        # iOS wants the "&", others the "?"; both read this.
        "message": f"sms:?&body={body}",
        "mail": f"mailto:?subject={quote(title)}&body={body}",
    }


def _answer(response: HttpResponse) -> HttpResponse:
    """No link on these pages says where it was pressed: their addresses may tell of a child."""
    response["Referrer-Policy"] = "no-referrer"
    return response
