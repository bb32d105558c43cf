"""Sending a revision to review and deciding on it."""

from collections.abc import Mapping

from django.db.models import Q
from django.utils import timezone

from education.articles.inheritance import settle_contributions
from education.articles.models import Revision
from education.articles.operations import (
    CONTENT_FORMAT,
    content_hash,
    contribute,
    draft_of,
    on_current_content,
    render_draft,
    render_revision,
)
from education.articles.rules import may_write
from education.articles.states import move, require_state
from education.audit.operations import operation, record
from education.errors import EditorialError, StaleError
from education.people.mail import notify
from education.people.models import MailTopic, Role, User
from education.review.models import Review
from education.review.readiness import missing_texts, readiness
from education.review.rules import may_review, missing_approvals, reasons_against_deciding


class NotReadyError(EditorialError):
    """The text has problems that reviewers should not be asked to find."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Not ready for review: " + " ".join(problems))
        self.problems = problems


class MayNotReviewError(EditorialError):
    """The person may not decide on this revision."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class MayNotSubmitError(EditorialError):
    """The person may not send this revision to review."""


@operation
def submit_for_review(*, revision: Revision, by: User) -> Revision:
    """
    Send a draft to its reviewers; the text is locked until they have decided.

    Who submits counts as a contributor, and so does whoever wrote words that still stand in it. A
    revision that was sent back starts its next round, in which every approval is given anew.
    """
    revision = Revision.objects.select_related("article__topic").get(pk=revision.pk)
    if not may_write(by):
        raise MayNotSubmitError(f"{by} does not have the role Writer.")
    require_state(revision, "submit_for_review")
    rendered = render_revision(revision)
    problems = missing_texts(readiness(revision, rendered), before_review=True)
    if problems:
        raise NotReadyError(problems)
    if revision.state == Revision.State.CHANGES_REQUESTED:
        revision.round += 1
    move(revision, "submit_for_review", Revision.State.IN_REVIEW)
    revision.submitted_by = by
    revision.submitted_at = timezone.now()
    revision.save(update_fields=["round", "state", "submitted_by", "submitted_at", "updated_at"])
    contribute(revision, by)
    settle_contributions(revision, rendered.draft)
    record(
        "revision.submitted",
        revision,
        by=by,
        article_id=revision.article_id,
        round=revision.round,
        content_hash=content_hash(revision, rendered),
        content_format=CONTENT_FORMAT,
    )
    if revision.round > 1:
        _tell_of_return(revision)
    return revision


def _tell_of_return(revision: Revision) -> None:
    """Mail those who were asked, or had decided before, that the text is in review again."""
    people = User.objects.filter(
        Q(assignments__revision=revision) | Q(reviews__revision=revision)
    ).distinct()
    notify(
        [person for person in people if may_review(person, revision)],
        subject=f"{revision.title} is in review again",
        text="Its writers submitted it again. Every approval is given anew.",
        path=f"/admin/education/revision/{revision.pk}/review/",
        about=f"resubmitted:{revision.pk}:{revision.round}",
        topic=MailTopic.REQUESTS,
    )


@operation
def decide(
    *,
    revision: Revision,
    by: User,
    reviewed_as: Review.As | str,
    decision: Review.Decision | str,
    content_hash_seen: str,
    interests_confirmed: bool,
    comments: str = "",
    checklist: Mapping[str, str] | None = None,
) -> Review:
    """
    Record one reviewer's decision on a revision.

    ``content_hash_seen`` is the hash of what the reviewer had on the page: a decision on text or
    evidence that has changed since is refused. Approval does not publish. Asking for changes
    reopens the text and puts all approvals of the round aside.
    """
    revision = Revision.objects.select_related("article__topic").get(pk=revision.pk)
    require_state(revision, "decide")
    draft = draft_of(revision)
    reasons = reasons_against_deciding(by, revision, reviewed_as, draft=draft)
    if reasons:
        raise MayNotReviewError(reasons)
    current_hash = content_hash(revision, render_draft(draft))
    if content_hash_seen != current_hash:
        raise StaleError(
            "The text or its evidence changed while you were reading. Nothing was recorded; "
            "please read it again."
        )
    if not interests_confirmed:
        raise MayNotReviewError(["Confirm your declaration of interests first."])
    if decision == Review.Decision.CHANGES_REQUESTED and not comments.strip():
        raise MayNotReviewError(["Say what needs to change."])
    decided = revision.reviews.filter(reviewer=by, round=revision.round, decision=decision)
    pressed_before = on_current_content(revision, decided, current_hash)
    if pressed_before:
        return pressed_before[0]
    review = Review.objects.create(
        revision=revision,
        round=revision.round,
        reviewer=by,
        reviewed_as=reviewed_as,
        specialty=by.specialty,
        reviewer_name=str(by),
        credentials=by.credentials,
        decision=decision,
        comments=comments.strip(),
        checklist=dict(checklist or {}),
        content_hash=current_hash,
        content_format=CONTENT_FORMAT,
        interests=by.interests,
        decided_at=timezone.now(),
    )
    if decision == Review.Decision.CHANGES_REQUESTED:
        move(revision, "decide", Revision.State.CHANGES_REQUESTED)
    elif not missing_approvals(revision, current_hash):
        move(revision, "decide", Revision.State.APPROVED)
    revision.save(update_fields=["state", "updated_at"])
    record(
        f"revision.{decision}",
        revision,
        by=by,
        article_id=revision.article_id,
        reviewed_as=str(reviewed_as),
        round=revision.round,
        content_hash=current_hash,
        content_format=CONTENT_FORMAT,
    )
    _tell_of_decision(revision, review)
    return review


def _tell_of_decision(revision: Revision, review: Review) -> None:
    """Mail those who wrote it and, once everyone required approved, those who may publish it."""
    path = f"/admin/education/revision/{revision.pk}/change/"
    notify(
        revision.at_work(),
        subject=f"{revision.title}: {review.get_decision_display().lower()}",
        text=f"{review.reviewer} decided: {review.get_decision_display()}. {review.comments}",
        path=path,
        topic=MailTopic.TEXTS,
    )
    if revision.state == Revision.State.APPROVED:
        editors = User.objects.filter(groups__name=Role.EDITOR_IN_CHIEF.label)
        notify(
            editors.exclude(contributions__revision=revision),
            subject=f"{revision.title} can be published",
            text="Everyone required has approved it.",
            path=f"/admin/education/revision/{revision.pk}/publish/",
            about=f"approved:{revision.pk}:{revision.round}:{review.content_hash[:16]}",
            topic=MailTopic.REMINDERS,
        )
