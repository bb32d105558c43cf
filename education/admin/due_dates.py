"""The calendar of the desk: reviews due, scheduled copies, and days by which reviewers answer."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from education.admin.access import EDITORIAL, roles_of
from education.articles.models import Revision
from education.publishing.models import Publication, PublicationEvent
from education.review.models import Assignment

AHEAD = datetime.timedelta(days=366)


@dataclass(frozen=True)
class DueDate:
    """Something that happens, or must have happened, on a day."""

    day: datetime.date
    what: str
    title: str
    url: str
    time: str = ""

    @property
    def is_late(self) -> bool:
        """Whether the day has passed."""
        return self.day < timezone.localdate()


def due_dates(today: datetime.date) -> list[DueDate]:
    """Everything with a day, from what is late to a year ahead, the earliest first."""
    rows = [*_reviews_due(), *_schedules(), *_answers()]
    return sorted(
        (row for row in rows if row.day <= today + AHEAD), key=lambda row: (row.day, row.title)
    )


def calendar_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show the calendar, month by month, to everyone with an editorial role."""
    if not (request.user.is_superuser or roles_of(request) & EDITORIAL):
        raise PermissionDenied
    rows = due_dates(timezone.localdate())
    months = [
        (month, list(days)) for month, days in groupby(rows, lambda row: row.day.replace(day=1))
    ]
    context = {**site.each_context(request), "title": "Calendar", "months": months}
    return TemplateResponse(request, "admin/education/calendar.html", context)


def _reviews_due() -> Iterator[DueDate]:
    pages = Publication.objects.current()
    extended = PublicationEvent.objects.filter(publication__in=pages, due_on__isnull=False)
    # The last extension counts (Publication.due_on), here for all pages at once.
    days = dict(extended.order_by("pk").values_list("publication", "due_on"))
    for page in pages:
        address = reverse("admin:education_publication_change", args=[page.pk])
        day = days.get(page.pk) or page.review_due_on
        yield DueDate(day, "Review is due", page.title, address)


def _schedules() -> Iterator[DueDate]:
    for copy in Publication.objects.scheduled():
        moment = timezone.localtime(copy.goes_live_at)
        address = reverse("admin:education_publication_change", args=[copy.pk])
        title = f"{copy.title}, version {copy.number}"
        yield DueDate(moment.date(), "Goes live", title, address, f"{moment:%H:%M}")


def _answers() -> Iterator[DueDate]:
    assignments = Assignment.objects.filter(revision__state=Revision.State.IN_REVIEW)
    for assignment in assignments.select_related("revision", "reviewer"):
        revision = assignment.revision
        given = revision.reviews.filter(reviewer=assignment.reviewer, round=revision.round)
        if not given.exists():
            address = reverse("admin:education_revision_assign", args=[revision.pk])
            what = f"{assignment.reviewer} was asked to review by this day"
            yield DueDate(assignment.due_on, what, revision.title, address)
