"""Publishing a frozen copy of exactly what was approved, and taking one off the site."""

import calendar
import datetime
from collections.abc import Sequence

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format

from education.articles.inheritance import inherited
from education.articles.models import Revision
from education.articles.operations import (
    CONTENT_FORMAT,
    content_hash,
    draft_of,
    on_current_content,
    render_draft,
    render_revision,
)
from education.articles.states import move, require_state
from education.audit.models import Event
from education.audit.operations import operation, record
from education.canonical import digest, plain_value
from education.errors import EditorialError, StaleError
from education.evidence.models import EvidenceItem, StatusEvent
from education.people.mail import notify
from education.people.models import MailTopic, Role, User
from education.people.rules import conflicts_on
from education.publishing.indexing import SUBJECT, index_publication
from education.publishing.minor_changes import as_minor
from education.publishing.models import (
    ConcernNote,
    DefinitionCitation,
    Publication,
    PublicationEvent,
    PublishedCitation,
)
from education.publishing.people_behind import (
    PeopleBehind,
    people_behind,
    reasons_against_people,
)
from education.publishing.rules import (
    may_recall_paper,
    reasons_against_publishing,
    scheduled_after,
)
from education.publishing.schedules import schedules_touched_by
from education.review.models import Review
from education.review.readiness import concerns_of, missing_texts, readiness
from education.review.rules import counting_approvals
from education.search.operations import remove
from education.text.glossary import explained_terms
from education.text.rendering import Rendered
from education.text.tree import plain_text

# The format of new frozen hashes; each copy is checked by its own for ever (``frozen_hash``).
FROZEN_FORMAT = 2
# What readers and paper show of a copy. Of every format, so it never changes.
SHOWN = (
    "slug", "language", "number", "kind", "risk_class", "title", "summary", "content", "html",
    "what_changed", "correction", "writers", "reviewers", "publisher_name", "content_hash",
)  # fmt: skip
# Rule 5: one extension of at most 90 days.
LONGEST_EXTENSION = datetime.timedelta(days=90)


class MayNotPublishError(EditorialError):
    """The person may not publish this revision, or a gate is not passed."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class MayNotExtendError(EditorialError):
    """The review date can't be moved by this person or in this way."""


class MayNotRecallError(EditorialError):
    """Paper can't be recalled by this person or for this version."""


class MayNotWithdrawError(EditorialError):
    """The publication can't be withdrawn by this person or in this way."""


@operation
def publish(
    *,
    revision: Revision,
    by: User,
    goes_live_at: datetime.datetime | None = None,
    people_seen: str = "",
    as_major: bool = False,
) -> Publication:
    """
    Freeze an approved revision and show it to the public, now or at a later moment.

    ``people_seen`` is the hash of what the person was shown that readers will be told of writers
    and reviewers (``PeopleBehind.digest``): when that has changed since, nothing is done.

    A text that was proposed and approved as a minor change is one unless ``as_major`` or
    ``minor_changes.reasons_against_minor`` say otherwise; it keeps the review dates of the version
    before it.

    Everything is checked again inside the transaction: who publishes, the approvals and the hash
    they are bound to, the evidence. Pressed twice, the second press is refused.
    """
    revision = Revision.objects.select_related("article__topic").get(pk=revision.pk)
    reasons = reasons_against_publishing(by, revision)
    # Texts that were in review before inherited words counted have no rows that say so.
    draft = draft_of(revision)
    if by in inherited(revision, draft) and not reasons:
        reasons = [f"{by} wrote words that stand in {revision}; someone else must publish it."]
    if reasons:
        raise MayNotPublishError(reasons)
    require_state(revision, "publish")
    rendered = render_draft(draft)
    approved_hash = content_hash(revision, rendered)
    now = timezone.now()
    goes_live_at = max(goes_live_at or now, now)
    problems = _problems(revision, rendered, approved_hash, timezone.localdate(goes_live_at))
    if problems:
        raise MayNotPublishError(problems)
    approvals = counting_approvals(revision, approved_hash)
    publication = unsaved_copy(revision, rendered, approved_hash, approvals)
    if revision.minor and not as_major:
        as_minor(publication)
    people = PeopleBehind(publication.writers, publication.reviewers)
    if reasons := reasons_against_people(people, by):
        raise MayNotPublishError(reasons)
    if people_seen and people_seen != people.digest():
        raise StaleError(
            "What readers will be told of the writers and reviewers changed while you were "
            "reading. Nothing was published; please read it again."
        )
    publication.published_by = by
    publication.published_at = now
    publication.goes_live_at = goes_live_at
    publication.frozen_hash = frozen_hash(publication)
    publication.full_clean(exclude=["search_text"])
    publication.save(force_insert=True)
    cited = EvidenceItem.objects.filter(key__in=publication.cited_keys)
    PublishedCitation.objects.bulk_create(
        PublishedCitation(publication=publication, item=item) for item in cited
    )
    _keep_definitions(publication)
    index_publication(publication)
    move(revision, "publish", Revision.State.PUBLISHED)
    revision.save(update_fields=["state", "updated_at"])
    record(
        "publication.published",
        publication,
        by=by,
        article_id=revision.article_id,
        content_hash=approved_hash,
        content_format=publication.content_format,
        frozen_hash=publication.frozen_hash,
        frozen_format=publication.frozen_format,
        goes_live_at=publication.goes_live_at.isoformat(),
        people=people.digest(),
        **({"change": "minor"} if publication.change == Publication.Change.MINOR else {}),
    )
    moment = date_format(timezone.localtime(publication.goes_live_at), "j F Y, H:i")
    done = f"goes live on {moment}" if publication.is_scheduled else "was published"
    notify(
        revision.at_work(),
        subject=f"{publication.title} {done}",
        text=f"Version {publication.number} {done}, by {by}.",
        path=f"/admin/education/publication/{publication.pk}/change/",
        topic=MailTopic.TEXTS,
    )
    return publication


