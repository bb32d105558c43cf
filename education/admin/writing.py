"""The form in which a text is written: its fields, its parts, and the draft they make."""

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import slugify

from education.admin.access import WRITERS, roles_of
from education.admin.stored_text import StoredTextForm
from education.articles.models import (
    Article,
    ClaimCheck,
    ComparisonOption,
    ComparisonRow,
    Direction,
    FindingsOutcome,
    GlossaryTerm,
    KeyMessage,
    Revision,
)
from education.articles.operations import draft_of
from education.evidence.models import Certainty
from education.text.rendering import NAMES_ROW, Draft

TEXT_FIELDS = (
    "title", "short_answer", "body", "unknowns", "questions", "funding", "what_changed",
    "correction",
)  # fmt: skip


# What helps where the text is written as readers see it; the field's own help is about Markdown.
SURFACE_HELP = "Ctrl+K cites a work; / in an empty paragraph puts in a callout, table or figure."

# What the slug of a part is made from: option and outcome, row, claim, term.
NAMED_BY = ("name", "question", "said", "term")
LONGEST_SLUG = 60

# The button of somebody who wants to save although it makes them a contributor.
CONTRIBUTE = "_contribute"


CERTAINTY_HELP = "How sure the evidence makes us, as graded, never how large the effect is."

# For each answer of a comparison: told once above them, not beside each of some hundred fields.
ANSWERS_HELP = {
    "text": "The answer: one to three sentences with a citation, in the column of its option.",
    "certainty": f"Certainty: {CERTAINTY_HELP[0].lower()}{CERTAINTY_HELP[1:]}",
    "unknown": "Nothing is known: tick where no study answers; readers are told so.",
    "finding": "Row of the table of findings: its id, only where the answer tells an effect, as "
    "movement-1y/rhizotomy-1.",
    "direction": "Which way it goes: as the answer tells it; the row must say the same.",
}


def barred_words(steps: list[str]) -> str:
    """What saving takes from somebody, before they save."""
    return (
        f"Once you save, you are one of the writers of this text: you can never "
        f"{' or '.join(steps)} it. Nothing is saved yet; what you typed is still here."
    )


class RevisionForm(StoredTextForm):
    """The text of a draft. Nothing typed is ever thrown away: a refused save shows it again."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    # What the person may not do with the text once they have saved it, where they did not say yes.
    barred_from: ClassVar[list[str]] = []

    class Meta:
        model = Revision
        fields = TEXT_FIELDS
        widgets = {
            "title": forms.TextInput(attrs={"size": 80}),
            "short_answer": forms.Textarea(attrs={"rows": 3, "cols": 90}),
            "body": forms.Textarea(attrs={"rows": 30, "cols": 90, "data-help": SURFACE_HELP}),
            "unknowns": forms.Textarea(attrs={"rows": 6, "cols": 90}),
            "questions": forms.Textarea(attrs={"rows": 6, "cols": 90}),
            "funding": forms.Textarea(attrs={"rows": 3, "cols": 90}),
            "what_changed": forms.Textarea(attrs={"rows": 3, "cols": 90}),
            "correction": forms.Textarea(attrs={"rows": 2, "cols": 90}),
        }
        help_texts = {
            "title": "The question, in words of families: “Can it be undone?” The heading of the "
            "page, and its line in lists and search.",
            "short_answer": "Answers the title in one sentence, with its citation. Readers see it "
            "first, under the title and in search.",
            "unknowns": "What no study tells, a point in each line: “- Whether it lasts.” Readers "
            "see it as a part of its own.",
            "questions": "What families can ask at their next visit, a point in each line. It is "
            "printed on the handout too.",
            "funding": "And who had a say in it: “The clinic paid; it did not see the text.” "
            "Readers see it below the text.",
            "what_changed": "One sentence: “New: results after five years.” Required from version "
            "2 on; readers see it in the list of versions.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "expected_version" in self.fields:
            self.fields["expected_version"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        """Refuse to save over a text that is locked, or that somebody else has saved since."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.barred_from:
            raise ValidationError(barred_words(self.barred_from), code="contributing")
        stored = Revision.objects.get(pk=self.instance.pk)
        if not stored.is_editable:
            raise ValidationError(
                "The text is %(state)s and can't be changed. Nothing was saved; your text is "
                "still here, copy what you need.",
                params={"state": stored.get_state_display().lower()},
            )
        if data.get("expected_version") != stored.version:
            raise ValidationError(
                "Somebody saved this text while you were writing. Nothing of yours was saved, and "
                "nothing is lost: your text is in the form, and beside theirs above it.",
                code="stale",
            )
        return data


