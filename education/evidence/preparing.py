"""A record as an item can hold it, and its fields in words; raises at what no item can hold."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from education.evidence.details_in_words import label_of
from education.evidence.formats.record import MAX_TEXT, BadRecordError, Csl, iso_date, shortened
from education.evidence.models import EvidenceItem, Finding, new_findings
from education.evidence.shipped_evidence import APPRAISAL, COLUMN_OF

_NUMBERS = {
    "sample_size": "a number of participants",
    "age_from_months": "an age in months",
    "age_to_months": "an age in months",
}
_LISTS = {"gmfcs_levels", "findings"}
_SWITCHES = ("ages_of_most", "levels_of_most")
_TEXTS = {*APPRAISAL, "topic", "usable_reason"} - {*_NUMBERS, *_LISTS, *_SWITCHES}
_OTHER_LABELS = {"issued": "date", "editor": "editors", "container-title-short": "short title"}


def prepared(csl: Csl) -> tuple[Csl, str]:
    """
    The record as an item can hold it, and what to tell about it.

    An item has one date with a month or without; seasons, spans and dates in words become a note
    for the person who verifies it.
    """
    custom = _custom(csl.get("custom", {}))
    fit = {
        name: value for name, value in csl.items() if name not in {"issued", "custom", "updated-by"}
    }
    parts = date_parts(csl)
    if parts:
        fit["issued"] = {"date-parts": [parts]}
    note = ""
    if csl.get("issued") and csl["issued"] != fit.get("issued"):
        note = f"The record gives the date as “{_date_in_words(csl['issued'])}”."
        verified = custom.setdefault("verified", {})
        verified["note"] = " ".join(part for part in (verified.get("note", ""), note) if part)
    custom.setdefault("usable_as_citation", True)
    custom.setdefault("verified", {}).setdefault("level", EvidenceItem.Level.BIBLIOGRAPHIC.value)
    fit["custom"] = custom
    return fit, note


def date_parts(csl: Csl) -> list[int]:
    """Year, month and day as far as they are known; a season is no month."""
    parts: list[int] = (csl.get("issued", {}).get("date-parts") or [[]])[0]
    return parts[:1] if len(parts) > 1 and parts[1] > 12 else parts


def _custom(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says of the study, as far as we know the words; raises at a wrong type."""
    custom: dict[str, Any] = {
        name: _text(name, given[name]) for name in sorted(_TEXTS & given.keys())
    }
    for name, meaning in _NUMBERS.items():
        number = given.get(name)
        if number is not None:
            if type(number) is not int or not 0 <= number < 2**31:
                raise BadRecordError(f"its custom {name} is not {meaning}.")
            custom[name] = number
    if given.get("gmfcs_levels"):
        custom["gmfcs_levels"] = given["gmfcs_levels"]
    if given.get("findings"):
        custom["findings"] = _findings(given["findings"])
    for name in _SWITCHES:
        if not isinstance(given.get(name, False), bool):
            raise BadRecordError(f"its custom {name} is not true or false.")
        if given.get(name):
            custom[name] = True
    usable = given.get("usable_as_citation", True)
    if not isinstance(usable, bool):
        raise BadRecordError("its custom usable_as_citation is not true or false.")
    custom["usable_as_citation"] = usable
    custom["verified"] = _verified(given.get("verified") or {})
    return {name: value for name, value in custom.items() if value != ""}


def _verified(given: Any) -> dict[str, Any]:
    """How the work was checked elsewhere: level, note and addresses."""
    if not isinstance(given, Mapping):
        raise BadRecordError("its custom verified is not an object.")
    seen_at = given.get("seen_at", [])
    if not isinstance(seen_at, list) or not all(isinstance(address, str) for address in seen_at):
        raise BadRecordError("its custom seen_at is not a list of addresses.")
    texts = {name: _text(name, given[name]) for name in ("level", "note") if name in given}
    return texts | {"seen_at": seen_at}


def _findings(given: Any) -> list[dict[str, Any]]:
    """Findings in the shape in which an item gives them back."""
    if not isinstance(given, list) or not all(isinstance(entry, Mapping) for entry in given):
        raise BadRecordError("its custom findings are not a list of findings.")
    try:
        return [finding.data() for finding in new_findings(dict(entry) for entry in given)]
    except (ValidationError, TypeError, ValueError) as problem:
        messages = problem.messages if isinstance(problem, ValidationError) else [str(problem)]
        raise BadRecordError(shortened(" ".join(messages), 300)) from None


def _text(name: str, value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise BadRecordError(f"its custom {name} is not text.")
    if len(value or "") > MAX_TEXT:
        raise BadRecordError(f"its custom {name} is longer than {MAX_TEXT:,} characters.")
    return value or ""


def check(details: Mapping[str, Any]) -> None:
    """Raise when an item would not take these details."""
    fields = {name: value for name, value in details.items() if name != "findings"}
    try:
        EvidenceItem(**fields).clean_fields(exclude={"topic", "entered_by"})
    except ValidationError as problem:
        parts = [
            f"{label(name)}: {' '.join(messages)}"
            for name, messages in problem.message_dict.items()
        ]
        raise BadRecordError(shortened(" ".join(parts), 300)) from None


# In words


def label(name: str) -> str:
    """What a field is called at the desk."""
    if name in _OTHER_LABELS:
        return _OTHER_LABELS[name]
    return label_of(COLUMN_OF.get(name, name.removeprefix("custom.")))


def in_words(name: str, value: Any) -> str:
    """A field's value as a person reads it; nothing where there is none."""
    if value is None:
        return ""
    if name == "custom.design":
        return str(dict(EvidenceItem.Design.choices).get(value, value))
    if isinstance(value, Mapping):
        return _date_in_words(value)
    if isinstance(value, list):
        in_list = _IN_LIST.get(name, _person_in_words)
        return "; ".join(in_list(entry) for entry in value)
    return str(value)


def _person_in_words(person: Mapping[str, str]) -> str:
    parts = (person.get(part, "") for part in ("family", "given", "suffix", "literal"))
    return " ".join(part for part in parts if part)


_IN_LIST: dict[str, Callable[[Any], str]] = {
    "custom.gmfcs_levels": str,
    "custom.findings": lambda finding: Finding(**finding).in_full(),
}


def _date_in_words(date: Mapping[str, Any]) -> str:
    parts = date.get("date-parts")
    if not parts:
        return str(date.get("literal", ""))
    words = "/".join(iso_date(part) for part in parts)
    return f"about {words}" if date.get("circa") else words
