"""
BibTeX, with the entry types and fields biblatex adds (CTAN: bibtex, biblatex manual).

What BibTeX has no entry type for is an ``@misc`` whose ``entrysubtype`` names the CSL type. A list
of authors that is cut short ends in ``and others``. Texts are escaped so that LaTeX prints them as
they are; ``doi`` and ``url`` stand verbatim, as biblatex wants them. ``@string`` macros and ``#``
are understood, ``@comment`` and ``@preamble`` skipped, abstracts and keywords not read. Of a field
that an entry has twice the first counts; the other is told, as is every field without a place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from education.evidence.formats.latex import escaped, plain, unknown_commands
from education.evidence.formats.record import (
    MAX_RECORDS,
    MAX_TEXT,
    TYPES,
    BadRecordError,
    Csl,
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
    with_entities,
)

# CSL type → entry type. The others are @misc with an entrysubtype.
TO_ENTRY = {
    "article-journal": "article", "book": "book", "chapter": "incollection",
    "paper-conference": "inproceedings", "report": "techreport", "thesis": "phdthesis",
    "webpage": "online", "manuscript": "unpublished", "dataset": "dataset",
    "legislation": "legislation", "legal_case": "jurisdiction", "patent": "patent",
    "software": "software", "pamphlet": "booklet", "periodical": "periodical",
}  # fmt: skip
FROM_ENTRY = {entry: csl_type for csl_type, entry in TO_ENTRY.items()} | {
    "conference": "paper-conference", "electronic": "webpage", "www": "webpage",
    "inbook": "chapter", "mastersthesis": "thesis", "thesis": "thesis", "report": "report",
    "manual": "book", "mvbook": "book", "collection": "book", "proceedings": "book",
    "inreference": "entry-encyclopedia", "artwork": "graphic", "review": "review",
    "standard": "standard", "letter": "personal_communication",
}  # fmt: skip

# BibTeX field → CSL field, first the one we write, then other spellings of it.
FIELDS = {
    "title": "title", "shortjournal": "container-title-short", "volume": "volume",
    "edition": "edition", "address": "publisher-place", "language": "language", "note": "note",
    "issue": "issue", "location": "publisher-place", "langid": "language",
    "publisher": "publisher", "institution": "publisher", "school": "publisher",
    "organization": "publisher", "booktitle": "container-title", "journal": "container-title",
    "journaltitle": "container-title", "maintitle": "container-title", "eid": "number",
    "articleno": "number", "article-number": "number",
}  # fmt: skip
_READ = (*FIELDS, "subtitle", "number", "pages", "author", "editor")
VERBATIM = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "url": "URL"}

# What else is read, and what programs keep for themselves.
_ALSO_READ = {
    *_READ, *VERBATIM, "entrysubtype", "crossref", "howpublished", "eprint", "eprinttype",
    "urldate", "date", "year", "month", "day",
}  # fmt: skip
_OF_PROGRAMS = re.compile(
    r"file|url?date|timestamp|owner|groups|langid|language|added-at|biburl|"
    r"inter-?hash|intra-?hash|__markedentry|date-(?:added|modified)|creationdate|"
    r"modificationdate|(?:bdsk|mendeley|citeulike|jabref)-.*"
)

# Named without their words.
_ROLES = ("author", "editor")
_OF_INSTITUTIONS = re.compile(r"\b(?:for|of|the)\b")
_TOO_LONG = {"abstract", "keywords", "annotation", "annote"}

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ARTICLES = {"article-journal", "article-magazine", "article-newspaper"}
MAX_DEPTH = 100
CLOSING = {"{": "}", '"': '"', "(": ")"}

_ENTRY = re.compile(r"(?:^|(?<=[})]))[ \t,]*@[ \t]*([A-Za-z]+)[ \t]*([({])", re.MULTILINE)
_KEY = re.compile(r"[ \t]*\n?\s*([^\n,{}\"=]*?)\s*(?:,|(?=[}\n]))")
_FIELD_NAME = re.compile(r"[\s,]*([A-Za-z][\w:.+/-]*)\s*=\s*")
_BARE = re.compile(r"[^\s,{}()\"#=]+")
_HASH = re.compile(r"\s*#\s*")
_INSIDE = re.compile(r"[{}\"]|\n[ \t]*@[ \t]*[A-Za-z]+[ \t]*[({]")
_SAFE_KEY = re.compile(r"[^\w:.+/-]+", re.ASCII)


def parse(data: bytes) -> list[Record]:
    """Read BibTeX; never raises."""
    return too_large(data) or limited(_records(decoded(data)))


def write(items: Iterable[Mapping[str, Any]]) -> str:
    """Return clean records as BibTeX."""
    return "\n".join(_entry(with_entities(csl)) for csl in items)


# Reading


_Entry = tuple[str, str, dict[str, str], list[tuple[str, str]], int, int]


class _Reader:
    """A place in the text of a file, moving forward field by field."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.macros = {month: str(n) for n, month in enumerate(_MONTHS, start=1)}

    def fields(self, closing: str) -> Iterator[tuple[str, str]]:
        """Yield name and value of each field up to the end of the entry; raise when it breaks."""
        while name := _FIELD_NAME.match(self.text, self.place):
            self.place = name.end()
            yield name[1].lower(), self._value(name[1])
        end = re.compile(r"[\s,]*").match(self.text, self.place)
        self.place = end.end() if end else self.place
        if self.text[self.place : self.place + 1] != closing:
            rest = self.text[self.place : self.place + 20].strip()
            raise BadRecordError(f"“{rest}” is not a field." if rest else "it does not end.")
        self.place += 1

    def _value(self, name: str) -> str:
        parts = [self._piece(name)]
        while joint := _HASH.match(self.text, self.place):
            self.place = joint.end()
            parts.append(self._piece(name))
            if sum(map(len, parts)) > MAX_TEXT * 2:
                raise BadRecordError(f"its {name} is longer than {MAX_TEXT:,} characters.")
        return "".join(parts)

    def _piece(self, name: str) -> str:
        opening = self.text[self.place : self.place + 1]
        if opening and opening in '{"':
            return self._enclosed(name, opening)
        bare = _BARE.match(self.text, self.place)
        if not bare:
            raise BadRecordError(f"its {name} has no value.")
        self.place = bare.end()
        return self.macros.get(bare[0].lower(), bare[0])

    def _enclosed(self, name: str, opening: str) -> str:
        """Return what stands between braces or quotation marks, braces inside balanced."""
        start = self.place + 1
        depth = 0 if opening == '"' else 1
        for match in _INSIDE.finditer(self.text, start):
            sign = match[0]
            if sign == "{":
                depth += 1
            elif sign == "}":
                depth -= 1
            elif sign != '"':
                break  # the next entry begins
            if depth < 0:
                raise BadRecordError(f"its {name} has a closing brace too many.")
            if depth > MAX_DEPTH or match.start() - start > MAX_TEXT * 2:
                raise BadRecordError(f"its {name} is too long or nested too deeply.")
            if depth == 0 and sign == CLOSING[opening]:
                self.place = match.end()
                return self.text[start : match.start()]
        raise BadRecordError(f"its {name} is not closed.")


