"""The desk itself: the stock admin with a first page that shows my work."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse


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
