"""Emergency notes at the desk: written by one, approved by another."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from education import languages
from education.admin.access import EditorialAdmin, number_of, person_of
from education.errors import EditorialError
from education.handouts.typesetting import in_words, unprintable
from education.people.models import Role
from education.publishing.models import Publication
from education.safety.models import EmergencyNote
from education.safety.notes import approve_note, end_note, reasons_against_ending, write_note


class NoteForm(forms.ModelForm):
    """What readers of a page must know before a new version is out."""

    slug = forms.ChoiceField(
        label="Page",
        error_messages={"invalid_choice": "There is no public page at this address."},
        help_text="What readers see now. They see the note once a medical reviewer approves it.",
    )

    class Meta:
        model = EmergencyNote
        fields = ("slug", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["slug"]
        assert isinstance(field, forms.ChoiceField)
        pages = Publication.objects.current().filter(language=languages.ENGLISH)
        pages = pages.order_by("title", "slug")
        field.choices = [("", "Choose a page"), *pages.values_list("slug", "title")]

    def clean_text(self) -> str:
        """The note, if a font here has all of its letters: handouts carry it too."""
        text: str = self.cleaned_data["text"]
        if letters := unprintable(text):
            raise ValidationError(
                f"Handouts carry the note too, and paper can’t show {in_words(letters)}. "
                "Write it in other letters."
            )
        return text


@admin.register(EmergencyNote)
class EmergencyNoteAdmin(EditorialAdmin):
    """Text above a page, shown once a medical reviewer approved it, for 30 days."""

    list_title = "Emergency notes"
    form_title = "Emergency note"
    add_title = "Write an emergency note"
    change_roles = frozenset({Role.EDITOR_IN_CHIEF})
    form = NoteForm
    change_form_template = "admin/education/emergencynote/change_form.html"
    list_display = ("slug", "text", "by", "at", "approved_by", "approved_at", "ended_at")
    list_select_related = ("by", "approved_by")
    fields = ("slug", "text")

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A note never changes; it is ended and another is written."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Say who may end the note, where this person may not."""
        note = EmergencyNote.objects.filter(pk=number_of(object_id)).first()
        extra = {"not_ended_by": reasons_against_ending(note, person_of(request)) if note else []}
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the note by its operation."""
        obj.pk = write_note(by=person_of(request), **form.cleaned_data).pk

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Say that it waits, on its page."""
        message = "The note waits. Readers see it once a medical reviewer approves it."
        self.message_user(request, message, messages.WARNING)
        return redirect(reverse("admin:education_emergencynote_change", args=[obj.pk]))

    def get_urls(self) -> list[Any]:
        """Add the steps."""
        wrap = self.admin_site.admin_view
        return [
            path(
                f"<int:pk>/{name}/",
                wrap(require_POST(view)),
                name=f"education_emergencynote_{name}",
            )
            for name, view in (("approve", self.approve_view), ("end", self.end_view))
        ] + super().get_urls()

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it to readers."""
        return self._step(request, pk, approve_note, "Readers see the note now.")

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take it off the page."""
        return self._step(request, pk, end_note, "The note is off the page.")

    def _step(self, request: HttpRequest, pk: int, step: Any, done: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        note = get_object_or_404(EmergencyNote, pk=pk)
        try:
            step(note=note, by=person_of(request))
        except EditorialError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)
        return redirect(reverse("admin:education_emergencynote_change", args=[pk]))