def _records(text: str) -> Iterator[Record]:
    """Yield the records; one inherits what it lacks from the entry that its ``crossref`` names."""
    entries = list(islice(_entries(text), MAX_RECORDS + 1))
    by_key = {entry[0].lower(): entry[2] for entry in entries if not isinstance(entry, Record)}
    for entry in entries:
        if isinstance(entry, Record):
            yield entry
            continue
        name, kind, fields, again, position, line = entry
        note = ""
        if parent := fields.get("crossref", "").strip():
            inherited = by_key.get(parent.lower())
            if inherited is None:
                note = f"It refers to {parent}, which is not in the file."
            else:
                fields = _inherited(inherited) | fields
        read = (fields.get(field, "") for field in _READ)
        if unknown := unknown_commands(" ".join(read)):
            note += f" Left out, since it is not known: {', '.join(unknown)}. Look at its words."
        if institutions := _unbraced_institutions(fields):
            named = ", ".join(f"“{institution}”" for institution in institutions)
            note += f" Read as people: {named}. BibTeX wants {{braces}} around an institution."
        csl = _csl(kind, name, fields)
        note = f"{note} {_left_out(fields, again, csl)}"
        yield result(csl, position=position, line=line, name=name, note=note)


def _left_out(fields: dict[str, str], again: Sequence[tuple[str, str]], csl: Csl) -> str:
    """Fields that the reference has no place for, or has another value of; empty if none."""
    left = [(name, value) for name, value in again if value.strip() != fields[name].strip()]
    for name, value in reversed(fields.items()):
        taken = csl.get(FIELDS.get(name, ""), "")
        if name not in _ALSO_READ or (name in FIELDS and plain(value) not in taken):
            left.append((name, value))
    return left_out(
        name if name in _TOO_LONG else named_with_value(name, plain(value))
        for name, value in left
        if value.strip() and not _OF_PROGRAMS.fullmatch(name)
    )


