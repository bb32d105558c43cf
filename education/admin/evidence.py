"""Evidence items at the desk."""

import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet, TextField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from education.admin.access import (
    WRITERS,
    EditorialAdmin,
    ExclusiveFormMixin,
    VersionedAdminMixin,
    number_of,
    person_of,
    roles_of,
)
from education.admin.row_fields import AuthorsField, CslVariablesField, levels_field, month_field
from education.admin.stored_text import StoredTextForm
from education.articles.models import Revision
from education.errors import EditorialError
from education.evidence.details_in_words import details_in_words
from education.evidence.models import EvidenceItem, Finding, StatusEvent, Verification
from education.evidence.operations import change_item, enter_item, verify_item
from education.evidence.references import reference_html
from education.evidence.rules import reasons_against_verifying
from education.evidence.web_sources import (
    LONGEST,
    all_source_states,
    is_web_source,
    reasons_against_saying_unchanged,
    say_unchanged,
    seen_again_after,
    source_states,
    state_of,
)
from education.publishing.models import Publication


class VerifyForm(forms.Form):
    """What a person says when they verify an item, and which state of it they had before them."""

    details_seen = forms.CharField(required=False, widget=forms.HiddenInput)
    level = forms.ChoiceField(
        label="What did you read?",
        choices=[
            (level.value, level.label)
            for level in (EvidenceItem.Level.ABSTRACT, EvidenceItem.Level.FULL_TEXT)
        ],
        help_text="Only what you had before you yourself. It stands in the record.",
    )
    note = forms.CharField(
        label="Notes for the next person",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you could not check: “Table 2 was not at hand.” Readers don’t see it.",
    )


