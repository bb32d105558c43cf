"""The rows of a table of findings at the desk: listed, and written one at a time."""

import re
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from education.admin.access import WRITERS, person_of, roles_of
from education.admin.revision_pages import RevisionPages
from education.admin.stored_text import StoredTextForm
from education.admin.writing import (
    CONTRIBUTE,
    OptionInline,
    PartForm,
    PartFormSet,
    PartInline,
    barred_words,
)
from education.articles.grading import grading
from education.articles.models import Article, FindingsOutcome, FindingsRow, Revision
from education.articles.operations import FINDING_FIELDS, draft_of, save_text
from education.errors import EditorialError
from education.evidence.models import EvidenceItem, Finding
from education.review.rules import barred_by_contributing
from education.text.findings import grade_by_steps
from education.text.rendering import Draft

_TALL = {"people": 2, "who": 2, "effect": 4, "direction_words": 2, "grading": 4, "words": 3}


def rules_in_html(name: str) -> str:
    """The rules that say how a field is filled in, folded away."""
    rules = grading().of_field(name)
    if not rules:
        return ""
    items = format_html_join(
        "", "<li><b>Rule {}, {}.</b> {}</li>", ((r.number, r.title, r.text) for r in rules)
    )
    return format_html("<details><summary>The rules</summary><ul>{}</ul></details>", items)


