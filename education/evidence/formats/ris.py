"""
RIS, the tagged format of reference managers (RefMan RIS Format Specifications).

One tag a line, two letters, two blanks, a hyphen, a blank; ``TY`` begins a record, ``ER`` ends it.
What RIS has no tag for is written so that other programs ignore it and ours reads it back: the CSL
type where ``TY`` is not exact (``M3``), "et al." as a last author, a date that is a span or words
in the free fourth part of ``DA``. A comma at the end of a name marks an organisation, as EndNote
does it. Abstracts and keywords are not read; whatever else a record has is told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from education.evidence.formats.record import (
    MAX_TEXT,
    TYPES,
    Record,
    decoded,
    failure,
    iso_date,
    left_out,
    limited,
    named_with_value,
    people_of,
    result,
    too_large,
    web_address,
    with_entities,
)
from education.evidence.identifiers import normalise_pmcid, normalise_pmid

# CSL type → TY. The first CSL type with a TY is what that TY means when it is read.
TO_TY = {
    "article-journal": "JOUR", "article-newspaper": "NEWS", "article-magazine": "MGZN",
    "article": "UNPB", "book": "BOOK", "chapter": "CHAP", "report": "RPRT", "webpage": "ELEC",
    "legislation": "STAT", "bill": "BILL", "legal_case": "CASE", "hearing": "HEAR",
    "dataset": "DATA", "paper-conference": "CPAPER", "thesis": "THES", "patent": "PAT",
    "post-weblog": "BLOG", "entry-encyclopedia": "ENCYC", "entry-dictionary": "DICT",
    "standard": "STAND", "pamphlet": "PAMP", "software": "COMP", "map": "MAP",
    "motion_picture": "MPCT", "manuscript": "MANSCPT",
}  # fmt: skip
GENERIC_TY = "GEN"
FROM_TY = {ty: csl_type for csl_type, ty in TO_TY.items()} | {
    "ABST": "article-journal", "EJOUR": "article-journal", "JFULL": "article-journal",
    "INPR": "article-journal", "EBOOK": "book", "EDBOOK": "book", "ECHAP": "chapter",
    "CONF": "paper-conference", "GOVDOC": "report", "SER": "book", "WEB": "webpage",
    "UNBILL": "bill", "AGGR": "dataset", "DBASE": "dataset", "PCOMM": "personal_communication",
    "SOUND": "song", "VIDEO": "motion_picture", "ICOMM": "webpage",
}  # fmt: skip

# RIS tag → CSL field, for fields written and read as they are; later tags are other spellings.
FIELD_TAGS = {
    "ID": "id", "TI": "title", "T2": "container-title", "J2": "container-title-short",
    "VL": "volume", "IS": "issue", "M1": "number", "ET": "edition", "PB": "publisher",
    "CY": "publisher-place", "DO": "DOI", "UR": "URL", "LA": "language", "N1": "note",
}  # fmt: skip
OTHER_TAGS = {
    "T1": "title", "CT": "title", "JF": "container-title", "BT": "container-title",
    "JO": "container-title", "JA": "container-title-short", "J1": "container-title-short",
    "C7": "number", "CP": "issue", "PP": "publisher-place", "LK": "URL", "L2": "URL",
    "RN": "note", "A1": "author",
}  # fmt: skip
# What a tag without a place is called; one with an empty name tells of the database's own work.
_NAMES = {
    "AB": "abstract", "N2": "abstract", "KW": "keywords", "SN": "ISSN or ISBN",
    "AD": "addresses of authors", "A3": "editors of the series", "A4": "other contributors",
    "T3": "the series", "ST": "short title", "TT": "translated title", "M3": "kind of work",
    "AN": "accession number", "CN": "call number", "NV": "number of volumes", "SE": "section",
    "OP": "original publication", "L1": "", "L3": "", "L4": "", "DB": "", "DP": "", "RP": "",
}  # fmt: skip
# Read otherwise than as they stand: only the first of each counts.
_READ_ONCE = {"SP", "EP", "PY", "Y1", "DA", "Y2"}
_ROLE_TAGS = {"AU": "author", "A1": "author", "ED": "editor", "A2": "editor"}

_LINE_END = re.compile(r"\r\n|\r|\n")
_TAG = re.compile(r"\s*([A-Z][A-Z0-9]) {1,2}-(?: (.*))?$")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_PAGES = re.compile(r"([^\s-]+)-([^\s-]+)")
_SPAN = re.compile(
    r"(?P<start>[0-9]{4}/[0-9]{0,2}/[0-9]{0,2})/"
    r"(?P<end>[0-9]{4}(?:-[0-9]{2}){0,2})? ?(?P<circa>circa)?"
)
_MEDLINE = re.compile(r"pubmed|medline|ncbi", re.IGNORECASE)

Tags = list[tuple[str, str]]


def parse(data: bytes) -> list[Record]:
    """Read RIS; never raises."""
    return too_large(data) or limited(_records(decoded(data)))


def write(items: Iterable[Mapping[str, Any]]) -> str:
    """Return clean records as RIS, with the line ends the format asks for."""
    written = (pair for csl in items for pair in _tags(with_entities(csl)))
    return "".join(f"{tag}  - {value}\r\n" for tag, value in written)


def _records(text: str) -> Iterator[Record]:
    tags: Tags = []
    position = begin = 0
    for number, line in enumerate(_LINE_END.split(text), start=1):
        match = _TAG.fullmatch(line)
        tag, value = (match[1], (match[2] or "").strip()) if match else ("", line.strip())
        if tag == "TY":
            if tags:
                yield _unended(tags, position, begin)
            position, begin, tags = position + 1, number, [(tag, value)]
        elif not tags:
            if tag and tag != "ER":
                position += 1
                yield failure("it has no TY line.", position=position, line=number)
                tags = [("", "")]  # swallow the rest of it
        elif tag == "ER":
            if tags[0][0]:
                csl = _csl(tags)
                note = f"{_other_titles(tags)} {_left_out(tags, csl)}"
                yield result(csl, position=position, line=begin, note=note)
            tags = []
        elif tag:
            tags.append((tag, value))
        elif value and tags[0][0] and len(tags[-1][1]) < MAX_TEXT:
            tags[-1] = (tags[-1][0], f"{tags[-1][1]} {value}")
    if tags:
        yield _unended(tags, position, begin)


def _unended(tags: Tags, position: int, line: int) -> Record:
    name = next((value for tag, value in tags if tag in {"TI", "T1"}), "")
    reason = "it has no ER line; the file may be cut short."
    return failure(reason, position=position, line=line, name=name)


def _other_titles(tags: Tags) -> str:
    """What is left of a record with several titles, of which the first counts."""
    titles = [value for name in ("TI", "T1", "CT") for tag, value in tags if tag == name and value]
    others = [title for title in dict.fromkeys(titles) if title != titles[0]]
    return f"Not taken over: {'; '.join(f'“{title}”' for title in others)}." if others else ""


def _left_out(tags: Tags, csl: Mapping[str, Any]) -> str:
    """What a record has that its reference has no place for, or has already; empty if nothing."""
    first = dict(reversed([(tag, value) for tag, value in tags if value]))
    taken = {"DB": first.get("DB"), "M3": csl["type"], "C2": first.get("C2")}
    taken |= {tag: first.get(tag) for tag in _READ_ONCE}
    taken |= {"AN": first.get("AN")} if csl.get("PMID") else {}
    taken |= {tag: csl.get(field) for tag, field in (FIELD_TAGS | OTHER_TAGS).items()}
    left = [
        (tag, value)
        for tag, value in tags[1:]
        if value
        and value not in (taken.get(tag), csl.get("title"))
        and tag not in _ROLE_TAGS
        and OTHER_TAGS.get(tag, FIELD_TAGS.get(tag)) != "title"  # told with its words
    ]
    return left_out(_NAMES.get(tag, named_with_value(tag, value)) for tag, value in left)


def _csl(tags: Tags) -> dict[str, Any]:
    """Return the raw CSL fields of one record."""
    csl: dict[str, Any] = {"type": FROM_TY.get(tags[0][1].upper(), "document")}
    first: dict[str, str] = {}
    for tag, value in tags[1:]:
        if role := _ROLE_TAGS.get(tag):
            csl.setdefault(role, []).append(_name(value))
        elif value and not (tag in {"UR", "LK", "L2"} and not web_address(value)):
            first.setdefault(tag, value)
    for tag, field in (FIELD_TAGS | OTHER_TAGS).items():
        if tag in first:
            csl.setdefault(field, first[tag])
    if csl["type"] == "book" and "title" not in csl:
        csl["title"] = csl.pop("container-title", None)
    if first.get("M3") in TYPES:
        csl["type"] = first["M3"]
    csl["page"] = _page(first)
    csl["issued"] = _issued(first)
    csl["accessed"] = _date(first.get("Y2", ""))
    if _MEDLINE.search(first.get("DB", "")) or "PMID" in first.get("AN", ""):
        csl["PMID"] = normalise_pmid(first.get("AN", ""))
    csl["PMCID"] = normalise_pmcid(first.get("C2", ""))
    return csl


def _name(value: str) -> dict[str, str]:
    if value.endswith(",") or "," not in value:
        return {"literal": value.rstrip(",")}
    family, given, *suffix = (part.strip() for part in value.split(","))
    return {"family": family, "given": given, "suffix": " ".join(suffix)}


def _page(first: Mapping[str, str]) -> str:
    start, end = first.get("SP", ""), first.get("EP", "")
    if not (start and end) or start == end:
        return start or end
    return start if re.search(r"[-\u2010-\u2015\u2212]", start) else f"{start}-{end}"


def _issued(first: Mapping[str, str]) -> Any:
    """Return the date of ``DA`` when it goes with the year of ``PY``, else of ``PY`` or ``Y1``."""
    dates = []
    for tag in ("PY", "Y1", "DA"):
        compact = _COMPACT.fullmatch(first.get(tag, "").strip())
        dates.append("/".join(compact.groups()) if compact else first.get(tag, ""))
    year = dates[0] or dates[1]
    exact = [date for date in dates if date and (not year or date[:4] == year[:4])]
    # The most exact of those that agree on the year; our own DA says most of all.
    best = max(reversed(exact), key=lambda date: len(re.findall(r"\d+", date[:10])), default=year)
    return _date(best)


def _date(value: str) -> Any:
    """Return a raw date; the fourth part may hold the end of a span, and that it is a guess."""
    match = _SPAN.fullmatch(value)
    if not match:
        return {"raw": value} if value else None
    start = [part or "0" for part in match["start"].split("/")]
    dates = [start, match["end"].split("-")] if match["end"] else [start]
    return {"date-parts": dates, "circa": bool(match["circa"])}


# Writing


def _tags(csl: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = csl.get("type", "document")
    yield "TY", TO_TY.get(kind, GENERIC_TY)
    if kind not in TO_TY:
        yield "M3", kind
    for role, tag in (("author", "AU"), ("editor", "ED")):
        for name in people_of(csl, role):
            yield tag, _written_name(name)
        if role == "author" and csl.get("authors_complete") is False:
            yield tag, "et al."
    for tag, field in FIELD_TAGS.items():
        if value := csl.get(field):
            yield tag, value
    if page := csl.get("page"):
        pages = _PAGES.fullmatch(page)
        yield "SP", pages[1] if pages else page
        if pages:
            yield "EP", pages[2]
    yield from _written_dates(csl)
    if pmid := csl.get("PMID"):
        yield "DB", "PubMed"
        yield "AN", pmid
    if pmcid := csl.get("PMCID"):
        yield "C2", pmcid
    yield "ER", ""


def _written_name(name: Mapping[str, str]) -> str:
    if "literal" in name:
        return f"{name['literal']}," if "," in name["literal"] else name["literal"]
    parts = [name["family"], name.get("given", ""), name.get("suffix", "")]
    return ", ".join(parts if parts[2] else parts[:2])


def _written_dates(csl: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    issued = csl.get("issued")
    if issued:
        parts = issued.get("date-parts")
        yield "PY", f"{parts[0][0]:04}" if parts else issued["literal"]
        if parts and (len(parts) > 1 or len(parts[0]) > 1 or issued.get("circa")):
            yield "DA", _written_date(issued)
    if accessed := csl.get("accessed"):
        yield "Y2", _written_date(accessed)


def _written_date(date: Mapping[str, Any]) -> str:
    """``2012/08/11/``; the end of a span, and that a date is a guess, in the fourth part."""
    parts = date.get("date-parts")
    if not parts:
        return str(date["literal"])
    month, day = ([f"{part:02}" for part in parts[0][1:]] + ["", ""])[:2]
    end = iso_date(parts[1]) if parts[1:] else ""
    other = " ".join(word for word in (end, "circa" if date.get("circa") else "") if word)
    return f"{parts[0][0]:04}/{month}/{day}/{other}"
