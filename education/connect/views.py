"""Answers for machines; and the same for a person whose record system opened a window."""

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from education import languages
from education.connect import serializers
from education.connect.feed import as_json, as_xml, feed
from education.connect.infobutton_request import (
    BadRequestError,
    InfobuttonRequest,
    ResponseFormat,
    read,
)
from education.connect.matching import answers
from education.errors import CANNOT_ANSWER, RETRY_AFTER
from education.sharing import open_to_others

_TYPES = {
    ResponseFormat.XML: "text/xml; charset=utf-8",
    ResponseFormat.JSON: "application/json; charset=utf-8",
    ResponseFormat.SCRIPT: "application/javascript; charset=utf-8",
}
# Seconds that a shared cache may keep an answer that says nothing of a patient.
_KEEP = 60


@csrf_exempt  # It changes nothing and knows nobody: a record system posts from anywhere.
@open_to_others(fetch="GET, HEAD, POST", asks="Accept, Content-Type", frame="text/html")
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Handouts for a diagnosis code: HL7's Infobutton, by GET or POST; stores and logs nothing."""
    parameters = request.POST if request.method == "POST" else request.GET
    try:
        question = read(parameters.dict(), unless_named=_accepted(request))
    except BadRequestError as error:
        return _private(HttpResponse(str(error), status=400, content_type="text/plain"))
    try:
        response = _answered(request, question)
    except OperationalError:
        return _private(_later(request, question))
    if request.method == "POST" or not question.is_impersonal:
        return _private(response)
    response["Cache-Control"] = f"public, max-age={_KEEP}"
    response["Vary"] = "Accept"
    return _quiet(response)


@open_to_others(frame="text/html")
@require_safe
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """
    One text to stand in a frame on a clinic's own site, where it stays current by itself.

    With the page of ``connect`` the only one that may be framed. One that was withdrawn says so in
    its place.
    """
    publication = serializers.current().filter(slug=slug).first()
    if publication is None:
        withdrawn = serializers.withdrawn().filter(slug=slug).first()
        if withdrawn is None:
            raise Http404
        gone = {"withdrawn": withdrawn, "withdrawal": withdrawn.withdrawal}
        return render(request, "connect/embed.html", gone, status=410)
    article = serializers.article(publication)
    shown = {
        "article": article,
        "publication": publication,
        # Places of the text stay in the frame; whatever else it leads to can't be framed.
        "html": (article["html"] or "").replace('<a href="#', '<a target="_self" href="#'),
    }
    response = render(request, "connect/embed.html", shown)
    response["Cache-Control"] = f"public, max-age={_KEEP}"
    return response


def _later(request: HttpRequest, question: InfobuttonRequest) -> HttpResponse:
    """What is said while the database does not answer; nothing of the question comes back."""
    if question.form == ResponseFormat.PAGE:
        response = render(request, "503.html", status=503)
    else:
        response = HttpResponse(CANNOT_ANSWER, status=503, content_type="text/plain")
    response["Retry-After"] = RETRY_AFTER
    return response


def _answered(request: HttpRequest, question: InfobuttonRequest) -> HttpResponse:
    offered = languages.offered_languages()
    language = next(
        (language_asked for language_asked in question.languages if language_asked in offered),
        languages.ENGLISH,
    )
    with languages.language_override(language):
        return _response(request, question)


def _response(request: HttpRequest, question: InfobuttonRequest) -> HttpResponse:
    matched = answers(question)
    if question.form == ResponseFormat.PAGE:
        context = {
            "asked": question.criteria,
            "answers": matched,
            "of_the_child": question.of_the_child,
            "trail": [],
        }
        return render(request, "connect/connect.html", context)
    tree = feed(question, matched)
    if question.form == ResponseFormat.XML:
        return HttpResponse(as_xml(tree), content_type=_TYPES[ResponseFormat.XML])
    written = as_json(tree)
    if question.form == ResponseFormat.SCRIPT:
        # The comment keeps the first bytes ours, whatever the name of the function.
        written = f"/**/{question.callback}({written});"
    return HttpResponse(written, content_type=_TYPES[question.form])


def _accepted(request: HttpRequest) -> ResponseFormat:
    """A browser gets a page; a machine that says what it takes gets that, else Atom."""
    accepted = request.headers.get("Accept", "")
    if "text/html" in accepted:
        return ResponseFormat.PAGE
    if "json" in accepted and "xml" not in accepted:
        return ResponseFormat.JSON
    return ResponseFormat.XML if "xml" in accepted else ResponseFormat.PAGE


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return _quiet(response)


def _quiet(response: HttpResponse) -> HttpResponse:
    """The address may tell of a patient: no page that is opened from here learns it."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