def _inherited(parent: Mapping[str, str]) -> dict[str, str]:
    """What an entry takes from the book it stands in, whose title is the book's title there."""
    own = {"title", "subtitle", "author", "crossref", "pages", "doi", "pmid", "pmcid", "url"}
    fields = {name: value for name, value in parent.items() if name not in own}
    return ({"booktitle": parent["title"]} if "title" in parent else {}) | fields


def _entries(text: str) -> Iterator[Record | _Entry]:
    """Yield key, type, fields, those given again, number and line of each entry, or a failure."""
    reader = _Reader(text.replace("\r\n", "\n").replace("\r", "\n"))
    position = counted = 0
    line = 1
    while entry := _ENTRY.search(reader.text, reader.place):
        line += reader.text.count("\n", counted, entry.start())
        counted = entry.start()
        reader.place = entry.end()
        kind, closing = entry[1].lower(), CLOSING[entry[2]]
        if kind in {"comment", "preamble"}:
            continue
        if kind == "string":
            _remember(reader, closing)
            continue
        position += 1
        key = _KEY.match(reader.text, reader.place)
        name = key[1] if key else ""
        reader.place = key.end() if key else reader.place
        try:
            given = list(reader.fields(closing))
        except BadRecordError as problem:
            yield failure(str(problem), position=position, line=line, name=name)
        else:
            fields = dict(reversed(given))  # the first of each counts
            again = [(field, value) for field, value in given if fields[field] != value]
            yield name, kind, fields, again, position, line


def _remember(reader: _Reader, closing: str) -> None:
    """Keep the macros of one ``@string``; a broken one is skipped."""
    try:
        for name, value in reader.fields(closing):
            reader.macros[name] = value
    except BadRecordError:
        return


