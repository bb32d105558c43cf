"""The read-only API: what is public now, as JSON, for other sites and for copies of this one."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page, require_http_methods, require_safe

from education.connect import serializers
from education.connect.changes import changes as all_changes
from education.connect.infobutton_request import SYSTEMS, Concept
from education.connect.matching import topics_with_code
from education.connect.openapi import EXAMPLES, PLACE, addresses, document
from education.errors import CANNOT_ANSWER, RETRY_AFTER
from education.languages import offered_languages
from education.publisher import licence
from education.publishing.status import versions_as_told, why_not_current
from education.sharing import open_to_others
from education.topics.models import Topic

# Entries of one answer: what a reader gets unless they ask, and the most they get.
USUAL, MOST = 50, 100
FILTERS = ("code", "language", "topic")
MOST_OF_CODE = 100  # characters; a code with its system is far shorter
# Seconds that anyone may keep an answer; the changes say when to ask again.
_KEEP = 60

# What caches, counters and libraries add to any address, and we read nothing of.
_IGNORED = re.compile(r"_|format|utm_\w+")

View = Callable[..., HttpResponseBase]


class NotFoundError(Exception):
    """There is nothing public of that name; a message says what there is."""


class BadParameterError(ValueError):
    """A parameter can't be used as it is; the message says which and why."""


def answers(*parameters: str) -> Callable[[Callable[..., Any]], View]:
    """
    Make a view of data: JSON, open to every site, with an ETag, and errors as JSON.

    It answers GET, HEAD, and the OPTIONS that browsers send first. A parameter that is not among
    ``parameters`` is refused: who misspells a filter must not be given everything.
    """

    def decorate(view: Callable[..., Any]) -> View:
        @csrf_exempt  # There is nothing to forge: whatever would write is refused as it is.
        @open_to_others(fetch="GET, HEAD", asks="If-None-Match", exposes="ETag")
        @require_http_methods(["GET", "HEAD"])
        @conditional_page
        @wraps(view)
        def answer(request: HttpRequest, **names: Any) -> HttpResponse:
            return _answer(view, request, names, parameters)

        return answer

    return decorate


def _answer(
    view: Callable[..., Any],
    request: HttpRequest,
    names: dict[str, Any],
    parameters: Sequence[str],
) -> HttpResponse:
    try:
        _refuse_unknown(request, parameters)
        data, status = view(request, **names), 200
    except NotFoundError as error:
        data, status = {"error": str(error) or "Nothing public has this address."}, 404
    except BadParameterError as error:
        data, status = {"error": str(error)}, 400
    except OperationalError:
        data, status = {"error": CANNOT_ANSWER}, 503
    response = JsonResponse(data, status=status, json_dumps_params={"ensure_ascii": False})
    if status == 503:
        response["Retry-After"] = RETRY_AFTER
    response["Cache-Control"] = f"public, max-age={_KEEP}" if status == 200 else "no-store"
    return response


def _refuse_unknown(request: HttpRequest, parameters: Sequence[str]) -> None:
    """Raise ``BadParameterError`` for a parameter that this address doesn't have."""
    for name in request.GET:
        if name not in parameters and not _IGNORED.fullmatch(name):
            known = f"It has {', '.join(sorted(parameters))}." if parameters else "It has none."
            raise BadParameterError(f"This address has no parameter {name[:60]!r}. {known}")


# Texts


@answers("after", "limit", "code", "topic", "language")
def articles(request: HttpRequest) -> Any:
    """Every text that is public now, by address; those of a code, a topic or a language."""
    texts = serializers.current(_language(request)).defer("html", "search_text")
    if "topic" in request.GET:
        texts = texts.filter(topic__in=_topic_and_below(request))
    if code := request.GET.get("code", ""):
        texts = texts.filter(topic__in=topics_with_code(_code(code)))
    return _by_name(request, texts, "slug", serializers.headings, "api-articles")


def _code(code: str) -> str:
    """The code of a filter. Raises ``NotFoundError`` where it names a system we don’t know."""
    code = code[:MOST_OF_CODE]
    system = code.rpartition("|")[0]
    if system and Concept(system=system).known_system is None:
        known = ", ".join(sorted(SYSTEMS))
        raise NotFoundError(f"code is a code, or system|code; the system is one of {known}.")
    return code


@answers("language")
def article(request: HttpRequest, slug: str) -> Any:
    """The text that is public now at an address, in a language; another never stands in for it."""
    return serializers.article(_one(serializers.current(_language(request)).filter(slug=slug)))


@answers("language")
def versions(request: HttpRequest, slug: str) -> Any:
    """Every version of a text that was ever public, the newest first."""
    texts = list(serializers.versions_of(slug, _language(request)).defer("html", "search_text"))
    if not texts:
        raise NotFoundError
    return {"results": serializers.headings(texts, why_not_current(texts))}


@answers("language")
def version(request: HttpRequest, slug: str, number: int) -> Any:
    """One version of a text; what rests on a retracted study alone is masked in it too."""
    text = _one(serializers.versions_of(slug, _language(request)).filter(number=number))
    (told,) = versions_as_told([text])
    return serializers.article(told, why_not_current([text]).get(text.pk))


@answers("language")
def comparison(request: HttpRequest) -> Any:
    """The comparisons of options."""
    return {"results": serializers.comparisons(_language(request))}


@answers("after", "limit", "language")
def claims(request: HttpRequest) -> Any:
    """Every claim that was checked."""
    return _page(request, serializers.claims(_language(request)), "slug", "api-claims")


