"""
Reading and writing bibliographic files: CSL-JSON, RIS and BibTeX.

One shape inside: a CSL-JSON dict as ``record.cleaned`` returns it. Each format has a module with
``parse(bytes) -> list[Record]`` and ``write(items) -> str``; what one writes, its ``parse`` returns
unchanged (CSL-JSON everything, RIS and BibTeX the bibliographic fields).

``parse`` never raises: a record that can't be used comes back as a ``Record`` whose ``error`` names
it, and the others are still read.

The readers are our own after a trial of the libraries: rispy 0.10 drops records after a broken one
without a word and writes line breaks as they come, so that a title can start a new record;
bibtexparser 1.4 loses records, ignores ``@online``, writes unescaped braces and raises on deep
nesting or an unknown macro; pybtex 0.26 refuses the whole file for one broken entry.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from education.evidence.formats import bibtex, csl, ris
from education.evidence.formats.record import Record, decoded, failure

PARSERS: dict[str, Callable[[bytes], list[Record]]] = {
    "csl": csl.parse,
    "ris": ris.parse,
    "bibtex": bibtex.parse,
}
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


def guess_format(data: bytes) -> str:
    """Return ``csl``, ``ris`` or ``bibtex`` by how the file begins; empty when it is none."""
    start = decoded(data[:65536]).lstrip()
    if start.startswith(("[", "{")):
        return "csl"
    if re.search(r"^[ \t]*TY {1,2}-", start, re.MULTILINE):
        return "ris"
    if re.search(r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[({]", start, re.MULTILINE):
        return "bibtex"
    return ""


def _no_format(data: bytes) -> str:
    """Why a file can't be read, and the way out for what databases offer beside RIS."""
    start = decoded(data[:4096]).lstrip()
    said = "The file is not CSL-JSON, RIS or BibTeX."
    for name, pattern, way_out in _OTHER_FORMATS:
        if re.search(pattern, start, re.MULTILINE):
            return f"{said} It is {name}: {way_out}"
    return f"{said} Export it as RIS."


_OTHER_FORMATS = (
    (
        "a PubMed file (.nbib)",
        r"^PMID- ",
        "type its PubMed ids here, or open it in a reference manager and export RIS.",
    ),
    (
        "PubMed XML",
        r"<PubmedArticle",
        "type its PubMed ids here, or open it in a reference manager and export RIS.",
    ),
    (
        "an EndNote file (.enw)",
        r"^%0 ",
        "choose RIS instead of EndNote where it was exported, or export RIS from EndNote.",
    ),
    (
        "a Web of Science file (.ciw)",
        r"^(?:FN |PT J)",
        "choose RIS where it was exported.",
    ),
)


def parse(data: bytes, file_format: str = "") -> list[Record]:
    """
    Read a file in the named format, or in the one it looks like.

    A file that is none of them comes back as one failed record that says so.
    """
    parser = PARSERS.get(file_format or guess_format(data))
    if parser is None:
        return [failure(_no_format(data))]
    return parser(data)
