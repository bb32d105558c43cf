"""
Asking PubMed, Crossref and ClinicalTrials.gov what is new; their answers as CSL-JSON.

- PubMed: NCBI's E-utilities, ``esearch.fcgi`` for the numbers and ``esummary.fcgi`` for the works
  (Entrez Programming Utilities Help, NBK25499), by the day of entry (``edat``). NCBI asks for
  ``tool`` and ``email``, and for at most three requests a second.
- Crossref: ``/v1/works`` with ``query.bibliographic``, ``filter=from-created-date`` and ``select``.
- ClinicalTrials.gov: API version 2, ``/api/v2/studies``, by ``LastUpdatePostDate``.

Only reading. A record that can't be used is left out and counted, never guessed at.
"""

import datetime
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from education.evidence.client import CROSSREF
from education.evidence.formats.record import BadRecordError, Csl, cleaned, unescaped
from education.evidence.web import Service, WrongAnswerError, get_json
from education.watch.models import Register

EUTILS = Service("PubMed", "EUTILS_API_URL", "https://eutils.ncbi.nlm.nih.gov")
CLINICAL_TRIALS = Service(
    "ClinicalTrials.gov", "CLINICAL_TRIALS_API_URL", "https://clinicaltrials.gov"
)

# The best of so many answers are read; a question that brings more is too wide for people to read.
MOST = 100
SECONDS_BETWEEN = 0.4
JSON = "application/json"
_CROSSREF_FIELDS = (
    "DOI,title,author,container-title,issued,published-print,type,volume,issue,page,publisher"
)
_TRIAL_FIELDS = (
    "NCTId|BriefTitle|OverallStatus|StudyType|Phase|EnrollmentCount|LeadSponsorName|"
    "StudyFirstPostDate|LastUpdatePostDate|HasResults"
)
_NCT = re.compile(r"NCT\d{8}")


@dataclass(frozen=True)
class RegisterHit:
    """One work or trial that a register named: its record, and what kind it says it is."""

    record: Csl
    kinds: tuple[str, ...] = ()


@dataclass
class RegisterAnswer:
    """What a register answered: what can be used, how much it knows, how much can't be used."""

    hits: list[RegisterHit] = field(default_factory=list)
    total: int = 0
    unusable: int = 0


def ask_register(register: str, query: str, since: datetime.date) -> RegisterAnswer:
    """
    Ask a register what it has on a query since a day; raises ``EvidenceImportError``.

    Never called while a page is drawn, nor inside a transaction.
    """
    return _ASK[Register(register)](query, since)


def _ask_pubmed(query: str, since: datetime.date) -> RegisterAnswer:
    common = {"db": "pubmed", "retmode": "json", "tool": "patient_education_portal"}
    if settings.CONTACT_EMAIL:
        common["email"] = settings.CONTACT_EMAIL
    days = {
        "datetype": "edat",
        "mindate": f"{since:%Y/%m/%d}",
        "maxdate": f"{timezone.localdate():%Y/%m/%d}",
    }
    search = common | days | {"term": query, "retmax": str(MOST), "sort": "relevance"}
    answered = _get(EUTILS, "/entrez/eutils/esearch.fcgi", search, query)
    result = _holding(EUTILS, answered.get("esearchresult"), "idlist", "works")
    if result.get("ERROR"):
        error = str(result["ERROR"])[:150]
        raise WrongAnswerError(f"PubMed can’t read {_subject(query)}: {error}")
    ids = map(str, result["idlist"])
    numbers = [number for number in ids if re.fullmatch(r"\d{1,9}", number)][:MOST]
    answer = RegisterAnswer(total=_number(result.get("count")))
    if not numbers:
        return answer
    time.sleep(SECONDS_BETWEEN)
    works = _get(
        EUTILS, "/entrez/eutils/esummary.fcgi", common | {"id": ",".join(numbers)}, query
    ).get("result")
    if not isinstance(works, Mapping):
        raise WrongAnswerError("PubMed answered without the works it named.")
    return _with_hits(answer, (works.get(number) for number in numbers), _pubmed_work)


def _ask_crossref(query: str, since: datetime.date) -> RegisterAnswer:
    parameters = {
        "query.bibliographic": query,
        "filter": f"from-created-date:{since.isoformat()}",
        "select": _CROSSREF_FIELDS,
        "rows": str(MOST),
    }
    answered = _get(CROSSREF, "/v1/works", parameters, query)
    message = _holding(CROSSREF, answered.get("message"), "items", "works")
    answer = RegisterAnswer(total=_number(message.get("total-results")))
    return _with_hits(answer, message["items"][:MOST], _crossref_work)


def _ask_clinical_trials(query: str, since: datetime.date) -> RegisterAnswer:
    parameters = {
        "query.term": query,
        "filter.advanced": f"AREA[LastUpdatePostDate]RANGE[{since.isoformat()},MAX]",
        "fields": _TRIAL_FIELDS,
        "pageSize": str(MOST),
        "countTotal": "true",
        "format": "json",
    }
    answered = _get(CLINICAL_TRIALS, "/api/v2/studies", parameters, query)
    result = _holding(CLINICAL_TRIALS, answered, "studies", "trials")
    answer = RegisterAnswer(total=_number(result.get("totalCount")))
    return _with_hits(answer, result["studies"][:MOST], _trial)


