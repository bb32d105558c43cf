"""The synonyms of search at the desk."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from education.admin.access import (
    EditorialAdmin,
    ExclusiveFormMixin,
    VersionedAdminMixin,
    person_of,
)
from education.audit.operations import record
from education.people.models import Role
from education.search.models import SynonymGroup


@admin.register(SynonymGroup)
class SynonymGroupAdmin(VersionedAdminMixin, ExclusiveFormMixin, EditorialAdmin):
    """Words that readers use for the same thing."""

    change_roles = frozenset({Role.EDITOR_IN_CHIEF, Role.WRITER})
    list_display = ("words",)
    search_fields = ("words",)
    search_help_text = "One of the words."

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put the change in the record: readers find other pages by it."""
        super().save_related(request, form, formsets, change)
        by = person_of(request)
        record("synonyms.changed" if change else "synonyms.added", form.instance, by=by)
