"""
How a reference is written: NLM style, from a CSL-JSON record, as text and as HTML.

The rules are those of *Citing Medicine: The NLM Style Guide for Authors, Editors, and Publishers*
(Patrias K, Wendling D, 2nd edition, National Library of Medicine); ``tests/evidence/golden`` holds
the examples this printer must match to the letter. Where the guide leaves a choice, or where we
leave the guide, it is on purpose:

* **Six authors, then "et al."** NLM itself lists everybody and allows a limit "such as the first
  three authors or first six authors"; the ICMJE samples use six. One of our trials has 42 authors.
* **Journal titles** are abbreviated only when the record carries ``container-title-short``: an
  abbreviation can't be worked out safely, and families recognise the full name.
* **Names keep their accents** (the guide drops them to simplify English indexes), and names
  written in Chinese, Japanese or Korean characters are printed whole: romanising is a guess.
* **An unknown place is left out**; ``[date unknown]`` is printed, as a missing date matters here.
* **An address** is printed when it is the only way to the work, or when the date it was read is on
  record; otherwise the DOI and PubMed id lead there.

No function here raises, whatever the record holds: a field of the wrong type counts as missing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from education.evidence.identifiers import normalise_pmcid, normalise_pmid
from education.evidence.reference_elements import (
    CJK,
    authors_complete,
    custom_text,
    date_words,
    doi_href,
    edition_words,
    ended,
    foreign_language,
    language_name,
    pages,
    people,
    safe_href,
    text_of,
)

JOURNAL_TYPES = {"article-journal", "article-magazine", "review", "review-book"}
PART_OF_BOOK_TYPES = {"chapter", "paper-conference", "entry-dictionary", "entry-encyclopedia"}
PREPRINT_TYPES = {"article", "posted-content", "preprint"}
WEB_TYPES = {"webpage", "post", "post-weblog"}

# Notes that NLM prints with a reference; any other note of a record is for editors.
_PRINTED_NOTE = re.compile(
    r"(?:Retraction|Erratum|Expression of concern|Partial retraction|Update|Comment) (?:in|of|on):"
    r"|Corrected and republished|Epub |Sponsored by ",
    re.IGNORECASE,
)
_STATUS_WORDS = {"retracted": "Retracted.", "concern": "Expression of concern published."}

_TRIAL_NUMBER = re.compile(
    r"NCT\d{8}|ISRCTN\d{8}|(?:ACTRN|CTRI|ChiCTR|DRKS|EUCTR|IRCT|JPRN|KCT|NTR|PACTR|RBR|TCTR|UMIN|jRCT)"
    r"[-/\w]*\d[-/\w]*",
    re.IGNORECASE,
)
_TRANSLATED = re.compile(
    r"^(?P<original>.*\S)\s*[(\uff08](?P<translation>[^()\uff08\uff09]+)[)\uff09]$"
)


class Run(NamedTuple):
    """A piece of a reference: words, where they link to, the language they are in."""

    text: str
    href: str = ""
    lang: str = ""


def reference_text(csl: Mapping[str, Any]) -> str:
    """Return the reference of a CSL-JSON record in NLM style, as plain text."""
    return "".join(run.text for run in _runs(csl))


def reference_html(csl: Mapping[str, Any]) -> SafeString:
    """
    Return the same reference as HTML: every character escaped, DOI and PubMed ids as links.

    Only ``http`` and ``https`` addresses become links; words in another language carry ``lang``.
    """
    return format_html_join("", "{}", ((_run_html(run),) for run in _runs(csl)))


def _run_html(run: Run) -> str:
    if run.href:
        return format_html('<a href="{}">{}</a>', run.href, run.text)
    if run.lang:
        return format_html('<span lang="{}">{}</span>', run.lang, run.text)
    return run.text


# Layout: one generator per kind of work, in the order Citing Medicine prints its elements.


def _runs(csl: Mapping[str, Any]) -> list[Run]:
    kind = text_of(csl.get("type"))
    if _is_trial_record(csl):
        runs = _trial_record(csl)
    elif kind in JOURNAL_TYPES:
        runs = _journal_article(csl)
    elif kind == "article-newspaper":
        runs = _newspaper_article(csl)
    elif kind in PREPRINT_TYPES:
        runs = _preprint(csl)
    elif kind in PART_OF_BOOK_TYPES and text_of(csl.get("container-title")):
        runs = _part_of_book(csl)
    elif kind == "legislation":
        runs = _legislation(csl)
    else:
        runs = _whole_work(csl)
    return _tidied([*runs, *_ending(csl)])


def _journal_article(csl: Mapping[str, Any]) -> Iterator[Run]:
    """Yield Author. Title. Journal. Date;volume(issue):pages."""
    yield from _authors_and_title(csl)
    yield from _journal(csl)
    yield Run(f" {date_words(csl.get('issued'))}{_cited(csl)}{_volume_issue_pages(csl)}.")


def _newspaper_article(csl: Mapping[str, Any]) -> Iterator[Run]:
    """Yield Author. Title. Newspaper. Date;Sect. section:page."""
    yield from _authors_and_title(csl)
    yield from _journal(csl)
    section = text_of(csl.get("section"))
    place = f"Sect. {section}" if section else ""
    page = pages(csl)
    if page:
        place = f"{place}:{page}"
    where = f";{place}" if place else ""
    yield Run(f" {date_words(csl.get('issued'))}{_cited(csl)}{where}.")


def _preprint(csl: Mapping[str, Any]) -> Iterator[Run]:
    """Yield Author. Title. Server number [Preprint]. Date [cited date]."""
    yield from _authors_and_title(csl)
    server = text_of(csl.get("container-title")) or text_of(csl.get("publisher"))
    words = [server, text_of(csl.get("number")), "[Preprint]"]
    yield Run(f" {' '.join(word for word in words if word)}.")
    yield Run(f" {date_words(csl.get('issued'))}{_cited(csl)}.")


def _part_of_book(csl: Mapping[str, Any]) -> Iterator[Run]:
    """Yield Author. Title. In: Editor, editor. Book. Edition. Place: Publisher; date. p. pages."""
    yield from _authors_and_title(csl)
    editors = people(csl.get("editor"), role="editor")
    yield Run(f" In: {editors} " if editors else " In: ")
    yield from _titled(text_of(csl.get("container-title")), csl, medium=_medium(csl))
    yield from _edition_and_imprint(csl)
    page = pages(csl)
    if page:
        yield Run(f" p. {page}.")


def _whole_work(csl: Mapping[str, Any]) -> Iterator[Run]:
    """Yield Author. Title [Internet]. Edition. Editor. Place: Publisher; date. Pages. Number."""
    yield from _authors_and_title(csl, medium=_medium(csl))
    container = text_of(csl.get("container-title"))
    if container and text_of(csl.get("type")) in WEB_TYPES:
        # A page is cited for itself; its site stands where the publisher would.
        csl = {**csl, "publisher": text_of(csl.get("publisher")) or container}
    elif container:
        yield Run(f" In: {ended(container)}")
    editors = people(csl.get("editor"), role="editor") if people(csl.get("author")) else ""
    yield from _edition_and_imprint(csl, editors=editors)
    extent = text_of(csl.get("number-of-pages"))
    if extent:
        yield Run(f" {extent} p.")
    series = text_of(csl.get("collection-title"))
    if series:
        number = text_of(csl.get("collection-number"))
        yield Run(f" ({series}; no. {number})." if number else f" ({series}).")
    number = text_of(csl.get("number"))
    if number and number not in text_of(csl.get("title")):
        yield Run(f" Report No.: {number}." if csl.get("type") == "report" else f" No. {number}.")


def _legislation(csl: Mapping[str, Any]) -> Iterator[Run]:
    """Yield Authority. Title, number. Publication. Date."""
    number = text_of(csl.get("number"))
    title = text_of(csl.get("title"))
    if number and number not in title:
        csl = {**csl, "title": f"{title.rstrip('.')}, {number}"}
    yield from _authors_and_title(csl, medium=_medium(csl))
    container = text_of(csl.get("container-title"))
    if container:
        yield Run(f" {ended(container)}")
    yield from _edition_and_imprint(csl)


def _trial_record(csl: Mapping[str, Any]) -> Iterator[Run]:
    """
    Yield Register [Internet]. Place: Publisher. Opened - . Identifier number, title; date.

    A record that names its authors is a contribution to the register, and begins with them.
    """
    authors = people(csl.get("author"), complete=authors_complete(csl))
    register = text_of(csl.get("container-title")) or "Trial register"
    opened = date_words(csl.get("original-date"), unknown="")
    date = f"{date_words(csl.get('issued'))}{_cited(csl)}"
    extent = text_of(csl.get("dimensions"))
    extent = f"; [{extent}]" if extent else ""
    imprint = ": ".join(
        word
        for word in (text_of(csl.get("publisher-place")), text_of(csl.get("publisher")))
        if word
    )
    number = text_of(csl.get("number"))
    if authors:
        yield from _authors_and_title(csl)
        yield Run(f" {date}{extent}. In: {register} [Internet].")
    else:
        yield Run(f"{register} [Internet].")
    yield Run(f" {ended(imprint)}" if imprint else "")
    yield Run(f" {opened} - ." if opened else "")
    if authors:
        yield Run(f" Identifier {number}." if number else "")
        return
    yield Run(f" Identifier {number}, " if number else " ")
    yield Run(text_of(csl.get("title")).rstrip("."), lang=foreign_language(csl))
    yield Run(f"; {date}{extent}.")


def _ending(csl: Mapping[str, Any]) -> Iterator[Run]:
    """Where to find it, its language, DOI, PubMed ids, and what became of it."""
    url = text_of(csl.get("URL"))
    doi = text_of(csl.get("DOI"))
    shows_url = _shows_url(csl)
    if shows_url:
        yield Run(" Available from: ")
        yield Run(url, href=safe_href(url))
        # The guide ends with a full stop only after a slash, lest the stop be copied with it.
        yield Run("." if url.endswith("/") else "")
    language = language_name(csl)
    if language:
        yield Run(f" {language}.")
    if doi and not (shows_url and doi.lower() in url.lower()):
        yield Run(" ")
        yield Run(f"doi: {doi}", href=doi_href(doi))
        yield Run(".")
    yield from _pubmed_ids(csl)
    note = text_of(csl.get("note"))
    if _PRINTED_NOTE.match(note):
        yield Run(f" {ended(note)}")
    elif custom_text(csl, "status") in _STATUS_WORDS:
        yield Run(f" {_STATUS_WORDS[custom_text(csl, 'status')]}")


def _pubmed_ids(csl: Mapping[str, Any]) -> Iterator[Run]:
    pmid, pmcid = text_of(csl.get("PMID")), text_of(csl.get("PMCID"))
    if pmid:
        digits = normalise_pmid(pmid)
        href = f"https://pubmed.ncbi.nlm.nih.gov/{digits}/" if digits else ""
        yield Run(" ")
        yield Run(f"PubMed PMID: {pmid}", href=href)
        yield Run(";" if pmcid else ".")
    if pmcid:
        known = normalise_pmcid(pmcid)
        href = f"https://pmc.ncbi.nlm.nih.gov/articles/{known}/" if known else ""
        yield Run(" ")
        yield Run(f"PubMed Central PMCID: {pmcid}", href=href)
        yield Run(".")


def _tidied(runs: list[Run]) -> list[Run]:
    """Drop empty runs, and never begin with a blank."""
    kept = [run for run in runs if run.text]
    if kept:
        kept[0] = kept[0]._replace(text=kept[0].text.lstrip())
    return kept


# Elements


def _authors_and_title(csl: Mapping[str, Any], medium: str = "") -> Iterator[Run]:
    """Yield authors, or the editors of a work without authors, or nobody; then the title."""
    authors = people(csl.get("author"), complete=authors_complete(csl))
    if not authors and text_of(csl.get("type")) not in PART_OF_BOOK_TYPES:
        authors = people(csl.get("editor"), role="editor")
    yield Run(f"{authors} " if authors else "")
    yield from _titled(text_of(csl.get("title")) or "[title unknown]", csl, medium=medium)


def _titled(title: str, csl: Mapping[str, Any], medium: str = "") -> Iterator[Run]:
    """
    Yield a title, its translation in square brackets, the medium, and a full stop.

    Works in Chinese, Japanese or Korean carry their English title in round brackets at the end;
    the guide puts translations in square ones.
    """
    lang = foreign_language(csl)
    tail = medium
    match = _TRANSLATED.match(title) if lang else None
    if match and CJK.search(match["original"]) and not CJK.search(match["translation"]):
        title, tail = match["original"], f" [{match['translation']}]{medium}"
    if title.startswith("[") or (lang in {"zh", "ja", "ko"} and not CJK.search(title)):
        lang = ""  # translated or romanised: a voice should not read it as Chinese
    if tail:
        yield Run(title.removesuffix("."), lang=lang)
        yield Run(ended(tail))
    else:
        yield Run(ended(title), lang=lang)


def _journal(csl: Mapping[str, Any]) -> Iterator[Run]:
    title = text_of(csl.get("container-title-short")) or text_of(csl.get("container-title"))
    if title:
        yield Run(" ")
        yield from _titled(title, csl, medium=_medium(csl))


def _edition_and_imprint(csl: Mapping[str, Any], editors: str = "") -> Iterator[Run]:
    edition = edition_words(csl)
    yield Run(f" {ended(edition)}" if edition else "")
    yield Run(f" {editors}" if editors else "")
    place, publisher = text_of(csl.get("publisher-place")), text_of(csl.get("publisher"))
    imprint = ": ".join(word for word in (place, publisher) if word)
    date = f"{date_words(csl.get('issued'))}{_cited(csl)}"
    yield Run(f" {imprint}; {date}." if imprint else f" {date}.")


def _volume_issue_pages(csl: Mapping[str, Any]) -> str:
    """``;354(16):1698-705``; the article number stands where there are no pages."""
    volume, issue = text_of(csl.get("volume")), text_of(csl.get("issue"))
    page = pages(csl) or text_of(csl.get("number"))
    where = volume + (f"({issue})" if issue else "")
    return (f";{where}" if where else "") + (f":{page}" if page else "")


def _cited(csl: Mapping[str, Any]) -> str:
    """`` [updated 2008 Oct 21; cited 2009 Apr 8]``, of what is on record."""
    updated = csl.get("custom")
    updated = updated.get("updated") if isinstance(updated, Mapping) else None
    dates = [
        ("updated", date_words(updated, unknown="")),
        ("cited", date_words(csl.get("accessed"), unknown="")),
    ]
    words = "; ".join(f"{word} {date}" for word, date in dates if date)
    return f" [{words}]" if words else ""


def _medium(csl: Mapping[str, Any]) -> str:
    return " [Internet]" if _shows_url(csl) else ""


def _shows_url(csl: Mapping[str, Any]) -> bool:
    """Whether the address is printed: it is the only way there, or was read on a known day."""
    if not text_of(csl.get("URL")):
        return False
    if date_words(csl.get("accessed"), unknown=""):
        return True
    return not any(text_of(csl.get(name)) for name in ("DOI", "PMID", "PMCID"))


def _is_trial_record(csl: Mapping[str, Any]) -> bool:
    if custom_text(csl, "role") == "trial-registry-record":
        return True
    return text_of(csl.get("type")) in {"webpage", "dataset", "entry", "document"} and bool(
        _TRIAL_NUMBER.fullmatch(text_of(csl.get("number")))
    )
