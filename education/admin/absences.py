"""Who is away, at the desk: recorded by the person or by who looks after accounts."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from education.admin.access import WRITERS, EditorialAdmin, number_of, person_of
from education.errors import EditorialError
from education.people.absences import (
    end_absence,
    may_record_absence,
    plan_absence,
    problem_with_days,
)
from education.people.models import Absence, User
from education.people.rules import looks_after_accounts


class AbsenceForm(forms.ModelForm):
    """Who is away, when, and who stands in."""

    class Meta:
        model = Absence
        fields = ("person", "first_day", "last_day", "substitute")
        help_texts = {
            "person": "Yourself, or whom you look after accounts for.",
            "first_day": "From this day the absence is named where reviewers are asked.",
            "last_day": "This day still counts as away. A year after the first at most.",
            "substitute": "Told in their place, and named to who asks for a review. "
            "They get no rights by it.",
        }

    by: User  # who fills it in

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        desk = User.objects.filter(is_active=True, is_staff=True)
        desk = desk.order_by("display_name", "username")
        people = desk if looks_after_accounts(self.by) else desk.filter(pk=self.by.pk)
        for name, rows in (("person", people), ("substitute", desk)):
            field = self.fields.get(name)  # none where an absence is only looked at
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows
        self.initial.setdefault("person", self.by.pk)

    def clean(self) -> dict[str, Any]:
        """Refuse an absence that is over already, or has no end."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first_day, last_day = data.get("first_day"), data.get("last_day")
        if first_day and last_day and (problem := problem_with_days(first_day, last_day)):
            self.add_error("last_day", problem)
        return data


@admin.register(Absence)
class AbsenceAdmin(EditorialAdmin):
    """Who is away: named where reviewers are asked, and not reminded meanwhile."""

    change_roles = WRITERS
    list_title = "Who is away"
    form = AbsenceForm
    fields = ("person", "first_day", "last_day", "substitute")
    list_display = ("person", "first_day", "last_day", "substitute", "ended_at")
    list_select_related = ("person", "substitute")
    change_form_template = "admin/education/absence/change_form.html"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Everybody for themselves; who looks after accounts for all."""
        return super().has_add_permission(request) or bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Days never change; an absence is ended and another is recorded."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The form, which knows who fills it in."""
        kwargs["form"] = type("AbsenceForm", (self.form,), {"by": person_of(request)})
        return super().get_form(request, obj, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Record it by its operation."""
        obj.pk = plan_absence(by=person_of(request), **form.cleaned_data).pk

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer to end it to those who may."""
        absence = Absence.objects.filter(pk=number_of(object_id)).first()
        by = person_of(request)
        may_end = (
            absence
            and absence.ended_at is None
            and absence.last_day >= timezone.localdate()
            and may_record_absence(by, absence.person)
        )
        return super().change_view(request, object_id, form_url, {"may_end": may_end})

    def get_urls(self) -> list[Any]:
        """Add the step that ends it."""
        end = self.admin_site.admin_view(require_POST(self.end_view))
        return [path("<int:pk>/end/", end, name="education_absence_end"), *super().get_urls()]

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that the person is back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            end_absence(absence=get_object_or_404(Absence, pk=pk), by=person_of(request))
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, "Recorded. The absence is over.", messages.SUCCESS)
        return redirect("admin:education_absence_changelist")