@operation
def cancel_schedule(*, publication: Publication, by: User | None, reason: str) -> PublicationEvent:
    """
    Stop a scheduled copy from going live; its revision is approved again and may be published.

    Where a newer revision of the article is open already, that one takes its place.
    ``by`` is None when the portal does it, because a gate broke before the moment came.
    """
    publication = Publication.objects.select_related("revision").get(pk=publication.pk)
    if by is not None and not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotWithdrawError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if not reason.strip():
        raise MayNotWithdrawError("Give a reason.")
    if not publication.is_scheduled:
        raise MayNotWithdrawError(f"{publication} is live already; withdraw it instead.")
    pressed_before = publication.events.filter(kind=PublicationEvent.Kind.CANCELLED).first()
    if pressed_before:
        return pressed_before
    return _cancel(publication, by, reason.strip())


def _cancel(publication: Publication, by: User | None, reason: str) -> PublicationEvent:
    """Cancel a scheduled copy; who may is asked before."""
    event = PublicationEvent.objects.create(
        publication=publication,
        kind=PublicationEvent.Kind.CANCELLED,
        at=timezone.now(),
        by=by,
        reason=reason,
    )
    remove(SUBJECT, [publication.pk])
    revision = publication.revision
    newer = Revision.objects.open().filter(article=revision.article, language=revision.language)
    after = Revision.State.DISCARDED if newer.exists() else Revision.State.APPROVED
    move(revision, "cancel_schedule", after)
    revision.save(update_fields=["state", "updated_at"])
    record(
        "publication.cancelled",
        publication,
        by=by,
        article_id=revision.article_id,
        reason=event.reason,
    )
    return event


@operation
def explain_concern(
    *, revision: Revision, event: StatusEvent, by: User, reason: str
) -> ConcernNote:
    """
    Say why a text may rest on a work under an expression of concern; the publish gate asks for it.

    By an editor-in-chief who may publish the text. Readers see the reason beside the notice. It
    belongs to that one concern: a further one needs a reason of its own.
    """
    reasons = reasons_against_publishing(by, revision)
    if reasons:
        raise MayNotPublishError(reasons)
    require_state(revision, "publish")
    standing = concerns_of(revision).get(event.item_id)
    if standing is None or standing.pk != event.pk:
        raise MayNotPublishError([f"{revision} does not rest on a work under this concern."])
    if not reason.strip():
        raise MayNotPublishError(["Say why the text may still rest on it; readers will see it."])
    pressed_before = ConcernNote.objects.filter(revision=revision, event=event).first()
    if pressed_before:
        return pressed_before
    note = ConcernNote.objects.create(
        revision=revision, event=event, reason=reason.strip(), by=by, at=timezone.now()
    )
    record(
        "revision.concern_explained",
        revision,
        by=by,
        article_id=revision.article_id,
        item=event.item.key,
        reason=note.reason,
    )
    return note


