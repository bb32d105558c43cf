"""
Whether a printed copy may still be used. Reads, never writes.

Nothing is stored of the answer: it follows from what became of the copy's texts, the works they
rest on and the clock, so paper is called back the moment something happens, and a false alarm that
is lifted makes it good again.

A code is one of two kinds. A clinic's copy has a random one. A public copy is recorded nowhere:
its code is the beginning of its publication's hash, so it names what anyone may read. When it was
printed only its square says, by the month in its address (``?printed=2026-11``).
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from django.db.models import Prefetch
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.evidence.models import StatusEvent
from education.handouts.codes import ALPHABET, check_character, format_code
from education.handouts.models import PrintedCopy, PrintedPart
from education.handouts.rules import DAYS_AFTER_REVIEW_IS_DUE, MONTHS_FROM_PRINTING
from education.languages import plain_date
from education.publishing.minor_changes import only_wording_changed
from education.publishing.models import Publication, PublicationEvent
from education.publishing.operations import months_later
from education.publishing.status import (
    SAID,
    EvidenceStatus,
    Notice,
    PublicationStatus,
    held_notice,
    statuses_of,
    versions_as_told,
)

# Eight characters of 5 bits are ten hexadecimal digits.
_DIGITS = 10
_NOT_NEEDED = ("html", "search_text")


class State(IntEnum):
    """Whether a copy may be used, the worse the higher."""

    CURRENT = 0
    CHANGED = 1
    EXPIRED = 2
    DO_NOT_USE = 3
    UNKNOWN = 4


# The answer in a line, as pages and lists begin with it.
HEADLINES = {
    State.CURRENT: _("This copy is current"),
    State.CHANGED: _("A newer version exists"),
    State.EXPIRED: _("This copy is too old to use"),
    State.DO_NOT_USE: _("Do not use this copy"),
    State.UNKNOWN: _("We do not know this code"),
}

# The same in a word or two, for tables.
LABELS = {
    State.CURRENT: _("Keep"),
    State.CHANGED: _("Bin: newer version"),
    State.EXPIRED: _("Bin: too old"),
    State.DO_NOT_USE: _("Bin: do not use"),
    State.UNKNOWN: _("Not ours"),
}


@dataclass(frozen=True)
class CheckedText:
    """
    What became of one text on a copy.

    ``why`` and ``since`` say why it may not be used. ``changes`` are the versions that came after
    it, the oldest first; ``instead`` is what is public now, if anything, and ``instead_prints``
    whether it may be printed. ``notices`` are what readers of the page are told that may not stand
    on the paper. ``rewordings`` are later versions that
    change wording alone: then paper stays current, and ``changes`` is empty. ``masked_on`` is the
    last day on which words of it were taken away that paper from
    before still says.
    """

    publication: Publication
    state: State
    why: str = ""
    since: datetime.date | None = None
    changes: tuple[Publication, ...] = ()
    instead: Publication | None = None
    instead_prints: bool = False
    notices: tuple[Notice, ...] = ()
    masked_on: datetime.date | None = None
    rewordings: tuple[Publication, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """
    The answer to a code. ``copy`` is set where a clinic printed it.

    ``do_not_use_after`` is never later than the day on the paper; None where that day is not known:
    a public copy whose month of printing, ``printed``, nobody told us. ``ends_on`` is the last day
    of any public copy.
    """

    code: str
    state: State
    checked_texts: tuple[CheckedText, ...] = ()
    do_not_use_after: datetime.date | None = None
    copy: PrintedCopy | None = None
    printed: datetime.date | None = None
    ends_on: datetime.date | None = None

    def printed_in(self, month: str, at: datetime.datetime | None = None) -> "Verdict":
        """
        The answer for a public copy printed in a month, such as ``2026-11``.

        It counts from the first day of that month, so it is never later than the day on the paper.
        A clinic's copy, and a month in which it can't have been printed, change nothing.
        """
        moment = at or timezone.now()
        first = _first_day(month)
        if self.ends_on is None or first is None:
            return self
        live_in = timezone.localdate(self.checked_texts[0].publication.goes_live_at).replace(day=1)
        today = timezone.localdate(moment)
        if not live_in <= first <= today:
            return self
        last = min(months_later(first, MONTHS_FROM_PRINTING), self.ends_on)
        state = max(self.state, State.EXPIRED) if today > last else self.state
        return replace(self, state=state, do_not_use_after=last, printed=first)

    @property
    def query(self) -> str:
        """What the address of the check page needs beside the code to give this answer."""
        return month_query(self.printed) if self.printed else ""

    @property
    def title(self) -> str:
        """What stands on the paper as its title."""
        if self.copy:
            return self.copy.title
        return self.checked_texts[0].publication.title if self.checked_texts else ""

    @property
    def shown_code(self) -> str:
        """The code as it stands on the paper."""
        return format_code(self.code)

    @property
    def headline(self) -> str:
        """The answer in a line."""
        return str(HEADLINES[self.state])

    @property
    def label(self) -> str:
        """The answer in a word or two."""
        return str(LABELS[self.state])

    @property
    def is_pack(self) -> bool:
        """Whether several texts are on it."""
        return len(self.checked_texts) > 1

    @property
    def name(self) -> str:
        """The answer's name, as styles and tests know it."""
        return self.state.name.lower().replace("_", "-")

    @property
    def may_be_used(self) -> bool:
        """Whether to keep it; everything else is for the bin, or not ours."""
        return self.state == State.CURRENT

    @property
    def was_reworded(self) -> bool:
        """Whether it may be used although a newer version says the same in other words."""
        return self.may_be_used and any(checked.rewordings for checked in self.checked_texts)

    @property
    def is_for_the_bin(self) -> bool:
        """Whether it is a copy of ours that is not the newest truth any more."""
        return State.CURRENT < self.state < State.UNKNOWN

    @property
    def why(self) -> str:
        """The answer in one or two sentences, for a list."""
        worst = [checked for checked in self.checked_texts if checked.state == self.state]
        if self.state == State.DO_NOT_USE:
            sentence = " ".join(dict.fromkeys(checked.why for checked in worst))
        elif self.state == State.EXPIRED:
            day = plain_date(self.do_not_use_after) if self.do_not_use_after else ""
            sentence = gettext("It was good until {}.").format(day)
        elif self.state == State.CHANGED:
            sentence = " ".join(_in_a_list(checked, self.is_pack) for checked in worst)
        elif self.state == State.CURRENT:
            notices = [notice.text for checked in self.checked_texts for notice in checked.notices]
            if self.was_reworded:
                notices.insert(0, gettext("Its wording has changed since, not its meaning."))
            sentence = " ".join(notices)
        else:
            sentence = gettext("No copy has this code.")
        return sentence