def _csl(kind: str, key: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the raw CSL fields of one entry."""
    subtype = fields.get("entrysubtype", "")
    csl_type = FROM_ENTRY.get(kind, "document")
    csl_type = subtype if subtype in TYPES else csl_type
    if kind == "article" and subtype in {"newspaper", "magazine"}:
        csl_type = f"article-{subtype}"
    csl: dict[str, Any] = {"id": key, "type": csl_type}
    for name, field in FIELDS.items():
        if name in fields:
            csl.setdefault(field, plain(fields[name]))
    if subtitle := fields.get("subtitle"):
        csl["title"] = f"{csl.get('title', '')}: {plain(subtitle)}"
    if number := fields.get("number"):
        csl["issue" if csl_type in _ARTICLES else "number"] = plain(number)
    if "pages" in fields:
        csl["page"] = re.sub(r"\s*-{2,}\s*", "-", plain(fields["pages"].replace("--", "-")))
    for role in _ROLES:
        if names := [_name(name) for name in _written_names(fields, role)]:
            csl[role] = names
    for name, field in VERBATIM.items():
        if name in fields:
            csl[field] = re.sub(r"\\([_%&#~])|[{}]", r"\1", fields[name]).strip()
    if address := re.search(r"https?://[^\s{}]+", fields.get("howpublished", "")):
        csl.setdefault("URL", address[0])
    if "pubmed" in fields.get("eprinttype", "").lower():
        csl.setdefault("PMID", fields.get("eprint", ""))
    csl["issued"] = _issued(fields)
    csl["accessed"] = _date(fields.get("urldate", ""))
    return csl


def _written_names(fields: Mapping[str, str], role: str) -> list[str]:
    """The names of a role, as they are written."""
    written = re.sub(r"(?i)\s+and\s*$", "", fields.get(role, ""))
    return _split(written, " (?:[aA][nN][dD]) ")


def _unbraced_institutions(fields: Mapping[str, str]) -> list[str]:
    """Names without braces that hold a word that no person's has, as pandoc writes institutions."""
    names = [name for role in _ROLES for name in _written_names(fields, role)]
    return [name for name in names if "{" not in name and _OF_INSTITUTIONS.search(name)]


def _split(value: str, separator: str) -> list[str]:
    """Split at a separator wherever it stands outside braces; any blanks count as one."""
    value = " ".join(value.split())
    parts: list[str] = []
    depth = start = 0
    for match in re.finditer(rf"[{{}}]|{separator}", value):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif depth <= 0:
            parts.append(value[start : match.start()])
            start = match.end()
    parts.append(value[start:])
    return [part.strip() for part in parts if part.strip()]


def _name(written: str) -> dict[str, str]:
    """``Family, Given``, ``Family, Jr, Given``, ``Given von Family`` or ``{Organisation}``."""
    if written == "others":
        return {"literal": "et al."}
    if _is_one_group(written):
        return {"literal": plain(written)}
    parts = [plain(part) for part in _split_commas(written)]
    if len(parts) == 2:
        return {"family": parts[0], "given": parts[1]}
    if len(parts) > 2:
        return {"family": parts[0], "suffix": parts[1], "given": " ".join(parts[2:])}
    words = _split(written, " ")
    if len(words) < 2:
        return {"literal": plain(written)}
    last = len(words) - 1
    begin = next((i for i, word in enumerate(words[:-1]) if word[:1].islower()), last)
    return {"given": plain(" ".join(words[:begin])), "family": plain(" ".join(words[begin:]))}


def _split_commas(written: str) -> list[str]:
    """Split at commas outside braces; an empty part counts, as in ``Family, , Given``."""
    parts = [""]
    depth = 0
    for character in written:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _is_one_group(written: str) -> bool:
    """Whether one pair of braces encloses the whole."""
    if not (written.startswith("{") and written.endswith("}")):
        return False
    depth = 0
    for place, character in enumerate(written):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return place == len(written) - 1
    return False


def _issued(fields: Mapping[str, str]) -> Any:
    if date := fields.get("date"):
        return _date(date)
    year, month, day = (plain(fields.get(name, "")).strip() for name in ("year", "month", "day"))
    if not re.fullmatch(r"[0-9]{4}", year):
        return {"literal": year} if year else None
    # "15~jan" and ``jan # "~15"`` carry the day in the month.
    if both := re.fullmatch(
        r"([A-Za-z]+|[0-9]{1,2})\.?[\s~]+([0-9]{1,2})(?:st|nd|rd|th)?,?", month
    ):
        month, day = both[1], day or both[2]
    elif both := re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th)?\.?[\s~]+([A-Za-z]+)\.?", month):
        month, day = both[2], day or both[1]
    known = month[:3].lower()
    month = str(_MONTHS.index(known) + 1) if known in _MONTHS else month
    if not re.fullmatch(r"[0-9]{1,2}", month):
        return {"date-parts": [[year]]}
    numbers = [year, month, day] if re.fullmatch(r"[0-9]{1,2}", day) else [year, month]
    return {"date-parts": [numbers]}


