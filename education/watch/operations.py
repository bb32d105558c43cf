"""Taking in what registers answer, and what people decide on a candidate."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from education.audit.operations import exclusive_transaction, operation, record
from education.errors import EditorialError
from education.evidence.formats.record import Csl, Record
from education.evidence.identifiers import normalise_doi, normalise_pmid
from education.evidence.importing import WATCH, start_import
from education.evidence.matching import Known, work_of
from education.evidence.models import EvidenceImport, EvidenceItem
from education.people.models import User
from education.watch.models import EvidenceCandidate, WatchQuestion
from education.watch.registers import RegisterAnswer, RegisterHit, ask_register
from education.watch.rules import reasons_against_deciding, relevance, title_key

State = EvidenceCandidate.State

# Registers enter works late and out of order, so each question looks back over the last answer.
LOOK_BACK = datetime.timedelta(days=30)


class MayNotDecideError(EditorialError):
    """The candidate was decided on before, or not by this person."""


@dataclass(frozen=True)
class IntakeCounts:
    """What became of one answer."""

    new: int
    known: int
    held: int
    unusable: int
    total: int


def ask_question(question: WatchQuestion) -> IntakeCounts:
    """
    Ask one saved question and take in what is new; the register is asked outside of a transaction.

    Raises ``EvidenceImportError`` where there is no answer; the question keeps the reason.
    """
    begun = timezone.now()
    since = question.since
    if question.answered_at:
        since = max(since, timezone.localdate(question.answered_at) - LOOK_BACK)
    try:
        answer = ask_register(question.register, question.query, since)
    except EditorialError as problem:
        WatchQuestion.objects.filter(pk=question.pk).update(failure=str(problem)[:300])
        raise
    taken = take_in(question, answer)
    WatchQuestion.objects.filter(pk=question.pk).update(answered_at=begun, failure="")
    return taken


def take_in(question: WatchQuestion, answer: RegisterAnswer) -> IntakeCounts:
    """Make a candidate of every hit that is neither held nor listed; nothing is decided anew."""
    with exclusive_transaction():
        held = _HeldWorks()
        listed = _ListedCandidates()
        new = known = already = 0
        for hit in answer.hits:
            if held.has(hit.record):
                already += 1
            elif candidate := listed.find(hit.record):
                listed.name_again(candidate, hit.record, question.get_register_display())
                known += 1
            else:
                listed.add(_new_candidate(question, hit))
                new += 1
        settle_held(held)
    return IntakeCounts(new, known, already, answer.unusable, answer.total)


def settle_held(held: "_HeldWorks | None" = None) -> int:
    """Mark open candidates whose work came here by another way; how many there were."""
    held = held or _HeldWorks()
    undecided = EvidenceCandidate.objects.filter(state__in=(State.WAITING, State.LATER))
    settled = [candidate.pk for candidate in undecided if held.has(candidate.record)]
    return EvidenceCandidate.objects.filter(pk__in=settled).update(state=State.HELD)


@operation
def accept_candidate(*, candidate: EvidenceCandidate, by: User) -> EvidenceImport:
    """Start an import of the candidate, which waits until people have looked through it."""
    candidate = _to_decide(candidate, by)
    custom = candidate.record.get("custom", {}) | {
        "topic": candidate.topic.slug,
        "verified": {
            "level": "bibliographic",
            "note": f"Named by {' and '.join(candidate.registers)}, {candidate.found_at:%Y-%m-%d}.",
        },
    }
    records = [Record(1, 0, candidate.record | {"custom": custom})]
    batch = start_import(source=f"{WATCH}: {candidate.title}", records=records, by=by)
    candidate.evidence_import = batch
    _decide(candidate, State.ACCEPTED, by)
    record("evidence_candidate.accepted", candidate, by=by, evidence_import=batch.pk)
    return batch


@operation
def dismiss_candidate(*, candidate: EvidenceCandidate, by: User, reason: str) -> None:
    """Decide, with a reason, that a candidate is of no use here."""
    candidate = _to_decide(candidate, by)
    candidate.reason = reason
    _decide(candidate, State.DISMISSED, by)
    record("evidence_candidate.dismissed", candidate, by=by, reason=reason)


@operation
def put_off_candidate(
    *, candidate: EvidenceCandidate, by: User, look_again_on: datetime.date, reason: str = ""
) -> None:
    """Look at a candidate again on a day, such as that of a trial's results."""
    candidate = _to_decide(candidate, by)
    candidate.look_again_on, candidate.reason = look_again_on, reason
    _decide(candidate, State.LATER, by)
    record(
        "evidence_candidate.put_off",
        candidate,
        by=by,
        look_again_on=look_again_on.isoformat(),
        reason=reason,
    )


