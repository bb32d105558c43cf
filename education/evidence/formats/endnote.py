"""
EndNote's tagged format (``.enw``), also called Refer. Read, never written.

One tag a line, a percent sign and a letter. What EndNote's own fields mean depends on the type of
the reference: ``%B`` is a book's series or the book that holds a chapter.
"""

import re
from typing import Any

from education.evidence.formats.record import (
    Record,
    decoded,
    limited,
    line_of_text,
    result,
    too_large,
)
from education.evidence.formats.tagged import (
    Tags,
    date_of,
    first_address,
    first_of_each,
    not_taken_over,
    person,
    tagged_records,
)
from education.evidence.identifiers import normalise_pmcid, normalise_pmid

_LINE = re.compile(r"\s*%([0-9A-Z@!?&#$()*+^~<>\[\]=|:.,])(?: (.*))?")
# EndNote's reference types, in small letters → CSL.
_TYPES = {
    "journal article": "article-journal", "electronic article": "article-journal",
    "magazine article": "article-magazine", "newspaper article": "article-newspaper",
    "book": "book", "edited book": "book", "electronic book": "book", "serial": "book",
    "book section": "chapter", "electronic book section": "chapter",
    "conference paper": "paper-conference", "conference proceedings": "paper-conference",
    "thesis": "thesis", "report": "report", "government document": "report",
    "web page": "webpage", "blog": "post-weblog", "dataset": "dataset", "patent": "patent",
    "unpublished work": "article", "manuscript": "manuscript", "standard": "standard",
    "pamphlet": "pamphlet", "statute": "legislation", "bill": "bill", "case": "legal_case",
    "hearing": "hearing", "encyclopedia": "entry-encyclopedia", "dictionary": "entry-dictionary",
    "computer program": "software", "personal communication": "personal_communication",
}  # fmt: skip
_TEXTS = {
    "T": "title", "J": "container-title", "B": "container-title", "V": "volume", "N": "issue",
    "P": "page", "I": "publisher", "C": "publisher-place", "7": "edition", "G": "language",
    "R": "DOI", "Z": "note",
}  # fmt: skip
_USED = {*_TEXTS, "0", "A", "E", "?", "D", "8", "U", "M", "2", "~", "W"}
_NAMES = {
    "X": "abstract", "K": "keywords", "+": "addresses of authors", "@": "ISSN or ISBN",
    "Y": "editors of the series", "S": "the series", "!": "short title", "Q": "translated title",
    "9": "kind of work", "6": "number of volumes", "&": "section", "(": "original publication",
    "L": "call number", "<": "research notes", "[": "when it was looked at", "O": "another title",
    "1": "custom field 1", "3": "custom field 3", "4": "custom field 4", "$": "custom field",
    "F": "", ">": "", "^": "", "=": "", "#": "", "H": "",
}  # fmt: skip
_PUBMED = re.compile(r"pubmed|medline|nlm|ncbi", re.IGNORECASE)


def parse(data: bytes) -> list[Record]:
    """Read ``.enw``; never raises."""
    return too_large(data) or limited(
        result(
            reference(tagged.tags),
            position=tagged.position,
            line=tagged.line,
            note=not_taken_over(tagged.tags, _used(tagged.tags), _NAMES),
        )
        for tagged in tagged_records(decoded(data), _LINE, begins="0")
    )


def reference(tags: Tags) -> dict[str, Any]:
    """Return the raw CSL fields of the tags of one record."""
    first = first_of_each(tags)
    csl: dict[str, Any] = {"type": _TYPES.get(first.get("0", "").lower(), "document")}
    for tag, field in _TEXTS.items():
        if tag in first:
            csl.setdefault(field, first[tag])
    if csl["type"] == "book":
        csl.pop("container-title", None)  # the series
    csl["author"] = [person(value) for tag, value in tags if tag == "A"]
    csl["author"] += [{"literal": value} for tag, value in tags if tag == "?"]
    csl["editor"] = [person(value) for tag, value in tags if tag == "E"]
    csl["issued"] = _issued(first)
    csl["URL"] = first_address(word for tag, value in tags if tag == "U" for word in value.split())
    if _has_pmid(first):
        csl["PMID"] = normalise_pmid(first["M"])
    csl["PMCID"] = normalise_pmcid(first.get("2", ""))
    return csl


def _used(tags: Tags) -> set[str]:
    """The tags that a record's reference has a place for."""
    first = first_of_each(tags)
    left = set()
    if first.get("0", "").lower() in {"book", "edited book"}:
        left.add("B")
    if "M" in first and not _has_pmid(first):
        left.add("M")
    if "2" in first and not normalise_pmcid(first["2"]):
        left.add("2")
    return _USED - left


def _has_pmid(first: dict[str, str]) -> bool:
    """Whether the accession number is PubMed's: the database says so, or the number itself does."""
    number = first.get("M", "")
    database = f"{first.get('~', '')} {first.get('W', '')}"
    is_named = _PUBMED.search(database) or re.match(r"PMID", number, re.IGNORECASE)
    return bool(is_named and normalise_pmid(number))


def _issued(first: dict[str, str]) -> Any:
    """The day of ``%8`` when it belongs to the year of ``%D``, else that year."""
    year, day = line_of_text(first.get("D")), line_of_text(first.get("8"))
    if not (re.fullmatch(r"\d{4}", year) and day):
        return date_of(year or day)
    if not re.search(r"\d{4}", day):
        return date_of(f"{day} {year}")
    exact = date_of(day)
    parts = exact.get("date-parts", [[]])
    return exact if str(parts[0][0] if parts[0] else "") == year else date_of(year)
