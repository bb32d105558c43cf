"""What a clinic types at its desk. The form checks; the operation decides."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.db.models import CharField, Model, TextField

from education.accounts.forms import GuardedMixin
from education.canonical import digest
from education.evidence.people_studied import AGE_BANDS, ROMAN, Child, band_of, level_of
from education.handouts.models import (
    MOST_ANSWERED,
    MOST_COPIES,
    Clinic,
    Pack,
    PackItem,
    RecallAnswer,
)
from education.handouts.personal import LONGEST_NOTE, PersonalDetails
from education.handouts.print_options import CHOICES, SAVED_CHOICES
from education.handouts.rules import clinic_of
from education.handouts.typesetting import in_words, unprintable
from education.people.models import User
from education.stale_forms import StepForm, VersionedFormMixin, version_field
from education.text.uploads import LARGEST_UPLOAD
from education.widgets import Textarea


def _like(model: type[Model], name: str, **how: Any) -> forms.Field:
    """A field of a form with the label, help and length of the model's."""
    field = model._meta.get_field(name)
    assert isinstance(field, CharField | TextField)
    made = field.formfield(**how)
    assert made is not None
    return made


def _usual(name: str) -> forms.ChoiceField:
    """A field for one of the ``SAVED_CHOICES``; left out, the choice stays as it is."""
    label, known = CHOICES[name]
    return forms.ChoiceField(label=label, choices=list(known.items()), required=False)


class SignInForm(GuardedMixin, AuthenticationForm):
    """Lets in who works at a clinic's desk; somebody of the editors' desk is led on to it."""

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse accounts that are off, and those without a desk."""
        super().confirm_login_allowed(user)
        if not user.is_staff and clinic_of(user) is None:
            raise ValidationError("This account does not belong to a clinic’s desk.", "no_desk")


class ClinicDetailsForm(VersionedFormMixin, forms.Form):
    """What stands at the head of the clinic's handouts, and how it usually prints."""

    version_seen = version_field()
    name = _like(Clinic, "name")
    telephone = _like(Clinic, "telephone")
    opening_hours = _like(Clinic, "opening_hours")
    address = _like(Clinic, "address")
    logo_file = forms.FileField(
        label="Logo",
        required=False,
        help_text=f"SVG, PNG or JPEG, at most {LARGEST_UPLOAD // 1_000_000} MB. A large picture is "
        "made smaller: it is printed at most 14 mm high.",
        widget=forms.FileInput(attrs={"accept": ".svg,.png,.jpg,.jpeg"}),
    )
    without_logo = forms.BooleanField(label="Print without a logo", required=False)
    paper = _usual("paper")
    size = _usual("size")
    ink = _usual("ink")

    @property
    def usual_fields(self) -> list[forms.BoundField]:
        """The fields of how the clinic usually prints."""
        return [self[name] for name in SAVED_CHOICES]

    def clean_logo_file(self) -> bytes | None:
        """The bytes of the file; none that is far too large is read."""
        upload = self.cleaned_data["logo_file"]
        if not upload:
            return None
        content: bytes = upload.read(LARGEST_UPLOAD + 1)
        return content


class InvitationForm(forms.Form):
    """Who is to work at the clinic's desk."""

    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(
        label="Mail address",
        help_text="Of this person alone: whoever reads the mail chooses the password.",
    )
    username = _like(
        User,
        "username",
        label="User name",
        help_text="What they type to sign in: letters, digits and @ . + - _",
    )


class ColleagueForm(VersionedFormMixin, forms.Form):
    """Whether a colleague manages the people of the clinic."""

    version_seen = version_field()
    manages_people = forms.BooleanField(
        label="May invite colleagues and end their access", required=False
    )


class EndAccessForm(StepForm):
    """The end of a colleague's access, as the page showed them."""

    certain = forms.BooleanField(
        label="End this access now",
        error_messages={"required": "Tick the box to end this access."},
    )


class CopiesForm(forms.Form):
    """How many copies, once for each press."""

    copies = forms.IntegerField(
        label="Copies", min_value=1, max_value=MOST_COPIES, initial=1,
        help_text="How many you print now: it is what you see in your counts.",
    )  # fmt: skip
    press = forms.CharField(widget=forms.HiddenInput, max_length=36)