@answers("language")
def claim(request: HttpRequest, slug: str) -> Any:
    """One claim that was checked."""
    for claim in serializers.claims(_language(request)):
        if claim["slug"] == slug:
            return claim
    raise NotFoundError


@answers("language")
def glossary(request: HttpRequest) -> Any:
    """Every word that is explained."""
    return {"results": serializers.glossary(_language(request))}


@answers()
def topics(request: HttpRequest) -> Any:
    """The subjects with their codes."""
    return {"results": serializers.topics()}


# Evidence


@answers("after", "limit", "topic")
def evidence(request: HttpRequest) -> Any:
    """Every work that two people verified; those of a topic."""

    def serialized(items: Iterable[Any]) -> list[dict[str, Any]]:
        return [serializers.evidence(item) for item in items]

    works = serializers.evidence_items()
    if "topic" in request.GET:
        works = works.filter(topic__in=_topic_and_below(request))
    return _by_name(request, works, "key", serialized, "api-evidence")


@answers()
def evidence_item(request: HttpRequest, key: str) -> Any:
    """One verified work."""
    return serializers.evidence(_one(serializers.evidence_items().filter(key=key)))


# Changes


@answers("after", "limit")
def changes(request: HttpRequest) -> Any:
    """What changed for readers, the oldest first, each with what a copy must do."""
    limit = _limit(request)
    changes = all_changes(after=_after(request))
    shown = changes[:limit]
    results = [
        {
            "place": change.place,
            "at": change.at.isoformat(),
            "kind": change.kind,
            "do": change.do.value,
            "slug": change.slug,
            "language": change.language,
            "version": change.version,
            "reason": change.reason,
            "change": str(change.change),
            "url": _address_of(change.slug, change.language),
        }
        for change in shown
    ]
    more = len(changes) > limit
    return _list(results, "api-changes", shown[-1].place if more else "", limit, request)


def _address_of(slug: str, language: str) -> str:
    """Where this interface gives a text; English needs no parameter."""
    address = f"{settings.SITE_URL.rstrip('/')}{reverse('api-article', args=[slug])}"
    return address if language == serializers.LANGUAGE else f"{address}?language={language}"


# What it is


@answers()
def nowhere(request: HttpRequest) -> Any:
    """An address that leads nowhere, in the form that a machine reads."""
    raise NotFoundError


@answers()
def openapi(request: HttpRequest) -> Any:
    """The OpenAPI 3.1 document."""
    return document()


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The same for people: every address, with examples that a test runs."""
    context = {
        "entries": addresses(),
        "examples": EXAMPLES,
        "licence": licence(),
        "trail": [],
    }
    return render(request, "connect/integrators.html", context)


def _one(entries: Any) -> Any:
    entry = entries.first()
    if entry is None:
        raise NotFoundError
    return entry


def _by_name(
    request: HttpRequest, queryset: Any, name: str, serialize: Callable[..., list[Any]], view: str
) -> dict[str, Any]:
    """A part of a list in the order of a name that stays: its last one is where to go on."""
    limit = _limit(request)
    entries = list(queryset.filter(**{f"{name}__gt": _after(request)})[: limit + 1])
    more = len(entries) > limit
    last = getattr(entries[limit - 1], name) if more else ""
    return _list(serialize(entries[:limit]), view, last, limit, request)


def _page(
    request: HttpRequest, entries: Sequence[dict[str, Any]], name: str, view: str
) -> dict[str, Any]:
    """The same where the entries are part of one text."""
    limit, after = _limit(request), _after(request)
    ordered = sorted(entries, key=lambda entry: str(entry[name]))
    rest = [entry for entry in ordered if entry[name] > after]
    last = rest[limit - 1][name] if len(rest) > limit else ""
    return _list(rest[:limit], view, last, limit, request)


def _list(
    results: list[Any], view: str, last: str, limit: int, request: HttpRequest
) -> dict[str, Any]:
    """Some results and where the list goes on, by the same filters."""
    filters = {name: request.GET[name] for name in FILTERS if name in request.GET}
    query = urlencode({**filters, "after": last, "limit": limit})
    on = f"{settings.SITE_URL.rstrip('/')}{reverse(view)}?{query}" if last else None
    return {"results": results, "next": on}


def _language(request: HttpRequest) -> str:
    """The language of texts that is asked for; English unless named."""
    language = request.GET.get("language", serializers.LANGUAGE).lower()
    offered = offered_languages()
    if language not in offered:
        raise BadParameterError(f"language is one of {', '.join(offered)}.")
    return language


def _topic_and_below(request: HttpRequest) -> list[int]:
    """The topic that is asked for by its slug, and those below it, by number."""
    topics = list(Topic.objects.order_by("slug").only("slug", "parent_id"))
    within = {topic.pk for topic in topics if topic.slug == request.GET["topic"]}
    if not within:
        known = ", ".join(topic.slug for topic in topics[:MOST])
        raise NotFoundError(f"topic is one of {known}.")
    while below := {each.pk for each in topics if each.parent_id in within} - within:
        within |= below
    return sorted(within)


def _after(request: HttpRequest) -> str:
    after = request.GET.get("after", "")
    if not re.fullmatch(PLACE, after):
        raise BadParameterError("after is what the address in “next” has.")
    return after


def _limit(request: HttpRequest) -> int:
    given = request.GET.get("limit", str(USUAL))
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= MOST):
        raise BadParameterError(f"limit is a number from 1 to {MOST}.")
    return int(given)
