"""
What an import would do: which records are new, which are here already, and where they differ.

Reads only. A record is the same work as one of ours when DOI or PubMed id agree, or else when the
titles do (``identifiers.normalised_title``) and nothing speaks against it. What a record says
otherwise than we do is listed field by field; a field that only we have is no difference.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from itertools import count
from string import ascii_lowercase
from typing import Any
from unicodedata import normalize

from django.core.exceptions import ValidationError

from education.canonical import digest
from education.evidence.dossier import APPRAISAL, COLUMN_OF, details_of, record_of
from education.evidence.exporting import clean_as_far_as_possible
from education.evidence.formats.record import (
    MAX_TEXT,
    BadRecordError,
    Csl,
    Record,
    failure,
    iso_date,
    line_of_text,
    shortened,
)
from education.evidence.identifiers import (
    clean_doi,
    normalise_doi,
    normalise_pmid,
    normalised_title,
)
from education.evidence.models import EvidenceItem

# Two works of one title this many years apart are two editions.
YEARS_APART = 1

_KEY = re.compile(r"[A-Za-z][-\w]{0,79}", re.ASCII)
_TEXTS = {*APPRAISAL, "topic", "usable_reason"} - {"sample_size"}
_NOT_COMPARED = {"id", "authors_complete", "custom"}
# A database may give back a record's fields in another order.
_ORDER = (*COLUMN_OF, "issued", *(f"custom.{name}" for name in APPRAISAL))
_OTHER_LABELS = {"issued": "date", "editor": "editors", "container-title-short": "short title"}


class Kind(StrEnum):
    """What an import would do with a record."""

    NEW = "new"
    DIFFERENT = "different"
    SAME = "same"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True)
class Difference:
    """One field in which a record says something else than our item, in words."""

    field: str
    label: str
    ours: str
    theirs: str

    @property
    def is_conflict(self) -> bool:
        """Whether both say something; otherwise the record only adds to ours."""
        return bool(self.ours)


@dataclass(frozen=True)
class Proposal:
    """What would become of one record: under which key, or why not."""

    number: int
    kind: Kind
    name: str = ""
    key: str = ""
    csl: Csl = field(default_factory=dict)
    item: EvidenceItem | None = None
    matched_by: str = ""
    differences: tuple[Difference, ...] = ()
    note: str = ""
    error: str = ""

    def details(self) -> dict[str, Any]:
        """The fields of the item that a new record becomes."""
        return details_of(self.csl | {"id": self.key})

    def details_with(self, fields: Collection[str]) -> dict[str, Any]:
        """The fields of our item that change when the record's word is taken on ``fields``."""
        assert self.item is not None
        ours = record_of(self.item)
        before, after = details_of(ours), details_of(_merged(ours, self.csl, fields))
        return {name: value for name, value in after.items() if value != before[name]}


@dataclass(frozen=True)
class Plan:
    """What would become of each record of an import, in order."""

    proposals: tuple[Proposal, ...]

    def of(self, kind: Kind | str) -> list[Proposal]:
        """The proposals of one kind."""
        return [proposal for proposal in self.proposals if proposal.kind == kind]

    @property
    def seen(self) -> str:
        """A hash of everything a person is shown, to confirm exactly that."""
        return digest(
            [
                [one.number, one.kind, one.name, one.key, one.error, *map(asdict, one.differences)]
                for one in self.proposals
            ]
        )


def plan(records: Iterable[Record]) -> Plan:
    """Say what an import of these records would do now."""
    known = _Known()
    matched = [_matched(record, number, known) for number, record in enumerate(records, start=1)]
    items = EvidenceItem.objects.select_related("topic").in_bulk(
        [pk for _, pk in matched if pk is not None]
    )
    return Plan(
        tuple(
            proposal if pk is None else _compared(proposal, items[pk]) for proposal, pk in matched
        )
    )


# Is it here already?


@dataclass(frozen=True)
class _Work:
    """A work that is here, or comes in by this import: then ``number`` says as which record."""

    key: str
    doi: str
    pmid: str
    title: str
    year: int | None
    pk: int | None = None
    number: int = 0

    def is_another(self, other: "_Work") -> bool:
        """Whether two works of one title are two works all the same."""
        if (self.doi and other.doi) or (self.pmid and other.pmid):
            return True  # and they differ: otherwise they had been found by them
        years = self.year, other.year
        return None not in years and abs((years[0] or 0) - (years[1] or 0)) > YEARS_APART