@operation
def withdraw(*, publication: Publication, by: User, reason: str) -> PublicationEvent:
    """
    Take an article off the site, with a reason that readers are shown at its address.

    By an editor-in-chief, or by a superuser as the only emergency power (rule 1), whoever wrote
    the page. An earlier version does not come back, and a scheduled one is cancelled with it; a
    publication by another person ends the withdrawal.
    """
    publication = Publication.objects.get(pk=publication.pk)
    if not (by.is_active and (by.is_superuser or by.has_role(Role.EDITOR_IN_CHIEF))):
        raise MayNotWithdrawError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if not reason.strip():
        raise MayNotWithdrawError("Give a reason; readers will see it.")
    pressed_before = publication.withdrawal
    if pressed_before:
        return pressed_before
    if not Publication.objects.not_withdrawn().filter(pk=publication.pk).exists():
        raise MayNotWithdrawError(f"{publication} is not what the public sees now.")
    event = PublicationEvent.objects.create(
        publication=publication,
        kind=PublicationEvent.Kind.WITHDRAWN,
        at=timezone.now(),
        by=by,
        reason=reason.strip(),
    )
    remove(SUBJECT, [publication.pk])
    record(
        "publication.withdrawn",
        publication,
        by=by,
        article_id=publication.revision.article_id,
        reason=event.reason,
    )
    # The latest first: it is the one that stays open.
    waiting_copies = scheduled_after(publication).order_by("-number")
    for waiting in waiting_copies.select_related("revision", "published_by"):
        why = f"{publication} was withdrawn: {event.reason}"
        _cancel(waiting, by, why)
        _tell_of_cancelling(waiting, why)
    return event


@operation
def recall_paper(*, publication: Publication, by: User, reason: str) -> PublicationEvent:
    """
    Say of a version that corrects an error: paper of the versions before it must not be used.

    By an editor-in-chief, whoever wrote it. Clinics are told, and who checks a printed code is.
    """
    publication = Publication.objects.select_related("revision").get(pk=publication.pk)
    if not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotRecallError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if not reason.strip():
        raise MayNotRecallError("Say what was wrong; clinics and readers will see it.")
    if not may_recall_paper(publication):
        raise MayNotRecallError(f"{publication} is not live or corrects no error.")
    pressed_before = publication.events.filter(kind=PublicationEvent.Kind.RECALLED).first()
    if pressed_before:
        return pressed_before
    event = PublicationEvent.objects.create(
        publication=publication,
        kind=PublicationEvent.Kind.RECALLED,
        at=timezone.now(),
        by=by,
        reason=reason.strip(),
    )
    record(
        "publication.paper_recalled",
        publication,
        by=by,
        article_id=publication.revision.article_id,
        reason=event.reason,
    )
    return event


@operation
def extend_review(
    *, publication: Publication, by: User, days: int, reason: str
) -> PublicationEvent:
    """
    Move a review date once, by at most 90 days, for a reason that readers see (rule 5). By an
    editor-in-chief who did not contribute to the text and has no conflict on its topic.

    "No change needed" is no extension: it is a next revision with the same text, reviewed anew.
    """
    publication = Publication.objects.get(pk=publication.pk)
    if not by.has_role(Role.EDITOR_IN_CHIEF):
        raise MayNotExtendError(f"{by} does not have the role {Role.EDITOR_IN_CHIEF.label}.")
    if publication.revision.contributions.filter(person=by).exists():
        raise MayNotExtendError(f"{by} wrote this text; someone else must say that it may stay.")
    if reasons := conflicts_on(by, publication.topic):
        raise MayNotExtendError(" ".join(reasons))
    if not 1 <= days <= LONGEST_EXTENSION.days:
        raise MayNotExtendError(f"An extension is 1 to {LONGEST_EXTENSION.days} days.")
    if not reason.strip():
        raise MayNotExtendError("Give a reason; readers will see it.")
    if publication.events.filter(kind=PublicationEvent.Kind.EXTENDED).exists():
        raise MayNotExtendError(f"{publication} was extended once already; review it instead.")
    if not Publication.objects.current().filter(pk=publication.pk).exists():
        raise MayNotExtendError(f"{publication} is not what the public sees now.")
    due_on = publication.review_due_on + datetime.timedelta(days=days)
    event = PublicationEvent.objects.create(
        publication=publication,
        kind=PublicationEvent.Kind.EXTENDED,
        at=timezone.now(),
        by=by,
        reason=reason.strip(),
        due_on=due_on,
    )
    record(
        "publication.extended",
        publication,
        by=by,
        article_id=publication.revision.article_id,
        reason=event.reason,
        due_on=due_on.isoformat(),
    )
    return event


