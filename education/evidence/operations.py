"""Entering, changing and verifying evidence items."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from education.audit.operations import operation, record
from education.errors import EditorialError, StaleError
from education.evidence.indexing import index_item
from education.evidence.models import EvidenceItem, Finding, Verification, new_findings
from education.evidence.rules import reasons_against_verifying
from education.people.models import Role, User

# What must follow in the same step when an item's details change: called with the item, the person
# and the old and new value of each changed detail. A package that comes later in the flow adds its
# part here when the app is ready (``apps.py``).
after_change: list[Callable[[EvidenceItem, User | None, dict[str, Any]], None]] = []


class MayNotVerifyError(EditorialError):
    """The person may not verify this item, or has done so."""


@operation
def enter_item(*, details: Mapping[str, Any], by: User | None) -> EvidenceItem:
    """
    Add an evidence item; it is not verified until two people have said so.

    ``details`` maps field names to values, and ``findings`` to a list of such mappings; an invalid
    value raises ``ValidationError``.
    """
    fields = {name: value for name, value in details.items() if name != "findings"}
    item = EvidenceItem(**fields, entered_by=by)
    item.details_hash = item.computed_details_hash()
    item.full_clean()
    item.save(force_insert=True)
    if details.get("findings"):
        _put_findings(item, new_findings(details["findings"]))
        item.details_hash = item.computed_details_hash()
        item.save(update_fields=["details_hash"])
    index_item(item)
    record("evidence_item.entered", item, by=by, details_hash=item.details_hash)
    return item


@operation
def change_item(*, item: EvidenceItem, details: Mapping[str, Any], by: User | None) -> EvidenceItem:
    """
    Change an item's details. Verifications and approvals of the old details no longer count.

    ``details`` is as for ``enter_item``; ``findings`` are replaced all together. Does nothing, and
    records nothing, when the details are what they were.
    """
    item = EvidenceItem.objects.get(pk=item.pk)
    before = EvidenceItem.LATER_DETAILS | item.details()
    for name, value in details.items():
        if name != "findings":
            setattr(item, name, value)
    if "findings" in details:
        findings = new_findings(details["findings"])
        if [finding.data() for finding in findings] != item.findings:
            _put_findings(item, findings)
    item.details_hash = item.computed_details_hash()
    item.full_clean()
    after = EvidenceItem.LATER_DETAILS | item.details()
    changed = sorted(name for name, value in after.items() if value != before[name])
    if changed:
        item.details_sequence += 1
        item.changed_by = by
    item.save()
    if changed:
        index_item(item)
        moved = {name: [before[name], after[name]] for name in changed}
        record(
            "evidence_item.changed",
            item,
            by=by,
            moved=moved,
            details_hash=item.details_hash,
        )
        for follow in after_change:
            follow(item, by, moved)
    return item


@operation
def verify_item(
    *,
    item: EvidenceItem,
    by: User,
    level: EvidenceItem.Level | str,
    note: str = "",
    details_seen: str = "",
) -> Verification:
    """
    Record that a person has checked an item's details against the work itself.

    Medical reviewers and editors verify; two different people make an item verified, and one of
    them must be a medical reviewer with current credentials. Not whoever entered or last changed
    the item, and nobody with a conflict on its topic. ``details_seen`` is the
    ``details_state`` that the person had before them: of another nothing is recorded.
    """
    item = EvidenceItem.objects.select_related("topic__parent").get(pk=item.pk)
    reasons = reasons_against_verifying(by, item)
    if reasons:
        raise MayNotVerifyError(" ".join(reasons))
    if level not in {EvidenceItem.Level.ABSTRACT, EvidenceItem.Level.FULL_TEXT}:
        raise MayNotVerifyError("An item is verified by reading its abstract or full text.")
    if details_seen and details_seen != item.details_state:
        raise StaleError(
            f"{item.key} was changed while you were reading. Nothing was recorded; please compare "
            "it again."
        )
    details_hash = item.computed_details_hash()
    if item.verifications.filter(
        by=by, details_hash=details_hash, details_sequence=item.details_sequence
    ).exists():
        raise MayNotVerifyError(f"{by} has verified {item.key} already; a second person must.")
    verification = Verification.objects.create(
        item=item,
        by=by,
        as_medical_reviewer=by.has_role(Role.MEDICAL_REVIEWER) and by.credentials_are_current(),
        level=level,
        details_hash=details_hash,
        details_sequence=item.details_sequence,
        at=timezone.now(),
        note=note,
    )
    record("evidence_item.verified", item, by=by, level=str(level), details_hash=details_hash)
    return verification


def _put_findings(item: EvidenceItem, findings: list[Finding]) -> None:
    """Make these the item's findings, in place of those it has."""
    item.found.all().delete()
    for finding in findings:
        finding.item = item
    Finding.objects.bulk_create(findings)