class ReadOnlyInline(admin.TabularInline):
    """Rows that operations write and nobody edits."""

    template = "admin/education/read_only_rows.html"
    extra = 0
    can_delete = False

    def has_view_permission(self, *_args: object) -> bool:
        """As the page it stands on."""
        return True

    def has_add_permission(self, *_args: object) -> bool:
        """Only operations write these."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """Only operations write these."""
        return False


class VerificationInline(ReadOnlyInline):
    """Who verified which details."""

    model = Verification
    fields = ("by", "as_medical_reviewer", "level", "at", "note")


class StatusEventInline(ReadOnlyInline):
    """What became of the work."""

    model = StatusEvent
    fields = ("status", "occurred_on", "reason", "by", "at")


class FindingForm(StoredTextForm):
    """One result; a number that the work does not give stays empty."""

    class Meta:
        help_texts = {
            "outcome": "What was looked at.",
            "option": "The treatment it tells of.",
            "measure": "The scale. Two scales never share an axis.",
            "contrast": "Between groups, or over time in one.",
            "effect": "The number: 8.1. Empty where the work gives none.",
            "low": "Lower end of its interval.",
            "high": "Upper end.",
            "unit": "Points, %, people, US$.",
            "time_point": "“12 months”.",
            "number_analysed": "People behind the number.",
            "locator": "So that others find it: “Table 2” or “p. 7”.",
        }


class FindingInline(admin.StackedInline):
    """What was found, as data; saved with the item, through its operation."""

    model = Finding
    form = FindingForm
    extra = 0
    fields = (
        ("outcome", "option", "given"),
        ("measure", "contrast", "pooled"),
        ("effect", "low", "high", "unit"),
        ("time_point", "number_analysed", "certainty"),
        "as_reported",
        "locator",
    )
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        TextField: {"widget": forms.Textarea(attrs={"rows": 2})}
    }

    def has_view_permission(self, *_args: object) -> bool:
        """As the page it stands on."""
        return True

    def _may_change(self, request: HttpRequest) -> bool:
        return bool(roles_of(request) & WRITERS)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the item itself."""
        return self._may_change(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the item itself."""
        return self._may_change(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the item itself: the record keeps what was there."""
        return self._may_change(request)


class VerifiedFilter(admin.SimpleListFilter):
    """The queue of works to verify: citable, current details not verified by two people."""

    title = "verification"
    parameter_name = "verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Verified or still to verify."""
        return [("no", "To verify"), ("yes", "Verified")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Works of which that is so."""
        verified = EvidenceItem.objects.verified().values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=verified)
        if self.value() == "no":
            return queryset.exclude(pk__in=verified).filter(usable=True)
        return queryset


class WebSourceFilter(admin.SimpleListFilter):
    """Web sources, and those that somebody should look at."""

    title = "web source"
    parameter_name = "web"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All, or those with something to look at."""
        return [("all", "Web sources"), ("look", "To look at: dead, changed or due")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Works of which that is so."""
        if self.value() == "all":
            return queryset.filter(pk__in=EvidenceItem.objects.web_sources().values("pk"))
        if self.value() == "look":
            states = all_source_states()
            return queryset.filter(pk__in=[each.item.pk for each in states if each.what_is_wrong])
        return queryset


class UnchangedForm(forms.Form):
    """That a person saw a web source today, and when somebody is to look again."""

    state_seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    look_again_on = forms.DateField(
        label="Look again on",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="Half a year for law and prices, a year for the rest, unless you choose another "
        "day.",
    )

    def clean_look_again_on(self) -> datetime.date:
        """Later is after today, and not so late that nobody would remember."""
        day: datetime.date = self.cleaned_data["look_again_on"]
        today = timezone.localdate()
        if not today < day <= today + LONGEST:
            raise forms.ValidationError("Choose a day after today, within two years.")
        return day


class EvidenceForm(StoredTextForm):
    """A work by hand: authors and CSL variables in rows, levels as ticks, the month by its name."""

    authors = AuthorsField(
        required=False,
        help_text="In the order of the work, a row for each; an organisation as it calls itself.",
    )
    issued_month = month_field(label="Month", help_text="Empty where it gives none.")
    gmfcs_levels = levels_field(
        label="GMFCS levels", help_text="Every level that took part; none when it is not reported."
    )
    csl_extra = CslVariablesField(
        label="More about the work",
        required=False,
        help_text="Only what a reference needs beyond the fields above.",
    )

    class Meta:
        help_texts = {
            "topic": "Readers choose among works by it. Who has a conflict of interest on the "
            "topic can’t verify it.",
            "usable": "Switch off where no text may cite it, and say why below.",
            "unusable_reason": "“Paid promotion by a clinic.” Writers who cite it are told.",
            "csl_type": "As CSL calls it: article-journal, book, chapter, report, thesis, webpage, "
            "legislation.",
            "title": "As printed, in its own language.",
            "container_title": "In full: “Stem Cells Translational Medicine”.",
            "publisher": "Of a book, report or page: “World Health Organization”. A journal needs "
            "none.",
            "issued_year": "When it came out.",
            "issued_day": "Of the month.",
            "volume": "As printed: “6”.",
            "issue": "As printed: “12”.",
            "page": "From and to: “2071-2078”.",
            "number": "Of a report or law, as printed on it.",
            "doi": "“10.1002/sctm.17-0102”, without https.",
            "pmid": "Digits alone.",
            "pmcid": "“PMC” and digits.",
            "url": "Only what has no DOI: the page itself, with https. Readers follow it.",
            "language": "Of the work, as a code: en, de, zh.",
            "design": "As the work was done, whatever it calls itself. Readers see it beside every "
            "citation.",
            "population": "In a phrase that readers see: “63 children with spastic diplegia”.",
            "age_to_months": "Empty where it is not told.",
            "sample_size": "All who took part, in every group.",
            "intervention": "What, how and how often: “own cord blood, once, by vein”.",
            "comparator": "“Placebo, then cord blood a year later”; empty where nobody was "
            "compared.",
            "follow_up": "How long people were watched: “2 years”.",
            "finding": "One or two sentences for readers, harm as well as gain. Not shown once a "
            "work is retracted.",
            "limitations": "“No control group; 12 of 40 were lost.” Readers see it.",
            "funding_or_conflicts": "As the work tells it. Empty: readers are told that it was not "
            "stated in what we read.",
        }


@admin.register(EvidenceItem)
class EvidenceItemAdmin(VersionedAdminMixin, ExclusiveFormMixin, EditorialAdmin):
    """Published works: entered, appraised, verified by two people."""

    list_title = "Evidence"
    form_title = "Work"
    add_title = "Enter a work by hand"
    change_roles = WRITERS
    form = EvidenceForm
    change_form_template = "admin/education/evidenceitem/change_form.html"
    formfield_overrides: ClassVar[dict[Any, Any]] = EditorialAdmin.formfield_overrides | {
        TextField: {"widget": forms.Textarea(attrs={"rows": 3, "cols": 80})}
    }
    list_display = ("key", "short_title", "state", "design", "issued_year", "cited_by")
    list_filter = (VerifiedFilter, WebSourceFilter, "design", "topic", "dossier_level", "usable")
    search_fields = ("key", "title", "doi", "pmid")
    search_help_text = "Key, title, DOI or PubMed number; all words must be there."
    readonly_fields = ("dossier_level", "dossier_note", "seen_at")
    versioned_rows = (Finding,)
    inlines = (FindingInline, VerificationInline, StatusEventInline)
    fieldsets = (
        (None, {"fields": ("key", "topic", "usable", "unusable_reason")}),
        (
            "The work",
            {
                "fields": (
                    "csl_type", "title", "authors", "authors_complete", "container_title",
                    "publisher", ("issued_year", "issued_month", "issued_day"),
                    ("volume", "issue", "page", "number"), ("doi", "pmid", "pmcid"), "url",
                    "language", "csl_extra",
                )
            },
        ),
        (
            "What was studied and found",
            {
                "fields": (
                    "design", "population",
                    ("age_from_months", "age_to_months", "ages_of_most"),
                    ("gmfcs_levels", "levels_of_most"), "sample_size", "intervention",
                    "comparator", "follow_up", "finding",
                    "limitations", "funding_or_conflicts", "registration",
                )
            },
        ),
        ("How it was read", {"fields": ("dossier_level", "dossier_note", "seen_at")}),
    )  # fmt: skip

    def get_ordering(self, request: HttpRequest) -> Any:
        """By key; in the queue of works to verify, those that a text on its way waits for first."""
        if request.GET.get("verified") != "no":
            return super().get_ordering(request)
        waits = Revision.objects.open().filter(citations__item=OuterRef("pk"))
        return [Exists(waits).desc(), "key"]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list with what became of each work and how often it is cited, in two queries."""
        changes = super().get_changelist_instance(request)
        rows = list(changes.result_list)
        items = EvidenceItem.objects.filter(pk__in=[item.pk for item in rows])
        verified = set(items.verified().values_list("pk", flat=True))
        annotated = items.with_status().annotate(cited=Count("published_in"))
        facts = {pk: facts for pk, *facts in annotated.values_list("pk", "standing", "cited")}
        for item in rows:
            item.is_verified_now = item.pk in verified
            item.status_now, item.cited_in = facts[item.pk]
        changes.result_list = rows
        return changes

    @admin.display(description="state")
    def state(self, item: Any) -> str:
        """What became of the work, or whether two people have verified it."""
        if not item.usable:
            return "may not be cited"
        if item.status_now != StatusEvent.Status.CURRENT:
            return str(StatusEvent.Status(item.status_now).label).lower()
        return "verified" if item.is_verified_now else "to verify"

    @admin.display(description="cited by versions")
    def cited_by(self, item: Any) -> int:
        """How many published versions cite it."""
        return int(item.cited_in)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Say beside the form where the work is used."""
        number = number_of(object_id)
        item = self.get_object(request, object_id)
        extra = {
            "is_web_source": item is not None and is_web_source(item),
            "cited_in_drafts": Revision.objects.open()
            .filter(citations__item=number)
            .distinct()
            .order_by("title", "pk"),
            "cited_in_public": Publication.objects.current()
            .filter(published_citations__item=number)
            .defer("content", "search_text")
            .order_by("title", "pk"),
        }
        return super().change_view(request, object_id, form_url, extra)

    @admin.display(description="title", ordering="title")
    def short_title(self, item: EvidenceItem) -> str:
        """A title that fits the list."""
        return item.title if len(item.title) < 90 else item.title[:87] + "…"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The key is in texts already; it stays."""
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Enter or change through the operations, so that the record and the hash follow."""
        details = {name: form.cleaned_data[name] for name in form.cleaned_data}
        if change:
            change_item(item=obj, details=details, by=person_of(request))
        else:
            obj.pk = enter_item(details=details, by=person_of(request)).pk

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Hand what was found to the operation as a whole; nothing else is saved here."""
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        if formset.model is not Finding or not formset.has_changed():
            return
        rows = [
            {name: value for name, value in form.cleaned_data.items() if name in Finding.PARTS}
            for form in formset.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        change_item(item=form.instance, details={"findings": rows}, by=person_of(request))

    def get_urls(self) -> list[Any]:
        """Add the pages on which a person verifies an item, and says that a page is unchanged."""
        verify = self.admin_site.admin_view(self.verify_view)
        source = self.admin_site.admin_view(self.source_view)
        return [
            path("<int:pk>/source/", source, name="education_evidenceitem_source"),
            path("<int:pk>/verify/", verify, name="education_evidenceitem_verify"),
            *super().get_urls(),
        ]

    def verify_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what is claimed of a work and take a person's word that it is right."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        item = get_object_or_404(EvidenceItem, pk=pk)
        form = VerifyForm(request.POST.dict() or None, initial={"details_seen": item.details_state})
        if request.method == "POST" and form.is_valid():
            try:
                verify_item(item=item, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
                item.refresh_from_db()
                form.data = {**form.data, "details_seen": item.details_state}
            else:
                state = (
                    "is verified"
                    if item.is_verified()
                    else "waits for another person; of two, one is a medical reviewer with current "
                    "credentials"
                )
                self.message_user(request, f"Recorded. {item.key} {state}.", messages.SUCCESS)
                return redirect(reverse("admin:education_evidenceitem_change", args=[item.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Verify {item.key}",
            "opts": self.opts,
            "item": item,
            "reference": reference_html(item.csl()),
            "details": details_in_words(item),
            "reasons": reasons_against_verifying(person_of(request), item),
            "verifications": item.verifications.select_related("by"),
            "form": form,
        }
        return TemplateResponse(request, "admin/education/evidenceitem/verify.html", context)

    def source_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what is known of a web source; take a person's word that it is unchanged."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        item = get_object_or_404(EvidenceItem.objects.select_related("topic__parent"), pk=pk)
        person, refusal = person_of(request), ""
        again = timezone.localdate() + seen_again_after(item)
        initial = {"state_seen": state_of(item), "look_again_on": again}
        form = UnchangedForm(request.POST.dict() or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                say_unchanged(item=item, by=person, **form.cleaned_data)
            except EditorialError as problem:
                refusal = str(problem)
                item.refresh_from_db()
                form.data = {**form.data, "state_seen": state_of(item)}
            else:
                self.message_user(request, "Recorded: seen today, unchanged.", messages.SUCCESS)
                return redirect("admin:education_evidenceitem_change", item.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Look at {item.key}",
            "opts": self.opts,
            "item": item,
            "reference": reference_html(item.csl()),
            "state": next(iter(source_states([item])), None),
            "reasons": reasons_against_saying_unchanged(person, item),
            "refusal": refusal,
            "form": form,
        }
        return TemplateResponse(request, "admin/education/evidenceitem/source.html", context)
