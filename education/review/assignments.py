"""Asking reviewers, with a due date."""

import datetime
from collections.abc import Iterable

from django.utils import timezone
from django.utils.formats import date_format

from education.articles.models import Revision
from education.audit.operations import operation, record
from education.errors import EditorialError
from education.people.absences import absence_in_words, away_until
from education.people.mail import notify
from education.people.models import MailTopic, Role, User
from education.review.models import Assignment, Review
from education.review.rules import ROLE_OF, reasons_against_deciding

# Long enough to read a text of class A beside its evidence, unless another day is chosen.
TIME_TO_REVIEW = datetime.timedelta(days=14)


class MayNotAssignError(EditorialError):
    """The reviewer can't be asked, or not by this person."""


@operation
def assign_reviewer(
    *,
    revision: Revision,
    reviewer: User,
    reviewed_as: Review.As | str,
    due_on: datetime.date,
    by: User,
) -> Assignment:
    """
    Ask a person to judge a revision by a day; only people who may review it can be asked.

    By a writer or an editor-in-chief. Asking again changes the day. Who is away until that day or
    longer is not asked; ``MayNotAssignError`` names who stands in.
    """
    revision = Revision.objects.select_related("article__topic").get(pk=revision.pk)
    if not (by.has_role(Role.WRITER) or by.has_role(Role.EDITOR_IN_CHIEF)):
        raise MayNotAssignError(f"{by} may not assign reviewers.")
    if revision.state not in Revision.OPEN_STATES:
        raise MayNotAssignError(f"{revision} is {revision.get_state_display().lower()}.")
    reasons = reasons_against_deciding(reviewer, revision, reviewed_as)
    if reasons:
        raise MayNotAssignError(" ".join(reasons))
    if due_on < timezone.localdate():
        raise MayNotAssignError("The due date is in the past.")
    if absence := away_until(due_on).get(reviewer.pk):
        raise MayNotAssignError(f"{absence_in_words(absence)} Ask somebody else, or a later day.")
    assignment, _ = Assignment.objects.update_or_create(
        revision=revision,
        reviewer=reviewer,
        defaults={
            "reviewed_as": reviewed_as,
            "due_on": due_on,
            "assigned_by": by,
            "assigned_at": timezone.now(),
        },
    )
    record(
        "reviewer.assigned",
        revision,
        by=by,
        article_id=revision.article_id,
        reviewer=str(reviewer),
        reviewed_as=str(reviewed_as),
        due_on=due_on.isoformat(),
    )
    notify(
        [reviewer],
        subject=f"Please review {revision.title} by {date_format(due_on)}",
        text=(
            f"{by} asks you to review “{revision.title}” as {Review.As(reviewed_as).label.lower()}."
        ),
        path=f"/admin/education/revision/{revision.pk}/review/",
        topic=MailTopic.REQUESTS,
    )
    return assignment


def candidates(revision: Revision, reviewed_as: Review.As | str) -> Iterable[User]:
    """The people who may review a revision in this part, by name."""
    holders = User.objects.filter(
        is_active=True, groups__name=ROLE_OF[Review.As(reviewed_as)].label
    ).order_by("display_name", "username")
    return [
        person for person in holders if not reasons_against_deciding(person, revision, reviewed_as)
    ]
