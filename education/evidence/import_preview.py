"""
What an import would do: which records are new, which are here already, and where they differ.

Reads only. A record is the same work as one of ours when DOI or PubMed id agree, or else when the
titles do (``identifiers.normalised_title``) and nothing speaks against it. What a record says
otherwise than we do is listed field by field; a field that only we have is no difference.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from education.canonical import digest
from education.evidence.exporting import clean_as_far_as_possible
from education.evidence.formats.record import (
    BadRecordError,
    Csl,
    Record,
    failure,
    line_of_text,
    shortened,
)
from education.evidence.identifiers import (
    clean_doi,
    normalise_doi,
    normalised_title,
)
from education.evidence.matching import Known, work_of
from education.evidence.models import EvidenceItem
from education.evidence.preparing import check, in_words, label, prepared
from education.evidence.shipped_evidence import APPRAISAL, COLUMN_OF, details_of, record_of
from education.evidence.withdrawn import (
    News,
    notice_about,
    said_by_notice,
    said_by_registry,
    said_by_title,
)

_NOT_COMPARED = {"id", "authors_complete", "custom"}
# A database may give back a record's fields in another order.
_ORDER = (*COLUMN_OF, "issued", *(f"custom.{name}" for name in APPRAISAL))


class ProposalKind(StrEnum):
    """What an import would do with a record."""

    NEW = "new"
    DIFFERENT = "different"
    SAME = "same"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True)
class FieldDifference:
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
    kind: ProposalKind
    name: str = ""
    key: str = ""
    csl: Csl = field(default_factory=dict)
    item: EvidenceItem | None = None
    matched_by: str = ""
    differences: tuple[FieldDifference, ...] = ()
    note: str = ""
    error: str = ""
    # What the record says became of works that are here, or come in: (key, news).
    news: tuple[tuple[str, News], ...] = ()

    @property
    def warning(self) -> str:
        """The same in words, for the person who looks through the import."""
        return " ".join(
            f"The record says of {key}: {news.kind}. Editors are asked to check it."
            for key, news in self.news
        )

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
class ImportPreview:
    """What would become of each record of an import, in order."""

    proposals: tuple[Proposal, ...]

    def of(self, kind: ProposalKind | str) -> list[Proposal]:
        """The proposals of one kind."""
        return [proposal for proposal in self.proposals if proposal.kind == kind]

    @property
    def has_news(self) -> bool:
        """Whether a record says that a work fell."""
        return any(proposal.news for proposal in self.proposals)

    @property
    def seen(self) -> str:
        """A hash of everything a person is shown, to confirm exactly that."""
        return digest(
            [
                [
                    proposal.number,
                    proposal.kind,
                    proposal.name,
                    proposal.key,
                    proposal.error,
                    *([proposal.warning] if proposal.news else []),
                    *map(asdict, proposal.differences),
                ]
                for proposal in self.proposals
            ]
        )


def plan(records: Iterable[Record]) -> ImportPreview:
    """Say what an import of these records would do now."""
    known = Known()
    matched = [_matched(record, number, known) for number, record in enumerate(records, start=1)]
    items = (
        EvidenceItem.objects.select_related("topic")
        .prefetch_related("found")
        .in_bulk([pk for _, pk in matched if pk is not None])
    )
    return ImportPreview(
        tuple(
            proposal if pk is None else _compared(proposal, items[pk]) for proposal, pk in matched
        )
    )


def _matched(record: Record, number: int, known: Known) -> tuple[Proposal, int | None]:
    """What would become of a record, and the item it has to be compared with, if any."""
    if record.csl is None:
        return Proposal(number, ProposalKind.REFUSED, error=line_of_text(record.error)), None
    csl = record.csl
    name = shortened(csl.get("title", ""), 120)
    try:
        csl, note = prepared(csl)
        work = work_of(csl)
        match, how, also = known.find(work)
        earlier = match.number or known.compared_with.get(match.pk or 0) if match else 0
        if match and earlier:
            note = f"The same work as record {earlier}, by its {how}; that one counts."
            news = _news(record.csl, match.key, known)
            return Proposal(
                number, ProposalKind.REPEATED, name, match.key, csl, note=note, news=news
            ), None
        if match and match.pk:
            known.compared_with[match.pk] = number
            proposal = Proposal(
                number, ProposalKind.SAME, name, match.key, csl, matched_by=how,
                news=_news(record.csl, match.key, known), note=record.note,
            )  # fmt: skip
            return proposal, match.pk
        key = known.new_key(csl)
        proposal = Proposal(
            number,
            ProposalKind.NEW,
            name,
            key,
            csl,
            note=" ".join(part for part in (also, note, record.note) if part),
            news=_news(record.csl, key, known),
        )
        check(proposal.details())
    except BadRecordError as problem:
        refused = failure(
            str(problem),
            position=record.position or number,
            line=record.line,
            name=record.csl.get("id", "") or name,
        )
        return Proposal(number, ProposalKind.REFUSED, name, error=refused.error), None
    known.add(replace(work, key=key, number=number))
    return proposal, None


def _news(csl: Csl, key: str, known: Known) -> tuple[tuple[str, News], ...]:
    """What a record says became of its own work, or of the one that it is a notice about."""
    about = notice_about(csl["title"])
    notice = said_by_notice(csl["title"])
    notices = [(key, news) for news in said_by_registry(csl.get("updated-by"))]
    if about and notice:
        doi = normalise_doi(csl.get("DOI", ""))
        notices += [
            (work.key, notice._replace(notice_doi=doi))
            for work in known.titled(about)
            if work.key != key
        ]
    elif own := said_by_title(csl["title"]):
        notices += [] if any(news.status == own.status for _, news in notices) else [(key, own)]
    return tuple(notices)


# Where does it differ?


def _compared(proposal: Proposal, item: EvidenceItem) -> Proposal:
    """The proposal with every difference between the record and our item."""
    held = record_of(item)
    # An identifier as it is held, not as it is compared: that may be what has to be mended.
    identifiers = {name: held[name] for name in ("DOI", "PMID", "PMCID") if held.get(name)}
    ours = _flat(clean_as_far_as_possible(held)) | identifiers
    theirs = _flat(proposal.csl)
    differences = tuple(
        FieldDifference(name, label(name), in_words(name, ours.get(name)), in_words(name, value))
        for name, value in sorted(theirs.items(), key=lambda field: _place(field[0]))
        if not _is_same(name, ours.get(name), value)
    )
    kind = ProposalKind.DIFFERENT if differences else ProposalKind.SAME
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
    parts: list[int] = theirs["date-parts"][0]
    return known[: len(parts)] == parts


# What a record says that tells nothing: a type its file had no word for, the DOI as an address.
_SAYS_NOTHING: dict[str, Callable[[Any], bool]] = {
    "type": lambda theirs: bool(theirs == "document"),
    "URL": lambda theirs: bool(clean_doi(theirs)),
}
_ALIKE: dict[str, Callable[[Any, Any], bool]] = {
    "DOI": lambda ours, theirs: (
        normalise_doi(ours) == normalise_doi(theirs) and ours == clean_doi(ours)
    ),
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


def fields_of(plan: ImportPreview) -> Iterator[str]:
    """Every field in which some record of a plan differs from ours, each once."""
    yield from dict.fromkeys(
        difference.field for proposal in plan.proposals for difference in proposal.differences
    )
