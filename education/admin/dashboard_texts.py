"""My work on texts: to write, to change, to answer, to review, to publish, waiting for others."""

import datetime
from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from education.admin.dashboard_rows import WorkItem, page_of
from education.admin.shipped_texts import shipped_address
from education.articles.details import reasons_against_confirming
from education.articles.models import Revision, RevisionQuerySet
from education.articles.operations import CONTENT_FORMAT, content_hash, on_current_content
from education.articles.shipped_texts import articles_shipped_stricter
from education.people.absences import absence_in_words, away_until
from education.people.models import Role, User
from education.publishing.corrected_statements import pages_to_correct
from education.publishing.findings import pages_to_regrade
from education.publishing.rules import reasons_against_publishing
from education.review.models import Assignment, Comment
from education.review.pool import shortages
from education.review.returning import why_returned
from education.review.rules import (
    counting_approvals,
    missing_approvals,
    reasons_against_deciding,
    wanted_parts,
)


def changes_requested(person: User) -> Iterator[WorkItem]:
    """Texts of this person that were given back to their writers."""
    for revision in _own(person, Revision.State.CHANGES_REQUESTED):
        name, reason = why_returned(revision)
        why = f"{name}: {reason[:200]}" if name else ""
        yield _row(revision, why, "Change the text", "change")


def to_review(person: User) -> Iterator[WorkItem]:
    """Texts that this person was asked to judge, or whose approval would bring nearer."""
    asked = {
        assignment.revision_id: assignment
        for assignment in Assignment.objects.filter(reviewer=person).select_related("assigned_by")
    }
    if not (asked or person.roles & {Role.MEDICAL_REVIEWER, Role.PLAIN_LANGUAGE_REVIEWER}):
        return
    for revision in Revision.objects.in_review().select_related("article__topic"):
        yield from _one_to_review(person, revision, asked.get(revision.pk))


def _one_to_review(
    person: User, revision: Revision, asked: Assignment | None
) -> Iterator[WorkItem]:
    current = content_hash(revision)
    mine = revision.reviews.filter(reviewer=person, round=revision.round)
    why = [f"{asked.assigned_by} asked you."] if asked else []
    due_on = asked.due_on if asked else None
    if asked and not mine.exists():
        reasons = reasons_against_deciding(person, revision, asked.reviewed_as)
        if reasons:
            why += ["But you may not decide:", *reasons]
            yield _row(revision, " ".join(why), "Look", "review", due_on)
            return
    wanted = wanted_parts(person, revision, current)
    if not (wanted or (asked and not on_current_content(revision, mine, current))):
        return
    if mine.exists():
        why.append("The evidence is not what it was when you approved.")
    missing = missing_approvals(revision, current)
    why.append(f"Still to approve: {', '.join(missing)}." if missing else "Nobody else is missing.")
    yield _row(revision, " ".join(why), "Review", "review", due_on)


def to_confirm(person: User) -> Iterator[WorkItem]:
    """Articles with a text on its way whose risk class waits for a second person."""
    if not person.roles & {Role.MEDICAL_REVIEWER, Role.EDITOR_IN_CHIEF}:
        return
    waiting = Revision.objects.open().filter(
        article__class_set_by__isnull=False, article__class_confirmed_by=None
    )
    for revision in waiting.select_related("article__class_set_by").order_by("article", "number"):
        article = revision.article
        if not reasons_against_confirming(person, article):
            why = (
                f"{article.class_set_by} chose class {article.get_risk_class_display()}. Without a "
                "second person it is neither sent to review nor published."
            )
            yield _row(revision, why, "Look at the class", "review")


def to_publish(person: User) -> Iterator[WorkItem]:
    """Approved texts that this editor-in-chief may publish."""
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    approved = Revision.objects.filter(state=Revision.State.APPROVED)
    for revision in approved.select_related("article"):
        if not reasons_against_publishing(person, revision):
            why = "Everyone required has approved it."
            if revision.reviews.filter(
                round=revision.round, decision="approved", content_format__lt=CONTENT_FORMAT
            ).exists():
                why += (
                    " Some of it was approved before the rules of today, which counts until the "
                    "text or its evidence is changed."
                )
            yield _row(revision, why, "Check the gates and publish", "publish")


def to_correct(person: User) -> Iterator[WorkItem]:
    """Public pages that say what is known to be wrong, for editors-in-chief."""
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    for page, wrong in pages_to_correct():
        first = wrong[0]
        rows = ", ".join(dict.fromkeys(difference.row for difference in wrong))
        many = f"{len(wrong)} statements are" if len(wrong) > 1 else "One statement is"
        now = f"It is now: “{first.new}”" if first.new else "It was taken out."
        yield WorkItem(
            page.title,
            f"{many} known to be wrong, until a version without is public (docs/audit-of-text.md: "
            f"{rows}). The first: “{first.old}” {now}",
            "Compare with the shipped text",
            shipped_address(page),
            risk=page.risk_class,
        )


def to_regrade(person: User) -> Iterator[WorkItem]:
    """Public pages that name a row which the table of findings grades otherwise by now."""
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    for page, rows in pages_to_regrade():
        slugs = ", ".join(row.row["slug"] for row in rows)
        yield WorkItem(
            page.title,
            f"The table of findings grades {slugs} otherwise since {rows[0].since:%-d %B %Y}. The "
            "page says so until a new version of it is public.",
            "Begin a new version",
            reverse("admin:education_article_change", args=[page.revision.article_id]),
            risk=page.risk_class,
        )


