"""
What PubMed saves: the MEDLINE tagged format (``.nbib``) and its XML. Read, never written.

Tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html. XML: the PubMed DTD,
https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/. The elements of the XML have tags that mean the same,
so both come together there. That a work was retracted, or has a notice of concern, is kept as
Crossref's ``updated-by`` would have it.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html import escape, unescape
from typing import Any
from xml.etree.ElementTree import Element

from education.evidence.formats.record import (
    MAX_RECORDS,
    Record,
    decoded,
    failure,
    limited,
    line_of_text,
    result,
    too_large,
    without_markup,
)
from education.evidence.formats.tagged import (
    Tags,
    date_of,
    first_of_each,
    not_taken_over,
    person,
    tagged_records,
)
from education.evidence.identifiers import clean_doi

_LINE = re.compile(r"([A-Z]{2,4}) *- ?(.*)")
_TEXTS = {
    "JT": "container-title", "BTI": "container-title", "TA": "container-title-short",
    "VI": "volume", "IP": "issue", "PG": "page", "PB": "publisher", "EN": "edition",
    "LA": "language", "PMID": "PMID", "PMC": "PMCID",
}  # fmt: skip
_UPDATES = {"RIN": "retraction", "ECI": "expression of concern"}
_USED = {
    *_TEXTS, *_UPDATES, "TI", "TT", "FAU", "AU", "CN", "FED", "ED", "DP", "DEP", "LID", "AID", "PT",
}  # fmt: skip
_NAMES = {
    "AB": "abstract", "OAB": "abstract", "MH": "keywords", "OT": "keywords", "AD": "affiliations",
    "AUID": "identifiers of authors", "IR": "investigators", "FIR": "investigators",
    "GR": "grants", "COIS": "conflicts of interest", "EIN": "that a correction was published",
    "CRI": "that it was republished corrected", "RPI": "that it was republished",
    "UIN": "that a newer version was published", "ROF": "which work it takes back",
    "CIN": "comments on it", "CON": "what it comments on", "CTI": "the series",
    "RN": "keywords", "NM": "keywords", "SI": "data sets", "CI": "copyright", "IS": "ISSN",
    "ISBN": "ISBN", "PL": "",
    **dict.fromkeys(
        ("OWN", "STAT", "DCOM", "LR", "SB", "JID", "EDAT", "MHDA", "CRDT", "PHST", "PST", "SO",
         "OTO", "RF", "PUBM", "DRDT", "CDAT", "OID", "DA"), ""
    ),
}  # fmt: skip
_RETRACTED = "retracted publication"
_MARKED = {"i", "b", "u", "sup", "sub"}


def parse_tagged(data: bytes) -> list[Record]:
    """Read ``.nbib``; never raises."""
    return too_large(data) or limited(
        _record(tagged.tags, tagged.position, tagged.line)
        for tagged in tagged_records(decoded(data), _LINE, begins="PMID")
    )


def parse_xml(data: bytes) -> list[Record]:
    """Read the XML of PubMed; never raises. What stands before a break in the file is read."""
    return too_large(data) or limited(_records_of_xml(data))


def _record(tags: Tags, position: int, line: int = 0) -> Record:
    first = first_of_each(tags)
    csl = _csl(tags, first)
    note = not_taken_over(tags, _USED, _NAMES)
    name = f"PMID {first['PMID']}" if "PMID" in first else line_of_text(first.get("TI"))
    return result(csl, position=position, line=line, name=name, note=note)


def _csl(tags: Tags, first: dict[str, str]) -> dict[str, Any]:
    """Return the raw CSL fields of one record."""
    csl: dict[str, Any] = {field: first[tag] for tag, field in _TEXTS.items() if tag in first}
    kinds = {value.lower() for tag, value in tags if tag == "PT"}
    title = without_markup(line_of_text(first.get("TI") or first.get("TT")))
    csl["title"] = title.removesuffix(".")
    csl["type"] = "document"
    if "preprint" in kinds:
        csl["type"] = "article"
    elif "JT" in first or "TA" in first:
        csl["type"] = "article-journal"
    elif "BTI" in first:
        csl["type"] = "chapter" if title else "book"
        if not title:
            csl["title"] = csl.pop("container-title").removesuffix(".")
    csl["author"] = _people(tags, "FAU", "AU")
    csl["editor"] = _people(tags, "FED", "ED")
    csl["issued"] = date_of(first.get("DP") or first.get("DEP", ""))
    identifiers = [value for tag, value in tags if tag in {"AID", "LID"}]
    csl["DOI"] = next(
        (value.removesuffix("[doi]").strip() for value in identifiers if value.endswith("[doi]")),
        "",
    )
    csl["updated-by"] = [
        {"type": _UPDATES[tag], "DOI": _doi_in(value)} for tag, value in tags if tag in _UPDATES
    ]
    if _RETRACTED in kinds and not any(tag == "RIN" for tag, _ in tags):
        csl["updated-by"].append({"type": "retraction", "DOI": ""})
    return csl


def _doi_in(text: str) -> str:
    """The DOI in the citation of a notice; empty when it names none."""
    return next(filter(None, (clean_doi(word) for word in re.findall(r"10\.\S+", text))), "")


def _people(tags: Tags, full: str, short: str) -> list[dict[str, str]]:
    """Everybody once and in order: each full name is followed by the short form of the same."""
    people: list[dict[str, str]] = []
    follows_full = False
    for tag, value in tags:
        if tag == full:
            people.append(person(value))
        elif tag == short and not follows_full:
            people.append(_short_name(value))
        elif tag == "CN" and full == "FAU":
            people.append({"literal": value})
        if tag in {full, short}:
            follows_full = tag == full
    return people


def _short_name(value: str) -> dict[str, str]:
    """``van der Berg LM Jr``: the family name, initials, and a rank."""
    match = re.fullmatch(r"(.+?) ([^\W\d_a-z]{1,4})(?: (Jr|Sr|2nd|3rd|4th))?\.?", value)
    if not match:
        return {"literal": value}
    return {"family": match[1], "given": match[2], "suffix": match[3] or ""}


# XML


def _records_of_xml(data: bytes) -> Iterator[Record]:
    """
    Yield the records as they stand in the file.

    A document type is allowed, as PubMed names one; it is not fetched. Entities of a file's own
    are refused, as they could make a small file endless.
    """
    if re.search(r"<!ENTITY", decoded(data)):
        yield failure("The file declares entities, which PubMed never does.")
        return
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(events=("end",))
    position = 0
    try:
        parser.feed(data)
        for event in parser.read_events():
            element: Any = event[-1]
            if element.tag in {"PubmedArticle", "PubmedBookArticle"}:
                position += 1
                yield _record(list(_tags(element)), position)
                element.clear()
                if position > MAX_RECORDS:
                    return
        parser.close()
    except (ET.ParseError, ValueError, LookupError) as problem:
        where = f" at line {problem.position[0]}" if isinstance(problem, ET.ParseError) else ""
        yield failure(
            f"The file breaks off or is damaged{where}; what follows was not read. "
            "Save it from PubMed once more, or choose the format “PubMed” (.nbib)."
        )


def _tags(article: Element) -> Iterator[tuple[str, str]]:
    """Yield the tags that mean the same as the elements of one record."""
    book = article.find("BookDocument")
    citation = article.find("MedlineCitation")
    root = citation if citation is not None else book
    if root is None:
        return
    work = root.find("Article") if citation is not None else root
    work = root if work is None else work
    for path, tag in _TEXT_PATHS:
        if text := _text(root.find(path)):
            yield tag, text
    yield from _dates_and_pages(root, work)
    yield from _people_tags(work)
    yield from _identifier_tags(article, work)
    for kind in work.iterfind(".//PublicationType"):
        yield "PT", _text(kind)
    for comment in root.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        if notice := _COMMENTS.get(comment.get("RefType", "")):
            yield notice, _text(comment.find("RefSource")) or "unnamed"
    for path, tag in _LEFT_PATHS:
        if root.find(path) is not None:
            yield tag, "yes"


def _people_tags(work: Element) -> Iterator[tuple[str, str]]:
    for names in (*work.findall("AuthorList"), *work.findall("Book/AuthorList")):
        is_editor = names.get("Type") == "editors"
        for author in names.findall("Author"):
            yield from _person_tags(author, "FED" if is_editor else "FAU")
        if names.get("CompleteYN") == "N" and not is_editor:
            yield "AU", "et al."


def _identifier_tags(article: Element, work: Element) -> Iterator[tuple[str, str]]:
    for identifier in article.iterfind("./*/ArticleIdList/ArticleId"):
        kind = identifier.get("IdType", "")
        if kind in {"doi", "pii"}:
            yield "AID", f"{_text(identifier)} [{kind}]"
        elif kind == "pmc":
            yield "PMC", _text(identifier)
    for identifier in work.iterfind("ELocationID"):
        if identifier.get("ValidYN") != "N":
            yield "LID", f"{_text(identifier)} [{identifier.get('EIdType', '')}]"


_TEXT_PATHS = (
    ("PMID", "PMID"),
    ("Article/ArticleTitle", "TI"),
    ("ArticleTitle", "TI"),
    ("Article/VernacularTitle", "TT"),
    ("Article/Journal/Title", "JT"),
    ("Article/Journal/ISOAbbreviation", "TA"),
    ("Article/Journal/JournalIssue/Volume", "VI"),
    ("Article/Journal/JournalIssue/Issue", "IP"),
    ("Book/BookTitle", "BTI"),
    ("Book/Publisher/PublisherName", "PB"),
    ("Book/Edition", "EN"),
    ("Article/Language", "LA"),
    ("Language", "LA"),
)
_LEFT_PATHS = (
    ("Article/Abstract", "AB"), ("Abstract", "AB"), ("MeshHeadingList", "MH"),
    ("KeywordList", "OT"), ("ChemicalList", "RN"), (".//AffiliationInfo", "AD"),
    (".//Author/Identifier", "AUID"), ("InvestigatorList", "IR"), (".//GrantList", "GR"),
    ("CoiStatement", "COIS"), ("Article/DataBankList", "SI"), ("Article/Journal/ISSN", "IS"),
    ("Book/Isbn", "ISBN"), ("Book/CollectionTitle", "CTI"),
)  # fmt: skip
_COMMENTS = {
    "RetractionIn": "RIN", "ExpressionOfConcernIn": "ECI", "ErratumIn": "EIN", "UpdateIn": "UIN",
    "RepublishedIn": "RPI", "CorrectedandRepublishedIn": "CRI", "RetractionOf": "ROF",
    "CommentIn": "CIN", "CommentOn": "CON", "PartialRetractionIn": "RIN",
}  # fmt: skip


def _dates_and_pages(root: Element, work: Element) -> Iterator[tuple[str, str]]:
    date = root.find("Article/Journal/JournalIssue/PubDate")
    date = root.find("Book/PubDate") if date is None else date
    if date is not None:
        parts = (_text(date.find(name)) for name in ("Year", "Season", "Month", "Day"))
        yield "DP", _text(date.find("MedlineDate")) or " ".join(filter(None, parts))
    online = root.find("Article/ArticleDate")
    if online is not None:
        parts = (_text(online.find(name)) for name in ("Year", "Month", "Day"))
        yield "DEP", " ".join(filter(None, parts))
    pages = work.find("Pagination")
    if pages is not None:
        start, end = (_text(pages.find(name)) for name in ("StartPage", "EndPage"))
        span = "-".join(filter(None, (start, end)))
        yield "PG", _text(pages.find("MedlinePgn")) or span


def _person_tags(author: Element, tag: str) -> Iterator[tuple[str, str]]:
    if author.get("ValidYN") == "N":
        return  # a misspelt name that PubMed keeps beside the right one
    family = _text(author.find("LastName"))
    given = _text(author.find("ForeName")) or _text(author.find("Initials"))
    suffix = _text(author.find("Suffix"))
    if family:
        yield tag, ", ".join(filter(None, (family, suffix if given else "", given)))
    elif group := _text(author.find("CollectiveName")):
        yield ("CN" if tag == "FAU" else tag), group


def _text(element: Element | None) -> str:
    """An element's words; what is raised or lowered in them keeps its marks, as does MathML."""
    if element is None:
        return ""
    return unescape(without_markup(line_of_text(_marked(element))))


def _marked(element: Element) -> str:
    words = [escape(element.text or "", quote=False)]
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        is_math = "MathML" in str(child.tag)
        tag = f"mml:{name}" if is_math else name if name in _MARKED else ""
        inside = _marked(child)
        words.append(f"<{tag}>{inside}</{tag}>" if tag else inside)
        words.append(escape(child.tail or "", quote=False))
    return "".join(words)
