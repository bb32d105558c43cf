"""
What ships beside what the site has: works under another key, and details that were corrected.

A stored item is never changed here. Corrections wait as an import, field by field, until people
look through them at the desk.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from education.audit.models import Event
from education.audit.operations import operation
from education.canonical import digest
from education.evidence.formats.record import BadRecordError, Csl, Record, cleaned
from education.evidence.identifiers import normalise_doi, normalise_pmid, normalised_title
from education.evidence.import_preview import ProposalKind, plan
from education.evidence.importing import CORRECTIONS, start_import
from education.evidence.matching import Known, work_of
from education.evidence.models import EvidenceImport, EvidenceItem, new_findings
from education.evidence.shipped_evidence import details_of, read_records

SHIPPED = Path(__file__).resolve().parents[1] / "content" / "evidence.json"


class ShippedWorks:
    """Where works that ship are on the site, as it was when this was made."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.shipped = set(keys)
        self.known = Known()
        rows = EvidenceItem.objects.values_list("key", "doi", "pmid", "url", "title")
        self.by_key = {key: details for key, *details in rows.iterator()}

    def key_here(self, record: Csl) -> str:
        """
        The key under which the site has this work; empty where it has not.

        That is its own key, unless another work has that here. Else it is found by DOI or PubMed
        id, or by its title where nothing speaks against it. Raises ``BadRecordError`` where it may
        be two works.
        """
        key: str = record["id"]
        if key in self.by_key and _is_same_work(record, *self.by_key[key]):
            return key
        item, how, _ = self.known.find(work_of(record))
        # By its title alone no work is another one that ships.
        if item is None or (how == "title" and item.key in self.shipped):
            return ""
        return item.key

    def new_key(self, record: Csl) -> str:
        """The key to enter a work under that is not here: its own, unless another work has it."""
        return self.known.new_key(record) if record["id"] in self.by_key else str(record["id"])


def _is_same_work(record: Csl, doi: str, pmid: str, url: str, title: str) -> bool:
    """Whether a record is the item that has its key, some of whose details may be corrected."""
    return (
        normalise_doi(record.get("DOI", "")) == normalise_doi(doi) != ""
        or normalise_pmid(record.get("PMID", "")) == normalise_pmid(pmid) != ""
        or record.get("URL", "") == url != ""
        or normalised_title(record["title"]) == normalised_title(title)
    )


def other_keys(file: Path = SHIPPED) -> dict[str, str]:
    """Of shipped works that the site has under another key: their own key to that one."""
    records = [record for _, record in read_records(file)]
    works = ShippedWorks(record["id"] for record in records)
    keys = {}
    for record in records:
        try:
            here = works.key_here(record)
        except BadRecordError:
            continue
        if here and here != record["id"]:
            keys[record["id"]] = here
    return keys


@operation
def offer_corrections(records: Iterable[Csl]) -> tuple[EvidenceImport | None, list[str]]:
    """
    Let what ships of held items wait as an import where it says something else than the site.

    Each set of corrections is offered once: not again while it waits, nor after somebody looked
    through it. One that waits from an earlier release makes room for the new. An item that was
    changed here after it had these very details is left out. Returns the import that waits for
    this set, new or not, and the keys it is about, or None and no keys.
    """
    records = list(records)
    source = f"{CORRECTIONS}, {digest(records)[:12]}"
    offered = EvidenceImport.objects.filter(source=source).first()
    if offered:
        keys = [record["csl"]["id"] for record in offered.records if record["csl"]]
        return (None, []) if offered.confirmed_at else (offered, keys)
    given = _given_before()
    changed = [
        Record(number, 0, cleaned(record))
        for number, record in enumerate(records, start=1)
        if _hash_of(details_of(record)) not in given.get(record["id"], set())
    ]
    preview = plan(changed)
    differing = {
        proposal.number
        for proposal in preview.of(ProposalKind.DIFFERENT)
        if proposal.item and proposal.item.key == proposal.csl.get("id")
    }
    waiting = [record for number, record in enumerate(changed, start=1) if number in differing]
    earlier = EvidenceImport.objects.filter(confirmed_at=None, source__startswith=CORRECTIONS)
    earlier.delete()
    if not waiting:
        return None, []
    batch = start_import(source=source, records=waiting, by=None)
    return batch, [record.csl["id"] for record in waiting if record.csl]


def _given_before() -> dict[str, set[str]]:
    """The hashes of the details that commands have given each item, by key."""
    keys = {str(pk): key for pk, key in EvidenceItem.objects.values_list("pk", "key")}
    given: dict[str, set[str]] = {}
    events = Event.objects.filter(
        action__in=["evidence_item.entered", "evidence_item.changed"], by=None
    )
    for subject, data in events.values_list("subject_id", "data").iterator():
        if subject in keys:
            given.setdefault(keys[subject], set()).add(data.get("details_hash", ""))
    return given


def _hash_of(details: Mapping[str, Any]) -> str:
    """The details hash that an item with these details would have."""
    item = EvidenceItem(**{name: value for name, value in details.items() if name != "findings"})
    stored = item.details()
    if details.get("findings"):
        stored["findings"] = [finding.data() for finding in new_findings(details["findings"])]
    return digest(stored)
