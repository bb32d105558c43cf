"""How a published copy stands with readers, in words."""

import datetime
from collections.abc import Iterable

from django.utils import timezone
from django.utils.formats import date_format

from education.accounts.operations import DAY_AND_TIME
from education.articles.models import Revision
from education.publishing.models import Publication, PublicationEvent, RestoreHold

Kind = PublicationEvent.Kind


def scheduled_words(moment: datetime.datetime) -> str:
    """Of a copy that waits for its moment, when that is."""
    return f"Scheduled for {date_format(timezone.localtime(moment), DAY_AND_TIME)}"


def scheduled_moments(revisions: Iterable[Revision]) -> dict[int, datetime.datetime]:
    """When those of some texts go live that wait for their moment, by the text's number."""
    copies = Publication.objects.scheduled().filter(revision__in=list(revisions))
    return dict(copies.values_list("revision", "goes_live_at"))


def states_of(copies: Iterable[Publication]) -> dict[int, str]:
    """How each of some copies stands, by its number, in as many queries however many they are."""
    copies = list(copies)
    same = Publication.objects.filter(pk__in=[copy.pk for copy in copies])
    scheduled = set(same.scheduled().values_list("pk", flat=True))
    current = set(same.current().values_list("pk", flat=True))
    held = set(RestoreHold.objects.waiting().values_list("publication", flat=True))
    ended = dict(
        PublicationEvent.objects.filter(
            publication__in=copies, kind__in=[Kind.WITHDRAWN, Kind.CANCELLED]
        ).values_list("publication", "kind")
    )
    words = {Kind.WITHDRAWN: "Withdrawn", Kind.CANCELLED: "Cancelled before it went live"}

    def state(copy: Publication) -> str:
        if copy.pk in scheduled:
            return scheduled_words(copy.goes_live_at)
        if copy.pk in current:
            return "Live"
        if copy.pk in ended:
            return words[Kind(ended[copy.pk])]
        return "Held after a restore" if copy.pk in held else "Earlier version"

    return {copy.pk: state(copy) for copy in copies}
