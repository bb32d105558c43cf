"""Importing evidence at the desk: paste or upload, look through, confirm."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from education.admin.access import WRITERS, EditorialAdmin, person_of
from education.errors import EditorialError
from education.evidence.formats import READ_FORMATS
from education.evidence.formats.record import MAX_BYTES, Record
from education.evidence.import_preview import ImportPreview, ProposalKind
from education.evidence.importing import (
    confirm_import,
    fetched,
    identifiers_in,
    identifiers_to_mend,
    plan_of,
    read,
    start_import,
)
from education.evidence.models import EvidenceImport, EvidenceItem
from education.evidence.references import reference_text
from education.safety.operations import report_imported_news
from education.widgets import Textarea

# A person looks through this many; and a page waits for this many answers, this many seconds.
MOST_WORKS = 500
MOST_IDENTIFIERS = 20
SECONDS_FOR_ALL = 20.0
# The button that proposes identifiers in their plain form, and what that import is called.
MEND, MENDED = "_mend", "Identifiers in their plain form"


class ImportForm(forms.Form):
    """Where the works come from."""

    identifiers = forms.CharField(
        label="DOIs or PubMed ids",
        required=False,
        max_length=10_000,
        widget=Textarea(attrs={"rows": 6, "cols": 60, "spellcheck": "false"}),
        help_text=f"One a line, at most {MOST_IDENTIFIERS}. Crossref and PubMed are asked for them "
        "once, when you press the button; that can take some seconds.",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        help_text=f"{READ_FORMATS}, as databases and reference managers save them.",
    )

    def clean_identifiers(self) -> list[str]:
        """What was typed, one by one; each is looked at when it is asked for."""
        identifiers = identifiers_in(self.cleaned_data["identifiers"])
        if len(identifiers) > MOST_IDENTIFIERS:
            raise forms.ValidationError(
                f"These are {len(identifiers)}; at most {MOST_IDENTIFIERS} can be asked for at "
                "once."
            )
        return identifiers

    def clean_file(self) -> UploadedFile | None:
        """A file that is too large is not read."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > MAX_BYTES:
            limit = MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(f"At most {limit} MB can be imported. Split the file.")
        return file

    def clean(self) -> None:
        """One of the two is needed."""
        if not self.errors and not any(self.cleaned_data.values()):
            raise forms.ValidationError("Type a DOI or a PubMed id, or choose a file.")

    def records(self) -> list[Record]:
        """Everything that was asked for; nothing when all of it failed, and the form says why."""
        file = self.cleaned_data["file"]
        records = read(file.read()) if file else []
        records += fetched(self.cleaned_data["identifiers"], within=SECONDS_FOR_ALL)
        if len(records) > MOST_WORKS:
            self.add_error(
                "file",
                f"The file holds {len(records):,} works; here at most {MOST_WORKS} can be looked "
                "through at once. Split it, or use the command import_evidence.",
            )
            return []
        if all(record.csl is None for record in records):
            for record in records:
                self.add_error(None, record.error)
            return []
        return records

    def source(self) -> str:
        """Where they came from, for the list of imports."""
        file = self.cleaned_data["file"]
        return ", ".join([*([file.name] if file else []), *self.cleaned_data["identifiers"]])


