"""What of an evidence item can be found by search."""

from education.evidence.models import EvidenceItem
from education.evidence.people_studied import short_name
from education.search.models import SearchEntry
from education.search.operations import SearchPart, put

SUBJECT = "evidenceitem"


def index_item(item: EvidenceItem) -> None:
    """Let an item be found by its details as they are now, once it is verified."""
    put(SUBJECT, item.pk, [part_of(item, item.finding)])


def part_of(item: EvidenceItem, finding: str) -> SearchPart:
    """What is found of an item, with what it found as that may be told."""
    authors = " ".join(str(author.get("family", "")) for author in item.authors)
    return SearchPart(
        kind=SearchEntry.Kind.STUDY,
        title=item.title,
        also=(item.key, short_name(item)),
        lead=finding,
        text=f"{finding} {item.population} {item.intervention} {authors}",
    )
