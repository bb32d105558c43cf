"""People and roles at the desk."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm, UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from education.admin.access import (
    EditorialAdmin,
    ExclusiveFormMixin,
    FirstThousand,
    VersionedAdminMixin,
    may_read_accounts,
    number_of,
    person_of,
    roles_of,
)
from education.admin.accounts import AccountsMixin
from education.admin.profiles import PersonalProfileMixin, SpecialtyMixin
from education.admin.proposals import DecisionFilter, ProposalAdmin
from education.admin.ready import with_pages
from education.admin.sign_in import require_reauthentication
from education.audit.operations import record
from education.errors import EditorialError
from education.handouts.bounces import bounces
from education.people.mail import deliver
from education.people.models import ConflictOfInterest, Message, RightsProposal, Role, User
from education.people.operations import decide_rights, declare_interests, settle_rights
from education.people.profile_changes import profile_of, settle_profile
from education.people.rules import may_agree, rights_of
from education.stale_forms import VersionedFormMixin, version_field
from education.topics.models import Topic

# The roles are what the code knows; nobody renames or deletes one at the desk.
admin.site.unregister(Group)


class DeclarationForm(VersionedFormMixin, forms.Form):
    """A person's own declaration of interests."""

    version_seen = version_field()
    interests = forms.CharField(
        label="Your interests, as readers will see them",
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="Money, shares, employment, patents, research, friends or family with a stake in "
        "stem cells, surgery or anything else we write about. Write None if there are none.",
    )
    conflicts = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label="Subjects on which you have a conflict",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="You will not review texts on these, or on what belongs to them. One is "
        "taken back by two: you and whoever looks after accounts.",
    )


class PersonForm(SpecialtyMixin, UserChangeForm):
    """An account. Its password is nobody's to see or to type but the person's own."""

    password = None  # type: ignore[assignment]  # Django's way to leave a field out

    class Meta(UserChangeForm.Meta):
        help_texts = {
            "first_name": "For the record; readers see the name above.",
            "last_name": "For the record.",
            "email": "Where invitations, requests and forgotten passwords go. Readers never see "
            "it.",
            "groups": "A role brings its desk; it is given once a second person agrees.",
        }


class NewPersonForm(forms.ModelForm):
    """A new account with its roles, without a password until the person was invited and set one."""

    invited = forms.BooleanField(
        label="Send the invitation now",
        required=False,
        initial=True,
        help_text="A mail with a link to choose a password, good for three days.",
    )

    class Meta:
        model = User
        fields = ("username", "display_name", "email", "groups")
        field_classes = {"username": UsernameField}
        labels = {"groups": "Roles"}
        help_texts = {
            "email": "Where the invitation goes.",
            "groups": "A role brings its desk. It is given once a second person agrees.",
        }
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def clean_username(self) -> str:
        """A name that differs from another by its case alone is a mistake."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("There is an account with this name already.")
        return name

    def save(self, commit: bool = True) -> Any:
        """Make the account; no password opens it."""
        self.instance.set_unusable_password()
        return super().save(commit)


class ConflictForm(forms.ModelForm):
    """A conflict that a person told of."""

    class Meta:
        help_texts = {
            "topic": "They review and publish nothing on it.",
            "description": "As they told it: “Works for a clinic that offers it.”",
            "declared_on": "When they told it.",
        }


class ConflictInline(admin.StackedInline):
    """A person's declared conflicts, by topic."""

    model = ConflictOfInterest
    form = ConflictForm
    fields = (("topic", "declared_on"), "description")
    extra = 0


