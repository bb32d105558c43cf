"""
How a reader's form is known to come from a person on this site, without a cookie.

The browser says which site sent it; the form carries a signed time at which it was given out, and a
field that no person sees. Nothing here knows who the reader is.
"""

import datetime
import secrets
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core import signing
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.audit.operations import CLOCKS_DIFFER

SALT = "readers-form"
# A person is done with a form within a day. However fast it comes, it is taken: telephones fill in
# and dictate within a second.
LONGEST = 24 * 60 * 60

AGAIN = _("Nothing was sent, and your words are still here: please send them again.")
UNUSABLE = "unusable"


def is_from_here(request: HttpRequest) -> bool:
    """
    Whether a page of this site sent the request.

    Browsers say so in ``Sec-Fetch-Site`` and ``Origin``; one that says neither must name our page
    in ``Referer``. Pages of other sites can set none of the three.
    """
    fetched_by = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return fetched_by == "same-origin" and _host(origin) == request.get_host().lower()


def stamp(subject: object) -> str:
    """What a form about something carries: signed, with the time, different each time."""
    return signing.TimestampSigner(salt=SALT).sign_object([str(subject), secrets.token_hex(8)])


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


class StampedForm(forms.Form):
    """
    A form of a reader: stamped, and with a field left empty by people.

    ``subject`` and ``name`` are what it was stamped with once it is valid: what it is about, and a
    name that no other form has.
    """

    stamp = forms.CharField(widget=forms.HiddenInput, max_length=400)
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    subject = ""
    name = ""

    def clean_website(self) -> str:
        """What fills in every field is a program."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(
                gettext(
                    "This looks as if a program had filled it in. Empty this field and send it "
                    "again."
                )
            )
        return ""

    def clean(self) -> dict[str, Any]:
        """The stamp must be ours and not too old."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        stamped = data.get("stamp", "")
        signer = signing.TimestampSigner(salt=SALT)
        try:
            self.subject, self.name = signer.unsign_object(stamped, max_age=LONGEST)
        except signing.SignatureExpired as error:
            raise forms.ValidationError(
                _again(gettext("This form lay open for more than a day.")), code=UNUSABLE
            ) from error
        except (signing.BadSignature, ValueError) as error:
            raise forms.ValidationError(
                _again(gettext("We did not give out this form.")), code=UNUSABLE
            ) from error
        if self._is_ahead(stamped):
            raise forms.ValidationError(
                f"The clock of this site was set since this form was given out. {AGAIN}",
                code=UNUSABLE,
            )
        return data

    def renew(self, subject: object) -> None:
        """Put a new stamp in a refused form whose own can't be used again."""
        if self.has_error(NON_FIELD_ERRORS, UNUSABLE):
            self.data = {**self.data, "stamp": stamp(subject)}

    def _is_ahead(self, stamped: str) -> bool:
        """Whether it was given out while the clock was ahead: it would be good for too long."""
        return _is_younger_than(-CLOCKS_DIFFER, stamped)


def _is_younger_than(age: datetime.timedelta | int, stamped: str) -> bool:
    """Whether less time than that went by since; a negative age is a moment still to come."""
    try:
        signing.TimestampSigner(salt=SALT).unsign(stamped, max_age=age)
    except signing.SignatureExpired:
        return False
    return True


def _again(problem: str) -> str:
    return f"{problem} {AGAIN}"