_ASK: dict[Register, Callable[[str, datetime.date], RegisterAnswer]] = {
    Register.PUBMED: _ask_pubmed,
    Register.CROSSREF: _ask_crossref,
    Register.CLINICAL_TRIALS: _ask_clinical_trials,
}


def _subject(query: str) -> str:
    """What is asked for, as errors say it."""
    return f"what is new on “{query[:80]}”"


def _get(
    service: Service, path: str, parameters: Mapping[str, str], query: str
) -> Mapping[str, Any]:
    address = f"{path}?{urlencode(parameters)}"
    answer = get_json(service, address, subject=_subject(query), accept=JSON)
    if not isinstance(answer, Mapping):
        raise WrongAnswerError(f"{service.name} answered a search with something else.")
    return answer


def _holding(service: Service, result: Any, name: str, entries: str) -> Mapping[str, Any]:
    """A search's result when it holds a list under ``name``; ``entries`` says what is in it."""
    if not isinstance(result, Mapping) or not isinstance(result.get(name), list):
        raise WrongAnswerError(f"{service.name} answered a search without a list of {entries}.")
    return result


def _with_hits(
    answer: RegisterAnswer, entries: Iterable[Any], hit_of: Callable[[Any], RegisterHit]
) -> RegisterAnswer:
    """Add the entries that can be used to the answer, and count those that can't."""
    for entry in entries:
        try:
            answer.hits.append(hit_of(entry))
        except (BadRecordError, AttributeError, KeyError, TypeError, ValueError):
            answer.unusable += 1
    return answer


def _pubmed_work(entry: Any) -> RegisterHit:
    """A work as ``esummary`` gives it: names as "Sun JM", the day as "2023 Mar 15"."""
    identifiers = {
        identifier["idtype"]: str(identifier["value"])
        for identifier in entry.get("articleids") or []
    }
    year = re.match(r"(\d{4})(?:/(\d\d)/(\d\d))?", str(entry.get("sortpubdate") or ""))
    record = {
        "type": "article-journal",
        "title": unescaped(str(entry["title"])).removesuffix("."),
        "author": [
            _name(str(author["name"]))
            for author in entry.get("authors") or []
            if str(author.get("authtype", "Author")) == "Author"
        ],
        "container-title": unescaped(
            str(entry.get("fulljournalname") or entry.get("source") or "")
        ),
        "volume": entry.get("volume"),
        "issue": entry.get("issue"),
        "page": entry.get("pages"),
        "PMID": str(entry["uid"]),
        "DOI": identifiers.get("doi"),
        "PMCID": identifiers.get("pmc"),
        "issued": {"date-parts": [[int(year[1])]]} if year else None,
    }
    kinds = tuple(str(kind)[:60] for kind in entry.get("pubtype") or [])
    return RegisterHit(cleaned({name: value for name, value in record.items() if value}), kinds)


def _name(written: str) -> dict[str, str]:
    """PubMed writes the family name and then the initials without stops."""
    family, _, initials = written.rpartition(" ")
    if family and re.fullmatch(r"[A-Z]{1,4}", initials):
        return {"family": family, "given": initials}
    return {"literal": written}


def _crossref_work(entry: Any) -> RegisterHit:
    raw = {name: _plain(value) for name, value in entry.items()}
    if raw.get("published-print"):
        raw["issued"] = raw["published-print"]
    record = cleaned({name: value for name, value in raw.items() if name != "published-print"})
    if "DOI" not in record:
        raise BadRecordError("it has no DOI.")
    return RegisterHit(record, (str(entry.get("type") or "").replace("-", " "),))


def _plain(value: Any) -> Any:
    """Crossref gives titles in lists and passes on entities that publishers deposit."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        value = value[0]
    return unescaped(value) if isinstance(value, str) else value


def _trial(entry: Any) -> RegisterHit:
    protocol = entry["protocolSection"]
    number = str(protocol["identificationModule"]["nctId"])
    if not _NCT.fullmatch(number):
        raise BadRecordError("its number is not one of the register.")
    status = protocol.get("statusModule") or {}
    design = protocol.get("designModule") or {}
    sponsor = (protocol.get("sponsorCollaboratorsModule") or {}).get("leadSponsor") or {}
    posted = str((status.get("studyFirstPostDateStruct") or {}).get("date") or "")
    people = (design.get("enrollmentInfo") or {}).get("count")
    record: dict[str, Any] = {
        "type": "webpage",
        "title": str(protocol["identificationModule"]["briefTitle"]),
        "container-title": "ClinicalTrials.gov",
        "publisher": sponsor.get("name"),
        "number": number,
        "URL": f"https://clinicaltrials.gov/study/{number}",
        "custom": {"registration": number},
    }
    if re.match(r"\d{4}", posted):
        record["issued"] = {"date-parts": [[int(posted[:4])]]}
    kinds = [_words(design.get("studyType")), *map(_words, design.get("phases") or [])]
    kinds.append(_words(status.get("overallStatus")))
    if type(people) is int:
        kinds.append(f"{people} people")
    if entry.get("hasResults"):
        kinds.append("results in the register")
    return RegisterHit(
        cleaned({name: value for name, value in record.items() if value}),
        tuple(kind for kind in kinds if kind),
    )


def _words(value: Any) -> str:
    """``ACTIVE_NOT_RECRUITING`` as words."""
    return str(value or "").replace("_", " ").lower()[:60]


def _number(value: Any) -> int:
    return int(value) if re.fullmatch(r"\d{1,9}", str(value)) else 0
