"""
Fetching one work by DOI from Crossref, or by PubMed id from NCBI, as CSL-JSON.

Crossref: ``/v1/works/{doi}/transform/application/vnd.citationstyles.csl+json``; asked politely,
with an address to reach us. NCBI: the Literature Citation Exporter, ``/lit/ctxp/v1/pubmed/``, which
allows three requests a second and no two at once. Called when a person imports, never while a page
is drawn.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from education.evidence.formats.record import (
    BadRecordError,
    Csl,
    cleaned,
    line_of_text,
    unescaped,
    without_markup,
)
from education.evidence.identifiers import clean_doi, normalise_doi, normalise_pmid
from education.evidence.web import (
    EvidenceImportError,
    NoAnswerError,
    Service,
    TooManyRequestsError,
    UnknownWorkError,
    WrongAnswerError,
    get_json,
)

__all__ = [
    "EvidenceImportError",
    "NoAnswerError",
    "NotAnIdentifierError",
    "TooManyRequestsError",
    "UnknownWorkError",
    "WrongAnswerError",
    "fetch",
    "fetch_doi",
    "fetch_pmid",
]

CSL_JSON = "application/vnd.citationstyles.csl+json"
CROSSREF = Service("Crossref", "CROSSREF_API_URL", "https://api.crossref.org")
NCBI = Service("PubMed", "NCBI_API_URL", "https://api.ncbi.nlm.nih.gov")

# Said of the fetching, not of the work: when it was asked for, and under which name.
_ABOUT_THE_ANSWER = {"id", "accessed", "source"}


class NotAnIdentifierError(EvidenceImportError):
    """What was typed is neither a DOI nor a PubMed id."""


def fetch(identifier: str) -> Csl:
    """Return the record of a DOI or a PubMed id, whichever was given."""
    if clean_doi(identifier):
        return fetch_doi(identifier)
    if normalise_pmid(identifier):
        return fetch_pmid(identifier)
    raise NotAnIdentifierError(f"“{identifier.strip()[:80]}” is neither a DOI nor a PubMed id.")


def fetch_doi(identifier: str) -> Csl:
    """Return what Crossref has on a DOI, as a clean CSL-JSON record without id."""
    doi = clean_doi(identifier)
    if not doi:
        raise NotAnIdentifierError(f"“{identifier.strip()[:80]}” is not a DOI.")
    subject = f"DOI {doi}"
    path = f"/v1/works/{quote(doi, safe='')}/transform/{CSL_JSON}"
    answer = get_json(CROSSREF, path, subject=subject, accept=CSL_JSON)
    if isinstance(answer, Mapping) and isinstance(answer.get("message"), Mapping):
        answer = answer["message"]
    record = _record(CROSSREF, answer, subject)
    if normalise_doi(record.get("DOI", "")) != normalise_doi(doi):
        raise WrongAnswerError(f"Crossref answered about another work than {subject}.")
    return record


def fetch_pmid(identifier: str | int) -> Csl:
    """Return what PubMed has under a PubMed id, as a clean CSL-JSON record without id."""
    pmid = normalise_pmid(identifier)
    if not pmid:
        raise NotAnIdentifierError(f"“{str(identifier).strip()[:80]}” is not a PubMed id.")
    subject = f"PMID {pmid}"
    path = f"/lit/ctxp/v1/pubmed/?{urlencode({'format': 'csl', 'id': pmid})}"
    answer = get_json(NCBI, path, subject=subject, accept=f"{CSL_JSON}, application/json")
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not answer:
        raise UnknownWorkError(f"PubMed does not know {subject}. Is it written correctly?")
    record = _record(NCBI, answer, subject)
    if record.get("PMID") != pmid:
        raise WrongAnswerError(f"PubMed answered about another work than {subject}.")
    record["title"] = record["title"].removesuffix(".")
    return record


def _record(service: Service, answer: Any, subject: str) -> Csl:
    """Return a service's answer in our shape: markup and entities out, one title, one date."""
    if not isinstance(answer, Mapping):
        raise WrongAnswerError(f"{service.name} answered about {subject} without a record.")
    raw = {
        key: _without_entities(value)
        for key, value in answer.items()
        if key not in _ABOUT_THE_ANSWER
    }
    raw["title"] = _whole_title(raw)
    if raw.get("published-print"):
        # "issued" is the earlier date of going online; the volume belongs to the printed one.
        raw["issued"] = raw["published-print"]
    try:
        return cleaned(raw)
    except BadRecordError as problem:
        raise WrongAnswerError(
            f"{service.name}'s record of {subject} can't be used: {problem}"
        ) from None


def _whole_title(raw: Mapping[str, Any]) -> str:
    """Return title and subtitle as one line; Crossref keeps them apart, sometimes in lists."""
    title, subtitle = (_first(raw.get(name)) for name in ("title", "subtitle"))
    if not subtitle or subtitle.lower() in title.lower():
        return title
    return f"{title.rstrip(':. ')}: {subtitle}" if title else subtitle


def _first(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return without_markup(line_of_text(value))


def _without_entities(value: Any) -> Any:
    """Resolve HTML entities in texts and names; Crossref passes on what publishers deposit."""
    if isinstance(value, str):
        return unescaped(value)
    if isinstance(value, list):
        return [_without_entities(entry) for entry in value[:5000]]
    if isinstance(value, Mapping):
        return {
            key: unescaped(entry) if isinstance(entry, str) else entry
            for key, entry in value.items()
        }
    return value
