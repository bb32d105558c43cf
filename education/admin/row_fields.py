"""Fields of a work that are lists, typed in rows and ticks instead of JSON."""

import calendar
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

# Empty rows beside those there are; a script adds more, and so does saving.
SPARE_ROWS = 3

# The text variables of CSL 1.0.2 (appendix IV) for which an evidence item has no field of its own.
CSL_VARIABLES = {
    "annote": "Annotation", "archive": "Archive", "archive-place": "Place of the archive",
    "authority": "Issuing authority", "call-number": "Call number",
    "collection-number": "Number in the series", "collection-title": "Title of the series",
    "container-title-short": "Short title of the journal or book", "dimensions": "Dimensions",
    "division": "Division", "edition": "Edition", "event-place": "Place of the event",
    "event-title": "Title of the event", "genre": "Genre, such as “Doctoral dissertation”",
    "ISBN": "ISBN", "ISSN": "ISSN", "jurisdiction": "Jurisdiction", "keyword": "Keywords",
    "medium": "Medium", "note": "Note", "number-of-pages": "Number of pages",
    "number-of-volumes": "Number of volumes", "original-publisher": "Original publisher",
    "original-title": "Original title", "part-title": "Title of the part",
    "publisher-place": "Place of publication", "references": "Related works",
    "reviewed-title": "Title of the work reviewed", "section": "Section", "source": "Source",
    "status": "Status, such as “in press”", "title-short": "Short title", "version": "Version",
    "volume-title": "Title of the volume",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What stands in one row by column, and the stored value it was shown for."""

    cells: dict[str, str] = field(default_factory=dict)
    stored: Any = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed in it."""
        return not any(text.strip() for text in self.cells.values())

    def text(self, column: str) -> str:
        """What is typed in a column, without blanks around it."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True)
class Rows:
    """The rows of a field, and what it holds that no row shows and every save keeps."""

    rows: list[Row]
    rest: Any = None


class RowsWidget(forms.Widget):
    """
    A table of inputs, a row for each part of a value; works without a script.

    ``columns`` are labels by name; a column in ``choices`` is chosen from a list. JSON under the
    field's own name, as programs may send it, is taken too.
    """

    template_name = "admin/education/rows.html"
    use_fieldset = True

    class Media:
        js = (forms.Script("education/desk/rows.js", type="module"),)

    def __init__(
        self, columns: Mapping[str, str], choices: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        super().__init__()
        self.columns, self.choices = dict(columns), dict(choices or {})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rows, and some empty ones."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        typed = value if isinstance(value, Rows) else Rows([])
        context["widget"] |= {
            "columns": self.columns.values(),
            "rest": json.dumps(typed.rest),
            "rows": [
                self._drawn(f"{name}-{place}", place, row)
                for place, row in enumerate([*typed.rows, *(Row() for _ in range(SPARE_ROWS))])
            ],
        }
        return context

    def _drawn(self, prefix: str, place: int, row: Row) -> dict[str, Any]:
        return {
            "name": f"{prefix}-stored",
            "stored": json.dumps(row.stored),
            "cells": [
                {
                    "name": f"{prefix}-{column}",
                    "label": f"{label}, row {place + 1}",
                    "value": row.cells.get(column, ""),
                    "choices": self.choices.get(column, {}).items(),
                }
                for column, label in self.columns.items()
            ],
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The rows that were sent, in their order."""
        if name in data:
            return data[name]
        rows: list[Row] = []
        while (sent := data.get(f"{name}-{len(rows)}-stored")) is not None:
            prefix = f"{name}-{len(rows)}"
            cells = {column: data.get(f"{prefix}-{column}", "") for column in self.columns}
            rows.append(Row(cells, _loaded(sent)))
        return Rows(
            [row for row in rows if not row.is_empty], _loaded(data.get(f"{name}-rest", ""))
        )

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Drawn by the project's templates, which Django's renderer of forms does not look in."""
        context = self.get_context(name, value, attrs)
        return SafeString(render_to_string(self.template_name, context))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether the form came without the field."""
        return name not in data and f"{name}-0-stored" not in data

    def id_for_label(self, id_: str) -> str:
        """The rows are a group, each with labels of its own."""
        return ""


class RowsField(forms.Field):
    """A value that people type in rows; subclasses say what a row is."""

    def rows_of(self, value: Any) -> Rows:
        """The rows that show a stored value."""
        raise NotImplementedError

    def value_of(self, typed: Rows) -> Any:
        """The value that rows say; raises ``ValidationError`` where a row says none."""
        raise NotImplementedError

    def prepare_value(self, value: Any) -> Any:
        """Rows, also of what is stored or was sent as JSON."""
        return value if isinstance(value, Rows) else self.rows_of(_loaded(value))

    def to_python(self, value: Any) -> Any:
        """The value itself."""
        if isinstance(value, Rows):
            return self.value_of(value)
        try:
            return json.loads(value) if isinstance(value, str) and value.strip() else value
        except ValueError as error:
            raise ValidationError("This is not JSON.") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it says something else than what is stored."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class AuthorsField(RowsField):
    """
    Authors as CSL names: ``{"family", "given"}``, or ``{"literal"}`` for an organisation.

    A name that nobody touched stays as it came, with particles, suffixes and identifiers.
    """

    columns = ("family", "given", "literal")

    def __init__(self, **kwargs: Any) -> None:
        labels = ("Family name", "Given names or initials", "Or an organisation")
        super().__init__(widget=RowsWidget(dict(zip(self.columns, labels, strict=True))), **kwargs)

    def rows_of(self, value: Any) -> Rows:
        """A row for each name."""
        names = [name for name in value or [] if isinstance(name, dict)]
        return Rows(
            [Row({part: str(name.get(part, "")) for part in self.columns}, name) for name in names]
        )

    def value_of(self, typed: Rows) -> list[dict[str, Any]]:
        """The names, each with a family name or as an organisation."""
        names = []
        for row in typed.rows:
            stored = row.stored if isinstance(row.stored, dict) else {}
            if all(row.cells[part] == str(stored.get(part, "")) for part in self.columns):
                names.append(stored)
                continue
            if not (row.text("family") or row.text("literal")):
                raise ValidationError("Give each author a family name, or name an organisation.")
            if row.text("family") and row.text("literal"):
                raise ValidationError("An author is a person or an organisation, in one row each.")
            others = {part: text for part, text in stored.items() if part not in self.columns}
            texts = {part: row.text(part) for part in self.columns if row.text(part)}
            names.append({**texts, **others})
        return names


class CslVariablesField(RowsField):
    """
    Other CSL variables, each with its text.

    What is no text on one line, or no variable of CSL, has no row and stays as it came.
    """

    def __init__(self, **kwargs: Any) -> None:
        widget = RowsWidget({"variable": "What it is", "text": "Text"}, {"variable": CSL_VARIABLES})
        super().__init__(widget=widget, **kwargs)

    def rows_of(self, value: Any) -> Rows:
        """A row for each variable that is text on one line."""
        stored = value if isinstance(value, dict) else {}
        shown = {
            name: text
            for name, text in stored.items()
            if name in CSL_VARIABLES and isinstance(text, str) and text and text.isprintable()
        }
        rows = [Row({"variable": name, "text": text}, [name, text]) for name, text in shown.items()]
        return Rows(rows, {name: text for name, text in stored.items() if name not in shown})

    def value_of(self, typed: Rows) -> dict[str, Any]:
        """The variables of the rows, and what no row shows."""
        texts = dict(typed.rest) if isinstance(typed.rest, dict) else {}
        for row in typed.rows:
            name, text = row.cells["variable"], row.cells["text"]
            if [name, text] != row.stored:
                text = text.strip()
            if not (name and text):
                raise ValidationError("Choose what each text is, and give each one a text.")
            if name not in CSL_VARIABLES or name in texts:
                raise ValidationError(f"{CSL_VARIABLES.get(name, name)} stands here already.")
            texts[name] = text
        return texts


class LevelsWidget(forms.CheckboxSelectMultiple):
    """A tick for each level; JSON under the field's own name is taken too."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The levels that were ticked."""
        sent = super().value_from_datadict(data, files, name) or []
        if len(sent) == 1 and str(sent[0]).startswith("["):
            levels = _loaded(sent[0])
            return [str(level) for level in levels] if isinstance(levels, list) else sent
        return sent


def levels_field(**kwargs: Any) -> forms.TypedMultipleChoiceField:
    """GMFCS levels I to V as ticks; none means that they are not reported."""
    names = ("I", "II", "III", "IV", "V")
    choices = [(number, f"Level {name}") for number, name in enumerate(names, start=1)]
    return forms.TypedMultipleChoiceField(
        coerce=int, empty_value=[], choices=choices, required=False, widget=LevelsWidget, **kwargs
    )


def month_field(**kwargs: Any) -> forms.TypedChoiceField:
    """A month by its name; none where the work does not say."""
    months = [
        ("", "Not known"),
        *((number, calendar.month_name[number]) for number in range(1, 13)),
    ]
    return forms.TypedChoiceField(
        coerce=int, empty_value=None, choices=months, required=False, **kwargs
    )


def _loaded(value: Any) -> Any:
    """JSON that was sent as text; None where it is none, and what is no text as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None
