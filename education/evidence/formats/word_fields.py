"""
The works that reference managers keep in the citations of a Word document. Read, never written.

Zotero and Mendeley keep CSL-JSON (citeproc's ``citationItems``), EndNote keeps XML of its own.
``text.word_parts`` finds the codes; here they become records.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from education.evidence.formats import endnote
from education.evidence.formats.record import Record, result

# EndNote's XML → the tags of its own text format, which mean the same.
_ENDNOTE_TAGS = (
    ("contributors/authors/author", "A"), ("contributors/secondary-authors/author", "E"),
    ("titles/title", "T"), ("periodical/full-title", "J"), ("volume", "V"), ("number", "N"),
    ("pages", "P"), ("edition", "7"), ("dates/year", "D"), ("dates/pub-dates/date", "8"),
    ("publisher", "I"), ("pub-location", "C"), ("electronic-resource-num", "R"),
    ("accession-num", "M"), ("custom2", "2"), ("remote-database-name", "~"),
    ("remote-database-provider", "W"), ("urls/related-urls/url", "U"), ("language", "G"),
)  # fmt: skip


def parse(codes: Iterable[str]) -> list[Record]:
    """Read the works of such codes, each once, in the order of the text; never raises."""
    works: dict[str, Any] = {}
    for code in codes:
        for raw in _endnote_works(code) if code.startswith("<") else _csl_works(code):
            works.setdefault(json.dumps(raw, sort_keys=True), raw)
    return [result(raw, position=number, line=0) for number, raw in enumerate(works.values(), 1)]


def _csl_works(code: str) -> Iterator[Any]:
    """The items of a citation; what the manager calls them (``ITEM-1``) means nothing here."""
    try:
        items = json.loads(code)["citationItems"]
        for item in items:
            raw = item.get("itemData")
            if isinstance(raw, dict):
                yield {name: value for name, value in raw.items() if name != "id"}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return


def _endnote_works(code: str) -> Iterator[dict[str, Any]]:
    if "<!" in code:  # EndNote declares nothing, and an entity could make a small code endless
        return
    try:
        root = ET.fromstring(code)  # noqa: S314 - no declarations
    except ET.ParseError:
        return
    for record in root.iter("record"):
        yield endnote.reference(list(_tags(record)))


def _tags(record: Element) -> Iterator[tuple[str, str]]:
    kind = record.find("ref-type")
    name = kind.get("name", "") if kind is not None else ""
    yield "0", name
    holder = _text(record.find("titles/secondary-title"))
    yield ("B" if "section" in name.lower() else "J"), holder
    for path, tag in _ENDNOTE_TAGS:
        for element in record.iterfind(path):
            yield tag, _text(element)


def _text(element: Element | None) -> str:
    """The words of an element; EndNote puts each look of them into a ``style``."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