def public_code(publication: Publication) -> str:
    """The code of every public print of a publication: made from it, and recorded nowhere."""
    number = int(publication.frozen_hash[:_DIGITS], 16)
    drawn = "".join(ALPHABET[number >> bits & 31] for bits in range(35, -1, -5))
    return drawn + check_character(drawn)


def month_query(printed: datetime.date) -> str:
    """How the address of a check page says in which month a public copy was printed."""
    return f"?printed={printed:%Y-%m}"


def check(code: str, at: datetime.datetime | None = None) -> Verdict:
    """Whether the copy with this code may be used at a moment, now unless given."""
    return verdicts([code], at)[code]


def verdicts(codes: Iterable[str], at: datetime.datetime | None = None) -> dict[str, Verdict]:
    """The same for many codes, as ``parse_code`` gives them; at most eight queries."""
    moment = at or timezone.now()
    distinct = list(dict.fromkeys(codes))
    answers = {
        verdict.code: verdict
        for verdict in verdicts_of(PrintedCopy.objects.filter(code__in=distinct), at)
    }
    public = _named_by([code for code in distinct if code not in answers], at)
    checked_texts = _checked_texts(public.values(), at)
    for code, publication in public.items():
        answers[code] = _of_public(code, *checked_texts[publication.pk], moment)
    return {code: answers.get(code) or Verdict(code, State.UNKNOWN) for code in distinct}


def verdicts_of(
    copies: "Iterable[PrintedCopy]", at: datetime.datetime | None = None
) -> list[Verdict]:
    """Whether each of these clinics' copies may be used, in the order given."""
    moment = at or timezone.now()
    texts = Prefetch("publication", Publication.objects.defer(*_NOT_NEEDED))
    parts = PrintedPart.objects.filter(copy__in=(printed := list(copies)))
    of_copy: dict[int, list[Publication]] = defaultdict(list)
    for part in parts.order_by("place").prefetch_related(texts):
        of_copy[part.copy_id].append(part.publication)
    checked_texts = _checked_texts((text for texts in of_copy.values() for text in texts), at)
    return [
        _of_copy(copy, [checked_texts[text.pk][0] for text in of_copy[copy.pk]], moment)
        for copy in printed
    ]


