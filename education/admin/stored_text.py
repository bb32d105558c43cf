"""Forms that save a text as it is stored, to the byte, where nobody changed it."""

from typing import Any

from django import forms
from django.utils.text import normalize_newlines


class StoredTextMixin(forms.BaseForm):
    """
    Keep every text of the form as it is stored, unless it was changed.

    Approvals and verifications rest on hashes of these texts, so a form that drops blanks at the
    end, or takes the line ends that browsers send (CRLF), would end them when nothing was changed.
    What was changed is saved with LF, as it was typed in a ``Textarea`` and without outer blanks in
    a field of one line; blanks alone are no text.
    """

    # The form as it was shown, where that is not this one before it was filled in.
    shown: forms.BaseForm | None = None

    def full_clean(self) -> None:
        """See every text as it was sent."""
        for field in self._texts().values():
            field.strip = False
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        """Put back what is stored; also where the rest of the form is wrong."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name, field in self._texts().items():
            if name in data:
                data[name] = self._kept(name, field, data[name])
                if field.required and not data[name]:
                    self.add_error(name, field.error_messages["required"])
        return data

    def _texts(self) -> dict[str, forms.CharField]:
        """The fields of words; addresses, JSON and the like are subclasses and read strictly."""
        return {
            name: field for name, field in self.fields.items() if type(field) is forms.CharField
        }

    def _kept(self, name: str, field: forms.CharField, typed: str) -> str:
        shown = self.shown or self
        stored = ""
        if name in shown.fields:
            stored = shown.get_initial_for_field(shown.fields[name], name) or ""
        text = normalize_newlines(typed)
        if text == normalize_newlines(stored):
            return stored
        if not isinstance(field.widget, forms.Textarea) or not text.strip():
            return text.strip()
        return text


class StoredTextForm(StoredTextMixin, forms.ModelForm):
    """A form of a model whose texts are in a hash."""
