"""What helps while a text is written: evidence to cite, and who else writes."""

import re
import unicodedata
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from education.admin.access import WRITERS, person_of, roles_of
from education.articles.active_editors import others_writing, seen_writing
from education.articles.models import Revision
from education.evidence.models import EvidenceItem
from education.evidence.people_studied import short_name

# As many as fit under the field without scrolling far.
MOST_FOUND = 12
_MOST_KEYS = 200
_MOST_WORDS = 8


class WritingToolsMixin(admin.ModelAdmin):
    """The pages and answers that the form of a revision calls on."""

    def tool_urls(self) -> list[URLPattern]:
        """The address of every tool."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "find-evidence/",
                wrap(require_safe(self.find_evidence_view)),
                name="education_revision_find_evidence",
            ),
            path(
                "<int:pk>/writing/",
                wrap(require_POST(self.writing_view)),
                name="education_revision_writing",
            ),
        ]

    def find_evidence_view(self, request: HttpRequest) -> HttpResponse:
        """
        Evidence by any words of its key, title, authors, journal, identifiers or findings (``q``),
        the best fit first; or the works of these keys (``key``, once for each).
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        keys = request.GET.getlist("key")[:_MOST_KEYS]
        if keys:
            items = list(EvidenceItem.objects.filter(key__in=keys))
            return JsonResponse({"results": _works(items), "total": len(items)})
        words = re.findall(r"[^\s,;]+", request.GET.get("q", "").replace("\x00", ""))[:_MOST_WORDS]
        matching = EvidenceItem.objects.alias(names=Cast("authors", TextField()))
        matching = matching.order_by("-usable", "-issued_year", "key")
        for word in words:
            fits = Q(pmid=word) | Q(pmcid__iexact=word)
            for name in ("key", "title", "container_title", "names", "doi", "finding"):
                fits |= Q(**{f"{name}__icontains": word})
            if re.fullmatch(r"\d{4}", word, re.ASCII):
                fits |= Q(issued_year=int(word))
            matching = matching.filter(fits)
        # The sort is stable: works that fit alike stay in the order of the query.
        items = sorted(matching, key=lambda item: sum(_distance(word, item) for word in words))
        return JsonResponse({"results": _works(items[:MOST_FOUND]), "total": len(items)})

    def writing_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note that a person has the text open, and say who else has."""
        revision = self.revision_of(request, pk)  # type: ignore[attr-defined]  # StepsMixin
        return JsonResponse({"others": [str(person) for person in self.seen(request, revision)]})

    def seen(self, request: HttpRequest, revision: Revision) -> list[Any]:
        """Who else has the text open; the person counts as writing where they may."""
        person = person_of(request)
        if revision.is_editable and roles_of(request) & WRITERS:
            seen_writing(revision, person)
        return others_writing(revision, person)


def _distance(word: str, item: EvidenceItem) -> int:
    """How far a word is from naming a work: its first author, key or identifier come first."""
    word = _folded(word)
    families = [
        _folded(str(author.get("family") or author.get("literal") or ""))
        for author in item.authors or [{}]
    ]
    title = [_folded(part) for part in item.title.split()]
    names = {_folded(name) for name in (item.key, item.doi, item.pmid, item.pmcid)}
    fits = (
        word in names,
        word in {str(item.issued_year), families[0]},
        families[0].startswith(word),
        word in families,
        any(name.startswith(word) for name in (*families, *names)),
        word in title,
        any(part.startswith(word) for part in title),
    )
    return next((distance for distance, fit in enumerate(fits) if fit), len(fits))


def _folded(text: str) -> str:
    """Without capitals and accents, as people type names."""
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum()
    )


def _works(items: list[EvidenceItem]) -> list[dict[str, Any]]:
    """What the form shows of works that are or may be cited."""
    verified = set(
        EvidenceItem.objects.verified()
        .filter(pk__in=[item.pk for item in items])
        .values_list("pk", flat=True)
    )
    return [
        {
            "key": item.key,
            "name": short_name(item),
            "title": item.title,
            "about": ", ".join(_facts(item, item.pk in verified)),
            "finding": item.shown_finding,
            "limitations": item.limitations,
            "status": item.status,
            "is_verified": item.pk in verified,
            "may_be_cited": item.usable and item.status != "retracted",
        }
        for item in items
    ]


def _facts(item: EvidenceItem, is_verified: bool) -> list[str]:
    author = ""
    if item.authors:
        first = item.authors[0]
        author = str(first.get("family") or first.get("literal") or "")
    facts = [author, str(item.issued_year or ""), item.get_design_display()]
    if item.sample_size:
        facts.append(f"{item.sample_size:,} people")
    if item.status != "current":
        facts.append(item.status)
    if not item.usable:
        facts.append("may not be cited")
    elif not is_verified:
        facts.append("not verified yet")
    return [fact for fact in facts if fact]
