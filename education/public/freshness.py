"""What readers see now, by one name, and when the clock alone will change it."""

import datetime
from typing import NamedTuple

from django.db.models import Min
from django.utils import timezone

from education.audit.models import Event, EventHead
from education.publishing.models import Publication
from education.safety.models import NOTE_LASTS, EmergencyNote


class ContentState(NamedTuple):
    """
    Which content is current: the hash of the last event that may have changed a page, and the first
    moment, in seconds since 1970, at which a page changes though nobody does anything.
    """

    version: str
    changes_at: float


def content_state(moment: datetime.datetime) -> ContentState:
    """
    The state at a moment.

    A date changes pages when a scheduled copy goes live, an emergency note has had its days, or a
    day begins: reviews fall due, and are overdue, by the day.
    """
    # The name first: what is done meanwhile has another, and is asked for anew.
    last = Event.objects.filter(sequence__in=EventHead.objects.values("last_seen_outside"))
    version = last.values_list("hash", flat=True).first() or ""
    scheduled = Publication.objects.filter(goes_live_at__gt=moment)
    goes_live = scheduled.aggregate(first=Min("goes_live_at"))["first"]
    running = EmergencyNote.objects.filter(
        ended_at=None, approved_at__lte=moment, approved_at__gt=moment - NOTE_LASTS
    )
    approved = running.aggregate(first=Min("approved_at"))["first"]
    tomorrow = timezone.localtime(moment).date() + datetime.timedelta(days=1)
    dates = [timezone.make_aware(datetime.datetime.combine(tomorrow, datetime.time()))]
    dates += [goes_live] if goes_live else []
    dates += [approved + NOTE_LASTS] if approved else []
    return ContentState(version, min(dates).timestamp())
