"""Publications at the desk: read only, and withdrawn with a reason."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from education.admin.access import EditorialAdmin, LanguageFilter, number_of, person_of, roles_of
from education.admin.sign_in import require_reauthentication
from education.errors import EditorialError
from education.people.models import Role
from education.publishing.models import Publication
from education.publishing.operations import (
    LONGEST_EXTENSION,
    cancel_schedule,
    extend_review,
    withdraw,
)
from education.publishing.rules import scheduled_after


class WithdrawForm(forms.Form):
    """Why a page is taken off the site."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text="Readers see this at the page's address, and clinics on printed copies.",
    )


class ExtendForm(forms.Form):
    """By how much, and why."""

    days = forms.IntegerField(min_value=1, max_value=LONGEST_EXTENSION.days, initial=30)
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}), help_text="Readers see this."
    )


@admin.register(Publication)
class PublicationAdmin(EditorialAdmin):
    """Frozen copies; nothing here can be edited."""

    change_form_template = "admin/education/publication/change_form.html"
    list_display = ("title", "slug", "language", "number", "goes_live_at", "review_due_on")
    list_filter = (LanguageFilter, "kind", "topic")
    search_fields = ("title", "slug")
    exclude = ("html", "content", "search_text")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the texts, which no list shows."""
        return super().get_queryset(request).defer("html", "content", "search_text")

    def get_urls(self) -> list[Any]:
        """Add the pages that withdraw, cancel a schedule and extend."""
        wrap = self.admin_site.admin_view
        return [
            path(f"<int:pk>/{name}/", wrap(view), name=f"education_publication_{name}")
            for name, view in (
                ("withdraw", self.withdraw_view),
                ("cancel", self.cancel_view),
                ("extend", self.extend_view),
            )
        ] + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Say whether it is what the public sees, and offer to withdraw it."""
        current = Publication.objects.current().filter(pk=number_of(object_id)).exists()
        user = person_of(request)
        is_editor = Role.EDITOR_IN_CHIEF in roles_of(request)
        extra = {
            "is_current": current,
            "publication": Publication.objects.filter(pk=number_of(object_id)).first(),
            "may_withdraw": current and (user.is_superuser or is_editor),
            "may_extend": current and is_editor,
            "may_cancel": is_editor
            and Publication.objects.scheduled().filter(pk=number_of(object_id)).exists(),
        }
        return super().change_view(request, object_id, form_url, extra)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a page off the site after saying why."""
        if page := require_reauthentication(request, self.admin_site.each_context(request)):
            return page
        return self._step(request, pk, "withdraw", WithdrawForm, withdraw, "is withdrawn")

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a scheduled copy from going live."""
        return self._step(request, pk, "cancel", WithdrawForm, cancel_schedule, "is cancelled")

    def extend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Move the review date once."""
        return self._step(request, pk, "extend", ExtendForm, extend_review, "is extended")

    def _step(
        self,
        request: HttpRequest,
        pk: int,
        name: str,
        form_class: type[forms.Form],
        step: Callable[..., object],
        done: str,
    ) -> HttpResponse:
        publication = get_object_or_404(Publication, pk=pk)
        if not self.has_view_permission(request, publication):
            raise PermissionDenied
        form = form_class(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                step(publication=publication, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"{publication} {done}.", messages.SUCCESS)
                return redirect(reverse("admin:education_publication_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{name.capitalize()} {publication}",
            "opts": self.opts,
            "publication": publication,
            "waiting": scheduled_after(publication),
            "form": form,
        }
        return TemplateResponse(request, f"admin/education/publication/{name}.html", context)
