"""Forms that are refused when what they were filled in from was changed by somebody else."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from education.canonical import digest

STALE = (
    "Somebody changed this while you had it open. Nothing was saved: what you typed is still here, "
    "with what is stored now beside it. Save again to put yours in its place."
)


STALE_STEP = (
    "Somebody changed this while you had it open. Nothing was done. How it is now is said here; "
    "press the button again to go on."
)


def version_field() -> forms.CharField:
    """Where a form carries the version it was made from."""
    return forms.CharField(required=False, widget=forms.HiddenInput)


class VersionedFormMixin(forms.BaseForm):
    """
    Carries the version it was made from, and is refused when that is not what is stored now.

    The version is a hash of the form's initial values, so these must be read from the database in
    the request that takes the form. A form has the field ``version_seen`` beside its own
    (``version_field``). After a refusal the form holds the new version, so that saving once more is
    deliberate.
    """

    stale_words = STALE
    beside_words = "Stored with it now"

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """The version is taken when the form is shown, with the fields that it is sent with."""
        if field_name == "version_seen":
            return self.stored_version()
        return super().get_initial_for_field(field, field_name)

    def stored_beside(self) -> list[str]:
        """What is stored beside the fields and saved with them, as people read it."""
        return []

    def stored_version(self) -> str:
        """The version of what is stored now."""
        values = {name: _plain(self.initial[name]) for name in self.fields if name in self.initial}
        return digest([values, self.stored_beside()])

    def clean(self) -> dict[str, Any]:
        """Refuse a form of an earlier version, and say what is stored beside what was typed."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        seen, stored = data.pop("version_seen", ""), self.stored_version()
        if not seen or seen == stored:
            return data
        for name in self.changed_data:
            if name in self.initial and name in data:
                in_words = _in_words(self.initial[name])
                self.add_error(name, f"Stored now: {in_words or 'nothing'}")
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        typed[self.add_prefix("version_seen")] = stored
        self.data = typed
        beside = [f"{self.beside_words}: {words}" for words in self.stored_beside()]
        raise ValidationError([ValidationError(self.stale_words, code="stale"), *beside])


class StepForm(VersionedFormMixin, forms.Form):
    """
    A step, such as submitting, on something as the person saw it.

    ``stands`` says in sentences how that stands now; the step is refused when they are others than
    when the page was made. A form inside ``exclusive_transaction`` can't be overtaken.
    """

    stale_words = STALE_STEP
    beside_words = "Now"
    version_seen = version_field()

    def __init__(self, *args: Any, stands: Iterable[str], **kwargs: Any) -> None:
        self.stands = list(stands)
        super().__init__(*args, **kwargs)

    def stored_beside(self) -> list[str]:
        """How it stands now."""
        return self.stands

    def stored_version(self) -> str:
        """The version of how it stands; what a person is offered to type is no part of it."""
        return digest(self.stands)


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    if value is None or isinstance(value, str | int | float | dict):
        return value
    if isinstance(value, Iterable):
        return [_plain(each) for each in value]
    return str(value)


def _in_words(value: Any) -> str:
    if isinstance(value, list | tuple | set):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)
