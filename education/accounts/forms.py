"""What is typed to sign in. Whoever fails too often waits, longer each time."""

import datetime
import math
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from education.accounts.operations import note_failure, note_success, use_code, wait_for
from education.accounts.rules import device_of, needs_second_step
from education.people.models import User
from education.people.rules import reasons_against_signing_in

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm as PasswordForm
else:
    PasswordForm = object


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; kept nowhere."""
    return str(request.META.get("REMOTE_ADDR", ""))


def refuse_while_waiting(name: str, address: str) -> None:
    """Raise ``ValidationError`` while this name, from this address, must wait."""
    left = wait_for(name, address)
    if left > datetime.timedelta(0):
        minutes = math.ceil(left.total_seconds() / 60)
        raise ValidationError(
            f"Too many tries. Please wait {minutes} minute{'' if minutes == 1 else 's'} "
            "and try again.",
            code="wait",
        )


class GuardedMixin(PasswordForm):
    """For a form that takes name and password."""

    def clean(self) -> dict[str, Any]:
        """
        Count failures; the same for names that exist and names that don't.

        Accounts of a demonstration are refused on a site that is none, whichever door lets them in.
        """
        assert self.request is not None
        name, address = self.cleaned_data.get("username", ""), address_of(self.request)
        refuse_while_waiting(name, address)
        try:
            data = super().clean()
        except ValidationError as refusal:
            if refusal.code == "invalid_login":
                note_failure(name, address)
            raise
        note_success(name, address)
        person = self.get_user()
        if isinstance(person, User) and (reasons := reasons_against_signing_in(person)):
            raise ValidationError(" ".join(reasons), code="demonstration")
        return data


class CodeForm(forms.Form):
    """The code that a person's telephone shows, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
        help_text="Six digits from your telephone, or one of your recovery codes.",
    )

    def __init__(self, *args: Any, request: HttpRequest, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.person = request, person

    def clean(self) -> dict[str, Any]:
        """Take the code once."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "code" in data:
            take_code(self.request, self.person, data["code"])
        return data


class ReauthenticationForm(forms.Form):
    """Password, and code where the account has a second step: that it is still the same person."""

    confirm_password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    confirm_code = forms.CharField(
        label="Code",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
        help_text="Six digits from your telephone, or one of your recovery codes.",
    )

    def __init__(self, *args: Any, request: HttpRequest, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.person = request, person
        if not needs_second_step(person):
            del self.fields["confirm_code"]

    def clean(self) -> dict[str, Any]:
        """Check the password before the code, so that no code is spent in vain."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        name, address = self.person.get_username(), address_of(self.request)
        refuse_while_waiting(name, address)
        if not self.person.check_password(data["confirm_password"]):
            note_failure(name, address)
            raise ValidationError("This is not your password.")
        if "confirm_code" in self.fields:
            take_code(self.request, self.person, data["confirm_code"])
        return data


def take_code(request: HttpRequest, person: User, code: str) -> None:
    """Take a code from telephone or paper; raises ``ValidationError`` when it is not right."""
    name, address = person.get_username(), address_of(request)
    refuse_while_waiting(name, address)
    device = device_of(person)
    digits = "".join(code.split())
    if (device and device.verify_token(digits)) or use_code(person, code):
        note_success(name, address)
        return
    note_failure(name, address)
    raise ValidationError("This code is not right, or it was used already.")


class ForgottenPasswordForm(forms.Form):
    """The name or mail address of somebody who forgot their password."""

    name = forms.CharField(
        label="Your username or mail address",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
        help_text="A link to choose a new password goes to the address of the account.",
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_name(self) -> str:
        """Count every try, of a name that exists or not: mail is not sent without end."""
        name: str = self.cleaned_data["name"].strip()
        counted = f"forgotten password of {name}"
        refuse_while_waiting(counted, address_of(self.request))
        note_failure(counted, address_of(self.request))
        return name
