"""Clinics at the desk: opened by an editor-in-chief, with who works there and what they print."""

import csv
from dataclasses import asdict, fields
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from education.admin.access import EditorialAdmin, exclusive_post, number_of, person_of
from education.admin.audit import BYTE_ORDER_MARK, FORMULA
from education.errors import EditorialError
from education.handouts.bounces import bounces_of
from education.handouts.colleagues import set_manages_people
from education.handouts.models import Clinic, ClinicStaff, PrintedCopy
from education.handouts.operations import add_to_clinic, open_clinic, start_drill
from education.handouts.statistics import (
    HEIGHT,
    WIDTH,
    RecallCount,
    bars,
    by_month,
    by_text,
    recall_counts,
)
from education.people.models import Role, User
from education.stale_forms import STALE_STEP, StepForm, VersionedFormMixin, version_field


class ClinicPersonForm(StepForm):
    """Who is to work at a clinic's desk: somebody with the role Clinic."""

    person = forms.ModelChoiceField(
        User.objects.filter(groups__name=Role.CLINIC.label, is_active=True),
        to_field_name="username",
        widget=forms.TextInput,
        help_text="A user name, with the role Clinic. Who works at another clinic moves here.",
    )


class ClinicManagersForm(VersionedFormMixin, forms.Form):
    """Which of a clinic's people invite colleagues and end their access."""

    version_seen = version_field()
    managers = forms.ModelMultipleChoiceField(
        ClinicStaff.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They invite colleagues to this desk and end their access, and no more.",
    )

    def __init__(self, data: QueryDict | None = None, *, clinic: Clinic) -> None:
        self.staff = clinic.staff.select_related("person").order_by("pk")
        managers = [staff.pk for staff in self.staff if staff.manages_people]
        super().__init__(data, initial={"managers": managers}, auto_id="id_managers_%s")
        field = self.fields["managers"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = self.staff
        field.label_from_instance = lambda staff: str(staff.person)  # type: ignore[assignment]


def _who_works_where() -> list[str]:
    """At every desk: whom the form lets in may leave another, so all of them were seen."""
    staff = ClinicStaff.objects.order_by("pk").select_related("person", "clinic")
    return [str(member) for member in staff]


@admin.register(Clinic)
class ClinicAdmin(EditorialAdmin):
    """Who prints under a name of its own; its details and packs only itself can change."""

    change_roles = frozenset({Role.EDITOR_IN_CHIEF})
    list_display = ("name", "telephone", "people", "copies")
    search_fields = ("name",)
    search_help_text = "Name of the clinic."
    change_form_template = "admin/education/clinic/change_form.html"
    change_list_template = "admin/education/clinic/change_list.html"

    def get_fields(self, request: HttpRequest, obj: Clinic | None = None) -> tuple[str, ...]:
        """A new clinic has a name; the rest it writes itself."""
        return ("name", "telephone", "opening_hours", "address", "people") if obj else ("name",)

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """With what the name is for."""
        kwargs.setdefault("help_texts", {"name": "As it is to stand on every handout it prints."})
        return super().get_form(request, obj, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Clinic | None = None) -> Any:
        """Nothing is changed here."""
        return self.get_fields(request, obj) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Its details are the clinic's own."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clinic]:
        """With the copies each printed."""
        printed = super().get_queryset(request).annotate(printed=Sum("printed_copies__copies"))
        clinics: QuerySet[Clinic] = printed.prefetch_related("staff__person")
        return clinics

    @admin.display(description="People")
    def people(self, clinic: Clinic) -> str:
        """Who works at its desk."""
        people = [
            f"{staff.person} (manages people)" if staff.manages_people else str(staff.person)
            for staff in clinic.staff.all()
        ]
        return ", ".join(people) or "nobody yet"

    @admin.display(description="Copies printed", ordering="printed")
    def copies(self, clinic: Any) -> int:
        """All copies it ever printed."""
        return clinic.printed or 0

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Open the clinic by its operation."""
        obj.pk = open_clinic(name=form.cleaned_data["name"], by=person_of(request)).pk

    def get_urls(self) -> list[Any]:
        """Add the step that lets a person in, and the counts."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/person/",
                wrap(require_POST(self.person_view)),
                name="education_clinic_person",
            ),
            path(
                "<int:pk>/managers/",
                wrap(require_POST(self.managers_view)),
                name="education_clinic_managers",
            ),
            path(
                "<int:pk>/drill/",
                wrap(require_http_methods(["GET", "HEAD", "POST"])(self.drill_view)),
                name="education_clinic_drill",
            ),
            path("counts/", wrap(require_safe(self.counts_view)), name="education_clinic_counts"),
            path(
                "recalls/", wrap(require_safe(self.recalls_view)), name="education_clinic_recalls"
            ),
            path(
                "recalls.<str:ending>",
                wrap(require_safe(self.recalls_file)),
                name="education_clinic_recalls_file",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer to let a person in, and to say who manages people."""
        clinic = Clinic.objects.filter(pk=number_of(object_id)).first()
        extra: dict[str, Any] = {"bounced": bounces_of(clinic) if clinic else []}
        if clinic and self.may_let_in(request):
            typed = {"person": request.GET.get("person", "")}
            extra |= {
                "person_form": ClinicPersonForm(initial=typed, stands=_who_works_where()),
                "managers_form": ClinicManagersForm(clinic=clinic),
            }
        return super().change_view(request, object_id, form_url, extra)

    @exclusive_post
    def person_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a person work at this clinic's desk."""
        clinic = get_object_or_404(Clinic, pk=pk)
        form = ClinicPersonForm(request.POST, stands=_who_works_where())
        page = reverse("admin:education_clinic_change", args=[pk])
        if not self.may_let_in(request):
            raise PermissionDenied
        if not form.is_valid():
            message = "Nobody with the role Clinic has this user name."
            if form.has_error(NON_FIELD_ERRORS, "stale"):
                works = ClinicStaff.objects.filter(person=form.cleaned_data.get("person")).first()
                where = f" {works.person} works at the desk of {works.clinic}." if works else ""
                message = f"{STALE_STEP}{where}"
            self.message_user(request, message, messages.ERROR)
            return redirect(f"{page}?{urlencode({'person': request.POST.get('person', '')})}")
        person = form.cleaned_data["person"]
        try:
            add_to_clinic(person=person, clinic=clinic, by=person_of(request))
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            done = f"{person} works at the desk of {clinic} now."
            self.message_user(request, done, messages.SUCCESS)
        return redirect(page)

    @exclusive_post
    def managers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say which of its people manage the people of this clinic."""
        clinic = get_object_or_404(Clinic, pk=pk)
        if not self.may_let_in(request):
            raise PermissionDenied
        form = ClinicManagersForm(request.POST, clinic=clinic)
        if not form.is_valid():
            for errors in form.errors.values():
                self.message_user(request, " ".join(map(str, errors)), messages.ERROR)
        else:
            by, managers = person_of(request), set(form.cleaned_data["managers"])
            try:
                for staff in form.staff:
                    set_manages_people(staff=staff, manages=staff in managers, by=by)
            except EditorialError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.message_user(request, "Saved.", messages.SUCCESS)
        return redirect(reverse("admin:education_clinic_change", args=[pk]))

    def drill_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try whether recalls reach this clinic, after saying what that does."""
        clinic = get_object_or_404(Clinic, pk=pk)
        if not self.may_let_in(request):
            raise PermissionDenied
        if request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "title": "Start a drill",
                "opts": self.opts,
                "clinic": clinic,
            }
            return TemplateResponse(request, "admin/education/clinic/drill.html", context)
        try:
            drill = start_drill(clinic=clinic, by=person_of(request))
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            done = f"The drill has begun, with “{drill.copy.title}”. It ends after two weeks."
            self.message_user(request, done, messages.SUCCESS)
        return redirect(reverse("admin:education_clinic_change", args=[pk]))

    def counts_view(self, request: HttpRequest) -> HttpResponse:
        """Copies by month, clinic, text and language."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        copies = PrintedCopy.objects.all()
        months = by_month(copies, timezone.localdate())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Copies that clinics printed",
            "months": months,
            "bars": bars(months),
            "width": WIDTH,
            "height": HEIGHT,
            "texts": by_text(copies.filter(printed_on__gte=months[0].first), with_clinics=True),
        }
        return render(request, "admin/education/clinic/counts.html", context)

    def recalls_view(self, request: HttpRequest) -> HttpResponse:
        """What clinics answered to recalls."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "What clinics answered to recalls",
            "counts": recall_counts(),
        }
        return render(request, "admin/education/clinic/recalls.html", context)

    def recalls_file(self, request: HttpRequest, ending: str) -> HttpResponse:
        """The same as a file: CSV for a spreadsheet, JSON for a program."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = [asdict(count) for count in recall_counts()]
        if ending == "json":
            return JsonResponse({"results": rows})
        if ending != "csv":
            raise Http404
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="recalls.csv"'
        response.write(BYTE_ORDER_MARK)
        writer = csv.writer(response)
        writer.writerow(field.name for field in fields(RecallCount))
        for row in rows:
            cells = [str(value) for value in row.values()]
            writer.writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
        return response

    def may_let_in(self, request: HttpRequest) -> bool:
        """Whether this person may let others in."""
        return self.has_add_permission(request)