def _title(written: str) -> str:
    """A title to find a work by; one without a letter or digit counts as it is written."""
    return normalised_title(written) or written


class _Known:
    """Every work that is here, by what it can be found by. One query, however many records."""

    def __init__(self) -> None:
        self.by_doi: dict[str, _Work] = {}
        self.by_pmid: dict[str, _Work] = {}
        self.by_title: dict[str, list[_Work]] = {}
        self.keys: set[str] = set()
        self.compared_with: dict[int, int] = {}
        self._tried: Counter[str] = Counter()
        rows = EvidenceItem.objects.values_list("pk", "key", "doi", "pmid", "title", "issued_year")
        for pk, key, doi, pmid, title, year in rows.iterator():
            self.add(_Work(key, normalise_doi(doi), normalise_pmid(pmid), _title(title), year, pk))

    def add(self, work: _Work) -> None:
        """Take note of a work."""
        self.keys.add(work.key.lower())
        if work.doi:
            self.by_doi.setdefault(work.doi, work)
        if work.pmid:
            self.by_pmid.setdefault(work.pmid, work)
        if work.title:
            self.by_title.setdefault(work.title, []).append(work)

    def find(self, work: _Work) -> tuple[_Work | None, str, str]:
        """The work it is, how that was found, and what else to tell; raises when it may be two."""
        by_doi, by_pmid = self.by_doi.get(work.doi), self.by_pmid.get(work.pmid)
        if by_doi and by_pmid and by_doi != by_pmid:
            raise BadRecordError(
                f"its DOI is that of {by_doi.key} and its PubMed id that of {by_pmid.key}; "
                "correct one of them."
            )
        if by_doi or by_pmid:
            return by_doi or by_pmid, "DOI" if by_doi else "PubMed id", ""
        namesakes = self.by_title.get(work.title, [])
        same = [other for other in namesakes if not work.is_another(other)]
        if len(same) > 1:
            keys = ", ".join(sorted(other.key for other in same))
            raise BadRecordError(f"its title is that of {keys}; give it a DOI or a PubMed id.")
        if same:
            return same[0], "title", ""
        keys = ", ".join(sorted(other.key for other in namesakes))
        return None, "", f"Another work with this title is here: {keys}." if keys else ""

    def new_key(self, csl: Csl) -> str:
        """The record's own key when it is free and can be written in a text, else one like it."""
        wanted = csl.get("id", "")
        base = (wanted if _KEY.fullmatch(wanted) else _author_and_year(csl))[:72]
        for n in count(self._tried[base]):
            self._tried[base] = n + 1
            # sun2017, sun2017a … sun2017z, sun2017-27 …
            key = base + (f"-{n}" if n > len(ascii_lowercase) else ("", *ascii_lowercase)[n])
            if key.lower() not in self.keys:
                return key
        raise AssertionError


def _matched(record: Record, number: int, known: _Known) -> tuple[Proposal, int | None]:
    """What would become of a record, and the item it has to be compared with, if any."""
    if record.csl is None:
        return Proposal(number, Kind.REFUSED, error=line_of_text(record.error)), None
    csl = record.csl
    name = shortened(csl.get("title", ""), 120)
    try:
        csl, note = _prepared(csl)
        work = _Work(
            key=csl.get("id", ""),
            doi=normalise_doi(csl.get("DOI", "")),
            pmid=normalise_pmid(csl.get("PMID", "")),
            title=_title(csl["title"]),
            year=_date_parts(csl)[0] if _date_parts(csl) else None,
        )
        found, how, also = known.find(work)
        earlier = found.number or known.compared_with.get(found.pk or 0) if found else 0
        if found and earlier:
            note = f"The same work as record {earlier}, by its {how}; that one counts."
            return Proposal(number, Kind.REPEATED, name, found.key, csl, note=note), None
        if found and found.pk:
            known.compared_with[found.pk] = number
            proposal = Proposal(number, Kind.SAME, name, found.key, csl, matched_by=how)
            return proposal, found.pk
        key = known.new_key(csl)
        proposal = Proposal(
            number, Kind.NEW, name, key, csl, note=" ".join(part for part in (also, note) if part)
        )
        _check(proposal.details())
    except BadRecordError as problem:
        refused = failure(
            str(problem),
            position=record.position or number,
            line=record.line,
            name=record.csl.get("id", "") or name,
        )
        return Proposal(number, Kind.REFUSED, name, error=refused.error), None
    known.add(replace(work, key=key, number=number))
    return proposal, None