class NamesField(forms.CharField):
    """Names with blanks or commas between them, as a list."""

    def prepare_value(self, value: Any) -> Any:
        """A stored list as it is typed."""
        return " ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """The names in the order typed, each once."""
        return list(dict.fromkeys(re.split(r"[\s,;]+", (value or "").strip()))) if value else []


class FindingsRowForm(StoredTextForm):
    """One row; the rules of grading are its help text."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    evidence = NamesField(
        label="Works", required=False, widget=forms.TextInput(attrs={"size": 80}),
        help_text="Keys of the evidence items it rests on, with blanks between them.",
    )  # fmt: skip
    findings = NamesField(
        label="Findings as data", required=False, widget=forms.TextInput(attrs={"size": 80}),
        help_text="Findings of these works that the effect tells, each as key#number.",
    )  # fmt: skip

    class Meta:
        model = FindingsRow
        fields = ("outcome", "option", "slug", *FINDING_FIELDS)
        widgets = {
            name: forms.Textarea(attrs={"rows": rows, "cols": 80}) for name, rows in _TALL.items()
        } | {
            name: forms.TextInput(attrs={"size": 80})
            for name in ("slug", "about", "comparator", "time", "source_grade")
        }
        help_texts = {
            "outcome": "Under which outcome of the table readers see the row.",
            "option": "The treatment that it tells of.",
            "people": "How many studies and people the effect rests on: “3 trials, 90 children”.",
            "who": "Ages and movement levels of those studied: “under 8 years, GMFCS I to III”.",
            "comparator": "What the others had: “the same physiotherapy”; empty where there was no "
            "such group.",
            "time": "When it was measured: “12 months”.",
            "effect": "As the studies give it, with its interval and unit: “4.0 points more (0.2 "
            "to 7.8)”.",
            "frame": "Only where people can be counted; choose 1,000 where one in a hundred is too "
            "coarse.",
            "with_option": "Of that many, how many with the option.",
            "direction": "Better or worse than a comparison group; without one, than before.",
            "direction_words": "Only what the choice above can’t say: “better walking, no change "
            "in hand use”.",
            "certainty": "As graded below; readers see it beside the effect.",
            "source_grade": "As its authors graded it, with their system: “GRADE: low”.",
            "words": "One or two sentences that a parent understands; readers see them first.",
        }

    def __init__(self, *args: Any, revision: Revision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.revision = revision
        self.stored_slug = self.instance.slug
        self.fields["expected_version"].initial = revision.version
        for name, parts in (
            ("outcome", revision.findings_outcomes),
            ("option", revision.comparison_options),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = parts.all()
            # Every save stores the parts anew, so a number of before names none of them.
            field.to_field_name = "slug"
            if getattr(self.instance, f"{name}_id"):
                self.initial[name] = getattr(self.instance, name).slug
        for name, field in self.fields.items():
            rules = rules_in_html(name)
            if rules:
                field.help_text = format_html("{} {}", field.help_text, rules)

    def clean_evidence(self) -> list[str]:
        """Only works that are here."""
        keys: list[str] = self.cleaned_data["evidence"]
        here = set(EvidenceItem.objects.filter(key__in=keys).values_list("key", flat=True))
        missing = [key for key in keys if key not in here]
        if missing:
            raise ValidationError(f"There is no evidence item {', '.join(missing)}.")
        return keys

    def clean(self) -> dict[str, Any]:
        """A row is named once, under its outcome; its findings are those of its works."""
        data = super().clean()
        slug = data.get("slug", "")
        rows = self.revision.findings_rows.exclude(slug=self.stored_slug)
        if slug and rows.filter(slug=slug).exists():
            self.add_error("slug", "Another row of this table has this id.")
        outcome = data.get("outcome")
        if slug and outcome and not slug.startswith(f"{outcome.slug}/"):
            self.add_error("slug", f"The id of a row about this begins with {outcome.slug}/.")
        for name in data.get("findings") or []:
            problem = _reason_against_finding(name, data.get("evidence") or [])
            if problem:
                self.add_error("findings", problem)
        return data

    def row(self) -> dict[str, Any]:
        """The row as a draft holds it."""
        data = self.cleaned_data
        return {
            "slug": data["slug"],
            "outcome": data["outcome"].slug,
            "option": data["option"].slug,
            **{name: data[name] for name in FINDING_FIELDS},
        }


def _reason_against_finding(name: str, keys: list[str]) -> str:
    key, _, number = name.partition("#")
    if key not in keys:
        return f"{name} is no finding of a work of this row."
    findings = Finding.objects.filter(item__key=key).count()
    if not (number.isascii() and number.isdecimal() and 1 <= int(number[:4]) <= findings):
        return f"{key} has {findings} findings; {name} is none of them."
    return ""


class UsedPartFormSet(PartFormSet):
    """Outcomes and options that rows of the table are about stay, under their addresses."""

    used_in = "outcome"

    def clean(self) -> None:
        """Refuse to lose what a row is about."""
        super().clean()
        rows = self.instance.findings_rows.values_list(f"{self.used_in}__slug", flat=True)
        typed = {
            form.cleaned_data.get("slug") for form in self.forms if form not in self.deleted_forms
        }
        lost = sorted(set(rows) - typed)
        if lost:
            raise ValidationError(
                f"Rows of the table are about {', '.join(lost)}. Change or delete those rows first."
            )


class UsedOptionFormSet(UsedPartFormSet):
    """The same for options."""

    used_in = "option"


class OutcomeForm(PartForm):
    class Meta:
        model = FindingsOutcome
        fields = ("position", "slug", "name", "note")
        help_texts = {"name": "What was looked at, with its time: “Movement after a year”."}
        widgets = {
            "name": forms.TextInput(attrs={"size": 80}),
            "note": forms.Textarea(attrs={"rows": 2, "cols": 80}),
        }


class OutcomeInline(PartInline):
    """The outcomes of a table of findings, in their order."""

    model = FindingsOutcome
    form = OutcomeForm
    formset = UsedPartFormSet


class FindingsOptionInline(OptionInline):
    """The options of a table of findings."""

    formset = UsedOptionFormSet


class FindingsMixin(RevisionPages, admin.ModelAdmin):
    """The pages for the rows of a table of findings."""

    def findings_urls(self) -> list[URLPattern]:
        """The address of every page."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/findings/", wrap(self.findings_view), name="education_revision_findings"
            ),
            path(
                "<int:pk>/findings/add/",
                wrap(self.finding_view),
                name="education_revision_finding_add",
            ),
            path(
                "<int:pk>/findings/<path:slug>/delete/",
                wrap(self.finding_delete_view),
                name="education_revision_finding_delete",
            ),
            path(
                "<int:pk>/findings/<path:slug>/",
                wrap(self.finding_view),
                name="education_revision_finding",
            ),
        ]

    def findings_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every row by its outcome."""
        revision = self._table(request, pk)
        rows = list(revision.findings_rows.select_related("option"))
        outcomes = [
            (outcome, [row for row in rows if row.outcome_id == outcome.pk])
            for outcome in revision.findings_outcomes.all()
        ]
        return self.page(
            request,
            "findings",
            revision,
            title="Rows of the table",
            outcomes=outcomes,
            panel=grading().panel,
            may_write=self._may_write(request, revision),
        )

    def finding_view(self, request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:
        """Write one row; nothing typed is lost when it is refused."""
        revision = self._table(request, pk)
        row = revision.findings_rows.filter(slug=slug).first()
        if slug and row is None:
            raise Http404
        may_write = self._may_write(request, revision)
        if not may_write and request.method != "POST":
            raise PermissionDenied
        instance = row or FindingsRow(revision=revision)
        form = FindingsRowForm(
            request.POST or None,
            instance=instance,
            revision=revision,
            initial=None if row else {"outcome": request.GET.get("outcome", "")},
        )
        if request.method == "POST" and form.is_valid():
            draft = draft_of(revision)
            typed = form.row()
            rows = [typed if each["slug"] == slug else each for each in draft.findings]
            draft = replace(draft, findings=rows if row else [*rows, typed])
            if self._saved(request, revision, draft, form, f"Row {typed['slug']} was saved."):
                return redirect(self._rows_page(revision, typed["outcome"]))
        return self.page(
            request,
            "finding",
            revision,
            title=f"Row {slug}" if slug else "A new row",
            form=form,
            asks_to_contribute=_asks_to_contribute(form),
            row=row,
            by_steps=grade_by_steps(row.grading) if row else "",
        )

    def finding_delete_view(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        """Take a row out of the draft after asking; saved texts keep it."""
        revision = self._table(request, pk)
        row = revision.findings_rows.select_related("outcome").filter(slug=slug).first()
        if row is None:
            raise Http404
        if not self._may_write(request, revision):
            raise PermissionDenied
        form = VersionForm(request.POST or None, initial={"expected_version": revision.version})
        if request.method == "POST" and form.is_valid():
            draft = draft_of(revision)
            rows = [each for each in draft.findings if each["slug"] != slug]
            draft = replace(draft, findings=rows)
            if self._saved(request, revision, draft, form, f"Row {slug} was deleted."):
                return redirect(self._rows_page(revision, row.outcome.slug))
        return self.page(
            request,
            "finding_delete",
            revision,
            title=f"Delete row {slug}",
            form=form,
            asks_to_contribute=_asks_to_contribute(form),
            row=row,
        )

    def _saved(
        self,
        request: HttpRequest,
        revision: Revision,
        draft: Draft,
        form: forms.BaseForm,
        message: str,
    ) -> bool:
        seen, person = form.cleaned_data["expected_version"], person_of(request)
        barred_from = barred_by_contributing(person, revision)
        if barred_from and CONTRIBUTE not in request.POST:
            form.add_error(None, ValidationError(barred_words(barred_from), code="contributing"))
            return False
        try:
            save_text(revision=revision, draft=draft, by=person, expected_version=seen)
        except EditorialError as refusal:
            form.add_error(None, str(refusal))
            # Saving again is then deliberate.
            version = Revision.objects.get(pk=revision.pk).version
            data = request.POST.copy()
            data["expected_version"] = str(version)
            form.data = data
            return False
        self.message_user(request, message, messages.SUCCESS)
        return True

    def _table(self, request: HttpRequest, pk: int) -> Revision:
        revision = self.revision_of(request, pk)
        if revision.article.kind != Article.Kind.FINDINGS:
            raise Http404
        return revision

    @staticmethod
    def _may_write(request: HttpRequest, revision: Revision) -> bool:
        return revision.is_editable and bool(roles_of(request) & WRITERS)

    @staticmethod
    def _rows_page(revision: Revision, outcome: str) -> str:
        page = reverse("admin:education_revision_findings", args=[revision.pk])
        return f"{page}#{outcome}"


class VersionForm(forms.Form):
    """The version of the text that somebody saw."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)


def _asks_to_contribute(form: forms.BaseForm) -> bool:
    """Whether the form was refused only until the person says that they become a writer."""
    return form.is_bound and form.has_error("__all__", code="contributing")
