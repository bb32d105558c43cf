"""The desk itself: the stock admin with a first page that shows my work."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path


class DeskSite(AdminSite):
    """The editors' desk."""

    site_header = "Editors’ desk"
    site_title = "Editors’ desk"
    index_title = "My work"
    index_template = "admin/education/index.html"
    enable_nav_sidebar = True

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What waits for the person signed in, before the list of tables."""
        from education.admin.access import WRITERS, person_of, roles_of  # made before the models
        from education.admin.work import my_work, when_empty

        person = person_of(request)
        work = {
            "piles": my_work(person),
            "empty": when_empty(person),
            "may_declare": bool(roles_of(request) & WRITERS),
        }
        return super().index(request, {**(extra_context or {}), **work})

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """The admin's own pages, and how the site is."""
        return [path("status/", self.admin_view(self.status), name="status"), *super().get_urls()]

    def status(self, request: HttpRequest) -> HttpResponse:
        """What an operator should look at, in words; for everyone with an editorial role."""
        from education.admin.access import EDITORIAL, roles_of
        from portal.operating.health import findings

        if not (request.user.is_superuser or roles_of(request) & EDITORIAL):
            raise PermissionDenied
        found = sorted(findings(), key=lambda finding: (finding.ok, not finding.must))
        context = {
            **self.each_context(request),
            "title": "How the site is",
            "findings": found,
            "all_well": all(finding.ok for finding in found),
        }
        return TemplateResponse(request, "admin/education/status.html", context)
