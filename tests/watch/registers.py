"""PubMed, Crossref and ClinicalTrials.gov on this machine, in the form of the real ones."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.local_server import Answer, local_server

JSON = {"Content-Type": "application/json; charset=UTF-8"}


def pubmed_summary(uid: str, title: str, **fields: Any) -> dict[str, Any]:
    """A work as ``esummary.fcgi?retmode=json`` gives it."""
    return {
        "uid": uid,
        "pubdate": "2026 Mar 15",
        "source": "J Tests",
        "authors": [
            {"name": "Tester AB", "authtype": "Author", "clusterid": ""},
            {"name": "The Test Group", "authtype": "CollectiveName", "clusterid": ""},
        ],
        "lastauthor": "Tester AB",
        "title": title,
        "volume": "6",
        "issue": "2",
        "pages": "1-9",
        "lang": ["eng"],
        "pubtype": ["Journal Article"],
        "articleids": [{"idtype": "pubmed", "idtypen": 1, "value": uid}],
        "fulljournalname": "Journal of tests",
        "sortpubdate": "2026/03/15 00:00",
    } | fields


def crossref_item(doi: str, title: str, **fields: Any) -> dict[str, Any]:
    """A work as ``/v1/works`` gives it with ``select``."""
    return {
        "DOI": doi,
        "title": [title],
        "type": "journal-article",
        "author": [{"given": "Ada", "family": "Tester", "sequence": "first", "affiliation": []}],
        "container-title": ["Journal of Tests"],
        "issued": {"date-parts": [[2026, 3]]},
        "publisher": "A publisher",
    } | fields


def trial(nct: str, title: str, *, results: bool = False, **fields: Any) -> dict[str, Any]:
    """A trial as ``/api/v2/studies`` gives it."""
    return {
        "protocolSection": {
            "identificationModule": {"nctId": nct, "briefTitle": title},
            "statusModule": {
                "overallStatus": "ACTIVE_NOT_RECRUITING",
                "studyFirstPostDateStruct": {"date": "2024-05-01", "type": "ACTUAL"},
                "lastUpdatePostDateStruct": {"date": "2026-05-01", "type": "ACTUAL"},
            },
            "sponsorCollaboratorsModule": {"leadSponsor": {"name": "A university"}},
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": ["PHASE2"],
                "enrollmentInfo": {"count": 90},
            },
        },
        "hasResults": results,
    } | fields


class Registers:
    """What each register knows, how it fails, and what it was asked."""

    def __init__(self) -> None:
        self.pubmed: list[Any] = []
        self.crossref: list[Any] = []
        self.trials: list[Any] = []
        self.status: dict[str, int] = {}
        self.bodies: dict[str, bytes] = {}
        self.slow = 0.0
        self.asked: list[tuple[str, dict[str, str]]] = []

    def answer(self, address: str) -> Answer:
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, asked))
        time.sleep(self.slow)
        if parts.path in self.bodies:
            return 200, JSON, self.bodies[parts.path]
        if parts.path in self.status:
            return self.status[parts.path], JSON, b"{}"
        return 200, JSON, json.dumps(self._known(parts.path, asked)).encode()

    def _known(self, path: str, asked: dict[str, str]) -> Any:
        if path == "/entrez/eutils/esearch.fcgi":
            ids = [work["uid"] for work in self.pubmed]
            result = {"count": str(len(ids)), "retmax": "100", "retstart": "0", "idlist": ids}
            return {"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}
        if path == "/entrez/eutils/esummary.fcgi":
            works = {work["uid"]: work for work in self.pubmed}
            return {"result": works | {"uids": asked["id"].split(",")}}
        if path == "/v1/works":
            message = {"total-results": len(self.crossref), "items": self.crossref}
            return {"status": "ok", "message-type": "work-list", "message": message}
        assert path == "/api/v2/studies"
        return {"totalCount": len(self.trials), "studies": self.trials}


@contextmanager
def local_registers(settings: Any) -> Iterator[Registers]:
    """All three on this machine while the context lasts."""
    registers = Registers()
    with local_server(lambda request: registers.answer(request.path)) as address:
        settings.EUTILS_API_URL = settings.CROSSREF_API_URL = address
        settings.CLINICAL_TRIALS_API_URL = address
        yield registers
