"""Is this printed copy still good? One code, or all that lies on a shelf. Nothing is recorded."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from education.errors import RETRY_AFTER
from education.handouts.codes import CodeError, format_code, parse_code, parse_codes
from education.handouts.copy_check import State, Verdict, check, verdicts
from education.public.publications import PageLink
from education.public.rate_limits import limited
from education.safety.models import EmergencyNote
from education.safety.notes import notes_above

MOST_CODES = 500
LONGEST_LIST = 40_000  # characters
CANNOT = _(
    "Codes can’t be checked just now. Try again in a minute. Until then, go by the dates printed "
    "on the copy."
)


@never_cache
@require_safe
def check_form(request: HttpRequest) -> HttpResponse:
    """Ask for a code; one that was typed leads to its answer."""
    typed = request.GET.get("code", "")
    if "code" not in request.GET:
        return code_form(request)
    try:
        code = parse_code(typed)
    except CodeError as error:
        return code_form(request, typed, str(error))
    month = next((each.printed for each in parse_codes(typed) if each.printed), "")
    query = f"?{urlencode({'printed': month})}" if month else ""
    return redirect(f"{reverse('check-copy', args=[format_code(code)])}{query}")


@never_cache
@require_safe
@limited
def check_copy(request: HttpRequest, code: str) -> HttpResponse:
    """The answer to a code, as it was typed or scanned."""
    try:
        verdict = check(parse_code(code)).printed_in(request.GET.get("printed", ""))
        context = {"verdict": verdict, "notes": _notes([verdict]), "trail": _trail()}
    except CodeError as error:
        return code_form(request, code, str(error), status=404)
    except OperationalError:
        return _later(code_form(request, code, str(CANNOT), status=503))
    known = verdict.state != State.UNKNOWN
    status = 200 if known else 404
    return render(request, "public/check_copy.html", context, status=status)


@csrf_exempt  # it changes nothing, and readers get no cookie
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def check_shelf(request: HttpRequest) -> HttpResponse:
    """Many codes at once: what to keep, what to bin, what could not be read."""
    typed = request.POST.get("codes", "")
    problem = _problem(request, typed)
    context: dict[str, Any] = {"typed": typed, "trail": _trail(), "problem": problem}
    if request.method == "POST" and not problem:
        try:
            context |= _shelf(typed)
        except OperationalError:
            context["problem"] = CANNOT
            page = render(request, "public/check_shelf.html", context, status=503)
            return _later(page)
    status = 400 if problem else 200
    return render(request, "public/check_shelf.html", context, status=status)


def _shelf(typed: str) -> dict[str, Any]:
    """What the page says of a list of codes."""
    read = parse_codes(typed)
    known = verdicts([each.code for each in read if each.code])
    judged = [known[each.code].printed_in(each.printed) for each in read if each.code]
    keep = [verdict for verdict in judged if verdict.may_be_used]
    return {
        "checked": True,
        "keep": keep,
        "notes": _notes(keep),
        "bin": _worst_first(judged),
        "unknown": [verdict for verdict in judged if verdict.state == State.UNKNOWN],
        "unread": [each for each in read if not each.code],
    }


def _later(page: HttpResponse) -> HttpResponse:
    page["Retry-After"] = RETRY_AFTER
    return page


def _problem(request: HttpRequest, typed: str) -> str:
    """Why a list can't be checked as it is; empty when it can."""
    if request.method != "POST":
        return ""
    if not typed.strip():
        return gettext("Type or paste the codes first, one on each line.")
    if len(typed) > LONGEST_LIST or len(parse_codes(typed)) > MOST_CODES:
        message = gettext("This is more than {} codes. Please check them in parts.")
        return message.format(MOST_CODES)
    return ""


def _notes(verdicts: Iterable[Verdict]) -> list[EmergencyNote]:
    """What readers of these texts must know now and paper may not say."""
    texts = [checked.publication for verdict in verdicts for checked in verdict.checked_texts]
    pages = dict.fromkeys((text.slug, text.language) for text in texts)
    return [note for page in pages for note in notes_above(*page)]


def _worst_first(verdicts: list[Verdict]) -> list[Verdict]:
    old = [verdict for verdict in verdicts if verdict.is_for_the_bin]
    return sorted(old, key=lambda verdict: -verdict.state)


def code_form(
    request: HttpRequest, typed: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    """The form to type a code, with what was typed and what is wrong with it."""
    context = {"typed": typed, "problem": problem, "trail": []}
    return render(request, "public/check.html", context, status=status)


def _trail() -> list[PageLink]:
    return [PageLink(gettext("Check a printed copy"), reverse("check"))]
