"""The desk itself: the stock admin with a first page that shows my work."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse


class EditorialAdminSite(AdminSite):
    """The editors' desk."""

    site_header = "Editors’ desk"
    site_title = "Editors’ desk"
    index_title = "My work"
    index_template = "admin/education/index.html"
    enable_nav_sidebar = False  # the sections stand above every page instead

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page of the desk is drawn with, and its sections."""
        from education.admin.sections import sections_of

        context = super().each_context(request)
        sections = sections_of(context["available_apps"], request.path)
        return {**context, "desk_sections": sections}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What waits for the person signed in, before the list of tables."""
        from education.admin.access import WRITERS, person_of, roles_of  # made before the models
        from education.admin.dashboard import my_work, when_empty
        from education.admin.first_article import may_need_help
        from education.admin.ready import with_pages

        person = person_of(request)
        ready = with_pages(person, by=person)
        work = {
            "piles": my_work(person),
            "empty": when_empty(person),
            "ready": ready,
            "not_ready": not all(step.done for step, _ in ready),
            "may_need_help": may_need_help(person),
            "may_declare": bool(roles_of(request) & WRITERS),
        }
        return super().index(request, {**(extra_context or {}), **work})

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """The admin's own pages, those about signing in, and how the site is."""
        from education.admin.desk_search import search_page
        from education.admin.due_dates import calendar_page
        from education.admin.first_article import first_article_page
        from education.admin.sign_in import SigningPages
        from education.admin.start import start_page

        return [
            *SigningPages(self).urls(),
            path("calendar/", self.admin_view(partial(calendar_page, self)), name="calendar"),
            path(
                "first-article/",
                self.admin_view(partial(first_article_page, self)),
                name="first-article",
            ),
            path("search/", self.admin_view(partial(search_page, self)), name="search"),
            path("start/", self.admin_view(partial(start_page, self)), name="start"),
            path("status/", self.admin_view(self.status), name="status"),
            path(
                "education/revision/<int:pk>/as-readers/<slug:surface>/",
                self.admin_view(self.as_readers),
                name="education_revision_as_readers",
            ),
            *super().get_urls(),
        ]

    def as_readers(self, request: HttpRequest, pk: int, surface: str) -> HttpResponse:
        """A saved draft by the public templates, to stand in a frame of the desk alone."""
        from education.articles.models import Revision
        from education.articles.operations import render_revision
        from education.sharing import in_own_frame
        from portal.reader_views import SURFACES

        if surface not in SURFACES:
            raise Http404
        revisions = Revision.objects.select_related("article__topic")
        revision = get_object_or_404(revisions, pk=pk)
        if not self._registry[Revision].has_view_permission(request, revision):
            raise PermissionDenied
        rendered = render_revision(revision)
        return in_own_frame(request, self.draw_for_readers(request, revision, rendered, surface))

    def draw_for_readers(
        self, request: HttpRequest, revision: Any, rendered: Any, surface: str = "page"
    ) -> HttpResponse:
        """A text, saved or not, as readers would meet it (``portal.reader_views``)."""
        from education.admin.access import person_of
        from portal.reader_views import draw_for_readers

        person = person_of(request)
        return draw_for_readers(request, revision, rendered, person=person, surface=surface)

    def has_permission(self, request: HttpRequest) -> bool:
        """Open to staff who have taken both steps of signing in."""
        from education.accounts.sessions import has_shown_enough

        return super().has_permission(request) and has_shown_enough(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Take name and password; then the second step, where the account needs one."""
        from education.accounts.sessions import begin_sign_in, has_shown_enough
        from education.admin.access import person_of
        from education.admin.sign_in import DeskSignInForm

        half_way = request.user.is_authenticated and not has_shown_enough(request)
        if request.method == "GET" and half_way:
            query = request.GET.urlencode()
            return redirect(f"{reverse('admin:second-step')}?{query}")
        self.login_form = DeskSignInForm
        response = super().login(request, extra_context)
        if not _is_done(request, response):
            return response
        person = person_of(request)
        if has_shown_enough(request):
            begin_sign_in(request, person)
        return response if person.is_staff else redirect("clinic-desk")

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Sign out; the browser forgets what it kept of the desk."""
        response = super().logout(request, extra_context)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Change one's password; every other sign-in ends."""
        from education.accounts.operations import active, end, rekey_session
        from education.admin.access import person_of

        was = request.session.session_key
        response = super().password_change(request, extra_context)
        if _is_done(request, response):
            here = request.session.session_key
            rekey_session(was, here)
            end([each for each in active(person_of(request)) if each.session_key != here])
        return response

    def status(self, request: HttpRequest) -> HttpResponse:
        """What an operator should look at, in words; for everyone with an editorial role."""
        from education.admin.access import EDITORIAL, roles_of
        from portal.operating.health import run_health_checks

        if not (request.user.is_superuser or roles_of(request) & EDITORIAL):
            raise PermissionDenied
        findings = sorted(run_health_checks(), key=lambda finding: (finding.ok, not finding.must))
        context = {
            **self.each_context(request),
            "title": "How the site is",
            "findings": findings,
            "all_well": all(finding.ok for finding in findings),
        }
        return TemplateResponse(request, "admin/education/status.html", context)


def _is_done(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a form was taken."""
    return request.method == "POST" and response.status_code == HTTPStatus.FOUND
