"""The evidence watch at the desk: its questions, and what they brought to decide on."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from education.admin.access import (
    WRITERS,
    EditorialAdmin,
    ExclusiveFormMixin,
    VersionedAdminMixin,
    person_of,
)
from education.audit.operations import record
from education.errors import EditorialError
from education.evidence.references import reference_text
from education.people.rules import has_conflicts
from education.watch.models import EvidenceCandidate, WatchQuestion
from education.watch.operations import accept_candidate, dismiss_candidate, put_off_candidate
from education.watch.rules import reasons_against_deciding, similar_items

State = EvidenceCandidate.State

QUESTION_HELP = {
    "topic": "New works that it brings are decided on under this topic.",
    "register": "Who is asked; each has a way of its own to write a search.",
    "active": "Switch off what brings nothing of use: it is kept and no longer asked.",
}

# When a candidate that was put off comes back, unless another day is chosen.
LOOK_AGAIN_AFTER = datetime.timedelta(days=90)


@admin.register(WatchQuestion)
class WatchQuestionAdmin(VersionedAdminMixin, ExclusiveFormMixin, EditorialAdmin):
    """What registers are asked about each topic."""

    change_roles = WRITERS
    list_title = "What registers are asked"
    list_display = ("topic", "register", "query", "active", "answered_at", "failure")
    list_display_links = ("query",)
    list_filter = ("register", "topic", "active")
    list_select_related = ("topic",)
    search_fields = ("query",)
    search_help_text = "Words of the search."
    readonly_fields = ("answered_at", "failure")

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """
        Who has a stake in any topic doesn't say what is asked: a search for their own topic may
        stand under another, and there they may decide on what it brings.
        """
        return super().has_add_permission(request) and not has_conflicts(person_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The same of a question that is there already, and of switching it off."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or not has_conflicts(person_of(request)))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new question looks back over two years."""
        return {"since": timezone.localdate() - datetime.timedelta(days=730)}

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Searches are long."""
        kwargs.setdefault("widgets", {"query": forms.Textarea(attrs={"rows": 4, "cols": 80})})
        kwargs.setdefault("help_texts", QUESTION_HELP)
        return super().get_form(request, obj, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put the change in the record."""
        super().save_related(request, form, formsets, change)
        record(
            "watch_question.changed" if change else "watch_question.saved",
            form.instance,
            by=person_of(request),
            query=form.instance.query,
            active=form.instance.active,
        )


class StateFilter(admin.SimpleListFilter):
    """Candidates that wait, unless another state is chosen."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What to choose besides those that wait."""
        states = (State.LATER, State.ACCEPTED, State.DISMISSED, State.HELD)
        return [*((state.value, str(state.label)) for state in states), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Offer "To decide" instead of Django's "All" for no choice."""
        for choice in super().choices(changelist):
            if choice["query_string"] == changelist.get_query_string(remove=["state"]):
                choice["display"] = "To decide"
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the state; to decide also those put off until today."""
        if not self.value():
            return queryset & EvidenceCandidate.objects.waiting()
        return queryset if self.value() == "all" else queryset.filter(state=self.value())


class DismissForm(forms.Form):
    """Why a candidate is of no use here."""

    reason = forms.CharField(
        label="Why it is of no use here",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="A sentence, for whoever asks later: animals only, a comment, another disease.",
    )


class PutOffForm(forms.Form):
    """When to look at a candidate again."""

    look_again_on = forms.DateField(
        label="Look again on",
        initial=lambda: timezone.localdate() + LOOK_AGAIN_AFTER,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="On this day it stands among those to decide again.",
    )
    reason = forms.CharField(
        label="Why later",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="May stay empty: results are due then, the full text is ordered.",
    )

    def clean_look_again_on(self) -> datetime.date:
        """Later is after today."""
        day: datetime.date = self.cleaned_data["look_again_on"]
        if day <= timezone.localdate():
            raise forms.ValidationError("Choose a day after today.")
        return day


@admin.register(EvidenceCandidate)
class EvidenceCandidateAdmin(EditorialAdmin):
    """What the watch brought: the likeliest to matter first."""

    change_roles = WRITERS
    list_title = "New works to decide on"
    list_display = ("title", "relevance", "year", "kind", "topic", "named_by", "state")
    list_filter = (StateFilter, "topic")
    list_select_related = ("topic",)
    search_fields = ("title", "doi", "pmid", "registration")
    search_help_text = "Title, DOI, PubMed number or registration."
    change_list_template = "admin/education/evidencecandidate/change_list.html"

    @admin.display(description="named by")
    def named_by(self, candidate: EvidenceCandidate) -> str:
        """The registers that named it."""
        return ", ".join(candidate.registers)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Questions bring candidates; a work that is known is imported."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say when an empty list is empty because nobody was asked."""
        questions = WatchQuestion.objects.filter(active=True)
        extra = {
            "questions": questions.count(),
            "failing": questions.exclude(failure="").select_related("topic"),
            "last": questions.exclude(answered_at=None).order_by("answered_at", "pk").last(),
        }
        return super().changelist_view(request, extra)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a candidate beside what is held, and carry out what was decided."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        candidate = self.get_object(request, object_id)
        if candidate is None:
            raise Http404
        person = person_of(request)
        step = request.POST.get("step", "")
        dismiss = DismissForm(request.POST if step == "dismiss" else None, auto_id="dismiss_%s")
        put_off = PutOffForm(request.POST if step == "later" else None, auto_id="later_%s")
        refusal = ""
        if request.method == "POST":
            if not self.has_change_permission(request, candidate):
                raise PermissionDenied
            try:
                if step == "accept":
                    batch = accept_candidate(candidate=candidate, by=person)
                    return redirect("admin:education_evidenceimport_change", batch.pk)
                if step == "dismiss" and dismiss.is_valid():
                    dismiss_candidate(candidate=candidate, by=person, **dismiss.cleaned_data)
                    return self._done(request, "Dismissed; the reason is on record.")
                if step == "later" and put_off.is_valid():
                    put_off_candidate(candidate=candidate, by=person, **put_off.cleaned_data)
                    return self._done(request, "It comes back on that day.")
            except EditorialError as refused:
                refusal = str(refused)
                candidate.refresh_from_db()
        may_decide = self.has_change_permission(request, candidate)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": candidate.title[:120],
            "candidate": candidate,
            "reference": reference_text(candidate.record),
            "held": similar_items(candidate),
            "is_settled": candidate.state in (State.ACCEPTED, State.HELD),
            "reasons": reasons_against_deciding(candidate, person) if may_decide else [],
            "may_decide": may_decide,
            "refusal": refusal,
            "dismiss": dismiss,
            "put_off": put_off,
        }
        template = "admin/education/evidencecandidate/decide.html"
        return TemplateResponse(request, template, context)

    def _done(self, request: HttpRequest, outcome: str) -> HttpResponse:
        self.message_user(request, outcome, messages.SUCCESS)
        return redirect("admin:education_evidencecandidate_changelist")
