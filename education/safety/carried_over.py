"""
What ended since a backup was made and stays ended when the backup is restored; nobody is asked.

Each of these protects somebody and takes nothing that readers need: keys and addresses that a
clinic gave up, conflicts of interest, emergency notes that ended, proposals that were refused. What
somebody must decide on is held instead (``education.safety.restores``).
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from education.audit.operations import record
from education.handouts.models import Clinic, RecallWebhook
from education.people.models import (
    AbstractProposal,
    ConflictOfInterest,
    ProfileProposal,
    RightsProposal,
    TopicProposal,
    User,
)
from education.safety.models import EmergencyNote
from education.topics.models import Topic

# Who may answer a clinic's recalls, who reads them, and where they are sent.
_OF_CLINIC = ("receipt_key_hash", "recall_key", "mailbox", "mailbox_asked")
_OF_WEBHOOK = (
    "address", "secret", "previous_secret", "previous_until", "made_at", "ended_because",
)  # fmt: skip
_PROPOSALS = (RightsProposal, ProfileProposal, TopicProposal)


@dataclass(frozen=True)
class Endings:
    """
    What a site said of these before it was replaced, by the numbers of rows.

    The numbers are those of the backup: it is compared only with a site that went on from it.
    """

    clinics: dict[int, dict[str, Any]]
    webhooks: dict[int, dict[str, Any]]
    conflicts: frozenset[tuple[int, int, str, datetime.date]]
    notes: frozenset[int]
    refused: dict[type[AbstractProposal], dict[int, int | None]]


def endings() -> Endings:
    """What the site here says."""
    return Endings(
        clinics={row.pop("pk"): row for row in Clinic.objects.values("pk", *_OF_CLINIC)},
        webhooks={
            row.pop("clinic_id"): row
            for row in RecallWebhook.objects.values("clinic_id", *_OF_WEBHOOK)
        },
        conflicts=frozenset(
            ConflictOfInterest.objects.values_list(
                "person_id", "topic_id", "description", "declared_on"
            )
        ),
        notes=frozenset(
            EmergencyNote.objects.filter(ended_at__isnull=False).values_list("pk", flat=True)
        ),
        refused={
            model: dict(
                model._default_manager.filter(accepted=False).values_list("pk", "decided_by_id")
            )
            for model in _PROPOSALS
        },
    )


def carry_over(before: Endings) -> list[str]:
    """
    End in the restored database what had ended on the site of before; one sentence for each.

    In the transaction of the restore. A clinic's keys and addresses become those of before: what it
    gave up stays given up, and what took the place of it goes on.
    """
    return [*_clinics(before), *_conflicts(before), *_notes(before), *_proposals(before)]


def _clinics(before: Endings) -> Iterator[str]:
    now = endings()
    for clinic in Clinic.objects.order_by("pk"):
        told = before.clinics.get(clinic.pk, dict.fromkeys(_OF_CLINIC, ""))
        hook = before.webhooks.get(clinic.pk)
        if (told, hook) == (now.clinics[clinic.pk], now.webhooks.get(clinic.pk)):
            continue
        Clinic.objects.filter(pk=clinic.pk).update(**told)
        if hook:
            RecallWebhook.objects.update_or_create(clinic=clinic, defaults=hook)
        else:
            RecallWebhook.objects.filter(clinic=clinic).delete()
        yield f"{clinic}: its keys for recalls, its mailbox and its webhook."


def _conflicts(before: Endings) -> Iterator[str]:
    people, topics = User.objects.in_bulk(), Topic.objects.in_bulk()
    for person, topic, description, day in sorted(before.conflicts):
        if person not in people or topic not in topics:  # added since
            continue
        _, is_new = ConflictOfInterest.objects.get_or_create(
            person=people[person],
            topic=topics[topic],
            defaults={"description": description, "declared_on": day},
        )
        if is_new:
            yield f"{people[person]}: the conflict of interest on {topics[topic]}."


def _notes(before: Endings) -> Iterator[str]:
    for note in EmergencyNote.objects.filter(pk__in=before.notes, ended_at=None):
        EmergencyNote.objects.filter(pk=note.pk).update(ended_at=timezone.now())
        record("note.ended", note, by=None)
        yield f"Emergency note, {note}: it had ended."


def _proposals(before: Endings) -> Iterator[str]:
    people = set(User.objects.values_list("pk", flat=True))
    for model in _PROPOSALS:
        refused = before.refused[model]
        for proposal in model._default_manager.filter(pk__in=refused, decided_at=None):
            who = refused[proposal.pk]
            if who not in people and model is ProfileProposal:
                continue  # it can't be decided by nobody, and whoever decided it came since
            proposal.decided_by_id = who if who in people else None
            proposal.decided_at, proposal.accepted = timezone.now(), False
            proposal.save(update_fields=["decided_by", "decided_at", "accepted"])
            record(
                "rights.refused"
                if model is RightsProposal
                else "profile.refused"
                if model is ProfileProposal
                else "topic.refused",
                proposal,
                by=None,
            )
            yield f"Proposal, {proposal}: it was refused."
