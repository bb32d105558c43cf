"""The synonyms of search at the desk."""

from django.contrib import admin

from education.admin.access import DeskAdmin
from education.people.models import Role
from education.search.models import SynonymGroup


@admin.register(SynonymGroup)
class SynonymGroupAdmin(DeskAdmin):
    """Words that readers use for the same thing."""

    change_roles = frozenset({Role.EDITOR_IN_CHIEF, Role.WRITER})
    list_display = ("words",)
    search_fields = ("words",)
