"""Questions about evidence items; reads, never writes."""

from education.evidence.models import EvidenceItem, StatusEvent


def problems_as_citation(item: EvidenceItem) -> list[str]:
    """
    Why an item may not stand behind a published statement now, as sentences; empty when it may.

    Rule 4 of review: every citation resolves to a verified item; no cited item is retracted.
    """
    reasons = []
    if not item.usable:
        reasons.append(f"{item.key} may not be cited: {item.unusable_reason}.")
    if not item.is_verified():
        reasons.append(f"{item.key} is not verified by two people, one a medical reviewer.")
    if item.status == StatusEvent.Status.RETRACTED:
        reasons.append(f"{item.key} was retracted.")
    return reasons