def classes_to_raise(person: User) -> Iterator[WorkItem]:
    """Articles that ship with a stricter risk class than they have here, for editors-in-chief."""
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    for article, risk_class in articles_shipped_stricter():
        yield WorkItem(
            article.slug,
            f"It ships as class {risk_class} by now and is of class {article.risk_class} here. "
            "What is public stays as it was approved; the next version would need more approvals.",
            "Make its class stricter",
            reverse("admin:education_article_details", args=[article.pk]),
            risk=article.risk_class,
        )


def shipped_drafts(person: User) -> Iterator[WorkItem]:
    """Drafts that a release brought and nobody has begun to work on, for editors-in-chief."""
    if not person.has_role(Role.EDITOR_IN_CHIEF):
        return
    drafts = Revision.objects.filter(
        state=Revision.State.DRAFT, created_by=None, contributions=None
    )
    if count := drafts.count():
        yield WorkItem(
            f"{count} {'draft' if count == 1 else 'drafts'} with shipped text",
            "A release brought the text; nobody has begun to work on it.",
            "Look at the texts that ship",
            reverse("admin:education_article_shipped_texts"),
        )


def threads(person: User) -> Iterator[WorkItem]:
    """Open threads on this person's texts, or begun by them, in which another spoke last."""
    comments = (
        Comment.objects.open()
        .filter(revision__state__in=Revision.OPEN_STATES)
        .select_related("revision__article", "by")
        .prefetch_related("replies__by")
    )
    own = set(_own(person).values_list("pk", flat=True))
    # What stops publication first; within that by risk, as everywhere.
    for comment in sorted(comments, key=lambda comment: not comment.is_blocking):
        messages = [comment, *comment.replies.all()]
        last = messages[-1]
        if last.by_id == person.pk:
            continue
        if comment.revision_id not in own and person.pk not in {each.by_id for each in messages}:
            continue
        blocks = " It stops publication." if comment.is_blocking else ""
        began = comment.by_id == person.pk
        yield WorkItem(
            comment.revision.title,
            f"{last.by}: {last.text[:200]}{blocks}",
            "Read the answer, and resolve it" if began else "Answer",
            f"{page_of(comment.revision, 'review')}#comment-{comment.pk}",
            risk=comment.revision.article.risk_class,
        )


def to_write(person: User) -> Iterator[WorkItem]:
    """Drafts of this person that nobody has been asked to review."""
    why = "You began this draft; nobody has been asked to review it."
    for revision in _own(person, Revision.State.DRAFT):
        yield _row(revision, why, "Go on writing", "change")


def to_ask(person: User) -> Iterator[WorkItem]:
    """Texts in review that stand still: nobody was asked, or who was asked let the day pass."""
    is_editor = person.has_role(Role.EDITOR_IN_CHIEF)
    today = timezone.localdate()
    for revision in Revision.objects.in_review().select_related("article__topic"):
        wrote = revision.contributions.filter(person=person, inherited=False).exists()
        if not (is_editor or wrote):
            continue
        current = content_hash(revision)
        missing = missing_approvals(revision, current)
        if not missing:
            continue
        done = {review.reviewer_id for review in counting_approvals(revision, current)}
        open_ = [
            assignment
            for assignment in revision.assignments.select_related("reviewer")
            if assignment.reviewer_id not in done
        ]
        late = [assignment for assignment in open_ if assignment.due_on < today]
        away = [
            absence
            for assignment in open_
            if (absence := away_until(assignment.due_on).get(assignment.reviewer_id))
        ]
        if late:
            names = ", ".join(str(assignment.reviewer) for assignment in late)
            due_on = min(assignment.due_on for assignment in late)
            yield _row(revision, f"{names} did not decide by the day.", "Ask", "assign", due_on)
        elif away:
            why = " ".join(absence_in_words(absence) for absence in away)
            yield _row(revision, why, "Ask somebody else", "assign")
        elif not open_:
            why = f"Nobody is asked. Still to approve: {', '.join(missing)}."
            yield _row(revision, why, "Ask reviewers", "assign")


def few_reviewers(person: User) -> Iterator[WorkItem]:
    """Texts that wait for approvals and that too few can still review."""
    is_editor = person.has_role(Role.EDITOR_IN_CHIEF)
    for revision in Revision.objects.in_review().select_related("article__topic"):
        wrote = revision.contributions.filter(person=person, inherited=False).exists()
        if (is_editor or wrote) and missing_approvals(revision) and (few := shortages(revision)):
            yield _row(revision, " ".join(few), "Look who can", "reviewers")


def waiting(person: User) -> Iterator[WorkItem]:
    """Texts of this person that are with somebody else."""
    for revision in _own(person, Revision.State.IN_REVIEW):
        missing = ", ".join(missing_approvals(revision)) or "nobody"
        assignment = revision.assignments.order_by("due_on", "pk").first()
        due_on = assignment.due_on if assignment else None
        yield _row(revision, f"Still to approve: {missing}.", "Look", "change", due_on)
    for revision in _own(person, Revision.State.APPROVED):
        yield _row(revision, "It waits for an editor-in-chief to publish it.", "Look", "change")


def _own(person: User, *states: str) -> RevisionQuerySet:
    own = Revision.objects.open().filter(
        contributions__person=person, contributions__inherited=False
    )
    if states:
        own = own.filter(state__in=states)
    return own.select_related("article__topic").order_by("updated_at", "pk")


def _row(
    revision: Revision, why: str, action: str, page: str, due_on: datetime.date | None = None
) -> WorkItem:
    risk = revision.article.risk_class
    return WorkItem(revision.title, why, action, page_of(revision, page), due_on, risk)
