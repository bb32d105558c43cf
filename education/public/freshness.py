"""When what readers see last changed, and when the clock alone will change it."""

import datetime

from django.db.models import Max, Min
from django.utils import timezone

from education.audit.models import Event, EventHead
from education.publishing.models import Publication
from education.safety.models import NOTE_LASTS, EmergencyNote


def next_change(moment: datetime.datetime) -> datetime.datetime:
    """
    The first moment after another at which a page changes though nobody does anything.

    A scheduled copy goes live, an emergency note has had its days, or a day begins: reviews fall
    due, and are overdue, by the day.
    """
    day = timezone.localtime(moment).date() + datetime.timedelta(days=1)
    midnight = timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
    scheduled = Publication.objects.filter(goes_live_at__gt=moment).aggregate(
        first=Min("goes_live_at")
    )["first"]
    noted = EmergencyNote.objects.filter(
        ended_at=None, approved_at__lte=moment, approved_at__gt=moment - NOTE_LASTS
    ).aggregate(first=Min("approved_at"))["first"]
    moments: list[datetime.datetime] = [midnight]
    if scheduled:
        moments.append(scheduled)
    if noted:
        moments.append(noted + NOTE_LASTS)
    return min(moments)


def last_change(moment: datetime.datetime) -> datetime.datetime:
    """
    The last moment, no later than another, at which any page may have changed.

    By a step of the work, or by a date as ``next_change`` has them.
    """
    midnight = timezone.make_aware(
        datetime.datetime.combine(timezone.localtime(moment).date(), datetime.time())
    )
    seen = EventHead.objects.values("last_seen_outside")
    stepped = Event.objects.filter(sequence__in=seen).aggregate(last=Max("at"))["last"]
    live = Publication.objects.filter(goes_live_at__lte=moment).aggregate(last=Max("goes_live_at"))[
        "last"
    ]
    noted = EmergencyNote.objects.filter(approved_at__lte=moment - NOTE_LASTS).aggregate(
        last=Max("approved_at")
    )["last"]
    moments: list[datetime.datetime] = [midnight]
    moments += [known for known in (stepped, live) if known]
    if noted:
        moments.append(noted + NOTE_LASTS)
    return max(moments)