def _date(value: str) -> Any:
    """``2012-08``, ``2006-11/2006-12``, and a guess ``2005~``, as biblatex writes them."""
    written = plain(value.replace("~", "")).strip() if value.endswith("~") else plain(value).strip()
    ends = written.split("/")
    iso = r"[0-9]{4}(?:-[0-9]{1,2}){0,2}"
    if len(ends) <= 2 and all(re.fullmatch(iso, end) for end in ends):
        return {"date-parts": [end.split("-") for end in ends], "circa": value.endswith("~")}
    return {"raw": written} if written else None


# Writing


def _entry(csl: Mapping[str, Any]) -> str:
    kind = csl.get("type", "document")
    key = _SAFE_KEY.sub("", csl.get("id", "")) or "item"
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in _written(csl, kind))
    return f"@{_entry_type(kind)}{{{key},\n{lines}}}\n"


def _entry_type(kind: str) -> str:
    return "article" if kind in _ARTICLES else TO_ENTRY.get(kind, "misc")


def _written(csl: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    if kind in _ARTICLES - {"article-journal"}:
        yield "entrysubtype", kind.removeprefix("article-")
    elif kind not in TO_ENTRY:
        yield "entrysubtype", kind
    for role in ("author", "editor"):
        names = [_written_name(name) for name in people_of(csl, role)]
        if role == "author" and csl.get("authors_complete") is False:
            names.append("others")
        if names:
            yield role, " and ".join(names)
    if "title" in csl:
        # A second pair of braces keeps the capital letters as they are.
        yield "title", f"{{{escaped(csl['title'])}}}"
    for field, name in _names_of_fields(kind).items():
        if text := csl.get(field):
            yield name, escaped(text)
    if page := csl.get("page"):
        yield "pages", escaped(page).replace("-", "--")
    yield from _written_dates(csl)
    for name, field in VERBATIM.items():
        if text := csl.get(field):
            yield name, text


def _names_of_fields(kind: str) -> dict[str, str]:
    """Where each CSL field goes in an entry of this kind."""
    is_article = kind in _ARTICLES
    return {
        "container-title": "journal" if is_article else "booktitle",
        "container-title-short": "shortjournal",
        "publisher": "institution" if kind == "report" else "publisher",
        "publisher-place": "address",
        "volume": "volume",
        "issue": "number" if is_article else "issue",
        "number": "eid" if is_article else "number",
        "edition": "edition",
        "language": "language",
        "note": "note",
    }


def _written_name(name: Mapping[str, str]) -> str:
    if "literal" in name:
        return f"{{{escaped(name['literal'])}}}"
    family, given, suffix = (_guarded(name.get(key, "")) for key in ("family", "given", "suffix"))
    return f"{family}, {suffix}, {given}" if suffix else f"{family}, {given}"


def _guarded(part: str) -> str:
    """Brace a part of a name that holds the word "and", which would divide it."""
    text = escaped(part)
    return f"{{{text}}}" if re.search(r"(?:^|\s)and(?:\s|$)", text, re.IGNORECASE) else text


def _written_dates(csl: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    issued = csl.get("issued")
    if issued and "date-parts" not in issued:
        yield "year", escaped(issued["literal"])
    elif issued and (len(issued["date-parts"]) > 1 or issued.get("circa")):
        yield "date", _written_date(issued)
    elif issued:
        names = ("year", "month", "day")
        for name, part in zip(names, issued["date-parts"][0], strict=False):
            yield name, f"{part:04}" if name == "year" else str(part)
    if accessed := csl.get("accessed"):
        yield "urldate", _written_date(accessed)


def _written_date(date: Mapping[str, Any]) -> str:
    if "date-parts" not in date:
        return escaped(date["literal"])
    spans = map(iso_date, date["date-parts"])
    return "/".join(spans) + ("~" if date.get("circa") else "")
