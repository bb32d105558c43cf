"""References to take along: one work, or all that a page cites, for reference managers."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from education.evidence.exporting import clean_as_far_as_possible, exportable, written
from education.evidence.formats import FILES
from education.evidence.formats.record import Csl
from education.evidence.models import EvidenceItem
from education.public.publications import publication_view

FORMAT_OF = {ending.removeprefix("."): name for name, (ending, _) in FILES.items()}


@require_safe
def evidence_export(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    """One verified work."""
    item = get_object_or_404(
        EvidenceItem.objects.verified().with_status().select_related("topic"), key=key
    )
    return _download([exportable(item)], key, ending)


@require_safe
def references_export(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """
    Every work that a page cites now, in the order of its references.

    A work whose details were changed since and wait to be verified again goes out as it stands in
    the page's own list.
    """
    reading = publication_view(slug)
    if reading is None or not reading.is_open:
        raise Http404
    references = reading.content["references"]
    keys = [reference["key"] for reference in references]
    verified = EvidenceItem.objects.verified().with_status().filter(key__in=keys)
    known = {item.key: exportable(item) for item in verified.select_related("topic")}
    records = [known.get(reference["key"]) or _as_listed(reference) for reference in references]
    return _download(records, f"{slug}-references", ending)


def _as_listed(reference: dict[str, Any]) -> Csl:
    fields = {"DOI": "doi", "PMID": "pmid", "URL": "url"}
    return clean_as_far_as_possible(
        {"id": reference["key"], "type": "document", "title": reference["text"]}
        | {name: reference.get(ours) or "" for name, ours in fields.items()}
    )


def _download(records: list[Csl], name: str, ending: str) -> HttpResponse:
    if ending not in FORMAT_OF:
        raise Http404
    file_format = FORMAT_OF[ending]
    return HttpResponse(
        written(records, file_format),
        content_type=f"{FILES[file_format][1]}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{ending}"',
            "X-Robots-Tag": "noindex",
        },
    )
