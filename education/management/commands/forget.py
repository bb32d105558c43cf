"""Delete what is not kept for good."""

import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from education.accounts.operations import forget_failures, forget_sign_ins
from education.feedback.operations import forget_senders, forget_words
from education.handouts.bounces import forget_bounces
from education.management.scheduled_command import ScheduledCommand
from education.people.mail import forget_mail


class Command(ScheduledCommand):
    """What the page on privacy promises: what is kept for a time is deleted after it."""

    late_after = datetime.timedelta(days=2)
    goes_by_the_date = True
    help = "Delete ended sessions, marks of senders, old sign-ins, mail and words of reports."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how much of each."""
        ended, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
        done = {
            "sessions": ended,
            "marks of senders": forget_senders(),
            "failed sign-ins": forget_failures(),
            "sign-ins": forget_sign_ins(),
            "mails": forget_mail(),
            "addresses that bounced": forget_bounces(),
            "words of reports": forget_words(),
        }
        self.stdout.write(", ".join(f"{number} {what}" for what, number in done.items()))
