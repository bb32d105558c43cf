"""The record at the desk: read only."""

from django.contrib import admin

from education.admin.access import DeskAdmin
from education.audit.models import Event


@admin.register(Event)
class EventAdmin(DeskAdmin):
    """Who did what, when."""

    list_display = ("sequence", "at", "by_name", "action", "subject")
    list_filter = ("action",)
    search_fields = ("subject", "by_name")
    date_hierarchy = "at"
