"""Is a work here already? By DOI or PubMed id, else by title; and the key of one that is not."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import count
from string import ascii_lowercase
from unicodedata import normalize

from education.evidence.formats.record import BadRecordError, Csl
from education.evidence.identifiers import normalise_doi, normalise_pmid, normalised_title
from education.evidence.models import EvidenceItem
from education.evidence.preparing import date_parts
from education.evidence.withdrawn import bare_title

# Two works of one title this many years apart are two editions.
YEARS_APART = 1

_KEY = re.compile(r"[A-Za-z][-\w]{0,79}", re.ASCII)


@dataclass(frozen=True)
class Work:
    """A work that is here, or comes in by this import: then ``number`` says as which record."""

    key: str
    doi: str
    pmid: str
    title: str
    year: int | None
    pk: int | None = None
    number: int = 0

    def is_another(self, other: "Work") -> bool:
        """Whether two works of one title are two works all the same."""
        if (self.doi and other.doi) or (self.pmid and other.pmid):
            return True  # and they differ: otherwise they had been found by them
        years = self.year, other.year
        return None not in years and abs((years[0] or 0) - (years[1] or 0)) > YEARS_APART


def _title(written: str) -> str:
    """A title to find a work by; one without a letter or digit counts as it is written."""
    bare = bare_title(written)
    return normalised_title(bare) or bare


class Known:
    """Every work that is here, by what it can be found by. One query, however many records."""

    def __init__(self) -> None:
        self.by_doi: dict[str, Work] = {}
        self.by_pmid: dict[str, Work] = {}
        self.by_title: dict[str, list[Work]] = {}
        self.keys: set[str] = set()
        self.compared_with: dict[int, int] = {}
        self._tried: Counter[str] = Counter()
        rows = EvidenceItem.objects.values_list("pk", "key", "doi", "pmid", "title", "issued_year")
        for pk, key, doi, pmid, title, year in rows.iterator():
            self.add(Work(key, normalise_doi(doi), normalise_pmid(pmid), _title(title), year, pk))

    def add(self, work: Work) -> None:
        """Take note of a work."""
        self.keys.add(work.key.lower())
        if work.doi:
            self.by_doi.setdefault(work.doi, work)
        if work.pmid:
            self.by_pmid.setdefault(work.pmid, work)
        if work.title:
            self.by_title.setdefault(work.title, []).append(work)

    def find(self, work: Work) -> tuple[Work | None, str, str]:
        """The work it is, how that was found, and what else to tell; raises when it may be two."""
        by_doi, by_pmid = self.by_doi.get(work.doi), self.by_pmid.get(work.pmid)
        if by_doi and by_pmid and by_doi != by_pmid:
            raise BadRecordError(
                f"its DOI is that of {by_doi.key} and its PubMed id that of {by_pmid.key}; "
                "correct one of them."
            )
        if by_doi or by_pmid:
            return by_doi or by_pmid, "DOI" if by_doi else "PubMed id", ""
        namesakes = self.by_title.get(work.title, [])
        same = [other for other in namesakes if not work.is_another(other)]
        if len(same) > 1:
            keys = ", ".join(sorted(other.key for other in same))
            raise BadRecordError(f"its title is that of {keys}; give it a DOI or a PubMed id.")
        if same:
            return same[0], "title", ""
        keys = ", ".join(sorted(other.key for other in namesakes))
        return None, "", f"Another work with this title is here: {keys}." if keys else ""

    def titled(self, title: str) -> list[Work]:
        """Works of this title."""
        return self.by_title.get(_title(title), [])

    def new_key(self, csl: Csl) -> str:
        """The record's own key when it is free and can be written in a text, else one like it."""
        wanted = csl.get("id", "")
        base = (wanted if _KEY.fullmatch(wanted) else _author_and_year(csl))[:72]
        for n in count(self._tried[base]):
            self._tried[base] = n + 1
            # sun2017, sun2017a … sun2017z, sun2017-27 …
            key = base + (f"-{n}" if n > len(ascii_lowercase) else ("", *ascii_lowercase)[n])
            if key.lower() not in self.keys:
                return key
        raise AssertionError


def work_of(csl: Csl) -> Work:
    """A prepared record as something to look for."""
    return Work(
        key=csl.get("id", ""),
        doi=normalise_doi(csl.get("DOI", "")),
        pmid=normalise_pmid(csl.get("PMID", "")),
        title=_title(csl["title"]),
        year=date_parts(csl)[0] if date_parts(csl) else None,
    )


def _author_and_year(csl: Csl) -> str:
    """``sun2017`` from the first author's name, or from the first long word of the title."""
    author = (csl.get("author") or csl.get("editor") or [{}])[0]
    words = [author.get("family") or author.get("literal") or "", *csl["title"].split()]
    plain = (re.sub(r"[^a-z]", "", normalize("NFKD", word).lower()) for word in words)
    name = next((word for word in plain if len(word) > 1), "item")[:40]
    return name + "".join(map(str, date_parts(csl)[:1]))
