"""
Evidence items as files that reference managers, and our own import, read.

RIS and BibTeX carry the reference; CSL-JSON carries the appraisal as well, in ``custom``. The notes
of those who entered an item stay at the desk: ``for_editors`` says whether they go along. Readers
get a retracted work without what it found, and CSL's ``status`` says what became of a work.
"""

from collections.abc import Iterable

from education.evidence.formats import WRITERS
from education.evidence.formats.record import BadRecordError, Csl, cleaned
from education.evidence.models import FOUND, EvidenceItem, StatusEvent
from education.evidence.shipped_evidence import APPRAISAL, record_of


def exported(items: Iterable[EvidenceItem], file_format: str, *, for_editors: bool = False) -> str:
    """Return items in a format of ``formats.WRITERS``."""
    return written([exportable(item, for_editors=for_editors) for item in items], file_format)


def written(records: Iterable[Csl], file_format: str) -> str:
    """Return clean records in a format of ``formats.WRITERS``."""
    return WRITERS[file_format](records)


def exportable(item: EvidenceItem, *, for_editors: bool = False) -> Csl:
    """Return one item as a clean record, for readers without what is meant for editors."""
    record = record_of(item)
    if not for_editors:
        custom = record["custom"]
        left_out = FOUND if item.status == StatusEvent.Status.RETRACTED else ()
        kept = (name for name in APPRAISAL if name in custom and name not in left_out)
        record["custom"] = {name: custom[name] for name in kept}
        if item.status != StatusEvent.Status.CURRENT:
            became = str(StatusEvent.Status(item.status).label)
            record["status"] = item.status
            # The one place for it that RIS and BibTeX have.
            record["note"] = "; ".join(note for note in (became, record.get("note")) if note)
    return clean_as_far_as_possible(record)


def clean_as_far_as_possible(record: Csl) -> Csl:
    """Return the record in the clean shape; a field that can't be cleaned is left out."""
    try:
        return cleaned(record)
    except BadRecordError:
        sound = {name: value for name, value in record.items() if _is_sound(name, value)}
        return cleaned({"title": str(record.get("id", "")) or "[no title]"} | sound)


def _is_sound(name: str, value: object) -> bool:
    try:
        cleaned({"title": "T"} | {name: value})
    except BadRecordError:
        return False
    return True
