"""People and roles at the desk."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from education.admin.access import DeskAdmin, roles_of
from education.audit.operations import turn
from education.people.models import ConflictOfInterest, Message, Role, User


class ConflictInline(admin.TabularInline):
    """A person's declared conflicts, by topic."""

    model = ConflictOfInterest
    extra = 0


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Accounts: who they are, what they may do, what they declared."""

    list_display = ("username", "display_name", "specialty", "is_active", "credentials_expire_on")
    list_filter = ("groups", "is_active")
    inlines = (ConflictInline,)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("display_name", "first_name", "last_name", "email")}),
        (
            "For readers",
            {
                "fields": (
                    "specialty",
                    "credentials",
                    "credentials_expire_on",
                    "interests",
                    "interests_declared_on",
                )
            },
        ),
        ("Roles", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Change a person in turn with other steps: a role or a declaration may break a gate."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        with turn():
            return super().changeform_view(request, *args, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """People stay in the record; switch an account off instead."""
        return False


@admin.register(Message)
class MessageAdmin(DeskAdmin):
    """Mail: what was sent, and what was not and why."""

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Mail to others concerns an editor-in-chief, the auditor and the administrator."""
        allowed = {Role.EDITOR_IN_CHIEF, Role.AUDITOR}
        return bool(request.user.is_superuser) or bool(roles_of(request) & allowed)

    list_display = ("subject", "to", "created_at", "sent_at", "attempts", "error")
    list_filter = ("sent_at",)
    list_select_related = ("to",)