def _of_copy(
    copy: PrintedCopy, checked_texts: Sequence[CheckedText], moment: datetime.datetime
) -> Verdict:
    checked_texts = [_on_paper(checked, copy.printed_on) for checked in checked_texts]
    state = max((checked.state for checked in checked_texts), default=State.CURRENT)
    if copy.is_past(timezone.localdate(moment)):
        state = max(state, State.EXPIRED)
    return Verdict(copy.code, state, tuple(checked_texts), copy.do_not_use_after, copy)


def _of_public(
    code: str, checked: CheckedText, standing: PublicationStatus, moment: datetime.datetime
) -> Verdict:
    """Unless its square says when it was printed, only its review date ends it."""
    checked = _on_paper(checked)
    last = standing.due_on + datetime.timedelta(days=DAYS_AFTER_REVIEW_IS_DUE)
    state = checked.state
    if timezone.localdate(moment) > last:
        return Verdict(code, max(state, State.EXPIRED), (checked,), last, ends_on=last)
    return Verdict(code, state, (checked,), ends_on=last)


def _first_day(month: str) -> datetime.date | None:
    try:
        return datetime.datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007  # a month has no zone
    except ValueError:
        return None


def _on_paper(checked: CheckedText, printed_on: datetime.date | None = None) -> CheckedText:
    """The same of paper that may say words which were taken away after it was printed."""
    if not checked.masked_on or (printed_on and printed_on > checked.masked_on):
        return checked
    reasons = [notice.text for notice in checked.notices if notice.kind == "masked"]
    if printed_on is None:
        reasons.append(gettext("Copies that were printed until then must not be used."))
    why = " ".join([checked.why, *reasons]).strip()
    return replace(checked, state=State.DO_NOT_USE, why=why, since=checked.masked_on)


def _named_by(codes: Sequence[str], at: datetime.datetime | None) -> dict[str, Publication]:
    """The publications, once live, that codes of public prints name."""
    beginnings = {_beginning(code): code for code in codes}
    if not beginnings:
        return {}
    live = Publication.objects.live(at).alias(beginning=Substr("frozen_hash", 1, _DIGITS))
    named = live.filter(beginning__in=beginnings).defer(*_NOT_NEEDED)
    return {beginnings[publication.frozen_hash[:_DIGITS]]: publication for publication in named}


def _beginning(code: str) -> str:
    number = 0
    for character in code[:-1]:
        number = number << 5 | ALPHABET.index(character)
    return f"{number:0{_DIGITS}x}"


def _checked_texts(
    publications: Iterable[Publication], at: datetime.datetime | None
) -> dict[int, tuple[CheckedText, PublicationStatus]]:
    """What became of each publication, by number."""
    texts = {publication.pk: publication for publication in publications}
    if not texts:
        return {}
    how = statuses_of(texts.values(), at)
    slugs = {publication.slug for publication in texts.values()}
    versions = _versions(slugs, at)
    events = PublicationEvent.objects.filter(
        kind__in=[PublicationEvent.Kind.WITHDRAWN, PublicationEvent.Kind.RECALLED],
        publication__slug__in=slugs,
    )
    withdrawals: dict[int, PublicationEvent] = {}
    recalls: dict[int, PublicationEvent] = {}
    for event in events.filter(at__lte=at) if at else events:
        is_withdrawal = event.kind == PublicationEvent.Kind.WITHDRAWN
        (withdrawals if is_withdrawal else recalls)[event.publication_id] = event
    newest = [
        version
        for address, seen in versions.items()
        if (version := seen[-1]).pk not in texts
        and address in {_address(t) for t in texts.values()}
    ]
    how_newest = statuses_of(newest, at) if newest else {}
    prints = {pk for pk, standing in {**how, **how_newest}.items() if standing.may_print}
    checked_texts = {}
    for number, publication in texts.items():
        later = [
            each for each in versions[_address(publication)] if each.number > publication.number
        ]
        checked = _checked_text(how[number], later, withdrawals, recalls, prints)
        # A version that is held, or whose newest is, may have been recalled.
        newest_of = how.get(later[-1].pk) or how_newest[later[-1].pk] if later else None
        held = [each.held_on for each in (how[number], newest_of) if each and each.held_on]
        checked_texts[number] = (_while_held(checked, min(held)) if held else checked, how[number])
    return checked_texts


