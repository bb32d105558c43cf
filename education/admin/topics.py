"""Topics at the desk."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from education.admin.access import (
    EditorialAdmin,
    ExclusiveFormMixin,
    VersionedAdminMixin,
    number_of,
    person_of,
)
from education.admin.proposals import ProposalAdmin
from education.admin.stored_text import StoredTextForm
from education.errors import EditorialError
from education.people.models import Role, TopicProposal, User
from education.people.topic_changes import (
    decide_topic,
    propose_topic,
    reasons_against_deciding,
)
from education.topics.models import Topic, TopicCode


class TopicForm(StoredTextForm):
    """The words of a topic and its place."""

    class Meta:
        help_texts = {
            "slug": "The end of its address; it never changes.",
            "title": "What families call it: “Rhizotomy”.",
            "summary": "One plain sentence below the title in the list of topics.",
            "position": "Its place among topics of its level, smallest first.",
            "parent": "The topic it is part of; empty for one of the first level.",
        }


class TopicCodeForm(forms.ModelForm):
    """A code, and what its system calls it."""

    class Meta:
        help_texts = {
            "system": "The system that the code is of.",
            "code": "“G80.1”. Health records find the topic by it.",
            "display": "As the system calls it: “Spastic diplegic cerebral palsy”.",
        }


class TopicCodeInline(admin.StackedInline):
    """The codes of health records for a topic."""

    model = TopicCode
    form = TopicCodeForm
    fields = (("system", "code", "display"),)
    extra = 0

    def has_view_permission(self, *_args: object) -> bool:
        """As the topic."""
        return True

    def has_add_permission(self, *_args: object) -> bool:
        """As the topic."""
        return True

    def has_change_permission(self, *_args: object) -> bool:
        """As the topic."""
        return True

    def has_delete_permission(self, *_args: object) -> bool:
        """As the topic."""
        return True


@admin.register(Topic)
class TopicAdmin(VersionedAdminMixin, ExclusiveFormMixin, EditorialAdmin):
    """What families look up."""

    change_roles = frozenset({Role.EDITOR_IN_CHIEF})
    form = TopicForm
    list_display = ("title", "parent", "summary")
    list_select_related = ("parent",)
    search_fields = ("title", "summary")
    search_help_text = "Title or summary."
    prepopulated_fields = {"slug": ("title",)}
    inlines = (TopicCodeInline,)
    versioned_rows = (TopicCode,)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Only while adding; the address of a topic stays."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The address of a topic stays."""
        return ("slug",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save nothing yet: readers see these words once a second person agrees."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Propose what was typed; where nobody else could agree, it is done at once."""
        topic = form.instance
        after = {
            "title": topic.title,
            "summary": topic.summary,
            "parent": topic.parent.slug if topic.parent else None,
            "position": topic.position,
            "codes": sorted(
                [code["system"], code["code"], code.get("display", "")]
                for formset in formsets
                for code in _kept(formset)
            ),
        }
        try:
            form.proposal = propose_topic(slug=topic.slug, after=after, by=person_of(request))
        except EditorialError as refusal:
            form.proposal = None
            self.message_user(request, str(refusal), messages.ERROR)
        if form.proposal:
            message = "Readers see this once a second person agrees."
            self.message_user(request, message, messages.WARNING)

    def construct_change_message(self, *_args: Any, **_kwargs: Any) -> list[Any]:
        """The record has an event of its own."""
        return []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The record has an event of its own."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The record has an event of its own."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Back to the list: a new topic may not be there yet."""
        return redirect("admin:education_topic_changelist")

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        """Back to the list."""
        return redirect("admin:education_topic_changelist")


def _kept(formset: Any) -> list[dict[str, Any]]:
    """The codes of a form as they would be: those there were and new ones, without deleted ones."""
    return [
        row.cleaned_data
        for row in formset.forms
        if row.cleaned_data.get("code") and not row.cleaned_data.get("DELETE")
    ]


@admin.register(TopicProposal)
class TopicProposalAdmin(ProposalAdmin):
    """What waits for a second person before readers are told it of a topic."""

    accepted_message = "Readers are told this now."
    asks_password = False
    list_title = "Topics to agree to"
    form_title = "Topic to agree to"
    list_display = ("slug", "by", "at", "accepted", "decided_by")
    list_select_related = ("by", "decided_by")
    change_form_template = "admin/education/topicproposal/change_form.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer to decide to those who may."""
        proposal = TopicProposal.objects.filter(pk=number_of(object_id)).first()
        reasons = reasons_against_deciding(proposal, person_of(request)) if proposal else []
        return super().change_view(request, object_id, form_url, {"reasons": reasons})

    def decide(self, *, proposal: Any, by: User, accepted: bool) -> TopicProposal:
        """Let readers see the change, or refuse it."""
        return decide_topic(proposal=proposal, by=by, accepted=accepted)