class PartForm(StoredTextForm):
    """
    One structured part of the text; what is unique is so within the text as it was typed.

    ``stored`` is the part that the form was shown with. The slug is made from the part's name where
    none is typed; a stored one stays when the name changes, since addresses lead to it.
    """

    def __init__(self, *args: Any, stored: Model | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if stored:
            self.shown = type(self)(instance=stored)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Stands in addresses; left empty, made from the name."
        if "position" in self.fields:
            self.fields["position"].required = False
            self.fields["position"].help_text = "Left empty, it comes last."
            if not self.instance.pk:
                self.initial["position"] = None

    def has_changed(self) -> bool:
        """Whether somebody wrote in it; buttons write the place of a part that is empty too."""
        return bool({*self.changed_data} - {"position"}) or bool(
            self.instance.pk and self.changed_data
        )

    @property
    def is_stored(self) -> bool:
        """Whether it is a part of the last save, also in a form that was refused."""
        return bool(self.instance.pk or self.shown)

    @property
    def heading(self) -> str:
        """What the part is called in the list of parts: its name, or how it begins."""
        names = (name for name in (*NAMED_BY, "text") if name in self.fields)
        return next((str(self[name].value() or "") for name in names), "")

    @property
    def state(self) -> str:
        """How far the part is written, for where it is folded."""
        return "Open and change"

    def clean(self) -> dict[str, Any]:
        """Make the slug where it was left empty."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "slug" in self.fields and "slug" not in self.errors and not data.get("slug"):
            name = next((data[field] for field in NAMED_BY if data.get(field)), "")
            data["slug"] = slugify(name)[:LONGEST_SLUG].rstrip("-")
            if name and not data["slug"]:
                self.add_error("slug", "Type one in Latin letters; the name has none.")
        return data

    def validate_unique(self) -> None:
        """Left to the whole set of parts."""

    def validate_constraints(self) -> None:
        """Left to the whole set of parts."""


class PartFormSet(forms.models.BaseInlineFormSet):
    """
    The parts as they were typed: a save replaces all of them, so rows of the last save, which
    somebody else may have replaced meanwhile, only say which words stay to the byte.
    """

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.shown_ids: dict[str, str] = {}
        if data is not None:
            prefix = kwargs.setdefault("prefix", self.get_default_prefix())
            data = data.copy()
            data[f"{prefix}-INITIAL_FORMS"] = "0"
            for name in [name for name in data if re.fullmatch(rf"{prefix}-\d+-id", name)]:
                self.shown_ids[name.removesuffix("-id")] = data[name]
                data[name] = ""
        super().__init__(data, *args, **kwargs)

    @cached_property
    def stored_rows(self) -> dict[str, Model]:
        """The rows of the last save by key."""
        return {str(row.pk): row for row in self.get_queryset()}

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """With the part that was shown there."""
        kwargs: dict[str, Any] = super().get_form_kwargs(index)
        if self.is_bound and index is not None:
            kwargs["stored"] = self.stored_rows.get(self.shown_ids.get(self.add_prefix(index), ""))
        return kwargs

    def validate_unique(self) -> None:
        """No two parts of one text have the same address."""
        slugs = [
            form.cleaned_data["slug"]
            for form in self.forms
            if form not in self.deleted_forms and form.cleaned_data.get("slug")
        ]
        twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
        if twice:
            raise ValidationError(f"Used twice: {', '.join(twice)}.")


class PartInline(admin.StackedInline):
    """Structured parts of the text; saved with it by one operation, in the order shown."""

    extra = 0
    form = PartForm
    formset = PartFormSet
    template = "admin/education/revision/parts.html"
    # Whether parts that are stored are shown by their names, and one is opened at a time.
    folds = False
    # What is told once for fields that every part repeats: its words by the name of the field.
    shared_help: ClassVar[dict[str, str]] = {}

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


def _row_id() -> forms.TextInput:
    """The id of a row of the published table, offered from the list that the page has of them."""
    return forms.TextInput(attrs={"size": 50, "list": "findings-rows", "autocomplete": "off"})


class KeyMessageForm(PartForm):
    class Meta:
        model = KeyMessage
        fields = ("position", "text", "certainty", *NAMES_ROW)
        widgets = {"text": _small(2), "finding": _row_id()}
        help_texts = {
            "text": "One thing the evidence says, in one sentence with its citation: “It may "
            "improve movement a little [@sun2017].” Readers see two or three on top of the page.",
            "certainty": CERTAINTY_HELP,
        }


class KeyMessageInline(PartInline):
    """Two or three things the evidence says."""

    model = KeyMessage
    form = KeyMessageForm


class OptionForm(PartForm):
    class Meta:
        model = ComparisonOption
        fields = ("position", "slug", "name")
        help_texts = {"name": "The head of its column: “Stem cell therapy”."}


class OptionInline(PartInline):
    """The options a comparison sets side by side."""

    model = ComparisonOption
    form = OptionForm
    fields = (("position", "slug", "name"),)


class RowForm(PartForm):
    """One question, with an answer for every option of the revision."""

    class Meta:
        model = ComparisonRow
        fields = ("position", "slug", "question")
        help_texts = {"question": "Asked of every option in the same words: “Can it be undone?”"}

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
            self.fields[f"{name}-finding"] = forms.CharField(
                label=f"{option.name}: row of the table of findings",
                required=False,
                max_length=120,
                widget=_row_id(),
                initial=cell and cell.finding,
            )
            self.fields[f"{name}-direction"] = forms.ChoiceField(
                label=f"{option.name}: which way it goes",
                required=False,
                choices=[("", "---------"), *Direction.choices],
                initial=cell and cell.direction,
            )
            for part in ANSWERS_HELP:
                attrs = self.fields[f"{name}-{part}"].widget.attrs
                attrs["aria-describedby"] = f"help-answers-{part}"

    @property
    def state(self) -> str:
        """How many of the options have an answer."""
        answered = sum(
            bool(self[f"cell-{option.slug}-text"].value())
            or bool(self[f"cell-{option.slug}-unknown"].value())
            for option in self.options
        )
        return f"{answered} of {len(self.options)} options answered"

    def clean(self) -> dict[str, Any]:
        """Leave out an answer that says nothing, unless it is stored as such."""
        data = super().clean()
        for option in self.options:
            name = f"cell-{option.slug}"
            says = data.get(f"{name}-text") or data.get(f"{name}-unknown")
            graded = data.get(f"{name}-certainty") != Certainty.NOT_GRADED
            stored = self.shown and self.shown.fields[f"{name}-text"].initial is not None
            if not says and not graded and not stored:
                data.pop(f"{name}-text", None)
        return data


class RowInline(PartInline):
    """The questions of a comparison, each answered for every option."""

    model = ComparisonRow
    form = RowForm
    folds = True
    shared_help = ANSWERS_HELP

    def get_queryset(self, request: HttpRequest) -> QuerySet[ComparisonRow]:
        """With the cells each form shows."""
        return super().get_queryset(request).prefetch_related("cells")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Give each form the options of this revision."""
        options = tuple(obj.comparison_options.all()) if obj else ()
        kwargs["form"] = type("RowForm", (RowForm,), {"options": options})
        kwargs["fields"] = RowForm.Meta.fields
        return super().get_formset(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The question, then the answers."""
        options = obj.comparison_options.all() if obj else ()
        answers = [
            f"cell-{option.slug}-{part}"
            for option in options
            for part in ("text", "certainty", "unknown", *NAMES_ROW)
        ]
        return ["position", "slug", "question", *answers]


class ClaimForm(PartForm):
    class Meta:
        model = ClaimCheck
        fields = ("position", "slug", "said", "verdict", "certainty", "answer", "claim", *NAMES_ROW)
        widgets = {"said": _small(2), "answer": _small(5), "finding": _row_id()}
        help_texts = {
            "said": "As families hear it, with its quotation marks left out: It cures spasticity.",
            "verdict": "Readers see it beside what is said.",
            "certainty": CERTAINTY_HELP,
            "answer": "What may fairly be said instead, in two or three sentences with citations. "
            "Readers see it below what is said.",
            "claim": "Its number in the founding article, C01 to C30; empty for any other claim.",
        }


class ClaimInline(PartInline):
    """Things families are told, judged."""

    model = ClaimCheck
    form = ClaimForm
    folds = True


class TermForm(PartForm):
    class Meta:
        model = GlossaryTerm
        fields = ("position", "slug", "term", "also", "definition")
        widgets = {"definition": _small(2), "also": forms.TextInput(attrs={"size": 80})}
        help_texts = {
            "term": "The word as texts use it: “Spasticity”. Pages that use it explain it.",
            "also": "Other forms that are explained by this one, as a list in quotation marks: "
            '["stiffness", "spastic"].',
            "definition": "One or two plain sentences, with a citation where it says what a "
            "treatment does. Readers see them where they ask for the word.",
        }


class TermInline(PartInline):
    """Words families meet, explained."""

    model = GlossaryTerm
    form = TermForm
    folds = True


def _place(part: dict[str, Any]) -> tuple[bool, int]:
    """Where a part stands; one without a number comes last."""
    position = part.get("position")
    return position is None, position or 0


def draft_from(form: forms.ModelForm, formsets: list[Any]) -> Draft:
    """The text a submitted form holds, its parts in the order of their positions."""
    revision = form.instance
    parts: dict[type[Model], list[dict[str, Any]]] = {}
    for formset in formsets:
        kept = [
            part.cleaned_data
            for part in formset.forms
            if getattr(part, "cleaned_data", None) and not part.cleaned_data.get("DELETE")
        ]
        parts[formset.model] = sorted(kept, key=_place)

    def taken(model: type[Model], *names: str) -> list[dict[str, Any]]:
        return [{name: data.get(name, "") for name in names} for data in parts.get(model, [])]

    def named(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without the name of a row where none is named."""
        return [
            {name: value for name, value in part.items() if value or name not in NAMES_ROW}
            for part in parts
        ]

    options = taken(ComparisonOption, "slug", "name")
    return Draft(
        language=revision.language,
        kind=revision.article.kind,
        **{name: form.cleaned_data.get(name, "") for name in TEXT_FIELDS},
        key_messages=named(taken(KeyMessage, "text", "certainty", *NAMES_ROW)),
        options=options,
        rows=[
            {
                "slug": data.get("slug", ""),
                "question": data.get("question", ""),
                "cells": {
                    option["slug"]: {
                        "text": data[f"cell-{option['slug']}-text"],
                        "certainty": data.get(
                            f"cell-{option['slug']}-certainty", Certainty.NOT_GRADED
                        ),
                        "unknown": data.get(f"cell-{option['slug']}-unknown", False),
                        **{
                            name: data[f"cell-{option['slug']}-{name}"]
                            for name in NAMES_ROW
                            if data.get(f"cell-{option['slug']}-{name}")
                        },
                    }
                    for option in options
                    if f"cell-{option['slug']}-text" in data
                },
            }
            for data in parts.get(ComparisonRow, [])
        ],
        claims=named(
            taken(ClaimCheck, "slug", "said", "verdict", "certainty", "answer", "claim", *NAMES_ROW)
        ),
        terms=[
            term | {"also": term["also"] or []}
            for term in taken(GlossaryTerm, "slug", "term", "also", "definition")
        ],
        outcomes=taken(FindingsOutcome, "slug", "name", "note"),
        # Rows are written on pages of their own; the version of the text guards them here.
        findings=(
            draft_of(revision).findings if revision.article.kind == Article.Kind.FINDINGS else []
        ),
    )