def _to_decide(candidate: EvidenceCandidate, by: User) -> EvidenceCandidate:
    """The candidate as it is now; raises where it is settled, or not for this person to decide."""
    candidate = EvidenceCandidate.objects.select_related("topic__parent").get(pk=candidate.pk)
    if candidate.state in (State.ACCEPTED, State.HELD):
        raise MayNotDecideError(f"It is settled already: {candidate.get_state_display().lower()}.")
    if reasons := reasons_against_deciding(candidate, by):
        raise MayNotDecideError(" ".join(reasons))
    return candidate


def _decide(candidate: EvidenceCandidate, state: State, by: User) -> None:
    candidate.state, candidate.decided_by, candidate.decided_at = state, by, timezone.now()
    candidate.full_clean(exclude=["record"])
    candidate.save()


def _new_candidate(question: WatchQuestion, hit: RegisterHit) -> EvidenceCandidate:
    work = work_of(hit.record)
    points, reasons = relevance(hit.record["title"], hit.kinds, question.words_listed)
    return EvidenceCandidate.objects.create(
        topic_id=question.topic_id,
        registers=[question.get_register_display()],
        title=hit.record["title"],
        year=work.year,
        doi=work.doi,
        pmid=work.pmid,
        registration=_registration(hit.record),
        record=hit.record,
        kind=", ".join(hit.kinds)[:200],
        relevance=points,
        reasons=reasons,
        found_at=timezone.now(),
    )


def _registration(csl: Csl) -> str:
    return str(csl.get("custom", {}).get("registration", ""))


class _HeldWorks:
    """What is held, by identifiers, title and registration; asked once."""

    def __init__(self) -> None:
        self._known = Known()
        rows: Iterable[str] = EvidenceItem.objects.exclude(registration="").values_list(
            "registration", flat=True
        )
        self._registrations = " ".join(rows)

    def has(self, csl: Csl) -> bool:
        """Whether a work is held; one that could be two works is not."""
        registration = _registration(csl)
        if registration and registration in self._registrations:
            return True
        work = work_of(csl)
        if work.doi in self._known.by_doi or work.pmid in self._known.by_pmid:
            return True
        return any(not work.is_another(other) for other in self._known.titled(csl["title"]))


class _ListedCandidates:
    """The candidates there are, by identifiers and title."""

    def __init__(self) -> None:
        self._by: dict[str, EvidenceCandidate] = {}
        for candidate in EvidenceCandidate.objects.all():
            self.add(candidate)

    def add(self, candidate: EvidenceCandidate) -> None:
        """List a candidate under each of its names."""
        for name in _names(candidate.record, candidate.title, candidate.year):
            self._by.setdefault(name, candidate)

    def name_again(self, candidate: EvidenceCandidate, csl: Csl, register: str) -> None:
        """Another register named it: keep that, and the identifiers that nobody has yet."""
        work = work_of(csl)
        if register not in candidate.registers:
            candidate.registers = [*candidate.registers, register]
        if f"doi {work.doi}" not in self._by:
            candidate.doi = candidate.doi or work.doi
        if f"pmid {work.pmid}" not in self._by:
            candidate.pmid = candidate.pmid or work.pmid
        candidate.record = csl | candidate.record
        candidate.save(update_fields=["registers", "doi", "pmid", "record"])
        self.add(candidate)

    def find(self, csl: Csl) -> EvidenceCandidate | None:
        """The candidate that a record is of."""
        names = _names(csl, csl["title"], work_of(csl).year)
        return next((self._by[name] for name in names if name in self._by), None)


def _names(csl: Csl, title: str, year: int | None) -> list[str]:
    doi, pmid = normalise_doi(csl.get("DOI", "")), normalise_pmid(csl.get("PMID", ""))
    names = [f"doi {doi}" if doi else "", f"pmid {pmid}" if pmid else "", _registration(csl)]
    return [name for name in (*names, title_key(title, year)) if name]
