"""Crossref and PubMed on this machine, with answers shaped like the real ones."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.local_server import Answer, local_server

CSL = "application/vnd.citationstyles.csl+json"


def crossref_work(doi: str, **fields: Any) -> dict[str, Any]:
    """What Crossref's transform answers: fields we don't keep, markup, several dates."""
    return {
        "indexed": {"date-parts": [[2025, 1, 2]], "timestamp": 1735776000000},
        "reference-count": 32,
        "publisher": "Wiley",
        "issue": "12",
        "license": [{"URL": "http://creativecommons.org/licenses/by/4.0/"}],
        "abstract": "<jats:p>Somebody's text</jats:p>",
        "DOI": doi,
        "type": "article-journal",
        "page": "1494-1506",
        "source": "Crossref",
        "title": "Prevalence of cerebral palsy &amp; <i>more</i>",
        "volume": "64",
        "author": [
            {"given": "Ada", "family": "Tester", "sequence": "first", "affiliation": []},
            {"name": "The Test Group", "sequence": "additional", "affiliation": []},
        ],
        "container-title": "Journal of Tests",
        "language": "en",
        "issued": {"date-parts": [[2022, 8, 11]]},
        "published-print": {"date-parts": [[2022, 12]]},
        "URL": f"https://doi.org/{doi}",
        "ISSN": ["0012-1622", "1469-8749"],
    } | fields


def pubmed_work(pmid: str, **fields: Any) -> dict[str, Any]:
    """What NCBI's Literature Citation Exporter answers."""
    return {
        "source": "PubMed",
        "accessed": {"date-parts": [[2025, 3, 17]]},
        "id": f"pmid:{pmid}",
        "title": f"A study with the PubMed id {pmid}.",
        "author": [{"family": "Tester", "given": "Ada"}],
        "container-title-short": "J Tests",
        "container-title": "Journal of tests",
        "issued": {"date-parts": [[2021, 3]]},
        "page": "1-9",
        "volume": "6",
        "PMID": pmid,
        "type": "article-journal",
    } | fields


class Services:
    """What is known under which identifier, and what was asked for."""

    def __init__(self) -> None:
        self.works: dict[str, Any] = {}
        self.headers: dict[str, str] = {}
        self.status = 0
        self.asked: list[str] = []

    def knows(self, *works: dict[str, Any]) -> None:
        """Answer with these works; each under its DOI or PubMed id."""
        for work in works:
            for name in ("DOI", "PMID"):
                if name in work:
                    self.works[str(work[name]).lower()] = work

    def answer(self, path: str) -> Answer:
        parts = urlsplit(path)
        asked = parse_qs(parts.query).get("id") or [
            unquote(parts.path.removeprefix("/v1/works/").partition("/transform")[0])
        ]
        self.asked.append(asked[0])
        status = self.status or (200 if asked[0].lower() in self.works else 404)
        body = self.works.get(asked[0].lower(), {})
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return status, {"Content-Type": CSL} | self.headers, data


@contextmanager
def local_services(settings: Any) -> Iterator[Services]:
    """Both services on this machine while the context lasts."""
    services = Services()
    with local_server(lambda request: services.answer(request.path)) as address:
        settings.CROSSREF_API_URL = settings.NCBI_API_URL = address
        yield services
