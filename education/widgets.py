"""Form fields drawn and read as the whole site does it."""

from typing import Any

from django import forms
from django.utils.text import normalize_newlines


class Textarea(forms.Textarea):
    """
    Text of several lines, with one character at each line's end.

    Browsers count a line's end as one character (``maxlength``, HTML's API value) and send two
    (CRLF), so a text of exactly the length that the page allows would be refused.
    """

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was typed, as the browser counted it."""
        typed = super().value_from_datadict(data, files, name)
        return normalize_newlines(typed) if isinstance(typed, str) else typed
