"""What of an evidence item can be found by search."""

from education.evidence.models import EvidenceItem
from education.evidence.people_studied import short_name
from education.search.models import SearchEntry
from education.search.operations import SearchPart, put

SUBJECT = "evidenceitem"


def index_item(item: EvidenceItem) -> None:
    """Let an item be found by its details as they are now, once it is verified."""
    authors = " ".join(str(author.get("family", "")) for author in item.authors)
    text = f"{item.finding} {item.population} {item.intervention} {authors}"
    part = SearchPart(
        kind=SearchEntry.Kind.STUDY,
        title=item.title,
        also=f"{item.key} {short_name(item)}",
        lead=item.finding,
        text=text,
    )
    put(SUBJECT, item.pk, [part])
