"""
Whether a published copy may still be read and printed as it stands.

Nothing here is stored: it follows from the evidence the copy rests on, its review date and the
clock. So a retraction is shown at once, a false alarm that is lifted leaves no trace on the page,
and no missed job can hide an overdue review (rules 5 and 6 of review).
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.evidence.models import StatusEvent
from education.languages import language_override, plain_date
from education.publishing.models import (
    ConcernNote,
    DefinitionCitation,
    MaskedPassage,
    Publication,
    PublicationEvent,
    PublishedCitation,
    RestoreHold,
)
from education.text.glossary import explained_terms
from education.text.masking import holds_passage, mask, mask_passages
from education.text.tree import plain

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

    ``events`` holds what became of the works it cites, or that definitions of the words it explains
    cite, by key; works that still stand are left out. ``words`` are the slugs of those words, by
    the key of the work. ``passages`` are masked words that it may say; ``hidden_because`` says why
    its whole text is not shown any more; ``held_on`` since when it is held after a restore;
    ``of_demonstration`` that accounts of a demonstration approved it, on a site that is none.
    """

    publication: Publication
    on: datetime.date
    due_on: datetime.date
    events: dict[str, EvidenceStatus]
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    passages: tuple[PassageStatus, ...] = ()
    hidden_because: str = ""
    held_on: datetime.date | None = None
    of_demonstration: bool = False

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
            cited = {reference["key"] for reference in references}
            defined = [self.events[key] for key in self.words if key not in cited]
            of_words = [
                self._definition_notice(event)
                for status in SERIOUSNESS
                for event in defined
                if event.status == status
            ]
            return (
                *self._demonstration_notice(),
                *self._held_notice(),
                *self._hidden_notice(),
                *self._passage_notices(),
                *fallen,
                *of_words,
                *self._overdue_notice(),
            )

    @property
    def reasons_against_printing(self) -> tuple[str, ...]:
        """Why no new copy may be printed, as sentences; empty when one may."""
        reasons = [notice.text for notice in (*self._demonstration_notice(), *self._held_notice())]
        if self.masked:
            reasons.append(gettext("Research this text rests on was retracted."))
        if self.due in {Due.NO_NEW_PRINTS, Due.NOTICE_ONLY}:
            reason = gettext("Its review was due on {} and is overdue.")
            reasons.append(reason.format(plain_date(self.due_on)))
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
        return bool(self.hidden_because or self.held_on) or self.due == Due.NOTICE_ONLY

    def _demonstration_notice(self) -> tuple[Notice, ...]:
        if not self.of_demonstration:
            return ()
        text = gettext(
            "Demonstration: this text has not been reviewed by a clinician. "
            "Do not use it to make decisions."
        )
        return (Notice(kind="demonstration", text=text),)

    def _held_notice(self) -> tuple[Notice, ...]:
        return (held_notice(self.held_on),) if self.held_on else ()

    def _hidden_notice(self) -> tuple[Notice, ...]:
        if not self.hidden_because:
            return ()
        return (Notice(kind="hidden", text=_why_hidden(self.hidden_because)),)

    def _passage_notices(self) -> list[Notice]:
        """Why passages were masked; what was masked on one day for one reason is told once."""
        text = gettext("A statement of this page was taken away on {day}: {why}")
        notices = (
            Notice(
                kind="masked",
                text=text.format(day=plain_date(passage.since), why=_ended(passage.reason)),
                since=passage.since,
            )
            for passage in self.masked_passages
        )
        return list(dict.fromkeys(notices))

    def _evidence_notice(self, reference: dict[str, Any], event: EvidenceStatus) -> Notice:
        status = Status(event.status)
        text = gettext(
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
            text = f"{text} {gettext('Why we still use it: {}').format(_ended(event.explained))}"
        return Notice(
            kind=event.status,
            text=text,
            key=event.key,
            number=reference["n"],
            since=event.occurred_on,
            source_url=event.source_url,
        )

    def _definition_notice(self, event: EvidenceStatus) -> Notice:
        """The same where the text does not cite the work, but what explains a word in it does."""
        words = {
            node["slug"]: plain(node["c"]) for node in explained_terms(self.publication.content)
        }
        text = gettext(
            "What explains {words} on this page rests on “{title}”, which {became} on {day}: {why} "
            "{consequence}"
        ).format(
            words=", ".join(f"“{words[slug]}”" for slug in self.words[event.key]),
            title=event.title.rstrip("."),
            became=SAID[Status(event.status)],
            day=plain_date(event.occurred_on),
            why=_ended(event.reason),
            consequence=CONSEQUENCE[Status(event.status)],
        )
        return Notice(
            kind=event.status,
            text=text,
            key=event.key,
            since=event.occurred_on,
            source_url=event.source_url,
        )

    def _overdue_notice(self) -> tuple[Notice, ...]:
        if self.due == Due.CURRENT:
            return ()
        sentence = gettext(
            "The review of this page was due on {} and has not been done. Parts of it may be out "
            "of date."
        )
        if self.due == Due.NOTICE_ONLY:
            sentence = gettext(
                "This text is not shown, because it has not been checked for too long: its review "
                "was due on {}."
            )
        text = sentence.format(plain_date(self.due_on))
        return (Notice(kind=self.due.value, text=text, since=self.due_on),)


def held_notice(since: datetime.date) -> Notice:
    """What readers are told of a page that is held after a restore (``RestoreHold``)."""
    text = gettext(
        "This page is not shown for now: the site was restored from a backup on {}, and our "
        "editors check first whether the page may be shown again. Do not rely on copies of it "
        "until then."
    )
    return Notice(kind="held", text=text.format(plain_date(since)), since=since)


def evidence_notices(
    publication: Publication, at: datetime.datetime | None = None
) -> PublicationStatus:
    """How a publication stands at a moment, now unless given."""
    return statuses_of([publication], at)[publication.pk]


def statuses_of(
    publications: Iterable[Publication], at: datetime.datetime | None = None
) -> dict[int, PublicationStatus]:
    """How publications stand at a moment, by number; as many queries for many as for one."""
    publications = list(publications)
    if not publications:
        return {}
    numbers = [publication.pk for publication in publications]
    cited, defined = _citations_of_fallen(numbers)
    standing = _standing_events([*cited, *defined], at)
    explanations = _explanations(standing)
    passages = list(
        MaskedPassage.objects.in_force(at)
        .filter(
            Q(slug__in={each.slug for each in publications}) | Q(of_glossary=True),
            language__in={each.language for each in publications},
        )
        .order_by("pk")
    )
    happened = PublicationEvent.objects.filter(
        publication__in=numbers,
        kind__in=[PublicationEvent.Kind.EXTENDED, PublicationEvent.Kind.HIDDEN],
    )
    happened_to = {(event.publication_id, event.kind): event for event in happened}
    demonstrated, held = _published_by_demonstration(numbers), _held_since(numbers)
    events_of: dict[int, list[EvidenceStatus]] = defaultdict(list)
    words_of: dict[int, list[tuple[str, EvidenceStatus]]] = defaultdict(list)
    for event in standing:
        for number in cited.get(event.item_id, ()):
            explained = explanations.get((number, event.pk))
            events_of[number].append(_evidence_status(event, explained))
        for number, word in defined.get(event.item_id, ()):
            words_of[number].append((word, _evidence_status(event)))
    statuses = {}
    for publication in publications:
        extended = happened_to.get((publication.pk, PublicationEvent.Kind.EXTENDED))
        hidden = happened_to.get((publication.pk, PublicationEvent.Kind.HIDDEN))
        events, words = _events_and_words(events_of[publication.pk], words_of[publication.pk])
        statuses[publication.pk] = PublicationStatus(
            publication=publication,
            on=timezone.localdate(at),
            due_on=(extended and extended.due_on) or publication.review_due_on,
            events=events,
            words=words,
            passages=tuple(
                PassageStatus(
                    passage.slug, passage.words, passage.reason, timezone.localdate(passage.at)
                )
                for passage in passages
                if passage.language == publication.language
                and (passage.of_glossary or passage.slug == publication.slug)
            ),
            hidden_because=hidden.reason if hidden else "",
            held_on=held.get(publication.pk),
            of_demonstration=publication.pk in demonstrated,
        )
    return statuses


def _citations_of_fallen(
    numbers: list[int],
) -> tuple[dict[int, set[int]], dict[int, list[tuple[int, str]]]]:
    """
    By each work that anything became of: the publications that cite it; and those with a word whose
    definition cites it, as (publication, word), each once, in their order.
    """
    fell = {"publication__in": numbers, "item__status_events__isnull": False}
    cited: dict[int, set[int]] = defaultdict(set)
    for number, item in PublishedCitation.objects.filter(**fell).values_list("publication", "item"):
        cited[item].add(number)
    rows = DefinitionCitation.objects.filter(**fell).order_by("pk")
    defined: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for number, item, word in dict.fromkeys(rows.values_list("publication", "item", "slug")):
        defined[item].append((number, word))
    return cited, defined


def _standing_events(items: list[int], at: datetime.datetime | None) -> list[StatusEvent]:
    """What became of works and was not lifted since, in the order it was recorded."""
    if not items:
        return []
    events = StatusEvent.objects.standing(at).filter(item__in=items)
    return list(events.select_related("item").order_by("pk"))


def _explanations(events: Iterable[Any]) -> dict[tuple[int, int], str]:
    """Why texts rest on works under a concern, by publication and event."""
    concerns = {event.pk for event in events if event.status == Status.CONCERN}
    if not concerns:
        return {}
    notes = ConcernNote.objects.filter(event__in=concerns)
    publication = "revision__publications"
    reasons = notes.exclude(**{publication: None}).values_list(publication, "event", "reason")
    return {(number, event): reason for number, event, reason in reasons}


def _published_by_demonstration(numbers: list[int]) -> set[int]:
    """Which publications accounts of a demonstration approved, on a site that is none."""
    if settings.DEMO:
        return set()
    published = Publication.objects.filter(
        pk__in=numbers, published_by__made_for_demonstration=True
    )
    return set(published.values_list("pk", flat=True))


def _held_since(numbers: list[int]) -> dict[int, datetime.date]:
    """Which publications are held after a restore, and since when."""
    held = RestoreHold.objects.waiting().filter(publication__in=numbers)
    return {
        number: timezone.localdate(at) for number, at in held.values_list("publication", "held_at")
    }


def withdrawals_of(publications: Iterable[Publication]) -> dict[int, PublicationEvent]:
    """
    The withdrawal that stands against each of some versions, by number; one query.

    What was wrong enough to withdraw a version is taken to be wrong in those before it.
    """
    versions = list(publications)
    withdrawn = PublicationEvent.objects.filter(
        kind=PublicationEvent.Kind.WITHDRAWN,
        publication__slug__in={version.slug for version in versions},
    )
    shown = ("at", "reason", *(f"publication__{name}" for name in ("slug", "language", "number")))
    events = withdrawn.select_related("publication").only(*shown)
    return {
        publication.pk: event
        for event in events.order_by("publication__number")
        for publication in versions
        if (publication.slug, publication.language)
        == (event.publication.slug, event.publication.language)
        and publication.number <= event.publication.number
    }


def versions_as_told(publications: Iterable[Publication]) -> list[Publication]:
    """
    Versions whose own sentences, on what changed and what was wrong, are to be read now.

    What a version whose text is hidden says of itself is hidden with it; the reason stands in its
    place. One query, none where no version says anything.
    """
    versions = list(publications)
    saying = [version.pk for version in versions if version.what_changed or version.correction]
    events = PublicationEvent.objects.filter(
        publication__in=saying, kind=PublicationEvent.Kind.HIDDEN
    )
    reasons = dict(events.values_list("publication", "reason"))
    for version in versions:
        if version.pk in reasons:
            version.what_changed = _why_hidden(reasons[version.pk])
            version.correction = version.what_changed if version.correction else ""
    return versions


def _why_hidden(reason: str) -> str:
    text = gettext("The text of this version is not shown any more: {}")
    return text.format(_ended(reason))


def why_not_current(publications: Iterable[Publication]) -> dict[int, Notice]:
    """
    What must be told of versions that don't count now, by number: that one was withdrawn, or that
    another took its place; nothing of one that is current. Two queries.
    """
    versions = list(publications)
    withdrawals = withdrawals_of(versions)
    newest = Publication.objects.newest().filter(slug__in={version.slug for version in versions})
    last = {
        (slug, language): (number, at)
        for slug, language, number, at in newest.values_list(
            "slug", "language", "number", "goes_live_at"
        )
    }
    notices = {}
    for publication in versions:
        number, at = last.get((publication.slug, publication.language), (0, None))
        with language_override(publication.language):
            if withdrawal := withdrawals.get(publication.pk):
                day = timezone.localdate(withdrawal.at)
                sentence = gettext("This was withdrawn on {}, so do not rely on it: {}")
                text = sentence.format(plain_date(day), _ended(withdrawal.reason))
                notices[publication.pk] = Notice(kind="withdrawn", text=text, since=day)
            elif number > publication.number:
                day = timezone.localdate(at)
                sentence = gettext("This is an old version: version {} took its place on {}.")
                text = sentence.format(number, plain_date(day))
                notices[publication.pk] = Notice(kind="superseded", text=text, since=day)
    return notices


def draft_status(
    publication: Publication,
    events: Iterable[StatusEvent],
    explained: Mapping[int, str],
    defined: Collection[tuple[str, int, str]],
) -> PublicationStatus:
    """
    How a copy that is not stored stands, by what became of its works.

    ``explained`` is why it may rest on a work under a concern, by the number of the event;
    ``defined`` what its explained words cite (``definitions_carried``). No word of it is masked:
    who judges a text reads all of it.
    """
    fallen = [_evidence_status(event, explained.get(event.pk)) for event in events]
    cited = set(publication.cited_keys)
    standing, words = _events_and_words(
        [event for event in fallen if event.key in cited],
        [(slug, event) for event in fallen for slug, _, key in defined if event.key == key],
    )
    return PublicationStatus(
        publication=publication,
        on=timezone.localdate(),
        due_on=publication.review_due_on,
        events=standing,
        words=words,
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
    if not standing.masked:
        return content
    of_words = definitions_of(publication) if standing.masked & standing.words.keys() else {}
    return mask(content, standing.masked, definitions=of_words)


def definitions_of(publication: Publication) -> dict[str, list[frozenset[str]]]:
    """What each statement of the definitions in a copy rests on, by the word's slug; one query."""
    rows = publication.definition_citations.order_by("slug", "statement")
    cited = rows.values_list("slug", "statement", "item__key")
    statements: dict[str, list[frozenset[str]]] = defaultdict(list)
    for place, statement in groupby(cited, key=lambda row: row[:2]):
        statements[place[0]].append(frozenset(row[2] for row in statement))
    return dict(statements)


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

    Texts are read only of those that may need masking.
    """
    publications = list(publications)
    shown = {publication.pk: publication.summary for publication in publications}
    fell = PublishedCitation.objects.filter(
        publication__in=shown, item__status_events__status=Status.RETRACTED
    )
    slugs = {publication.slug for publication in publications}
    masked = MaskedPassage.objects.in_force().filter(slug__in=slugs)
    touched = Publication.objects.filter(
        Q(pk__in=fell.values("publication")) | Q(slug__in=masked.values("slug")), pk__in=shown
    )
    for number, standing in statuses_of(touched).items():
        content = shown_content(standing.publication, standing)
        shown[number] = content["short_answer_text"]
    return shown


def due_status(due_on: datetime.date, on: datetime.date) -> Due:
    """What holds on a day for a text whose review is due on another (rule 5)."""
    late = (on - due_on).days
    return next((due for days, due in CONSEQUENCES if late >= days), Due.CURRENT)


def _events_and_words(
    cited: Iterable[EvidenceStatus], defined: Collection[tuple[str, EvidenceStatus]]
) -> tuple[dict[str, EvidenceStatus], dict[str, tuple[str, ...]]]:
    """What stands against works by key, and the words whose definitions cite them."""
    # Said again of a work that the text cites itself, without why it still does.
    events = {event.key: event for _, event in defined} | {event.key: event for event in cited}
    # The last event counts; a work that is said to stand again has none against it.
    events = {key: event for key, event in events.items() if event.status != Status.CURRENT}
    words: dict[str, dict[str, None]] = defaultdict(dict)
    for word, event in defined:
        if event.key in events:
            words[event.key][word] = None
    return events, {key: tuple(slugs) for key, slugs in words.items()}


def _evidence_status(event: StatusEvent, explained: str | None = None) -> EvidenceStatus:
    return EvidenceStatus(
        key=event.item.key,
        title=event.item.title,
        status=event.status,
        occurred_on=event.occurred_on,
        reason=event.reason,
        source_url=event.source_url,
        explained=explained,
    )


def _ended(sentence: str) -> str:
    """The sentence with a full stop, unless it has an end of its own."""
    sentence = sentence.strip()
    return sentence if sentence.endswith((".", "!", "?", "。")) else f"{sentence}."