def recheck_schedules(events: Sequence[Event]) -> None:
    """
    Cancel every scheduled copy whose gates no longer hold, and tell who scheduled it.

    A post-operation hook: runs in the operation's transaction, so that whatever breaks a gate
    before the moment comes also stops the copy. Looks at the copies that the events may have
    touched; at all of them when that is not known (``schedules_touched_by``).
    """
    for publication in schedules_touched_by(events).select_related(
        "revision__article__topic", "published_by"
    ):
        revision = publication.revision
        rendered = render_revision(revision)
        current_hash = content_hash(revision, rendered)
        day = timezone.localdate(publication.goes_live_at)
        problems = _problems(revision, rendered, current_hash, day)
        if not problems and not on_current_content(revision, [publication], current_hash):
            problems = ["The text or its evidence is not what was frozen."]
        if problems:
            reason = " ".join(problems)
            cancel_schedule(publication=publication, by=None, reason=reason)
            _tell_of_cancelling(publication, reason)


def _tell_of_cancelling(publication: Publication, reason: str) -> None:
    """Mail who scheduled a copy that it won't go live, and why."""
    notify(
        [publication.published_by],
        subject=f"{publication.title}: the scheduled publication was cancelled",
        text=reason,
        path=f"/admin/education/revision/{publication.revision_id}/publish/",
    )


def _problems(
    revision: Revision, rendered: Rendered, approved_hash: str, on: datetime.date
) -> list[str]:
    """What stands in the way of a copy that goes live that day."""
    return missing_texts(readiness(revision, rendered, approved_hash, on))


def frozen_hash(publication: Publication) -> str:
    """
    The hash of a publication in the format it was frozen with; a copy that was changed by any means
    no longer fits it.

    Format 1 covers what the copy shows and its dates of review. Format 2 also covers where it
    belongs, the words it is found by, and who published it when.
    """
    shown = {name: getattr(publication, name) for name in SHOWN}
    dates = [publication.reviewed_on, publication.review_due_on]
    shown |= {"dates": [day.isoformat() for day in dates]}
    if publication.frozen_format >= 2:
        shown |= {
            "topic": publication.topic_id,
            "revision": publication.revision_id,
            "search_text": publication.search_text,
            "published_by": publication.published_by_id,
            "published_at": plain_value(publication.published_at),
            "goes_live_at": plain_value(publication.goes_live_at),
            "content_format": publication.content_format,
        }
        # As copies had no such part, it is one of those that say it.
        if publication.change == Publication.Change.MINOR:
            shown |= {"change": publication.change}
    return digest(shown)


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later; the last day of the month where there is none."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return day.replace(
        year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1])
    )


def unsaved_copy(
    revision: Revision, rendered: Rendered, approved_hash: str, approvals: Sequence[Review]
) -> Publication:
    """
    Everything the page and the paper need, taken from a text and the reviews that approved it.

    Without a review it says today as its day of review: so it is drawn before anybody approved it.
    """
    article = revision.article
    decided = [review.decided_at for review in approvals] or [timezone.now()]
    reviewed_on = timezone.localdate(max(decided))
    people = people_behind(revision, approvals)
    copies = Publication.objects.filter(slug=article.slug, language=revision.language)
    number = (copies.aggregate(last=Max("number"))["last"] or 0) + 1
    return Publication(
        revision=revision,
        slug=article.slug,
        language=revision.language,
        number=number,
        kind=article.kind,
        risk_class=article.risk_class,
        topic=article.topic,
        title=revision.title,
        summary=rendered.tree["short_answer_text"],
        content=rendered.tree,
        html=rendered.html,
        search_text=plain_text(rendered.tree),
        what_changed=revision.what_changed,
        correction=revision.correction,
        writers=people.writers,
        reviewers=people.reviewers,
        publisher_name=settings.PUBLISHER_NAME,
        content_hash=approved_hash,
        content_format=CONTENT_FORMAT,
        frozen_format=FROZEN_FORMAT,
        reviewed_on=reviewed_on,
        review_due_on=months_later(reviewed_on, article.review_every_months),
    )


def definitions_carried(publication: Publication) -> set[tuple[str, int, str]]:
    """
    What the definitions of its explained words cite, as a copy carries it: word, place of the
    statement, and the work's key. Empty too for copies that were frozen before they carried it.
    """
    return {
        (node["slug"], place, key)
        for node in explained_terms(publication.content)
        for place, keys in enumerate(node.get("evidence", ()))
        for key in keys
    }


def _keep_definitions(publication: Publication) -> None:
    """Keep the same in rows, to be asked from either side."""
    carried = sorted(definitions_carried(publication))
    keys = {key for _, _, key in carried}
    items = EvidenceItem.objects.in_bulk(keys, field_name="key") if keys else {}
    DefinitionCitation.objects.bulk_create(
        DefinitionCitation(publication=publication, slug=slug, statement=place, item=items[key])
        for slug, place, key in carried
    )
