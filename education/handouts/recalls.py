"""
Paper that is called back: what each clinic has still to do, and what it answered. Reads only.

That a copy is called back is stored nowhere (``copy_check``); what a clinic did about it is
(``RecallAnswer``). An answer closes a recall; a worse cause opens it again.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from education.evidence.models import StatusEvent
from education.handouts.copy_check import CheckedCode, State, Verdict, public_code, verdicts_of
from education.handouts.copy_check import verdicts as verdicts_by_code
from education.handouts.models import Clinic, PrintedCopy, RecallAnswer
from education.handouts.rules import MONTHS_FROM_PRINTING
from education.publishing.models import MaskedPassage, Publication, PublicationEvent

# Nobody is sent to the shelf for what has been too old for longer than this.
STAYS_ON_THE_LIST = datetime.timedelta(days=180)


@dataclass(frozen=True)
class Recall:
    """One print of a clinic that must not be used any more, and what was answered about it."""

    verdict: Verdict
    copy: PrintedCopy
    answers: tuple[RecallAnswer, ...] = ()

    @property
    def cause(self) -> str:
        """What an answer is about: the state, and of the worst since when."""
        return cause_of(self.verdict)

    @property
    def is_answered(self) -> bool:
        """Whether somebody said what became of the paper, for this cause or a worse one."""
        ranks = [State[answer.state.upper().replace("-", "_")] for answer in self.answers]
        known = any(answer.cause == self.cause for answer in self.answers)
        return known or any(rank > self.verdict.state for rank in ranks)

    @property
    def binned(self) -> int:
        """How many were binned, by all answers."""
        return sum(answer.binned for answer in self.answers)

    @property
    def given_out(self) -> int:
        """How many families have, by all answers."""
        return sum(answer.given_out for answer in self.answers)


def cause_of(verdict: Verdict) -> str:
    """Names why a copy is for the bin, so that an answer is about that and nothing else."""
    if verdict.state != State.DO_NOT_USE:
        return verdict.name
    days = [finding.since for finding in verdict.findings if finding.since]
    return f"{verdict.name}:{max(days)}" if days else verdict.name


def recalls_of(clinic: Clinic) -> list[Recall]:
    """Everything of a clinic that is for the bin, the worst first, and of that the newest."""
    recent = timezone.localdate() - STAYS_ON_THE_LIST
    copies = PrintedCopy.objects.filter(clinic=clinic, do_not_use_after__gte=recent)
    old = [each for each in verdicts_of(copies.order_by("-pk")) if each.is_for_the_bin]
    answers: dict[int, list[RecallAnswer]] = defaultdict(list)
    for answer in RecallAnswer.objects.filter(copy__in=[each.copy for each in old if each.copy]):
        answers[answer.copy_id].append(answer)
    return [
        Recall(each, each.copy, tuple(answers[each.copy.pk]))
        for each in sorted(old, key=lambda verdict: -verdict.state)
        if each.copy
    ]


def recall_of(copy: PrintedCopy) -> Recall | None:
    """The same of one copy; nothing where it may be used."""
    (verdict,) = verdicts_of([copy])
    if not verdict.is_for_the_bin:
        return None
    return Recall(verdict, copy, tuple(copy.recall_answers.all()))


def public_recalls() -> list[CheckedCode]:
    """
    Versions of which no public copy may be used, the latest cause first.

    Only those that paper can still be about: no copy is good for longer than a year.
    """
    since = timezone.now() - datetime.timedelta(days=31 * MONTHS_FROM_PRINTING)
    ended = [PublicationEvent.Kind.WITHDRAWN, PublicationEvent.Kind.RECALLED]
    events = PublicationEvent.objects.filter(kind__in=ended, at__gte=since)
    masked = MaskedPassage.objects.in_force().filter(at__gte=since)
    fallen = StatusEvent.objects.standing().filter(
        status=StatusEvent.Status.RETRACTED, at__gte=since
    )
    keys = list(fallen.values_list("item__key", flat=True))
    texts = Publication.objects.live().filter(
        Q(slug__in=events.values("publication__slug"))
        | Q(slug__in=masked.values("slug"))
        | Q(pk__in=Publication.objects.resting_on(keys).values("pk"))
    )
    codes = [public_code(text) for text in texts.defer("content", "html", "search_text")]
    findings = _stopped(verdicts_by_code(codes).values())
    return sorted(
        findings, key=lambda finding: (finding.since, finding.publication.pk), reverse=True
    )


def _stopped(verdicts: Iterable[Verdict]) -> list[CheckedCode]:
    return [
        finding
        for verdict in verdicts
        if verdict.state == State.DO_NOT_USE
        for finding in verdict.findings
        if finding.since
    ]
