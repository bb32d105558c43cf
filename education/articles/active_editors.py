"""Who has a draft open right now: a courtesy to those who write, no lock and no record."""

import datetime

from django.utils import timezone

from education.articles.models import OpenEditor, Revision
from education.people.models import User

# The form says every 20 seconds that it is open; three missed, and it counts as closed.
GONE_AFTER = datetime.timedelta(seconds=60)


def seen_writing(revision: Revision, person: User) -> None:
    """Note that a person has the text open."""
    now = timezone.now()
    OpenEditor.objects.filter(seen_at__lt=now - datetime.timedelta(days=1)).delete()
    OpenEditor.objects.update_or_create(revision=revision, person=person, defaults={"seen_at": now})


def others_writing(revision: Revision, person: User) -> list[User]:
    """Who else has it open, by name."""
    now = timezone.now()
    recent = OpenEditor.objects.filter(
        revision=revision, seen_at__range=(now - GONE_AFTER, now + GONE_AFTER)
    ).exclude(person=person)
    return [entry.person for entry in recent.select_related("person").order_by("person__username")]
