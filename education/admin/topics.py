"""Topics at the desk."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from education.admin.access import (
    EditorialAdmin,
    ExclusiveFormMixin,
    VersionedAdminMixin,
    person_of,
)
from education.admin.stored_text import StoredTextForm
from education.audit.operations import record
from education.people.models import Role
from education.topics.models import Topic, TopicCode


class TopicCodeInline(admin.TabularInline):
    """The codes of health records for a topic."""

    model = TopicCode
    extra = 0

    def has_view_permission(self, *_args: object) -> bool:
        """As the topic."""
        return True

    def has_add_permission(self, *_args: object) -> bool:
        """As the topic."""
        return True

    def has_change_permission(self, *_args: object) -> bool:
        """As the topic."""
        return True

    def has_delete_permission(self, *_args: object) -> bool:
        """As the topic."""
        return True


@admin.register(Topic)
class TopicAdmin(VersionedAdminMixin, ExclusiveFormMixin, EditorialAdmin):
    """What families look up."""

    change_roles = frozenset({Role.EDITOR_IN_CHIEF})
    form = StoredTextForm
    list_display = ("title", "parent", "summary")
    list_select_related = ("parent",)
    search_fields = ("title", "summary")
    prepopulated_fields = {"slug": ("title",)}
    inlines = (TopicCodeInline,)
    versioned_rows = (TopicCode,)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Only while adding; the address of a topic stays."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The address of a topic stays."""
        return ("slug",) if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put the change in the record: readers see a topic's words and codes."""
        super().save_related(request, form, formsets, change)
        record("topic.changed" if change else "topic.added", form.instance, by=person_of(request))
