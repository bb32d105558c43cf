"""
Whether a published copy may still be read and printed as it stands.

Nothing here is stored: it follows from the evidence the copy rests on, its review date and the
clock. So a retraction is shown at once, a false alarm that is lifted leaves no trace on the page,
and no missed job can hide an overdue review (rules 5 and 6 of review).
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.evidence.models import StatusEvent
from education.languages import language_override, plain_date
from education.publishing.models import MaskedPassage, Publication, PublishedCitation
from education.text.masking import holds_passage, mask, mask_passages

Status = StatusEvent.Status


class Due(StrEnum):
    """How a publication stands to its review date."""

    CURRENT = "current"
    OVERDUE = "overdue"
    ASK_BEFORE_PRINTING = "ask_before_printing"
    NO_NEW_PRINTS = "no_new_prints"
    NOTICE_ONLY = "notice_only"


# Rule 5: days after the review was due, and what holds from that day on.
CONSEQUENCES = (
    (180, Due.NOTICE_ONLY),
    (90, Due.NO_NEW_PRINTS),
    (30, Due.ASK_BEFORE_PRINTING),
    (0, Due.OVERDUE),
)

# The most serious first, as readers should meet them.
SERIOUSNESS = (Status.RETRACTED, Status.CONCERN, Status.CORRECTED, Status.SUPERSEDED)

SAID = {
    Status.RETRACTED: _("was retracted"),
    Status.CONCERN: _("was put under an expression of concern"),
    Status.CORRECTED: _("was corrected"),
    Status.SUPERSEDED: _("was replaced by a newer work"),
}

CONSEQUENCE = {
    Status.RETRACTED: (
        _(
            "Statements that rested on it alone have been taken out of this page, which may not be "
            "printed until it has been reviewed again."
        )
    ),
    Status.CONCERN: _("Take what is said here from it with caution until that is settled."),
    Status.CORRECTED: _("We are checking whether what is said here from it still holds."),
    Status.SUPERSEDED: _("We are checking whether what is said here from it still holds."),
}


@dataclass(frozen=True)
class Notice:
    """Something a reader must be told about a publication, in plain sentences."""

    kind: str
    text: str
    key: str = ""
    number: int | None = None
    since: datetime.date | None = None
    source_url: str = ""


@dataclass(frozen=True)
class EvidenceStatus:
    """
    What became of a work, as it stands.

    ``explained``: why a text rests on it under a concern, in words for readers, if anybody said.
    """

    key: str
    title: str
    status: str
    occurred_on: datetime.date
    reason: str
    source_url: str
    explained: str | None


@dataclass(frozen=True)
class PassageStatus:
    """Words that are masked on a page, since when and why; ``slug`` is the page they stand on."""

    slug: str
    words: str
    reason: str
    since: datetime.date


@dataclass(frozen=True)
class PublicationStatus:
    """
    How one publication stands on one day.

    ``events`` holds what became of the works it cites, by key; works that still stand are left
    out. ``passages`` are masked words that it may say; ``hidden_because`` says why its whole text
    is not shown any more.
    """

    publication: Publication
    on: datetime.date
    due_on: datetime.date
    events: dict[str, EvidenceStatus]
    passages: tuple[PassageStatus, ...] = ()
    hidden_because: str = ""

    @cached_property
    def masked(self) -> frozenset[str]:
        """The keys of retracted works: words that rest on these alone are not shown."""
        return frozenset(
            key for key, event in self.events.items() if event.status == Status.RETRACTED
        )

    @cached_property
    def masked_passages(self) -> tuple[PassageStatus, ...]:
        """The masked words of its own page that this version says."""
        publication = self.publication
        return tuple(
            passage
            for passage in self.passages
            if passage.slug == publication.slug
            and holds_passage(publication.content, passage.words)
        )

    @property
    def changes_words(self) -> bool:
        """Whether it may say less than the frozen copy does."""
        return bool(self.masked or self.passages)

    @cached_property
    def due(self) -> Due:
        """What the review date means that day."""
        return due_status(self.due_on, self.on)

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        """What readers are told above the text and on paper, the most serious first."""
        # Of a text whose works all stand, nothing of the text is needed.
        references = self.publication.content["references"] if self.events else []
        with language_override(self.publication.language):
            fallen = [
                self._evidence_notice(reference, event)
                for status in SERIOUSNESS
                for reference in references
                if (event := self.events.get(reference["key"])) and event.status == status
            ]
            return (
                *self._hidden_notice(),
                *self._passage_notices(),
                *fallen,
                *self._overdue_notice(),
            )

    @property
    def reasons_against_printing(self) -> tuple[str, ...]:
        """Why no new copy may be printed, as sentences; empty when one may."""
        reasons = []
        if self.masked:
            reasons.append(gettext("Research this text rests on was retracted."))
        if self.due in {Due.NO_NEW_PRINTS, Due.NOTICE_ONLY}:
            said = gettext("Its review was due on {} and is overdue.")
            reasons.append(said.format(plain_date(self.due_on)))
        return tuple(reasons)

    @property
    def may_print(self) -> bool:
        """Whether a new copy may be printed."""
        return not self.reasons_against_printing

    @property
    def print_needs_confirmation(self) -> bool:
        """Whether a person must confirm that they print an overdue text."""
        return self.may_print and self.due == Due.ASK_BEFORE_PRINTING

    @property
    def is_notice_only(self) -> bool:
        """Whether the page shows why the text is gone, and not the text."""
        return bool(self.hidden_because) or self.due == Due.NOTICE_ONLY

    def _hidden_notice(self) -> tuple[Notice, ...]:
        if not self.hidden_because:
            return ()
        said = gettext("The text of this version is not shown any more: {}")
        return (Notice(kind="hidden", text=said.format(_ended(self.hidden_because))),)

    def _passage_notices(self) -> list[Notice]:
        said = gettext("A statement of this page was taken away on {day}: {why}")
        return [
            Notice(
                kind="masked",
                text=said.format(day=plain_date(passage.since), why=_ended(passage.reason)),
                since=passage.since,
            )
            for passage in self.masked_passages
        ]

    def _evidence_notice(self, reference: dict[str, Any], event: EvidenceStatus) -> Notice:
        status = Status(event.status)
        said = gettext(
            "Reference {number} of this page, “{title}”, {became} on {day}: {why} {consequence}"
        ).format(
            number=reference["n"],
            title=event.title.rstrip("."),
            became=SAID[status],
            day=plain_date(event.occurred_on),
            why=_ended(event.reason),
            consequence=CONSEQUENCE[status],
        )
        if event.explained and status == Status.CONCERN:
            said = f"{said} {gettext('Why we still use it: {}').format(_ended(event.explained))}"
        return Notice(
            kind=event.status,
            text=said,
            key=event.key,
            number=reference["n"],
            since=event.occurred_on,
            source_url=event.source_url,
        )

    def _overdue_notice(self) -> tuple[Notice, ...]:
        if self.due == Due.CURRENT:
            return ()
        said = gettext(
            "The review of this page was due on {} and has not been done. Parts of it may be out "
            "of date."
        )
        if self.due == Due.NOTICE_ONLY:
            said = gettext(
                "This text is not shown, because it has not been checked for too long: its review "
                "was due on {}."
            )
        text = said.format(plain_date(self.due_on))
        return (Notice(kind=self.due.value, text=text, since=self.due_on),)


def evidence_notices(
    publication: Publication, at: datetime.datetime | None = None
) -> PublicationStatus:
    """How a publication stands at a moment, now unless given; one query."""
    return statuses_of([publication], at)[publication.pk]


def statuses_of(
    publications: Iterable[Publication], at: datetime.datetime | None = None
) -> dict[int, PublicationStatus]:
    """How publications stand at a moment, by number; one query for all of them."""
    publications = list(publications)
    asked = Publication.objects.filter(pk__in=[publication.pk for publication in publications])
    told = asked.with_standing(at).values_list(
        "pk", "fallen", "moved_to", "passages", "hidden_because"
    )
    found = {number: values for number, *values in told}
    return {
        publication.pk: _standing(publication, *found[publication.pk], at=at)
        for publication in publications
    }


def status_of(publication: Any) -> PublicationStatus:
    """How a publication stands that was asked for ``with_standing``, now; no query."""
    return _standing(
        publication,
        publication.fallen,
        publication.moved_to,
        publication.passages,
        publication.hidden_because,
    )


def shown_content(
    publication: Publication, standing: PublicationStatus | None = None
) -> dict[str, Any]:
    """
    The tree of a publication as it may be shown now: the frozen one, or one with words masked.

    Where nothing is masked it is the frozen tree itself, untouched.
    """
    standing = standing or evidence_notices(publication)
    content: dict[str, Any] = publication.content
    if standing.passages:
        content = mask_passages(content, [passage.words for passage in standing.passages])
    return mask(content, standing.masked) if standing.masked else content


def shown_summary(publication: Publication, standing: PublicationStatus | None = None) -> str:
    """The one-sentence answer as lists, feeds and previews may show it now."""
    standing = standing or evidence_notices(publication)
    if not standing.changes_words:
        return publication.summary
    summary: str = shown_content(publication, standing)["short_answer_text"]
    return summary


def shown_summaries(publications: Iterable[Publication]) -> dict[int, str]:
    """
    The one-sentence answers of many publications as lists may show them now, by number.

    One query; texts are read only of those that may need masking.
    """
    publications = list(publications)
    shown = {publication.pk: publication.summary for publication in publications}
    fell = PublishedCitation.objects.filter(
        publication=OuterRef("pk"), item__status_events__status=Status.RETRACTED
    )
    masked = MaskedPassage.objects.in_force().filter(
        slug=OuterRef("slug"), language=OuterRef("language")
    )
    touched = Publication.objects.filter(Exists(fell) | Exists(masked), pk__in=shown)
    for publication in touched.with_standing():
        content = shown_content(publication, status_of(publication))
        shown[publication.pk] = content["short_answer_text"]
    return shown


def due_status(due_on: datetime.date, on: datetime.date) -> Due:
    """What holds on a day for a text whose review is due on another (rule 5)."""
    late = (on - due_on).days
    return next((due for days, due in CONSEQUENCES if late >= days), Due.CURRENT)


def _standing(
    publication: Publication,
    fallen: Iterable[dict[str, Any]],
    moved_to: datetime.date | None,
    passages: Iterable[dict[str, Any]],
    hidden_because: str | None,
    *,
    at: datetime.datetime | None = None,
) -> PublicationStatus:
    events = {
        told["key"]: EvidenceStatus(
            **told | {"occurred_on": datetime.date.fromisoformat(told["occurred_on"])}
        )
        for told in fallen
    }
    return PublicationStatus(
        publication=publication,
        on=timezone.localdate(at),
        due_on=moved_to or publication.review_due_on,
        # The last event counts; a work that is said to stand again has none against it.
        events={key: event for key, event in events.items() if event.status != Status.CURRENT},
        passages=tuple(
            PassageStatus(**told | {"since": datetime.date.fromisoformat(told["since"])})
            for told in passages
        ),
        hidden_because=hidden_because or "",
    )


def _ended(sentence: str) -> str:
    """The sentence with a full stop, unless it has an end of its own."""
    sentence = sentence.strip()
    return sentence if sentence.endswith((".", "!", "?", "。")) else f"{sentence}."