def _author_and_year(csl: Csl) -> str:
    """``sun2017`` from the first author's name, or from the first long word of the title."""
    author = (csl.get("author") or csl.get("editor") or [{}])[0]
    words = [author.get("family") or author.get("literal") or "", *csl["title"].split()]
    plain = (re.sub(r"[^a-z]", "", normalize("NFKD", word).lower()) for word in words)
    name = next((word for word in plain if len(word) > 1), "item")[:40]
    return name + "".join(map(str, _date_parts(csl)[:1]))


def _check(details: Mapping[str, Any]) -> None:
    """Raise when an item would not take these details."""
    try:
        EvidenceItem(**details).clean_fields(exclude={"topic", "entered_by"})
    except ValidationError as problem:
        said = [
            f"{_label(name)}: {' '.join(messages)}"
            for name, messages in problem.message_dict.items()
        ]
        raise BadRecordError(shortened(" ".join(said), 300)) from None


# What can be kept of a record


def _prepared(csl: Csl) -> tuple[Csl, str]:
    """
    The record as an item can hold it, and what to tell about it.

    An item has one date with a month or without; seasons, spans and dates in words become a note
    for the person who verifies it.
    """
    custom = _custom(csl.get("custom", {}))
    prepared = {name: value for name, value in csl.items() if name not in {"issued", "custom"}}
    parts = _date_parts(csl)
    if parts:
        prepared["issued"] = {"date-parts": [parts]}
    note = ""
    if csl.get("issued") and csl["issued"] != prepared.get("issued"):
        note = f"The record gives the date as “{_date_in_words(csl['issued'])}”."
        verified = custom.setdefault("verified", {})
        verified["note"] = " ".join(part for part in (verified.get("note", ""), note) if part)
    custom.setdefault("usable_as_citation", True)
    custom.setdefault("verified", {}).setdefault("level", EvidenceItem.Level.BIBLIOGRAPHIC.value)
    prepared["custom"] = custom
    return prepared, note


def _date_parts(csl: Csl) -> list[int]:
    """Year, month and day as far as they are known; a season is no month."""
    parts: list[int] = (csl.get("issued", {}).get("date-parts") or [[]])[0]
    return parts[:1] if len(parts) > 1 and parts[1] > 12 else parts


