"""Publications at the desk: read only, and withdrawn with a reason."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from education.admin.access import (
    EditorialAdmin,
    LanguageFilter,
    number_of,
    person_of,
    roles_of,
    text_sent,
)
from education.admin.publication_states import states_of
from education.admin.sign_in import require_reauthentication
from education.errors import EditorialError
from education.people.models import Role
from education.publishing.hiding import (
    confirm_hiding,
    may_be_hidden,
    propose_hiding,
    reasons_against_hiding,
)
from education.publishing.models import MaskedPassage, Publication, PublicationEvent
from education.publishing.operations import (
    LONGEST_EXTENSION,
    cancel_schedule,
    extend_review,
    recall_paper,
    withdraw,
)
from education.publishing.passages import (
    confirm_mask,
    lift_mask,
    mask_passage,
    reasons_against_confirming,
    reasons_against_lifting,
)
from education.publishing.rules import may_recall_paper, scheduled_after
from education.text.masking import maskable_passages


class WithdrawForm(forms.Form):
    """Why a page is taken off the site."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text="Readers see this at the page's address, and clinics on printed copies.",
    )


class ExtendForm(forms.Form):
    """By how much, and why."""

    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_EXTENSION.days,
        initial=30,
        help_text=f"From the day that it was due, {LONGEST_EXTENSION.days} at most.",
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}), help_text="Readers see this."
    )


class RecallForm(forms.Form):
    """Why paper of the versions before must not be used."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text="What was wrong on the paper; clinics see it, and who checks a printed code.",
    )


class ConfirmForm(forms.Form):
    """Confirms what somebody else proposed."""

    confirmed = forms.BooleanField(label="I have read the text and the reason.")

    def clean(self) -> dict[str, Any]:
        """Nothing of it is stored."""
        self.cleaned_data = {}
        return self.cleaned_data


class MaskForm(forms.Form):
    """Which passage of a page is masked, and why."""

    words = forms.ChoiceField(
        label="Passage",
        widget=forms.RadioSelect,
        help_text="Readers no longer see it, on this page and wherever else its words stand.",
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="Readers see this above the page, and clinics on printed copies.",
    )

    def __init__(self, *args: Any, publication: Publication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["words"]
        assert isinstance(field, forms.ChoiceField)
        passages = maskable_passages(publication.content)
        field.choices = [(words, f"{label or 'Text'}: {words}") for label, words in passages]


class LiftForm(forms.Form):
    """Why a masked passage is shown again."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="What was looked at, and why the words may be read again; it stands in the "
        "record.",
    )


