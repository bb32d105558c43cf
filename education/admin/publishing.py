"""Publications at the desk: read only, and withdrawn with a reason."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from education.admin.access import DeskAdmin, person_of, roles_of
from education.errors import EditorialError
from education.people.models import Role
from education.publishing.models import Publication
from education.publishing.operations import withdraw


class WithdrawForm(forms.Form):
    """Why a page is taken off the site."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text="Readers see this at the page's address, and clinics on printed copies.",
    )


@admin.register(Publication)
class PublicationAdmin(DeskAdmin):
    """Frozen copies; nothing here can be edited."""

    change_form_template = "admin/education/publication/change_form.html"
    list_display = ("title", "slug", "language", "number", "goes_live_at", "review_due_on")
    list_filter = ("language", "kind", "topic")
    search_fields = ("title", "slug")
    exclude = ("html", "content", "search_text")

    def get_urls(self) -> list[Any]:
        """Add the page that withdraws."""
        wrap = self.admin_site.admin_view(self.withdraw_view)
        return [
            path("<int:pk>/withdraw/", wrap, name="education_publication_withdraw"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Say whether it is what the public sees, and offer to withdraw it."""
        current = Publication.objects.current().filter(pk=object_id).exists()
        user = person_of(request)
        extra = {
            "is_current": current,
            "publication": Publication.objects.filter(pk=object_id).first(),
            "may_withdraw": current
            and (user.is_superuser or Role.EDITOR_IN_CHIEF in roles_of(request)),
        }
        return super().change_view(request, object_id, *args, extra_context=extra, **kwargs)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a page off the site after saying why."""
        publication = get_object_or_404(Publication, pk=pk)
        form = WithdrawForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                withdraw(
                    publication=publication,
                    by=person_of(request),
                    reason=form.cleaned_data["reason"],
                )
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"{publication} is withdrawn.", messages.SUCCESS)
                return redirect(reverse("admin:education_publication_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Withdraw {publication}",
            "opts": self.opts,
            "publication": publication,
            "form": form,
        }
        return TemplateResponse(request, "admin/education/publication/withdraw.html", context)
