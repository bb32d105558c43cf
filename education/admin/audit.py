"""The record at the desk: read only, and taken along by the auditor."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from education.admin.access import EditorialAdmin, number_of, roles_of
from education.admin.event_words import in_words
from education.audit.models import Event
from education.people.models import Role

COLUMNS = (
    "sequence", "at", "by_name", "action", "subject_type", "subject_id", "subject", "article_id",
    "data", "previous_hash", "hash",
)  # fmt: skip
# By it Excel knows UTF-8; without it, it reads accents in the machine's old encoding.
BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet would run as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AboutFilter(admin.SimpleListFilter):
    """What an event is about, by kind."""

    title = "about"
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every kind of thing that the record may name; nothing is looked up."""
        models = apps.get_app_config("education").get_models()
        kinds = {str(model._meta.model_name): str(model._meta.verbose_name) for model in models}
        return sorted(kinds.items(), key=lambda kind: kind[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Events about the kind that was chosen."""
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(EditorialAdmin):
    """Who did what, when."""

    list_title = "Record of every step"
    form_title = "Step in the record"
    change_list_template = "admin/education/event/change_list.html"
    list_display = ("sequence", "at", "by_name", "what", "subject")
    list_filter = ("at", AboutFilter)
    search_fields = ("action", "subject", "by_name")
    search_help_text = "Step, such as revision.submitted, what it was taken on, or who took it."
    ordering = ("-sequence",)

    @admin.display(description="what they did", ordering="action")
    def what(self, event: Event) -> str:
        """What was done, in words."""
        return in_words(event)

    def get_urls(self) -> list[Any]:
        """Add the export."""
        export = self.admin_site.admin_view(self.export_view)
        return [
            path("export.<str:kind>", export, name="education_event_export"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponse | StreamingHttpResponse:
        """Give the record, whole or of one article, as CSV or JSON, in order."""
        if not (request.user.is_superuser or Role.AUDITOR in roles_of(request)):
            raise PermissionDenied
        events: Iterable[Event] = Event.objects.order_by("sequence")
        if article := request.GET.get("article", ""):
            events = Event.objects.order_by("sequence").filter(article_id=number_of(article))
        writers = {"csv": (_as_csv, "text/csv"), "json": (_as_json, "application/json")}
        if kind not in writers:
            return HttpResponse("The record comes as csv or json.", status=404)
        write, content_type = writers[kind]
        response = StreamingHttpResponse(
            write(events), content_type=f"{content_type}; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="record.{kind}"'
        return response


def _row(event: Event) -> dict[str, Any]:
    row = {name: getattr(event, name) for name in COLUMNS}
    return row | {"at": event.at.isoformat()}


def _as_json(events: Iterable[Event]) -> Iterator[str]:
    yield "["
    for place, event in enumerate(events):
        yield ("," if place else "") + "\n" + json.dumps(_row(event), ensure_ascii=False)
    yield "\n]\n"


class _Line:
    """What a csv.writer writes to; gives the line back."""

    def write(self, line: str) -> str:
        return line


def _as_csv(events: Iterable[Event]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(COLUMNS)
    for event in events:
        row = _row(event) | {"data": json.dumps(event.data, ensure_ascii=False, sort_keys=True)}
        cells = ["" if value is None else str(value) for value in row.values()]
        yield writer.writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
