"""What is on record of a person and lets them do more: changed by two, the person and another."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from education.admin.access import may_read_accounts, number_of, person_of
from education.admin.proposals import DecisionFilter, ProposalAdmin
from education.admin.sign_in import require_reauthentication
from education.errors import EditorialError
from education.people.models import ConflictOfInterest, ProfileProposal, User
from education.people.profile_changes import (
    change_own_profile,
    decide_profile,
    reasons_against_agreeing,
)
from education.people.rules import specialty_choices, specialty_of
from education.stale_forms import VersionedFormMixin, version_field
from education.topics.models import Topic

DETAILS = ("specialty", "credentials", "credentials_expire_on")


class SpecialtyMixin(forms.BaseForm):
    """Offers specialties as a list; one that was typed otherwise stands there by its field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "specialty" not in self.fields:
            return
        stored = self.initial.get("specialty") or ""
        self.initial["specialty"] = specialty_of(stored)
        self.fields["specialty"] = forms.ChoiceField(
            choices=specialty_choices(stored),
            required=False,
            help_text="A medical reviewer’s field. Class A needs approvals from two of these.",
        )


class PersonalProfileForm(VersionedFormMixin, SpecialtyMixin, forms.ModelForm):
    """One's own specialty and credentials, and conflicts that ended."""

    version_seen = version_field()
    taken_back = forms.ModelMultipleChoiceField(
        Topic.objects.none(),
        label="Conflicts that ended",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="You review texts on these again once a second person agrees.",
    )

    class Meta:
        model = User
        fields = DETAILS
        widgets = {
            "credentials_expire_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["taken_back"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Topic.objects.filter(conflicts__person=self.instance)

    def stored_beside(self) -> list[str]:
        """The conflicts on record."""
        conflicts = ConflictOfInterest.objects.filter(person=self.instance).select_related("topic")
        return [str(conflict.topic) for conflict in conflicts]


class PersonalProfileMixin(admin.ModelAdmin):
    """The page on which people change what is on record of themselves."""

    def profile_urls(self) -> list[Any]:
        """The address of the page."""
        view = self.admin_site.admin_view(self.profile_view)
        return [path("profile/", view, name="education_user_profile")]

    def profile_view(self, request: HttpRequest) -> HttpResponse:
        """Take what the person signed in changes of their own; what gains waits for another."""
        if page := require_reauthentication(request, self.admin_site.each_context(request)):
            return page
        # Another row than that of the request, so that a refused form changes nothing there.
        person = User.objects.get(pk=person_of(request).pk)
        form = PersonalProfileForm(request.POST or None, instance=person)
        if request.method == "POST" and form.is_valid():
            try:
                proposal = change_own_profile(
                    by=person_of(request),
                    details={name: form.cleaned_data[name] for name in DETAILS},
                    taken_back=form.cleaned_data["taken_back"],
                )
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self._report(request, proposal)
                return redirect("admin:education_user_profile")
        waiting = ProfileProposal.objects.filter(person=person, decided_at=None)
        context = {
            **self.admin_site.each_context(request),
            "title": "Your credentials and conflicts",
            "opts": self.opts,
            "form": form,
            "waiting": waiting.select_related("person", "by"),
        }
        return TemplateResponse(request, "admin/education/user/profile.html", context)

    def _report(self, request: HttpRequest, proposal: ProfileProposal | None) -> None:
        if proposal:
            waits = f"An administrator or editor-in-chief must agree: {proposal.in_words}."
            self.message_user(request, waits, messages.WARNING)
        else:
            self.message_user(request, "Recorded.", messages.SUCCESS)


@admin.register(ProfileProposal)
class ProfileProposalAdmin(ProposalAdmin):
    """What waits until the second of two people agrees: the person, or who looks after accounts."""

    form_title = "Credentials to agree to"
    list_title = "Credentials to agree to"
    list_display = ("person", "in_words", "by", "at", "accepted", "decided_by")
    list_filter = (("accepted", DecisionFilter),)
    list_select_related = ("person", "by", "decided_by")
    change_form_template = "admin/education/profileproposal/change_form.html"
    fields = ("person", "by", "at", "decided_by", "decided_at", "accepted")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """In the menu of those who look after accounts, and of the auditor."""
        return may_read_accounts(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For those, all; for everybody at the desk, what is about them."""
        if obj is None or self.has_module_permission(request):
            return self.has_module_permission(request) or super().has_view_permission(request)
        return bool(obj.person_id == person_of(request).pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProfileProposal]:
        """For who doesn't look after accounts, their own."""
        rows = super().get_queryset(request)
        if self.has_module_permission(request):
            return rows
        return rows.filter(person=person_of(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer to decide to those who may."""
        proposal = self.get_queryset(request).filter(pk=number_of(object_id)).first()
        reasons = reasons_against_agreeing(proposal, person_of(request)) if proposal else []
        return super().change_view(request, object_id, form_url, {"reasons": reasons})

    def decide(self, *, proposal: Any, by: User, accepted: bool) -> ProfileProposal:
        """Agree to the change, or refuse it."""
        return decide_profile(proposal=proposal, by=by, accepted=accepted)