@admin.register(MaskedPassage)
class MaskedPassageAdmin(EditorialAdmin):
    """Words that readers see nowhere; masked by one person, confirmed or lifted by another."""

    change_form_template = "admin/education/maskedpassage/change_form.html"
    list_display = ("slug", "words", "by", "at", "confirmed_by", "lifted_by")
    list_select_related = ("by", "confirmed_by", "lifted_by")
    list_filter = (LanguageFilter,)

    def get_urls(self) -> list[Any]:
        """Add the two steps."""
        wrap = self.admin_site.admin_view
        return [
            path(
                f"<int:pk>/{name}/",
                wrap(require_POST(view)),
                name=f"education_maskedpassage_{name}",
            )
            for name, view in (("confirm", self.confirm_view), ("lift", self.lift_view))
        ] + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer to confirm it or to show it again."""
        passage = MaskedPassage.objects.filter(pk=number_of(object_id)).first()
        extra = {"lift_form": LiftForm(), "not_confirmed_by": [], "not_lifted_by": []}
        if passage:
            by = person_of(request)
            extra["not_confirmed_by"] = reasons_against_confirming(passage, by)
            extra["not_lifted_by"] = reasons_against_lifting(passage, by)
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm that it stays masked."""
        passage = get_object_or_404(MaskedPassage, pk=pk)
        return self._done(request, passage, confirm_mask, "It stays masked.")

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it again."""
        passage = get_object_or_404(MaskedPassage, pk=pk)
        reason = text_sent(request, "reason")
        return self._done(request, passage, lift_mask, "Readers see it again.", reason=reason)

    def _done(
        self,
        request: HttpRequest,
        passage: MaskedPassage,
        step: Callable[..., object],
        said: str,
        **fields: str,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            step(passage=passage, by=person_of(request), **fields)
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return redirect(reverse("admin:education_maskedpassage_change", args=[passage.pk]))


@admin.register(Publication)
class PublicationAdmin(EditorialAdmin):
    """Frozen copies; nothing here can be edited."""

    list_title = "Public versions"
    form_title = "Public version"
    change_form_template = "admin/education/publication/change_form.html"
    list_display = ("title", "standing", "slug", "language", "number", "review_due_on")
    list_filter = (LanguageFilter, "kind", "topic")
    search_fields = ("title", "slug")
    search_help_text = "Title or address."
    exclude = ("html", "content", "search_text")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nor, of a version whose text is hidden, the fields that say it; the record keeps them."""
        if obj and obj.events.filter(kind=PublicationEvent.Kind.HIDDEN).exists():
            return (*self.exclude, "summary", "what_changed", "correction")
        return self.exclude

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the texts, which no list shows."""
        return super().get_queryset(request).defer("html", "content", "search_text")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list with how each copy stands with readers."""
        changes = super().get_changelist_instance(request)
        copies = list(changes.result_list)
        states = states_of(copies)
        for copy in copies:
            copy.state_in_words = states[copy.pk]
        changes.result_list = copies
        return changes

    @admin.display(description="state", ordering="goes_live_at")
    def standing(self, publication: Any) -> str:
        """Whether readers see it, and since or from when."""
        return str(publication.state_in_words)

    def get_urls(self) -> list[Any]:
        """Add the pages that withdraw, cancel a schedule and extend."""
        wrap = self.admin_site.admin_view
        return [
            path(f"<int:pk>/{name}/", wrap(view), name=f"education_publication_{name}")
            for name, view in (
                ("withdraw", self.withdraw_view),
                ("cancel", self.cancel_view),
                ("extend", self.extend_view),
                ("mask", self.mask_view),
                ("recall", self.recall_view),
                ("hide", self.hide_view),
            )
        ] + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Say whether it is what the public sees, and offer to withdraw it."""
        current = Publication.objects.current().filter(pk=number_of(object_id)).exists()
        user = person_of(request)
        is_editor = Role.EDITOR_IN_CHIEF in roles_of(request)
        publication = Publication.objects.filter(pk=number_of(object_id)).first()
        extra = {
            "is_current": current,
            "publication": publication,
            "may_withdraw": current and (user.is_superuser or is_editor),
            "may_extend": current and is_editor,
            "may_mask": current and is_editor,
            "may_recall": is_editor and publication and may_recall_paper(publication),
            "may_hide": publication and may_be_hidden(publication),
            "hidden": publication
            and publication.events.filter(kind=PublicationEvent.Kind.HIDDEN).first(),
            "may_cancel": is_editor
            and Publication.objects.scheduled().filter(pk=number_of(object_id)).exists(),
        }
        return super().change_view(request, object_id, form_url, extra)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a page off the site after saying why."""
        if page := require_reauthentication(request, self.admin_site.each_context(request)):
            return page
        return self._step(request, pk, "withdraw", WithdrawForm, withdraw, "is withdrawn")

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a scheduled copy from going live."""
        return self._step(request, pk, "cancel", WithdrawForm, cancel_schedule, "is cancelled")

    def extend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Move the review date once."""
        return self._step(request, pk, "extend", ExtendForm, extend_review, "is extended")

    def recall_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Recall paper of the versions before a correction."""
        return self._step(request, pk, "recall", RecallForm, recall_paper, "recalls paper")

    def hide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose that the text of an old version is hidden, or confirm it as the second person."""
        publication = get_object_or_404(Publication, pk=pk)
        proposal = publication.events.filter(kind=PublicationEvent.Kind.HIDING_PROPOSED).first()
        if proposal is None:
            return self._step(request, pk, "hide", WithdrawForm, propose_hiding, "waits")
        extra = {
            "proposal": proposal,
            "reasons": reasons_against_hiding(publication, person_of(request)),
        }
        return self._step(request, pk, "hide", ConfirmForm, confirm_hiding, "is hidden", extra)

    def mask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a passage off the page at once."""
        publication = get_object_or_404(Publication, pk=pk)
        form_class = partial(MaskForm, publication=publication)
        return self._step(request, pk, "mask", form_class, mask_passage, "has a masked passage")

    def _step(
        self,
        request: HttpRequest,
        pk: int,
        name: str,
        form_class: Callable[..., forms.Form],
        step: Callable[..., object],
        done: str,
        extra: dict[str, Any] | None = None,
    ) -> HttpResponse:
        publication = get_object_or_404(Publication, pk=pk)
        if not self.has_view_permission(request, publication):
            raise PermissionDenied
        form = form_class(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                step(publication=publication, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"{publication} {done}.", messages.SUCCESS)
                return redirect(reverse("admin:education_publication_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{name.capitalize()} {publication}",
            "opts": self.opts,
            "publication": publication,
            "waiting": scheduled_after(publication),
            "form": form,
            **(extra or {}),
        }
        return TemplateResponse(request, f"admin/education/publication/{name}.html", context)
