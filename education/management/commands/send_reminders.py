"""Remind people of what is due."""

import datetime
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from education.handouts.operations import remind_clinic
from education.handouts.recall_lists import open_recalls
from education.management.scheduled_command import ScheduledCommand
from education.people.absences import absence_in_words, absence_on, reachable
from education.people.mail import notify
from education.people.models import Absence, MailTopic, Role, User
from education.publishing.models import Publication
from education.review.models import Assignment

# Rule 5: before the day a page's review is due. On the day itself the page says so too.
DAYS_BEFORE = (90, 60, 30, 7, 0)
# So long after the day of a request that was not answered, who asked is told: somebody else may do.
ESCALATED_AFTER = datetime.timedelta(days=3)

# Whoever was told of a recall is asked after a week what became of the paper.
RECALL_ANSWERED_WITHIN = datetime.timedelta(days=7)


class Command(ScheduledCommand):
    """
    Mail reminders of reviews that are due, of answers that are late, and of paper that was called
    back and of which nobody said what became.

    Each reminder is written once, however often this runs; days on which it did not run are made
    up for by the last reminder that was missed.
    """

    late_after = datetime.timedelta(days=2)
    goes_by_the_date = True
    help = "Mail reminders 90, 60, 30 and 7 days before a review is due; safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The day can be given."""
        parser.add_argument("--on", type=datetime.date.fromisoformat, help="Default: today.")

    def handle(self, *args: Any, on: datetime.date | None, **options: Any) -> None:
        """Say how many were written."""
        today = on or timezone.localdate()
        written = self.pages(today) + self.assignments(today) + self.recalls(today)
        self.stdout.write(f"{written} reminders written.")

    def pages(self, today: datetime.date) -> int:
        """Pages whose review is due soon: to those who wrote them and to the editors-in-chief."""
        written = 0
        editors = User.objects.filter(groups__name=Role.EDITOR_IN_CHIEF.label)
        for publication in Publication.objects.current().select_related("revision"):
            left = (publication.due_on - today).days
            passed = [days for days in DAYS_BEFORE if left <= days]
            if not passed:
                continue
            when = f"is due in {left} days" if left > 0 else "is due"
            written += len(
                notify(
                    reachable(
                        (publication.revision.contributors() | editors).distinct().order_by("pk"),
                        today,
                    ),
                    subject=f"The review of “{publication.title}” {when}",
                    text="Start the next revision, or extend the date once with a reason.",
                    path=f"/admin/education/article/{publication.revision.article_id}/change/",
                    about=f"due:{publication.pk}:{publication.due_on}:{passed[-1]}",
                    topic=MailTopic.REMINDERS,
                )
            )
        return written

    def recalls(self, today: datetime.date) -> int:
        """Recalls that a clinic has not answered for a week: to its people and its mailbox."""
        now = timezone.now()
        week_ago = now - (timezone.localdate() - today) - RECALL_ANSWERED_WITHIN
        return sum(remind_clinic(recall) for recall in open_recalls(week_ago))

    def assignments(self, today: datetime.date) -> int:
        """Requests whose day has passed without a decision: to reviewers, then to who asked."""
        late = Assignment.objects.filter(
            due_on__lt=today, revision__state="in_review"
        ).select_related("revision", "reviewer", "assigned_by")
        return sum(
            self.late(assignment, today)
            for assignment in late
            if not assignment.revision.reviews.filter(
                reviewer=assignment.reviewer, round=assignment.revision.round
            ).exists()
        )

    def late(self, assignment: Assignment, today: datetime.date) -> int:
        """
        Remind the reviewer; some days later tell who asked, and the editors-in-chief.

        Who is away is not reminded: who asked is told at once, and the substitute with them.
        """
        title = assignment.revision.title
        absence = absence_on(assignment.reviewer, today)
        if absence:
            return self.escalate(assignment, today, absence)
        written = notify(
            [assignment.reviewer],
            subject=f"Your review of “{title}” is late",
            text=f"It was due on {assignment.due_on}.",
            path=f"/admin/education/revision/{assignment.revision_id}/review/",
            about=f"late:{assignment.pk}:{assignment.due_on}",
            topic=MailTopic.REMINDERS,
        )
        if today - assignment.due_on > ESCALATED_AFTER:
            return len(written) + self.escalate(assignment, today)
        return len(written)

    def escalate(
        self, assignment: Assignment, today: datetime.date, absence: Absence | None = None
    ) -> int:
        """Tell who asked, the editors-in-chief and the reviewer's substitute; not who is away."""
        editors = User.objects.filter(groups__name=Role.EDITOR_IN_CHIEF.label)
        concerned = editors | User.objects.filter(pk=assignment.assigned_by_id)
        people = reachable(
            concerned.exclude(pk=assignment.reviewer_id).distinct().order_by("pk"), today
        )
        if absence and absence.substitute and absence.substitute not in people:
            people += reachable([absence.substitute], today)
        why = f"{absence_in_words(absence)} " if absence else ""
        return len(
            notify(
                people,
                subject=f"{assignment.reviewer} has not answered on “{assignment.revision.title}”",
                text=f"{why}The review was due on {assignment.due_on}. Ask somebody else, or give "
                "another day.",
                path=f"/admin/education/revision/{assignment.revision_id}/assign/",
                about=f"unanswered:{assignment.pk}:{assignment.due_on}",
                topic=MailTopic.REMINDERS,
            )
        )