def _address(publication: Publication) -> tuple[str, str]:
    return publication.slug, publication.language


def _versions(
    slugs: set[str], at: datetime.datetime | None
) -> dict[tuple[str, str], list[Publication]]:
    """Every version readers have seen of these pages, the oldest first."""
    versions: dict[tuple[str, str], list[Publication]] = defaultdict(list)
    live = Publication.objects.live(at).filter(slug__in=slugs).order_by("number")
    for publication in versions_as_told(live.defer("content", *_NOT_NEEDED)):
        versions[publication.slug, publication.language].append(publication)
    return versions


def _checked_text(
    standing: PublicationStatus,
    later: list[Publication],
    withdrawals: dict[int, PublicationEvent],
    recalls: dict[int, PublicationEvent],
    prints: set[int],
) -> CheckedText:
    publication = standing.publication
    newest = later[-1] if later else publication
    instead = None if newest.pk in withdrawals else newest
    # What was wrong enough to withdraw a later version is taken to be wrong in those before it.
    withdrawn = [withdrawals[copy.pk] for copy in (publication, *later) if copy.pk in withdrawals]
    withdrawal = withdrawn[-1] if withdrawn else None
    fallen = [event for event in standing.events.values() if event.status in _STOPS]
    corrections = [recalls[copy.pk] for copy in later if copy.pk in recalls]
    if not (withdrawal or fallen or corrections):
        reworded = only_wording_changed(publication, later)
        return CheckedText(
            publication=publication,
            state=State.CHANGED if later and not reworded else State.CURRENT,
            changes=() if reworded else tuple(later),
            rewordings=tuple(later) if reworded else (),
            instead=instead,
            instead_prints=newest.pk in prints,
            notices=standing.notices,
            masked_on=_masked_on(standing),
        )
    reasons = [_fell(event) for event in fallen]
    days = [event.occurred_on for event in fallen]
    for event in corrections:
        days.append(timezone.localdate(event.at))
        sentence = gettext("An error in it was corrected on {}: {}")
        reasons.insert(0, sentence.format(plain_date(days[-1]), _ended(event.reason)))
    if withdrawal:
        days.append(timezone.localdate(withdrawal.at))
        sentence = gettext("It was withdrawn on {}: {}")
        reasons.insert(0, sentence.format(plain_date(days[-1]), _ended(withdrawal.reason)))
    return CheckedText(
        publication=publication,
        state=State.DO_NOT_USE,
        why=" ".join(reasons),
        since=min(days),
        changes=tuple(later),
        instead=instead if later else None,
        instead_prints=newest.pk in prints,
    )


def _while_held(checked: CheckedText, since: datetime.date) -> CheckedText:
    """The same while a restored page is held: its paper may have been recalled."""
    why = f"{held_notice(since).text} {checked.why}".strip()
    return replace(
        checked, state=State.DO_NOT_USE, why=why, since=checked.since or since, instead=None
    )


def _masked_on(standing: PublicationStatus) -> datetime.date | None:
    return max((passage.since for passage in standing.masked_passages), default=None)


_STOPS = frozenset({StatusEvent.Status.RETRACTED.value})


def _fell(event: EvidenceStatus) -> str:
    status = StatusEvent.Status(event.status)
    return gettext("A study it rests on, “{title}”, {became} on {day}: {why}").format(
        title=event.title.rstrip("."),
        became=SAID[status],
        day=plain_date(event.occurred_on),
        why=_ended(event.reason),
    )


def _in_a_list(checked: CheckedText, is_pack: bool) -> str:
    newest = checked.changes[-1]
    changed = " ".join(_ended(version.what_changed) for version in checked.changes)
    if is_pack:
        sentence = gettext("{title}: version {number} has taken its place. {changed}")
    else:
        sentence = gettext("Version {number} has taken its place. {changed}")
    return sentence.format(
        title=checked.publication.title, number=newest.number, changed=changed
    ).strip()


def _ended(sentence: str) -> str:
    sentence = sentence.strip()
    return sentence if sentence.endswith((".", "!", "?", "。")) else f"{sentence}."
