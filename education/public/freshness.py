"""When the clock alone will change what readers see."""

import datetime

from django.db.models import Min
from django.utils import timezone

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