def _custom(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says of the study, as far as we know the words; raises at a wrong type."""
    custom: dict[str, Any] = {
        name: _text(name, given[name]) for name in sorted(_TEXTS & given.keys())
    }
    size = given.get("sample_size")
    if size is not None:
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < 2**31:
            raise BadRecordError("its custom sample_size is not a number of participants.")
        custom["sample_size"] = size
    usable = given.get("usable_as_citation", True)
    if not isinstance(usable, bool):
        raise BadRecordError("its custom usable_as_citation is not true or false.")
    custom["usable_as_citation"] = usable
    verified = given.get("verified") or {}
    if not isinstance(verified, Mapping):
        raise BadRecordError("its custom verified is not an object.")
    custom["verified"] = {
        name: _text(name, verified[name]) for name in ("level", "note") if name in verified
    }
    seen_at = verified.get("seen_at", [])
    if not isinstance(seen_at, list) or not all(isinstance(one, str) for one in seen_at):
        raise BadRecordError("its custom seen_at is not a list of addresses.")
    custom["verified"]["seen_at"] = seen_at
    return {name: value for name, value in custom.items() if value != ""}


def _text(name: str, value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise BadRecordError(f"its custom {name} is not text.")
    if len(value or "") > MAX_TEXT:
        raise BadRecordError(f"its custom {name} is longer than {MAX_TEXT:,} characters.")
    return value or ""


# Where does it differ?


def _compared(proposal: Proposal, item: EvidenceItem) -> Proposal:
    """The proposal with every difference between the record and our item."""
    ours = _flat(clean_as_far_as_possible(record_of(item)))
    theirs = _flat(proposal.csl)
    differences = tuple(
        Difference(name, _label(name), _in_words(name, ours.get(name)), _in_words(name, value))
        for name, value in sorted(theirs.items(), key=lambda field: _place(field[0]))
        if not _is_same(name, ours.get(name), value)
    )
    kind = Kind.DIFFERENT if differences else Kind.SAME
    return replace(proposal, kind=kind, item=item, differences=differences)


def _place(name: str) -> tuple[int, str]:
    """Where a field stands in the list: what we have columns for, as the desk has them, first."""
    return _ORDER.index(name) if name in _ORDER else len(_ORDER), name


def _flat(csl: Csl) -> dict[str, Any]:
    """The fields to compare, by name; a list of authors knows whether it is complete."""
    fields = {name: value for name, value in csl.items() if name not in _NOT_COMPARED}
    if "author" in fields and csl.get("authors_complete") is False:
        fields["author"] = [*fields["author"], {"literal": "et al."}]
    custom = csl.get("custom", {})
    appraisal = {f"custom.{name}": custom[name] for name in APPRAISAL if name in custom}
    return fields | appraisal


def _is_same(name: str, ours: Any, theirs: Any) -> bool:
    """Whether a record says nothing else in this field than we do."""
    if ours == theirs or theirs in (None, "", []):
        return True
    if name in _SAYS_NOTHING:
        return _SAYS_NOTHING[name](theirs)
    return ours is not None and name in _ALIKE and _ALIKE[name](ours, theirs)


def _titles_alike(ours: str, theirs: str) -> bool:
    return normalised_title(ours) == normalised_title(theirs) != ""


def _less_exact(ours: Csl, theirs: Csl) -> bool:
    """Whether a date is ours, as far as it goes."""
    known: list[int] = ours.get("date-parts", [[]])[0]
    said: list[int] = theirs["date-parts"][0]
    return known[: len(said)] == said


# What a record says that tells nothing: a type its file had no word for, the DOI as an address.
_SAYS_NOTHING: dict[str, Callable[[Any], bool]] = {
    "type": lambda theirs: bool(theirs == "document"),
    "URL": lambda theirs: bool(clean_doi(theirs)),
}
_ALIKE: dict[str, Callable[[Any, Any], bool]] = {
    "DOI": lambda ours, theirs: normalise_doi(ours) == normalise_doi(theirs),
    "title": _titles_alike,
    "container-title": _titles_alike,
    "issued": _less_exact,
}


def _merged(ours: Csl, theirs: Csl, fields: Collection[str]) -> Csl:
    """Our record with some fields as theirs has them."""
    merged = ours | {"custom": dict(ours["custom"])}
    for name in fields:
        part, _, inner = name.partition(".")
        if inner:
            merged["custom"][inner] = theirs["custom"][inner]
        else:
            merged[part] = theirs[part]
    if "author" in fields:
        merged["authors_complete"] = theirs.get("authors_complete", True)
    return merged


# In words


def _label(name: str) -> str:
    """What a field is called at the desk."""
    if name in _OTHER_LABELS:
        return _OTHER_LABELS[name]
    column = COLUMN_OF.get(name, name.removeprefix("custom."))
    known = {one.name: one for one in EvidenceItem._meta.fields}
    return str(known[column].verbose_name) if column in known else name.replace("-", " ")


def _in_words(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "custom.design":
        return str(dict(EvidenceItem.Design.choices).get(value, value))
    if isinstance(value, Mapping):
        return _date_in_words(value)
    if isinstance(value, list):
        return "; ".join(_person_in_words(one) for one in value)
    return str(value)


def _person_in_words(person: Mapping[str, str]) -> str:
    parts = (person.get(part, "") for part in ("family", "given", "suffix", "literal"))
    return " ".join(part for part in parts if part)


def _date_in_words(date: Mapping[str, Any]) -> str:
    parts = date.get("date-parts")
    if not parts:
        return str(date.get("literal", ""))
    words = "/".join(iso_date(part) for part in parts)
    return f"about {words}" if date.get("circa") else words


def fields_of(plan: Plan) -> Iterator[str]:
    """Every field in which some record of a plan differs from ours, each once."""
    yield from dict.fromkeys(
        difference.field for proposal in plan.proposals for difference in proposal.differences
    )
