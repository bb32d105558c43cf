"""What every page of the desk about a revision shares."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from education.articles.models import Revision


def back_to(revision: Revision) -> str:
    """The page of a revision."""
    return reverse("admin:education_revision_change", args=[revision.pk])


class RevisionPages(admin.ModelAdmin):
    """Finds the revision a page is about, and draws the page."""

    def revision_of(self, request: HttpRequest, pk: int) -> Revision:
        """The revision a step is about, for those who may read it."""
        revision = get_object_or_404(Revision.objects.select_related("article__topic"), pk=pk)
        if not self.has_view_permission(request, revision):
            raise PermissionDenied
        return revision

    def page(
        self, request: HttpRequest, template: str, revision: Revision, **context: Any
    ) -> HttpResponse:
        """A page of the desk about a revision."""
        return TemplateResponse(
            request,
            f"admin/education/revision/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "revision": revision,
                "reviews": revision.reviews.select_related("reviewer"),
                **context,
            },
        )
