"""Articles and revisions at the desk: writing, submitting, reviewing, publishing."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from education.admin.access import WRITERS, DeskAdmin, person_of, roles_of
from education.articles.models import (
    Article,
    ClaimCheck,
    ComparisonOption,
    ComparisonRow,
    GlossaryTerm,
    KeyMessage,
    Revision,
)
from education.articles.operations import (
    content_hash,
    draft_of,
    render_draft,
    render_revision,
    save_text,
    start_article,
    start_revision,
)
from education.articles.text import Draft
from education.audit.models import Event
from education.audit.operations import turn
from education.errors import EditorialError
from education.evidence.models import Certainty
from education.publishing.operations import publish
from education.publishing.rules import publish_gates, reasons_against_publishing
from education.review.models import Review
from education.review.operations import decide, problems_before_review, submit_for_review
from education.review.rules import (
    counting_approvals,
    may_review,
    missing_approvals,
    reasons_against_reviewing,
)

TEXT_FIELDS = (
    "title", "short_answer", "body", "unknowns", "questions", "funding", "what_changed",
)  # fmt: skip


class ArticleForm(forms.ModelForm):
    """A new article, and the title of its first draft."""

    title = forms.CharField(max_length=200, help_text="The question this article answers.")

    class Meta:
        model = Article
        fields = ("title", "slug", "topic", "kind", "risk_class", "review_every_months")


@admin.register(Article)
class ArticleAdmin(DeskAdmin):
    """What keeps its address; its text is in its revisions."""

    change_roles = WRITERS
    form = ArticleForm
    change_form_template = "admin/education/article/change_form.html"
    list_display = ("slug", "topic", "kind", "risk_class", "review_every_months")
    list_filter = ("kind", "risk_class", "topic")
    list_select_related = ("topic",)
    search_fields = ("slug", "revisions__title")
    prepopulated_fields = {"slug": ("title",)}

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """An article's address and risk class stay as they began; new text is a new revision."""
        return False

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Only while adding."""
        return {} if obj else self.prepopulated_fields

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The title belongs to the revisions."""
        fields = list(ArticleForm.Meta.fields)
        return fields[1:] if obj else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the article and its first, empty draft."""
        details = dict(form.cleaned_data)
        title = details.pop("title")
        by = person_of(request)
        article = start_article(by=by, **details)
        draft = empty_draft(kind=article.kind, title=title)
        obj.pk = article.pk
        request._first_revision = start_revision(article=article, draft=draft, by=by)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Go on to write."""
        self.message_user(request, "The article is made. Write its first draft.", messages.SUCCESS)
        return redirect(_revision_url("change", request._first_revision))

    def get_urls(self) -> list[Any]:
        """Add the step that begins the next revision."""
        start = self.admin_site.admin_view(require_POST(self.start_revision_view))
        return [
            path("<int:pk>/start-revision/", start, name="education_article_start_revision"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Show the article's revisions and its timeline."""
        article = Article.objects.filter(pk=object_id).first()
        extra = {
            "revisions": article.revisions.order_by("language", "-number") if article else [],
            "timeline": Event.objects.filter(article_id=object_id).order_by("-sequence")[:100],
            "may_start": bool(roles_of(request) & WRITERS)
            and article is not None
            and not article.revisions.open().exists(),
        }
        return super().change_view(request, object_id, *args, extra_context=extra, **kwargs)

    def start_revision_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin the next revision with the text of the last."""
        article = get_object_or_404(Article, pk=pk)
        last = article.revisions.order_by("-number").first()
        draft = draft_of(last) if last else empty_draft(kind=article.kind, title=article.slug)
        draft.what_changed = ""
        try:
            revision = start_revision(
                article=article, draft=draft, by=person_of(request), based_on=last
            )
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(reverse("admin:education_article_change", args=[pk]))
        return redirect(_revision_url("change", revision))


def empty_draft(*, kind: str, title: str) -> Draft:
    """A text with nothing but its title."""
    return Draft(
        language="en", kind=kind, title=title, short_answer="", key_messages=[], body="",
        unknowns="", questions="", funding="", what_changed="", options=[], rows=[], claims=[],
        terms=[],
    )  # fmt: skip


def _revision_url(page: str, revision: Revision) -> str:
    return reverse(f"admin:education_revision_{page}", args=[revision.pk])


class RevisionForm(forms.ModelForm):
    """The text of a draft. Nothing typed here is ever thrown away: a refused save shows it again."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Revision
        fields = TEXT_FIELDS
        widgets = {
            "title": forms.TextInput(attrs={"size": 80}),
            "short_answer": forms.Textarea(attrs={"rows": 3, "cols": 90}),
            "body": forms.Textarea(attrs={"rows": 30, "cols": 90}),
            "unknowns": forms.Textarea(attrs={"rows": 6, "cols": 90}),
            "questions": forms.Textarea(attrs={"rows": 6, "cols": 90}),
            "funding": forms.Textarea(attrs={"rows": 3, "cols": 90}),
            "what_changed": forms.Textarea(attrs={"rows": 3, "cols": 90}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "version" in self.fields:
            self.fields["version"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        """Refuse to save over a text that is locked, or that somebody else has saved since."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        stored = Revision.objects.get(pk=self.instance.pk)
        if not stored.is_editable:
            raise ValidationError(
                "The text is %(state)s and can't be changed. Nothing was saved; your text is "
                "still here, copy what you need.",
                params={"state": stored.get_state_display().lower()},
            )
        if data.get("version") != stored.version:
            raise ValidationError(
                "Somebody saved this text while you were writing. Nothing was saved; your text is "
                "still here. Compare it with theirs, which opens in another window: %(link)s",
                params={"link": format_html('<a href="{}" target="_blank">their text</a>', "")},
            )
        return data


class PartInline(admin.StackedInline):
    """Structured parts of the text; saved with it by one operation, in the order shown."""

    extra = 0

    def has_view_permission(self, *_args: object) -> bool:
        """As the text."""
        return True

    def _as_text(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return bool(roles_of(request) & WRITERS) and (
            obj is None or request.method == "POST" or obj.is_editable
        )

    has_add_permission = has_change_permission = has_delete_permission = _as_text


def _small(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "cols": 80})


class KeyMessageForm(forms.ModelForm):
    class Meta:
        model = KeyMessage
        fields = ("position", "text", "certainty")
        widgets = {"text": _small(2)}


class KeyMessageInline(PartInline):
    """Two or three things the evidence says."""

    model = KeyMessage
    form = KeyMessageForm


class OptionInline(PartInline):
    """The options a comparison sets side by side."""

    model = ComparisonOption
    fields = (("position", "slug", "name"),)


class RowForm(forms.ModelForm):
    """One question, with an answer for every option of the revision."""

    class Meta:
        model = ComparisonRow
        fields = ("position", "slug", "question")

    options: tuple[ComparisonOption, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cells = {}
        if self.instance.pk:
            cells = {cell.option_id: cell for cell in self.instance.cells.all()}
        for option in self.options:
            cell = cells.get(option.pk)
            name = f"cell-{option.slug}"
            self.fields[f"{name}-text"] = forms.CharField(
                label=option.name, required=False, widget=_small(3), initial=cell and cell.text
            )
            self.fields[f"{name}-certainty"] = forms.ChoiceField(
                label=f"{option.name}: certainty",
                choices=Certainty.choices,
                initial=cell.certainty if cell else Certainty.NOT_GRADED,
            )
            self.fields[f"{name}-unknown"] = forms.BooleanField(
                label=f"{option.name}: nothing is known",
                required=False,
                initial=bool(cell and cell.unknown),
            )


class RowInline(PartInline):
    """The questions of a comparison, each answered for every option."""

    model = ComparisonRow
    form = RowForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[ComparisonRow]:
        """With the cells each form shows."""
        return super().get_queryset(request).prefetch_related("cells")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Give each form the options of this revision."""
        options = tuple(obj.comparison_options.all()) if obj else ()
        kwargs["form"] = type("RowForm", (RowForm,), {"options": options})
        return super().get_formset(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The question, then the answers."""
        options = obj.comparison_options.all() if obj else ()
        answers = [
            f"cell-{option.slug}-{part}"
            for option in options
            for part in ("text", "certainty", "unknown")
        ]
        return ["position", "slug", "question", *answers]


class ClaimForm(forms.ModelForm):
    class Meta:
        model = ClaimCheck
        fields = ("position", "slug", "said", "verdict", "certainty", "answer", "claim")
        widgets = {"said": _small(2), "answer": _small(5)}


class ClaimInline(PartInline):
    """Things families are told, judged."""

    model = ClaimCheck
    form = ClaimForm


class TermForm(forms.ModelForm):
    class Meta:
        model = GlossaryTerm
        fields = ("position", "slug", "term", "also", "definition")
        widgets = {"definition": _small(2), "also": forms.TextInput(attrs={"size": 80})}


class TermInline(PartInline):
    """Words families meet, explained."""

    model = GlossaryTerm
    form = TermForm


class DecisionForm(forms.Form):
    """A reviewer's decision."""

    content_hash_seen = forms.CharField(widget=forms.HiddenInput)
    reviewed_as = forms.ChoiceField(label="You decide as")
    decision = forms.ChoiceField(choices=Review.Decision.choices, widget=forms.RadioSelect)
    comments = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60}),
        help_text="Required when you ask for changes. The writers see this.",
    )
    interests_confirmed = forms.BooleanField(
        required=False, label="My declaration of interests, shown above, is complete and current."
    )

    def __init__(self, *args: Any, parts: list[Review.As], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reviewed_as"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(part.value, part.label) for part in parts]


@admin.register(Revision)
class RevisionAdmin(DeskAdmin):
    """One text on its way: written, submitted, reviewed, published."""

    change_roles = WRITERS
    form = RevisionForm
    change_form_template = "admin/education/revision/change_form.html"
    list_display = ("title", "article", "number", "language", "state", "updated_at")
    list_filter = ("state", "article__topic", "language")
    list_select_related = ("article",)
    search_fields = ("title", "article__slug")

    class Media:
        js = ("education/desk/preview.js",)
        css = {"all": ("education/desk/desk.css",)}

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """A revision begins from its article."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """
        Writers change a draft. A POST to a locked text reaches the form, which refuses it and
        shows what was typed; turning it away at the door would throw the text away.
        """
        if not super().has_change_permission(request, obj):
            return False
        return not isinstance(obj, Revision) or obj.is_editable or request.method == "POST"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The text; the version travels along while it may change."""
        fields = list(TEXT_FIELDS)
        return [*fields, "version"] if self.has_change_permission(request, obj) else fields

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """The parts this kind of article has."""
        kind = obj.article.kind if obj else ""
        by_kind = {
            Article.Kind.COMPARISON: [OptionInline, RowInline],
            Article.Kind.CLAIMS: [ClaimInline],
            Article.Kind.GLOSSARY: [TermInline],
        }
        return [KeyMessageInline, *by_kind.get(kind, [])]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Save in turn with every other step, so that what the form checks stays true."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        with turn():
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saved with its parts in ``save_related``."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the text and all its parts by one operation."""
        draft = draft_from(form, formsets)
        save_text(
            revision=form.instance,
            draft=draft,
            by=person_of(request),
            expected_version=form.cleaned_data["version"],
        )

    def construct_change_message(self, *_args: Any, **_kwargs: Any) -> Any:
        """The record of events says what was done."""
        return []

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Show beside the form where the revision stands and what may be done with it."""
        revision = Revision.objects.filter(pk=object_id).select_related("article").first()
        extra = self._standing(request, revision) if revision else {}
        return super().change_view(request, object_id, *args, extra_context=extra, **kwargs)

    def _standing(self, request: HttpRequest, revision: Revision) -> dict[str, Any]:
        person = person_of(request)
        rendered = render_revision(revision)
        reviewing = revision.state in {Revision.State.IN_REVIEW, Revision.State.APPROVED}
        return {
            "revision": revision,
            "rendered": rendered,
            "reviews": revision.reviews.select_related("reviewer"),
            "may_submit": revision.is_editable and bool(roles_of(request) & WRITERS),
            "may_review": may_review(person, revision) if reviewing else [],
            "may_publish": revision.state == Revision.State.APPROVED
            and not reasons_against_publishing(person, revision),
            "missing": missing_approvals(revision) if reviewing else [],
        }

    def get_urls(self) -> list[Any]:
        """Add the steps of the work."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", wrap(self.preview_view), name="education_revision_preview"),
            path("<int:pk>/submit/", wrap(self.submit_view), name="education_revision_submit"),
            path("<int:pk>/review/", wrap(self.review_view), name="education_revision_review"),
            path("<int:pk>/publish/", wrap(self.publish_view), name="education_revision_publish"),
            *super().get_urls(),
        ]

    def _get(self, request: HttpRequest, pk: int) -> Revision:
        revision = get_object_or_404(Revision.objects.select_related("article__topic"), pk=pk)
        if not self.has_view_permission(request, revision):
            raise PermissionDenied
        return revision

    def _page(self, request: HttpRequest, template: str, revision: Revision, **context: Any) -> Any:
        return TemplateResponse(
            request,
            f"admin/education/revision/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "revision": revision,
                "reviews": revision.reviews.select_related("reviewer"),
                **context,
            },
        )

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Draw the text by the public renderer: as saved, or as it stands in the posted form."""
        revision = self._get(request, pk)
        if request.method != "POST":
            return self._page(
                request,
                "preview",
                revision,
                title=f"Preview of {revision}",
                rendered=render_revision(revision),
            )
        form_class = self.get_form(request, revision, change=True)
        form = form_class(request.POST, instance=revision)
        formsets, _ = self._create_formsets(request, revision, change=True)
        form.is_valid()
        for formset in formsets:
            formset.is_valid()
        rendered = render_draft(draft_from(form, formsets))
        page = render_to_string(
            "admin/education/revision/preview_text.html", {"rendered": rendered}, request
        )
        return JsonResponse({"html": page})

    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a draft to its reviewers, or say what stands in the way."""
        revision = self._get(request, pk)
        refusal = ""
        if request.method == "POST":
            try:
                submit_for_review(revision=revision, by=person_of(request))
            except EditorialError as error:
                refusal = str(error)
            else:
                self.message_user(request, f"{revision} is in review.", messages.SUCCESS)
                return redirect(_revision_url("change", revision))
        return self._page(
            request,
            "submit",
            revision,
            title=f"Submit {revision} for review",
            problems=problems_before_review(revision),
            missing=missing_approvals(revision),
            refusal=refusal,
        )

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one revision beside its evidence and take the reviewer's decision."""
        revision = self._get(request, pk)
        person = person_of(request)
        parts = may_review(person, revision)
        current = content_hash(revision)
        form = DecisionForm(
            request.POST or None, parts=list(Review.As), initial={"content_hash_seen": current}
        )
        if parts:
            form = DecisionForm(
                request.POST or None, parts=parts, initial={"content_hash_seen": current}
            )
        if request.method == "POST" and form.is_valid():
            try:
                decide(revision=revision, by=person, **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"Decision on {revision} recorded.", messages.SUCCESS)
                return redirect(_revision_url("change", revision))
        reasons = {
            part.label: reasons_against_reviewing(person, revision, part) for part in Review.As
        }
        return self._page(
            request,
            "review",
            revision,
            title=f"Review {revision}",
            rendered=render_revision(revision),
            citations=revision.citations.select_related("item"),
            form=form,
            person=person,
            parts=parts,
            reasons=reasons,
            approvals=counting_approvals(revision, current),
            missing=missing_approvals(revision, current),
        )

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List the gates, and publish when all are passed."""
        revision = self._get(request, pk)
        refusal = ""
        if request.method == "POST":
            try:
                publication = publish(revision=revision, by=person_of(request))
            except EditorialError as error:
                refusal = str(error)
            else:
                self.message_user(request, f"{publication} is public.", messages.SUCCESS)
                return redirect(_revision_url("change", revision))
        return self._page(
            request,
            "publish",
            revision,
            title=f"Publish {revision}",
            gates=publish_gates(revision, content_hash(revision)),
            reasons=reasons_against_publishing(person_of(request), revision),
            refusal=refusal,
        )


def draft_from(form: RevisionForm, formsets: list[Any]) -> Draft:
    """The text a submitted form holds, its parts in the order of their positions."""
    revision = form.instance
    parts: dict[type[Model], list[dict[str, Any]]] = {}
    for formset in formsets:
        kept = [
            part.cleaned_data
            for part in formset.forms
            if getattr(part, "cleaned_data", None) and not part.cleaned_data.get("DELETE")
        ]
        parts[formset.model] = sorted(kept, key=lambda data: data.get("position") or 0)

    def taken(model: type[Model], *names: str) -> list[dict[str, Any]]:
        return [{name: data.get(name, "") for name in names} for data in parts.get(model, [])]

    options = taken(ComparisonOption, "slug", "name")
    return Draft(
        language=revision.language,
        kind=revision.article.kind,
        **{name: form.cleaned_data.get(name, "") for name in TEXT_FIELDS},
        key_messages=taken(KeyMessage, "text", "certainty"),
        options=options,
        rows=[
            {
                "slug": data.get("slug", ""),
                "question": data.get("question", ""),
                "cells": {
                    option["slug"]: {
                        "text": data.get(f"cell-{option['slug']}-text", ""),
                        "certainty": data.get(
                            f"cell-{option['slug']}-certainty", Certainty.NOT_GRADED
                        ),
                        "unknown": data.get(f"cell-{option['slug']}-unknown", False),
                    }
                    for option in options
                },
            }
            for data in parts.get(ComparisonRow, [])
        ],
        claims=taken(ClaimCheck, "slug", "said", "verdict", "certainty", "answer", "claim"),
        terms=[
            term | {"also": term["also"] or []}
            for term in taken(GlossaryTerm, "slug", "term", "also", "definition")
        ],
    )
