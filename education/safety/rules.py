"""What a change of status touches, and who may record or lift one. Reads, never writes."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from education.articles.models import Article, Revision, RevisionQuerySet
from education.articles.operations import render_revision
from education.canonical import digest
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.rules import standing_events
from education.people.models import Role, User
from education.people.rules import conflicts_on
from education.publishing.glossary import words_resting_on
from education.publishing.models import Publication
from education.publishing.status import definitions_of, evidence_notices
from education.review.models import Review
from education.review.rules import counting_approvals
from education.safety.models import Task
from education.text.glossary import Term, explain_terms, explained_terms
from education.text.tree import passages, walk

Status = StatusEvent.Status

# How much a status takes from a work. What takes more may be recorded by one person at once; what
# gives some of it back needs a second.
WEIGHT: dict[str, int] = {
    Status.CURRENT: 0,
    Status.SUPERSEDED: 1,
    Status.CORRECTED: 1,
    Status.CONCERN: 2,
    Status.RETRACTED: 3,
}


@dataclass(frozen=True)
class PageEffect:
    """What a change of status does to one page: statements masked before and after, and noticed."""

    publication: Publication
    masked_before: int
    masked_after: int
    noticed: int

    @property
    def newly_masked(self) -> int:
        """How many statements it takes from the page."""
        return max(0, self.masked_after - self.masked_before)

    @property
    def restored(self) -> int:
        """How many statements it gives back."""
        return max(0, self.masked_before - self.masked_after)


@dataclass(frozen=True)
class Effects:
    """Everything a change of status touches, found before it is made."""

    item: EvidenceItem
    before: str
    after: str
    pages: tuple[PageEffect, ...]
    older_versions: int
    schedules: tuple[Publication, ...]
    approvals: tuple[tuple[Revision, int], ...]
    drafts: tuple[Revision, ...]

    def seen(self) -> str:
        """A hash of the list, so that a confirmation of another list is refused."""
        return digest(
            {
                "item": self.item.key,
                "statuses": [self.before, self.after],
                "pages": [[page.publication.pk, page.newly_masked, page.restored, page.noticed]
                          for page in self.pages],
                "schedules": [publication.pk for publication in self.schedules],
                "approvals": [[revision.pk, count] for revision, count in self.approvals],
            }
        )  # fmt: skip


def may_record_status(person: User) -> bool:
    """Whether this person may record and lift what became of a work."""
    return person.has_role(Role.MEDICAL_REVIEWER) or person.has_role(Role.EDITOR_IN_CHIEF)


def reasons_against_recording(
    item: EvidenceItem, status: StatusEvent.Status | str, by: User
) -> list[str]:
    """Why this person may not record this status of a work now, as sentences."""
    if not may_record_status(by):
        return ["This needs a medical reviewer or an editor-in-chief."]
    standing = standing_events([item.key]).get(item.key)
    if standing is None:
        return [f"Nothing is known against {item.key}."] if status == Status.CURRENT else []
    if standing.status == Status.RETRACTED:
        return [f"{item.key} was retracted already; that ends only when a second person lifts it."]
    if standing.status == status == Status.CONCERN:
        return [f"{item.key} is under an expression of concern already."]
    gives_back = WEIGHT[status] < WEIGHT[standing.status]
    if gives_back and standing.by_id == by.pk:
        return [f"{by} recorded the {standing.get_status_display().lower()}; a second person must."]
    return _own_stake(item, by, "record what gives some of it back") if gives_back else []


def reasons_against_lifting(event: StatusEvent, by: User) -> list[str]:
    """Why this person may not lift this event as a false alarm, as sentences."""
    reasons = []
    if not may_record_status(by):
        reasons.append("This needs a medical reviewer or an editor-in-chief.")
    if event.by_id == by.pk:
        reasons.append(f"{by} recorded it; a second person must lift it.")
    if event.lifts_id is not None:
        reasons.append("This event lifted another; record the status anew instead.")
    if StatusEvent.objects.filter(lifts=event).exists():
        reasons.append("It was lifted already.")
    return [*reasons, *_own_stake(event.item, by, "lift it")]


def reasons_against_closing(task: Task, outcome: Task.Outcome | str, by: User) -> list[str]:
    """Why this person may not close this task in this way, as sentences."""
    if not may_record_status(by):
        return ["This needs a medical reviewer or an editor-in-chief."]
    if task.closed_at is not None:
        return ["It was closed already."]
    wanted = Task.Outcome.NO_CHANGE if task.publication else Task.Outcome.DISMISSED
    if outcome != wanted:
        return [f"This task is closed as “{wanted.label}”."]
    if task.publication and task.status == Status.RETRACTED:
        return ["A retraction is settled by a new version, by withdrawing the page or by a lift."]
    return _own_text(task, by)


def _own_text(task: Task, by: User) -> list[str]:
    """That this person has a stake in what the task is about, as sentences; empty without one."""
    if not task.publication:
        return _own_stake(task.item, by, "dismiss this")
    if task.publication.revision.contributions.filter(person=by).exists():
        return [f"{by} contributed to this text; someone else must say that it may stay."]
    return conflicts_on(by, task.publication.topic)


def _own_stake(item: EvidenceItem, by: User, step: str) -> list[str]:
    """
    That this person has a stake in what the work supports, as sentences; empty without one: they
    wrote a page that cites it, or declared a conflict on its topic or that of such a page.
    """
    copies = Publication.objects.current() | Publication.objects.scheduled()
    citing = copies.filter(revision__citations__item=item)
    if citing.filter(revision__contributions__person=by).exists():
        return [f"{by} wrote a page that cites {item.key}; someone else must {step}."]
    topics = {item.topic, *(copy.topic for copy in citing.select_related("topic__parent"))}
    return next(filter(None, (conflicts_on(by, topic) for topic in topics if topic)), [])


def effects_of(item: EvidenceItem, status: StatusEvent.Status | str) -> Effects:
    """What would be touched if the item had this status; its present one is compared with it."""
    resting = Publication.objects.resting_on([item.key])
    resting = resting.order_by("slug", "language")
    current = list(resting.current().select_related("revision"))
    given = Review.objects.filter(
        revision=OuterRef("pk"), round=OuterRef("round"), decision=Review.Decision.APPROVED
    )
    return Effects(
        item=item,
        before=item.status,
        after=str(status),
        pages=tuple(_page_effect(publication, item, status) for publication in current),
        older_versions=resting.live().count() - len(current),
        schedules=tuple(resting.scheduled().select_related("revision", "published_by")),
        approvals=tuple(
            (revision, len(counting_approvals(revision)))
            for revision in waiting_on(item, Revision.objects.filter(Exists(given)))
        ),
        drafts=tuple(Revision.objects.editable().filter(citations__item=item)),
    )


def effects_of_lifting(event: StatusEvent) -> Effects:
    """What would be touched if this event were lifted."""
    others = StatusEvent.objects.standing().filter(item=event.item).exclude(pk=event.pk)
    before = others.order_by("-pk").first()
    return effects_of(event.item, before.status if before else Status.CURRENT)


def waiting_on(item: EvidenceItem, asked: RevisionQuerySet) -> list[Revision]:
    """
    Those of some revisions that wait for approval or publication and rest on a work: they cite it,
    or explain a word from the glossary whose definition does.
    """
    states = [Revision.State.IN_REVIEW, Revision.State.APPROVED]
    waiting = asked.filter(state__in=states).select_related("article__topic").order_by("pk")
    citing = set(waiting.filter(citations__item=item).values_list("pk", flat=True))
    glossaries = Publication.objects.current().filter(kind=Article.Kind.GLOSSARY)
    spoken = glossaries.citing([item.key]).values_list("language", flat=True)
    words = {language: words_resting_on(item.key, language) for language in spoken}
    return [
        revision
        for revision in waiting
        if revision.pk in citing or _explains(revision, words.get(revision.language, {}))
    ]


def _explains(revision: Revision, words: Mapping[str, Term]) -> bool:
    """Whether a text uses one of these words; a word of a retracted work is not marked in it."""
    if not words or revision.article.kind == Article.Kind.GLOSSARY:
        return False
    explained = explained_terms(explain_terms(render_revision(revision).tree, words))
    return any(node["slug"] in words for node in explained)


def _page_effect(
    publication: Publication, item: EvidenceItem, status: StatusEvent.Status | str
) -> PageEffect:
    masked = evidence_notices(publication).masked
    after = masked | {item.key} if status == Status.RETRACTED else masked - {item.key}
    extents = _extents(publication)
    noticed = sum(item.key in extent and not extent <= after for extent in extents)
    return PageEffect(
        publication=publication,
        masked_before=sum(extent <= masked for extent in extents),
        masked_after=sum(extent <= after for extent in extents),
        noticed=0 if status == Status.CURRENT else noticed,
    )


def _extents(publication: Publication) -> list[frozenset[str]]:
    """What each supported statement of a text rests on, definitions of its words among them."""
    return [
        *(
            frozenset(node["evidence"])
            for passage in passages(publication.content)
            for node in walk(passage.nodes)
            if node["t"] == "supported"
        ),
        *(
            statement
            for definitions in definitions_of(publication).values()
            for statement in definitions
        ),
    ]
