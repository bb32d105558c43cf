"""Steps on somebody else's account: invite them to set their password, end their sign-ins."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers

from education.accounts.invitations import invite, mail_link, why_by_hand
from education.accounts.operations import active, end_for
from education.admin.access import person_of
from education.admin.sign_in import require_reauthentication
from education.errors import EditorialError
from education.people.models import User
from education.widgets import Textarea


class WhyForm(forms.Form):
    """Why sign-ins are ended; the person is told."""

    reason = forms.CharField(
        max_length=300,
        widget=Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="The person reads it in a mail, and it stands in the record.",
    )


class AccountsMixin(UserAdmin):
    """Pages beside the form of an account, each with one step that asks first."""

    def account_urls(self) -> list[URLPattern]:
        """The address of every step."""
        steps = {"invite": self.invite_view, "end-sign-ins": self.end_sign_ins_view}
        return [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"education_user_{name.replace('-', '_')}",
            )
            for name, view in steps.items()
        ]

    def invite_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a person the link to set their own password; show it where no mail can go."""
        person = self._person(request, pk)
        if page := self._asked_again(request):
            return page
        by_hand = why_by_hand(person)
        link = refusal = ""
        if request.method == "POST":
            try:
                link = invite(person=person, by=person_of(request))
            except EditorialError as error:
                refusal = str(error)
            else:
                if not by_hand:
                    self._tell(request, person, mail_link(person, link))
                    return self._back(person)
        return self._step(
            request,
            "invite",
            person,
            title=f"Invite {person}",
            by_hand=by_hand,
            link=link,
            refusal=refusal,
        )

    def invite_new(self, request: HttpRequest, person: User, *, wanted: bool) -> None:
        """Mail a new person their link once the account is stored, where that is wanted."""
        by_hand = why_by_hand(person)
        if not wanted or by_hand or not request.user.is_superuser:
            message = f"{by_hand} No password opens the account yet: invite {person} to set one."
            self.message_user(request, message.strip(), messages.WARNING)
            return
        link = invite(person=person, by=person_of(request))
        transaction.on_commit(lambda: self._tell(request, person, mail_link(person, link)))

    def end_sign_ins_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End every sign-in of a person."""
        person = self._person(request, pk)
        if page := self._asked_again(request):
            return page
        form = WhyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                ended = end_for(person=person, by=person_of(request), **form.cleaned_data)
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                message = f"{ended} sign-in{'' if ended == 1 else 's'} of {person} ended."
                self.message_user(request, message, messages.SUCCESS)
                return self._back(person)
        return self._step(
            request,
            "end_sign_ins",
            person,
            title=f"End the sign-ins of {person}",
            sign_ins=active(person),
            form=form,
        )

    def _person(self, request: HttpRequest, pk: int) -> User:
        person = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        return person

    def _asked_again(self, request: HttpRequest) -> HttpResponse | None:
        return require_reauthentication(request, self.admin_site.each_context(request))

    def _tell(self, request: HttpRequest, person: User, failure: str) -> None:
        if failure:
            message = (
                f"The mail to {person} did not go out: {failure} Invite again once mail works."
            )
            self.message_user(request, message, messages.ERROR)
        else:
            self.message_user(request, f"{person} has got a link by mail.", messages.SUCCESS)

    def _back(self, person: User) -> HttpResponse:
        return redirect(reverse("admin:education_user_change", args=[person.pk]))

    def _step(self, request: HttpRequest, name: str, person: User, **context: Any) -> HttpResponse:
        page = TemplateResponse(
            request,
            f"admin/education/user/{name}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "person": person,
                **context,
            },
        )
        add_never_cache_headers(page)
        return page
