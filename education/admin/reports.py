"""What readers report, at the desk: read, answered, and closed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from education.admin.access import EditorialAdmin, number_of, person_of
from education.errors import EditorialError
from education.feedback.models import Clarity, Report
from education.feedback.operations import answer_report, blank_report, dismiss_report
from education.feedback.rules import LONGEST_ANSWER, may_answer
from education.handouts.codes import format_code
from education.widgets import Textarea


class AnswerForm(forms.Form):
    """Words for the reader, and whether they end it."""

    words = forms.CharField(
        label="Your answer",
        max_length=LONGEST_ANSWER,
        widget=Textarea(attrs={"rows": 8, "cols": 80}),
        help_text="Plain words. Whoever has the number of the report reads this, for good; it "
        "can’t be changed. Give no advice about one child.",
    )
    outcome = forms.ChoiceField(
        label="How does it end?",
        choices=[
            ("", "Not yet: we go on looking"),
            *(choice for choice in Report.Outcome.choices if choice[0] != Report.Outcome.EMPTY),
        ],
        required=False,
        help_text="The reader sees it with your answer; an end can’t be taken back.",
    )


class OpenReportFilter(admin.SimpleListFilter):
    """Open reports unless asked otherwise."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What to choose besides open reports."""
        return [("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Offer "Open" instead of Django's "All" for no choice."""
        for choice in super().choices(changelist):
            if choice["query_string"] == changelist.get_query_string(remove=["state"]):
                choice["display"] = "Open"
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        """Reports that still want an answer."""
        return queryset if self.value() == "all" else queryset.filter(closed_at=None)


@admin.register(Report)
class ReportAdmin(EditorialAdmin):
    """Reports of readers, the most pressing first."""

    list_title = "Reports of readers"
    form_title = "Report of a reader"
    list_display = ("what", "kind", "part", "reported_at", "due_on", "outcome")
    list_display_links = ("what",)
    list_filter = (OpenReportFilter, "kind")
    list_select_related = ("publication",)
    search_fields = ("publication__title", "publication__slug", "words")
    search_help_text = "Title or address of the page, or words of the report."
    ordering = ("closed_at", "due_on", "pk")
    exclude = ("form", "number")
    change_form_template = "admin/education/report/change_form.html"

    @admin.display(description="page", ordering="publication__title")
    def what(self, report: Report) -> str:
        """The page it is about."""
        return str(report.publication)

    @admin.display(description="part")
    def part(self, report: Report) -> str:
        """The part of the page it is about."""
        return report.section_title or "The whole page"

    def get_urls(self) -> list[URLPattern]:
        """Add the steps: answer, dismiss, take the words away."""
        wrap = self.admin_site.admin_view
        views = {"answer": self.answer_view, "dismiss": self.dismiss_view, "blank": self.blank_view}
        steps = [
            path(f"<int:pk>/{name}/", wrap(view), name=f"education_report_{name}")
            for name, view in views.items()
        ]
        return [*steps, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the answers given, and what can be done."""
        reports = Report.objects.select_related("publication__revision")
        report = reports.filter(pk=number_of(object_id)).first()
        extra = {
            "report": report,
            "number": format_code(report.number) if report else "",
            "answers": report.answers.select_related("by") if report else [],
            "may_answer": bool(report and may_answer(person_of(request), report)),
        }
        return super().change_view(request, object_id, form_url, extra)

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the reader; with an outcome, close the report."""
        return self._step(request, pk, "answer", AnswerForm, answer_report, "Answered.")

    def dismiss_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close a report that holds nothing to answer, once that is confirmed."""
        return self._step(request, pk, "dismiss", forms.Form, dismiss_report, "Closed.")

    def blank_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the reader's words away for good, once that is confirmed."""
        message = "The words are gone."
        return self._step(request, pk, "blank", forms.Form, blank_report, message)

    def _step(
        self,
        request: HttpRequest,
        pk: int,
        name: str,
        form_class: type[forms.Form],
        step: Callable[..., object],
        said: str,
    ) -> HttpResponse:
        report = get_object_or_404(Report.objects.select_related("publication__revision"), pk=pk)
        if not (self.has_view_permission(request) and may_answer(person_of(request), report)):
            raise PermissionDenied
        form = form_class(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                step(report=report, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:education_report_change", pk)
        titles = {
            "answer": "Answer the reader",
            "dismiss": "Close without an answer",
            "blank": "Take the reader’s words away",
        }
        return TemplateResponse(
            request,
            f"admin/education/report/{name}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": titles[name],
                "report": report,
                "form": form,
            },
        )


@admin.register(Clarity)
class ClarityAdmin(EditorialAdmin):
    """How many readers found each version clear, the least clear first."""

    list_display = ("page", "version", "clear", "unclear", "reports")
    list_display_links = None
    list_select_related = ("publication",)
    search_fields = ("publication__title", "publication__slug")
    search_help_text = "Title or address of the page."
    ordering = ("-unclear", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clarity]:
        """With the number of reports about each."""
        answers: QuerySet[Clarity] = super().get_queryset(request)
        return answers.annotate(reported=Count("publication__reports"))

    @admin.display(description="page", ordering="publication__title")
    def page(self, clarity: Clarity) -> str:
        """The page that was read."""
        return clarity.publication.title

    @admin.display(description="version")
    def version(self, clarity: Clarity) -> int:
        """Which version of it."""
        return clarity.publication.number

    @admin.display(description="reports", ordering="reported")
    def reports(self, clarity: Clarity) -> int:
        """How many reports there are about it."""
        return int(getattr(clarity, "reported", 0))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Readers count, nobody else."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Readers count, nobody else."""
        return False