@admin.register(EvidenceImport)
class EvidenceImportAdmin(EditorialAdmin):
    """Works that came in: to be looked through, or what became of them."""

    list_title = "Imports of evidence"
    form_title = "Import of evidence"
    change_roles = WRITERS
    list_display = ("source", "at", "by", "state")
    list_select_related = ("by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvidenceImport]:
        """Lists need no records."""
        return super().get_queryset(request).defer("records")

    @admin.display(description="state")
    def state(self, batch: EvidenceImport) -> str:
        """What became of it, in a word."""
        if not batch.confirmed_at:
            return "waits to be looked through"
        done = {name: len(batch.outcome.get(name, [])) for name in ("entered", "changed")}
        return f"{done['entered']} entered, {done['changed']} changed"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Take identifiers or a file, fetch and read them, and lead to the preview."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        to_mend = identifiers_to_mend()
        if to_mend and MEND in request.POST:
            batch = start_import(source=MENDED, records=to_mend, by=person_of(request))
            return redirect("admin:education_evidenceimport_change", batch.pk)
        is_sent = request.method == "POST" and MEND not in request.POST
        # The writing surface leads here with an identifier that no work has.
        initial = {"identifiers": request.GET.get("identifiers", "")}
        form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm(initial=initial)
        if form.is_valid() and (records := form.records()):
            batch = start_import(source=form.source(), records=records, by=person_of(request))
            return redirect("admin:education_evidenceimport_change", batch.pk)
        return self._page(
            request, "start", title="Import evidence", form=form, to_mend=len(to_mend), mend=MEND
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what an import would do, and do what was chosen; or show what it did."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.get_object(request, object_id)
        if batch is None:
            raise Http404
        refusal = ""
        if request.method == "POST":
            if not self.has_change_permission(request, batch):
                raise PermissionDenied
            try:
                return self._confirm(request, batch)
            except EditorialError as refused:
                refusal = str(refused)
                batch.refresh_from_db()
        if batch.confirmed_at:
            return self._outcome(request, batch, refusal)
        preview = plan_of(batch)
        context = {
            "found": preview,
            "new": [
                (proposal, reference_text(proposal.csl))
                for proposal in preview.of(ProposalKind.NEW)
            ],
            "different": preview.of(ProposalKind.DIFFERENT),
            "settled": [*preview.of(ProposalKind.SAME), *preview.of(ProposalKind.REPEATED)],
            "refused": preview.of(ProposalKind.REFUSED),
            "verified": _verified(preview),
            "left_out": _left_out(request, preview) if refusal else set(),
            "taken": set(request.POST.getlist("take")),
            "may_confirm": self.has_change_permission(request, batch),
            "refusal": refusal,
            "title": f"Import from {batch.source[:80]}",
            "batch": batch,
        }
        return self._page(request, "preview", **context)

    def _confirm(self, request: HttpRequest, batch: EvidenceImport) -> HttpResponse:
        take: dict[int, set[str]] = defaultdict(set)
        for choice in request.POST.getlist("take"):
            number, _, name = choice.partition(":")
            if number.isascii() and number.isdigit():
                take[int(number[:6])].add(name)
        outcome = confirm_import(
            batch=batch,
            by=person_of(request),
            take=take,
            leave_out=_left_out(request, plan_of(batch)),
            seen=request.POST.get("seen", "") or "nothing",
        )
        tasks = report_imported_news(outcome.news)
        if tasks:
            self.message_user(
                request,
                f"{len(tasks)} of the records say that a work was retracted or is in doubt: "
                "the editors are asked to check it.",
                messages.WARNING,
            )
        message = f"{len(outcome.entered)} entered, {len(outcome.changed)} changed."
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:education_evidenceimport_change", batch.pk)

    def _outcome(
        self, request: HttpRequest, batch: EvidenceImport, refusal: str = ""
    ) -> HttpResponse:
        keys = [*batch.outcome.get("entered", []), *batch.outcome.get("changed", [])]
        items = EvidenceItem.objects.filter(key__in=keys).only("pk", "key", "title")
        changed = set(batch.outcome.get("changed", []))
        return self._page(
            request,
            "outcome",
            title=f"Import from {batch.source[:80]}",
            batch=batch,
            refusal=refusal,
            entered=[item for item in items if item.key not in changed],
            changed=[item for item in items if item.key in changed],
            refused=batch.outcome.get("refused", []),
        )

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/education/evidenceimport/{name}.html", context)


def _verified(preview: ImportPreview) -> set[str]:
    """The keys of the items that differ and are verified now: a change would end that."""
    pks = [proposal.item.pk for proposal in preview.of(ProposalKind.DIFFERENT) if proposal.item]
    return set(EvidenceItem.objects.verified().filter(pk__in=pks).values_list("key", flat=True))


def _left_out(request: HttpRequest, preview: ImportPreview) -> set[int]:
    """The new works whose tick was taken away."""
    entered: Iterable[str] = request.POST.getlist("enter")
    return {proposal.number for proposal in preview.of(ProposalKind.NEW)} - {
        int(number[:6]) for number in entered if number.isascii() and number.isdigit()
    }
