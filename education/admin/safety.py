"""What became of evidence, at the desk: recording and lifting it, and the tasks that follow."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from education.admin.access import EditorialAdmin, number_of, person_of
from education.admin.workflow import ReasonForm
from education.articles.models import Revision
from education.errors import EditorialError
from education.evidence.models import EvidenceItem, StatusEvent
from education.publishing.operations import explain_concern
from education.safety.models import Task
from education.safety.operations import close_task, lift_status, record_status
from education.safety.rules import (
    effects_of,
    effects_of_lifting,
    may_record_status,
    reasons_against_lifting,
    reasons_against_recording,
)

Status = StatusEvent.Status


class StatusForm(forms.Form):
    """What became of a work."""

    status = forms.ChoiceField(
        label="It is now",
        choices=[
            (status.value, status.label)
            for status in (
                Status.RETRACTED,
                Status.CONCERN,
                Status.CORRECTED,
                Status.SUPERSEDED,
                Status.CURRENT,
            )
        ],
        widget=forms.RadioSelect,
        help_text="As its publisher or registry says. The next page shows what it touches.",
    )
    occurred_on = forms.DateField(
        label="Announced on",
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The day of the notice. Readers see it.",
    )
    source_url = forms.URLField(
        label="Address of the notice",
        required=False,
        max_length=600,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"size": 60}),
        help_text="Readers follow it to “Where this was announced”.",
    )
    reason = forms.CharField(
        label="What happened",
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="In plain words: readers see this in the notice on every page that cites it.",
    )

    def clean_occurred_on(self) -> datetime.date:
        """A date in the future is a slip."""
        day: datetime.date = self.cleaned_data["occurred_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("This day has not come yet.")
        return day


class SeenForm(ReasonForm):
    """Why, and what the person was shown that it touches."""

    effects_seen = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": "Look at what it touches first, then press the button."},
    )


class CloseForm(forms.Form):
    """What was checked."""

    note = forms.CharField(
        label="What did you check, and what did you find?",
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="For whoever asks later: “No statement rests on it; it is cited for its "
        "method.” Readers don’t see it.",
    )


@admin.register(StatusEvent)
class StatusEventAdmin(EditorialAdmin):
    """Every change of status of a work, lifted ones too; none is ever edited."""

    list_display = ("item", "what", "occurred_on", "by", "at", "lifted")
    list_display_links = ("item",)
    list_filter = ("status",)
    list_select_related = ("item", "by", "lifts", "lifted_by")
    search_fields = ("item__key", "item__title", "reason")
    search_help_text = "Key or title of the work, or what happened."
    change_form_template = "admin/education/safety/status_event.html"
    ordering = ("-pk",)

    @admin.display(description="what")
    def what(self, event: StatusEvent) -> str:
        """The status, or that another was lifted."""
        if event.lifts:
            return f"{event.lifts.get_status_display()} lifted"
        return event.get_status_display()

    @admin.display(description="lifted", boolean=True)
    def lifted(self, event: StatusEvent) -> bool:
        """Whether it was lifted as a false alarm."""
        return hasattr(event, "lifted_by")

    def get_urls(self) -> list[URLPattern]:
        """Add the steps: record, lift, explain a concern."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "record/<int:item>/",
                wrap(self.record_view),
                name="education_statusevent_record",
            ),
            path("<int:pk>/lift/", wrap(self.lift_view), name="education_statusevent_lift"),
            path(
                "<int:pk>/explain/<int:revision>/",
                wrap(self.explain_view),
                name="education_statusevent_explain",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Offer to lift it where that is possible."""
        event = StatusEvent.objects.filter(pk=number_of(object_id)).first()
        extra = {"reasons": reasons_against_lifting(event, person_of(request)) if event else []}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def record_view(self, request: HttpRequest, item: int) -> HttpResponse:
        """Take what became of a work, list exactly what it touches, do it when confirmed."""
        self._may_look(request)
        work = get_object_or_404(EvidenceItem, pk=item)
        person = person_of(request)
        form = StatusForm(request.POST or None, initial={"status": Status.RETRACTED})
        if request.method != "POST" or not form.is_valid():
            return self._page(
                request,
                "record",
                title=f"What became of {work.key}",
                item=work,
                form=form,
                may_record=may_record_status(person),
                events=work.status_events.select_related("by", "lifts").order_by("-pk"),
            )
        status = Status(form.cleaned_data["status"])
        reasons: list[str] = []
        if seen := request.POST.get("effects_seen", ""):
            try:
                record_status(item=work, by=person, effects_seen=seen, **form.cleaned_data)
            except EditorialError as refusal:
                reasons = [str(refusal)]
            else:
                message = f"{work.key}: {status.label.lower()}. Recorded."
                self.message_user(request, message, messages.SUCCESS)
                return redirect("admin:education_evidenceitem_change", work.pk)
        against = reasons_against_recording(work, status, person)
        return self._page(
            request,
            "confirm",
            title=f"Record for {work.key}: {status.label.lower()}",
            item=work,
            form=form,
            refusals=reasons or against,
            may_record=not against,
            status=status,
            effects=effects_of(work, status),
        )

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List what lifting a status gives back, and lift it."""
        self._may_look(request)
        event = get_object_or_404(StatusEvent.objects.select_related("item", "by"), pk=pk)
        person = person_of(request)
        form = SeenForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                lift_status(event=event, by=person, **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                message = f"{event.item.key}: {event.get_status_display().lower()} lifted."
                self.message_user(request, message, messages.SUCCESS)
                return redirect("admin:education_evidenceitem_change", event.item.pk)
        effects = effects_of_lifting(event)
        return self._page(
            request,
            "lift",
            title=f"Lift for {event.item.key}: {event.get_status_display().lower()}",
            event=event,
            item=event.item,
            form=form,
            reasons=reasons_against_lifting(event, person),
            effects=effects,
        )

    def explain_view(self, request: HttpRequest, pk: int, revision: int) -> HttpResponse:
        """Take the reason why a text may rest on a work under an expression of concern."""
        self._may_look(request)
        event = get_object_or_404(StatusEvent.objects.select_related("item"), pk=pk)
        text = get_object_or_404(Revision.objects.select_related("article__topic"), pk=revision)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                explain_concern(
                    revision=text, event=event, by=person_of(request), **form.cleaned_data
                )
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, "Recorded.", messages.SUCCESS)
                return redirect("admin:education_revision_publish", text.pk)
        return self._page(
            request,
            "explain",
            title=f"Why {text} may rest on {event.item.key}",
            event=event,
            item=event.item,
            revision=text,
            form=form,
        )

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/education/safety/{template}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )


class OpenTaskFilter(admin.SimpleListFilter):
    """Open tasks unless asked otherwise."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What to choose besides open tasks."""
        return [("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Offer "Open" instead of Django's "All" for no choice."""
        for choice in super().choices(changelist):
            if choice["query_string"] == changelist.get_query_string(remove=["state"]):
                choice["display"] = "Open"
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        """Tasks that still want somebody."""
        if self.value() == "all":
            return queryset
        return queryset.filter(pk__in=Task.objects.open().order_by().values("pk"))


@admin.register(Task)
class TaskAdmin(EditorialAdmin):
    """What must be done by a day because evidence fell; closed by what is done, or by a word."""

    list_title = "After a retraction"
    form_title = "Page to look at"
    list_display = ("what", "page", "item", "due_on", "left", "outcome")
    list_filter = (OpenTaskFilter, "kind", "status")
    list_select_related = ("item", "publication")
    search_fields = ("item__key", "publication__title", "publication__slug")
    search_help_text = "Key of the work, or title or address of the page."
    ordering = ("due_on", "pk")
    change_form_template = "admin/education/safety/task.html"

    @admin.display(description="what to do")
    def what(self, task: Task) -> str:
        """What is asked, and why."""
        return f"{task.get_kind_display()}: {task.get_status_display().lower()}"

    @admin.display(description="page")
    def page(self, task: Task) -> str:
        """The page that rests on the work."""
        return task.publication.title if task.publication else "–"

    @admin.display(description="days left", ordering="due_on")
    def left(self, task: Task) -> str:
        """How much of its clock is left."""
        if task.closed_at:
            return "closed"
        days = task.days_left()
        return f"{days}" if days >= 0 else f"{-days} late"

    def get_urls(self) -> list[URLPattern]:
        """Add the step that closes a task."""
        close = self.admin_site.admin_view(self.close_view)
        return [path("<int:pk>/close/", close, name="education_task_close"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Say what can be done about it."""
        tasks = Task.objects.select_related("publication__revision", "item")
        task = tasks.filter(pk=number_of(object_id)).first()
        extra = {
            "task": task,
            "is_open": Task.objects.open().filter(pk=number_of(object_id)).exists(),
            "is_retraction": bool(task and task.publication and task.status == Status.RETRACTED),
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close a task by a judgement, after saying what was checked."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        task = get_object_or_404(Task.objects.select_related("publication", "item"), pk=pk)
        outcome = Task.Outcome.NO_CHANGE if task.publication else Task.Outcome.DISMISSED
        form = CloseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                close_task(task=task, by=person_of(request), outcome=outcome, **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, "Recorded.", messages.SUCCESS)
                return redirect("admin:education_task_changelist")
        return TemplateResponse(
            request,
            "admin/education/safety/close.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": outcome.label,
                "task": task,
                "form": form,
                "back": reverse("admin:education_task_change", args=[task.pk]),
            },
        )
