"""
Paper that is called back: what each clinic has still to do, and what it answered. Reads only.

That a copy is called back is stored nowhere (``copy_check``); what a clinic did about it is
(``RecallAnswer``). An answer closes a recall; a worse cause opens it again.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from education.evidence.models import StatusEvent
from education.handouts.copy_check import CheckedText, State, Verdict, public_code, verdicts_of
from education.handouts.copy_check import verdicts as verdicts_by_code
from education.handouts.models import (
    Clinic,
    PrintedCopy,
    PrintedPart,
    RecallAnswer,
    RecallDrill,
)
from education.handouts.rules import MONTHS_FROM_PRINTING
from education.publishing.models import MaskedPassage, Publication, PublicationEvent
from education.text.masking import holds_passage

# A drill that nobody answered ends by itself.
DRILL_LASTS = datetime.timedelta(days=14)
DRILL = (
    "DRILL. This tries whether recalls reach you. Nothing is wrong with this paper: leave it on "
    "the shelf, and answer as you would if it were a recall."
)
# As which state an answer to a drill is kept.
DRILL_STATE = "drill"
# Nobody is sent to the shelf for what has been too old for longer than this.
STAYS_ON_THE_LIST = datetime.timedelta(days=180)


@dataclass(frozen=True)
class RecallCause:
    """Something that happened to texts for which paper is called back; ``copies`` are in use."""

    name: str
    at: datetime.datetime
    why: str
    copies: Collection[PrintedCopy]
    is_drill: bool = False


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
    days = [checked.since for checked in verdict.checked_texts if checked.since]
    return f"{verdict.name}:{max(days)}" if days else verdict.name


def recalls_of(clinic: Clinic) -> list[Recall]:
    """Everything of a clinic that is for the bin, the worst first, and of that the newest."""
    recent = timezone.localdate() - STAYS_ON_THE_LIST
    copies = PrintedCopy.objects.filter(clinic=clinic, do_not_use_after__gte=recent)
    old = [each for each in verdicts_of(copies.order_by("-pk")) if each.is_for_the_bin]
    answers: dict[int, list[RecallAnswer]] = defaultdict(list)
    of_recalls = RecallAnswer.objects.exclude(state=DRILL_STATE)
    for answer in of_recalls.filter(copy__in=[each.copy for each in old if each.copy]):
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
    return Recall(verdict, copy, tuple(copy.recall_answers.exclude(state=DRILL_STATE)))


def drill_of(copy: PrintedCopy) -> RecallCause | None:
    """The drill that goes on with this print and nobody answered; none while it is called back."""
    answered = set(copy.recall_answers.filter(state=DRILL_STATE).values_list("cause", flat=True))
    of_copy = (drill for drill in drills(copy.clinic) if drill.copies == [copy])
    return next((drill for drill in of_copy if drill.name not in answered), None)


def public_recalls() -> list[CheckedText]:
    """
    Versions of which no public copy may be used, the latest cause first.

    Only those that paper can still be about: no copy is good for longer than a year.
    """
    since = _oldest_cause()
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
    checked_texts = _stopped(verdicts_by_code(codes).values())
    return sorted(
        checked_texts, key=lambda checked: (checked.since, checked.publication.pk), reverse=True
    )


def _stopped(verdicts: Iterable[Verdict]) -> list[CheckedText]:
    return [
        checked
        for verdict in verdicts
        if verdict.state == State.DO_NOT_USE
        for checked in verdict.checked_texts
        if checked.since
    ]


def causes(*, with_past: bool = False) -> list[RecallCause]:
    """
    Everything for which paper that clinics still use is called back; ``with_past`` also names the
    copies that were in use then and have come to the end of their days since.
    """
    recalls = [*_withdrawn(), *_retracted(), *_masked(), *_corrected()]
    if not with_past:
        today = timezone.localdate()
        recalls = [
            replace(each, copies=[copy for copy in each.copies if not copy.is_past(today)])
            for each in recalls
        ]
    return [*recalls, *drills()]


def drills(clinic: Clinic | None = None) -> list[RecallCause]:
    """Drills that go on, of one clinic if it is named; each is of one print."""
    since = timezone.now() - DRILL_LASTS
    begun = RecallDrill.objects.filter(at__gte=since).select_related("copy__clinic")
    if clinic:
        begun = begun.filter(copy__clinic=clinic)
    return [
        RecallCause(f"drill-{drill.pk}", drill.at, DRILL, [drill.copy], is_drill=True)
        for drill in begun
    ]


def by_clinic(copies: Collection[PrintedCopy]) -> dict[Clinic, list[PrintedCopy]]:
    """These copies by who printed them."""
    copies_of: dict[Clinic, list[PrintedCopy]] = {}
    for copy in copies:
        copies_of.setdefault(copy.clinic, []).append(copy)
    return copies_of


@dataclass(frozen=True)
class OpenRecall:
    """Paper of a clinic that was called back for a cause, and no answer came since."""

    clinic: Clinic
    cause: RecallCause
    copies: Sequence[PrintedCopy]


def open_recalls(until: datetime.datetime) -> list[OpenRecall]:
    """
    Recalls of clinics from up to a moment that nobody answered.

    What happened before a clinic's ``recalls_from`` counts as answered.
    """
    begun = [cause for cause in causes() if cause.at <= until]
    called_back = {copy.pk for cause in begun for copy in cause.copies}
    answers = RecallAnswer.objects.filter(copy__in=called_back).order_by("pk")
    answered = dict(answers.values_list("copy", "answered_at")) if called_back else {}
    unanswered = []
    for cause in begun:
        for clinic, copies in by_clinic(cause.copies).items():
            left = [
                copy for copy in copies if copy.pk not in answered or answered[copy.pk] < cause.at
            ]
            if left and cause.at >= clinic.recalls_from:
                unanswered.append(OpenRecall(clinic, cause, left))
    return unanswered


def _oldest_cause() -> datetime.datetime:
    """Printing stops with the cause, and no copy is good for longer than this after it."""
    return timezone.now() - datetime.timedelta(days=31 * MONTHS_FROM_PRINTING)


def _in_use(texts: Q, at: datetime.datetime) -> Collection[PrintedCopy]:
    """Copies of these texts that could be used at a moment."""
    parts = PrintedPart.objects.filter(texts)
    day: datetime.date = min(timezone.localdate(at), timezone.localdate())
    copies = PrintedCopy.objects.filter(pk__in=parts.values("copy"), do_not_use_after__gte=day)
    return list(copies.select_related("clinic").order_by("pk"))


def _withdrawn() -> list[RecallCause]:
    """Each withdrawal of a page that clinics printed, in this or an earlier version."""
    return _ended_by(PublicationEvent.Kind.WITHDRAWN, "withdrawn", "lte", "“{}” was withdrawn: {}")


def _corrected() -> list[RecallCause]:
    """Each correction that recalls paper of the versions before it."""
    return _ended_by(
        PublicationEvent.Kind.RECALLED, "corrected", "lt", "An error in “{}” was corrected: {}"
    )


def _ended_by(kind: PublicationEvent.Kind, name: str, which: str, words: str) -> list[RecallCause]:
    """Each event of a kind that ends paper of versions up to its own, or of those before it."""
    printed = PrintedPart.objects.filter(
        publication__slug=OuterRef("publication__slug"),
        publication__language=OuterRef("publication__language"),
        **{f"publication__number__{which}": OuterRef("publication__number")},
    )
    events = PublicationEvent.objects.filter(
        Exists(printed), kind=kind, at__gte=_oldest_cause()
    ).select_related("publication")
    ended = []
    for event in events.defer("publication__content", "publication__html"):
        text = event.publication
        copies = _in_use(
            Q(
                publication__slug=text.slug,
                publication__language=text.language,
                **{f"publication__number__{which}": text.number},
            ),
            event.at,
        )
        why = words.format(text.title, event.reason)
        ended.append(RecallCause(f"{name}-{event.pk}", event.at, why, copies))
    return ended


def _retracted() -> list[RecallCause]:
    """Each retraction of a work that a text clinics printed rests on."""
    parts = PrintedPart.objects
    cited = parts.filter(publication__published_citations__item=OuterRef("item"))
    defined = parts.filter(publication__definition_citations__item=OuterRef("item"))
    events = StatusEvent.objects.standing().filter(
        Exists(cited) | Exists(defined),
        status=StatusEvent.Status.RETRACTED,
        at__gte=_oldest_cause(),
    )
    return [
        RecallCause(
            f"retracted-{event.pk}",
            event.at,
            f"A study it rests on, “{event.item.title.rstrip('.')}”, was retracted: {event.reason}",
            _in_use(
                Q(publication__in=Publication.objects.resting_on([event.item.key]).values("pk")),
                event.at,
            ),
        )
        for event in events.select_related("item")
    ]


def _masked() -> list[RecallCause]:
    """Each masked passage that paper from before says."""
    masked = []
    for passage in MaskedPassage.objects.in_force().filter(at__gte=_oldest_cause()):
        versions = Publication.objects.filter(slug=passage.slug, language=passage.language)
        saying = [copy.pk for copy in versions if holds_passage(copy.content, passage.words)]
        day = timezone.localdate(passage.at)
        in_use = _in_use(Q(publication__in=saying), passage.at)
        copies = [copy for copy in in_use if copy.printed_on <= day]
        # Not which: nobody should read the words once more to find their paper.
        why = f"A statement in it was taken away: {passage.reason}"
        masked.append(RecallCause(f"masked-{passage.pk}", passage.at, why, copies))
    return masked
