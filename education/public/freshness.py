"""When what readers see last changed, and when the clock alone will change it."""

import datetime

from django.db.models import Subquery
from django.utils import timezone

from education.audit.models import Event, EventHead
from education.publishing.models import Publication
from education.safety.models import NOTE_LASTS, EmergencyNote


def changes_around(moment: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    """
    The last moment, no later than another, at which any page may have changed, and the first after
    it at which one changes though nobody does anything.

    A step of the work changes pages, or a date: a scheduled copy goes live, an emergency note has
    had its days, or a day begins: reviews fall due, and are overdue, by the day.
    """
    today = timezone.localtime(moment).date()
    last, following = [_midnight(today)], [_midnight(today + datetime.timedelta(days=1))]
    copies = Publication.objects.values("goes_live_at")
    notes = EmergencyNote.objects.values("approved_at")
    ended = notes.filter(approved_at__lte=moment - NOTE_LASTS).order_by("-approved_at")
    running = notes.filter(
        ended_at=None, approved_at__lte=moment, approved_at__gt=moment - NOTE_LASTS
    ).order_by("approved_at")
    live = copies.filter(goes_live_at__lte=moment).order_by("-goes_live_at")
    waiting = copies.filter(goes_live_at__gt=moment).order_by("goes_live_at")
    found = (
        Event.objects.filter(sequence__in=EventHead.objects.values("last_seen_outside"))
        .annotate(
            live=Subquery(live[:1]),
            waiting=Subquery(waiting[:1]),
            note_ended=Subquery(ended[:1]),
            note_running=Subquery(running[:1]),
        )
        .values_list("at", "live", "waiting", "note_ended", "note_running")
        .first()
    )
    if found:  # else nothing was ever done here
        at, went_live, goes_live, note_ended, note_running = found
        last += [one for one in (at, went_live, note_ended and note_ended + NOTE_LASTS) if one]
        following += [one for one in (goes_live, note_running and note_running + NOTE_LASTS) if one]
    return max(last), min(following)


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