class RecallAnswerForm(forms.Form):
    """What became of paper that is for the bin."""

    press = forms.CharField(widget=forms.HiddenInput, max_length=36)
    binned = forms.IntegerField(label="Binned", min_value=0, max_value=MOST_ANSWERED, initial=0)
    given_out = forms.IntegerField(
        label="Given out to families",
        min_value=0,
        max_value=MOST_ANSWERED,
        initial=0,
        help_text="How many you know or guess; never to whom.",
    )
    none_left = forms.BooleanField(label="None is left on the shelf", required=False)
    words = _like(RecallAnswer, "words", label="Anything else")


class LinkedAnswerForm(RecallAnswerForm):
    """The same for one of the prints that the link in a mail answers for; it may stay empty."""

    press = None  # type: ignore[assignment]  # each print is answered once this way

    def clean(self) -> dict[str, Any]:
        """Words alone say nothing of the paper."""
        data = super().clean() or self.cleaned_data
        if data.get("words") and not self.says_something and not self.errors:
            raise ValidationError("Say how many were binned or given out, or that none is left.")
        return data

    @property
    def says_something(self) -> bool:
        """Whether it was filled in."""
        return any(self.cleaned_data.get(name) for name in ("binned", "given_out", "none_left"))


class MailboxForm(forms.Form):
    """The shared address to which recalls are mailed."""

    mailbox = forms.EmailField(
        label="Shared mailbox",
        required=False,
        help_text=(
            "An address that several of you read. A link is mailed to it; recalls follow once "
            "somebody has opened it and agreed. Leave it empty to end mail to a mailbox."
        ),
    )


class WebhookForm(forms.Form):
    """Where the clinic's own system is told of recalls."""

    webhook = forms.URLField(
        label="Address of your system",
        max_length=300,
        assume_scheme="https",
        help_text="A public address that begins with https://. Saving makes a new secret.",
    )


class PersonalForm(forms.Form):
    """What one print says for one family; it is printed and forgotten."""

    age = forms.ChoiceField(label="Child’s age", required=False)
    gmfcs = forms.ChoiceField(label="Movement level (GMFCS)", required=False)
    note = forms.CharField(
        label="A note for this family",
        required=False,
        max_length=LONGEST_NOTE,
        help_text=(
            f"At most {LONGEST_NOTE} letters, under your clinic’s name. It is not kept: a print "
            "from your list later lacks it."
        ),
        widget=Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bands = [(band.value, band.label) for band in AGE_BANDS]
        levels = [(str(place), f"Level {roman}") for place, roman in enumerate(ROMAN, start=1)]
        for name, choices in (("age", bands), ("gmfcs", levels)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "Leave out"), *choices]

    def clean_note(self) -> str:
        """The note, if a font here has all of its letters."""
        note: str = self.cleaned_data["note"].strip()
        if letters := unprintable(note):
            raise ValidationError(
                f"These letters or signs can’t be printed here: {in_words(letters)}."
            )
        return note

    @property
    def details(self) -> PersonalDetails:
        """What was typed, for the typesetter."""
        data = self.cleaned_data
        return PersonalDetails(Child(band_of(data["age"]), level_of(data["gmfcs"])), data["note"])


class PackForm(VersionedFormMixin, forms.Form):
    """
    A pack's title and note; its handouts are chosen beside it.

    ``items`` are those stored, ``in_words`` says them as people read them. The version is made of
    the items themselves: a handout that has another title today is no change of the pack.
    """

    version_seen = version_field()
    name = _like(Pack, "name", label="Name of the pack")
    note = _like(Pack, "note", widget=Textarea(attrs={"rows": 6}))

    def __init__(
        self,
        *args: Any,
        items: Iterable[PackItem],
        in_words: Callable[[], list[str]],
        **kwargs: Any,
    ) -> None:
        self.items = [[item.slug, item.options] for item in items]
        self.in_words = in_words
        super().__init__(*args, **kwargs)

    def stored_beside(self) -> list[str]:
        """The handouts of the pack in their order, in words."""
        return self.in_words()

    def stored_version(self) -> str:
        """The version of the title, the note and the items."""
        return digest([self.initial.get("name"), self.initial.get("note"), self.items])
