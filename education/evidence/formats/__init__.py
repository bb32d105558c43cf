"""
Reading and writing bibliographic files.

CSL-JSON, RIS and BibTeX are read and written; what PubMed (``.nbib`` and XML), EndNote (``.enw``)
and Web of Science (``.ciw``) save is read.

One shape inside: a CSL-JSON dict as ``record.cleaned`` returns it. Each format has a module with
``parse(bytes) -> list[Record]`` and, where it is written, ``write(items) -> str``; what one writes,
its ``parse`` returns unchanged (CSL-JSON everything, RIS and BibTeX the bibliographic fields).

``parse`` never raises: a record that can't be used comes back as a ``Record`` whose ``error`` names
it, and the others are still read.

The readers are our own after a trial of the libraries: ``docs/decisions/reference-readers.md``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from education.evidence.formats import bibtex, csl, endnote, pubmed, ris, webofscience
from education.evidence.formats.record import Record, decoded, failure, is_western

PARSERS: dict[str, Callable[[bytes], list[Record]]] = {
    "csl": csl.parse,
    "ris": ris.parse,
    "bibtex": bibtex.parse,
    "nbib": pubmed.parse_tagged,
    "pubmed-xml": pubmed.parse_xml,
    "enw": endnote.parse,
    "ciw": webofscience.parse,
}
# What a person is told can be read.
READ_FORMATS = "CSL-JSON, RIS, BibTeX, PubMed (.nbib, XML), EndNote (.enw) or Web of Science (.ciw)"
WRITERS: dict[str, Callable[[Iterable[Mapping[str, Any]]], str]] = {
    "csl": csl.write,
    "ris": ris.write,
    "bibtex": bibtex.write,
}
# For downloads: file name ending and media type.
FILES = {
    "csl": (".json", "application/vnd.citationstyles.csl+json"),
    "ris": (".ris", "application/x-research-info-systems"),
    "bibtex": (".bib", "application/x-bibtex"),
}


# How a file of each format begins, at the start of some line; tried in this order.
_BEGINNINGS = (
    ("pubmed-xml", r"<Pubmed(?:Book)?Article"),
    ("ris", r"^[ \t]*TY {1,2}-"),
    ("nbib", r"^PMID *- "),
    ("enw", r"^[ \t]*%0 "),
    ("ciw", r"^(?:FN \S.*\n(?:VR .*\n)?|VR .*\n)?PT [A-Z]\r?$"),
    ("bibtex", r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[({]"),
)


def guess_format(data: bytes) -> str:
    """Return the format, as ``PARSERS`` names it, by how a file begins; empty when it is none."""
    start = re.sub(r"\r\n?", "\n", decoded(data[:65536])).lstrip()
    if start.startswith(("[", "{")):
        return "csl"
    for name, pattern in _BEGINNINGS:
        if re.search(pattern, start, re.MULTILINE):
            return name
    return ""


def parse(data: bytes, file_format: str = "") -> list[Record]:
    """
    Read a file in the named format, or in the one it looks like.

    A file that is none of them comes back as one failed record that says so.
    """
    parser = PARSERS.get(file_format or guess_format(data))
    if parser is None:
        return [failure(f"The file is not {READ_FORMATS}. Export it as RIS.")]
    records = parser(data)
    if not is_western(data):
        return records
    return [
        replace(record, note=f"{record.note} {_WESTERN}".strip()) if record.csl else record
        for record in records
    ]


_WESTERN = "The file is not in UTF-8; it was read as Windows-1252. Look at letters with accents."