@admin.register(User)
class PersonAdmin(
    VersionedAdminMixin, AccountsMixin, PersonalProfileMixin, ExclusiveFormMixin, UserAdmin
):
    """Accounts: who they are, what they may do, what they declared."""

    list_display = ("username", "display_name", "specialty", "is_active", "credentials_expire_on")
    paginator = FirstThousand
    show_full_result_count = False
    get_changelist = EditorialAdmin.get_changelist
    list_filter = ("groups", "is_active")
    search_help_text = "User name, name or mail address."
    inlines = (ConflictInline,)
    versioned_rows = (ConflictOfInterest,)
    fieldsets = (
        (None, {"fields": ("username",)}),
        ("Person", {"fields": ("display_name", "first_name", "last_name", "email")}),
        (
            "For readers",
            {
                "fields": (
                    "specialty",
                    "credentials",
                    "credentials_expire_on",
                    "interests",
                    "interests_declared_on",
                )
            },
        ),
        ("Roles", {"fields": ("is_active", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    form = PersonForm
    add_form = NewPersonForm
    add_fieldsets = ((None, {"fields": (*NewPersonForm.Meta.fields, "invited")}),)
    add_form_template = None
    change_form_template = "admin/education/user/change_form.html"

    # What happened is not for anyone to write.
    readonly_fields = ("last_login", "date_joined")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Ask again who one is before an account is changed."""
        if request.method == "POST" and (
            page := require_reauthentication(request, self.admin_site.each_context(request))
        ):
            return page
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Remember what the account might do before, and what was on record of the person."""
        stored = User.objects.get(pk=obj.pk) if change else None
        form.rights_before = rights_of(stored) if stored else {"is_active"}
        form.profile_before = profile_of(stored) if stored else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put the change in the record; what the account gains waits for a second person."""
        super().save_related(request, form, formsets, change)
        person, by = form.instance, person_of(request)
        if not change:
            record("person.added", person, by=by)
        proposal = settle_rights(person=person, before=form.rights_before, by=by)
        if proposal:
            message = f"{person} gets this once a second person agrees: {proposal.in_words}."
            self.message_user(request, message, messages.WARNING)
        if form.profile_before:
            self._settle_profile(request, person, form.profile_before)
        if not change:
            self.invite_new(request, person, wanted=form.cleaned_data["invited"])

    def _settle_profile(self, request: HttpRequest, person: User, before: dict[str, Any]) -> None:
        proposal = settle_profile(person=person, before=before, by=person_of(request))
        if proposal:
            whom = "an administrator or editor-in-chief" if proposal.by == person else person
            said = f"This takes effect once {whom} agrees: {proposal.in_words}."
            self.message_user(request, said, messages.WARNING)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show beside the account whether its person can begin to work."""
        person = User.objects.filter(pk=number_of(object_id)).first()
        ready = with_pages(person, by=person_of(request)) if person else []
        bounced = bounces([person.email]) if person else []
        extra = {"ready": ready, "bounced": bounced}
        return super().change_view(request, object_id, form_url, extra)

    def get_urls(self) -> list[Any]:
        """Add the page on which people declare their own interests, and steps on accounts."""
        view = self.admin_site.admin_view(self.declaration_view)
        return [
            path("declaration/", view, name="education_user_declaration"),
            *self.profile_urls(),
            *self.account_urls(),
            # Without the page on which Django lets one type somebody else's password.
            *super(UserAdmin, self).get_urls(),
        ]

    def declaration_view(self, request: HttpRequest) -> HttpResponse:
        """Take the declaration of interests of the person signed in."""
        person = person_of(request)
        conflicts = Topic.objects.filter(conflicts__person=person)
        form = DeclarationForm(request.POST or None, initial={"interests": person.interests})
        field = form.fields["conflicts"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Topic.objects.exclude(pk__in=conflicts)
        if request.method == "POST" and form.is_valid():
            try:
                declare_interests(by=person, **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, "Your declaration is recorded.", messages.SUCCESS)
                return redirect("admin:index")
        context = {
            **self.admin_site.each_context(request),
            "title": "Your declaration of interests",
            "opts": self.opts,
            "person": person,
            "conflicts": conflicts,
            "form": form,
        }
        return TemplateResponse(request, "admin/education/user/declaration.html", context)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """People stay in the record; switch an account off instead."""
        return False


@admin.register(RightsProposal)
class RightsProposalAdmin(ProposalAdmin):
    """Rights that wait for a second person, and those that were given or refused."""

    accepting = "give"
    accepted_message = "Given."
    list_title = "Rights to agree to"
    form_title = "Rights to agree to"

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """For those who may agree, and the auditor."""
        return may_read_accounts(request)

    list_display = ("person", "in_words", "by", "at", "accepted", "decided_by")
    list_filter = (("accepted", DecisionFilter),)
    list_select_related = ("person", "by", "decided_by")
    change_form_template = "admin/education/rightsproposal/change_form.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer to decide to those who may."""
        waiting = RightsProposal.objects.filter(pk=number_of(object_id), decided_at=None).first()
        able = waiting and person_of(request) in may_agree(waiting.by, waiting.person)
        return super().change_view(request, object_id, form_url, {"may_decide": bool(able)})

    def decide(self, *, proposal: Any, by: User, accepted: bool) -> RightsProposal:
        """Give the rights or refuse them."""
        return decide_rights(proposal=proposal, by=by, accepted=accepted)


@admin.register(Message)
class MessageAdmin(EditorialAdmin):
    """Mail: what was sent, and what was not and why."""

    list_title = "Mail"
    form_title = "Mail"

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Mail to others concerns an editor-in-chief, the auditor and the administrator."""
        return may_read_accounts(request)

    list_display = ("subject", "recipient", "created_at", "sent_at", "is_daily", "error")
    list_filter = ("sent_at",)
    list_select_related = ("to",)
    change_form_template = "admin/education/message/change_form.html"

    def get_urls(self) -> list[Any]:
        """Add the step that sends a mail again."""
        send = self.admin_site.admin_view(require_POST(self.send_view))
        return [path("<int:pk>/send/", send, name="education_message_send"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer to send again what was not sent."""
        waits = Message.objects.filter(pk=number_of(object_id), sent_at=None).exists()
        extra = {"may_send": waits and self._may_send(request)}
        return super().change_view(request, object_id, form_url, extra)

    def send_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try a mail once more; one that went out is not sent twice."""
        if not self._may_send(request):
            raise PermissionDenied
        message = get_object_or_404(Message, pk=pk)
        if deliver(message.pk):
            self.message_user(request, f"“{message.subject}” is sent.", messages.SUCCESS)
        else:
            message.refresh_from_db()
            self.message_user(request, f"It was not sent. {message.error}", messages.ERROR)
        return redirect(reverse("admin:education_message_change", args=[pk]))

    def _may_send(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser) or Role.EDITOR_IN_CHIEF in roles_of(request)
