"""What stands on the first page of the desk: rows in piles, each row saying why it is there."""

import datetime
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from education.articles.models import Revision


@dataclass(frozen=True)
class WorkItem:
    """One thing to do: what it is about, why it is here, what to press."""

    what: str
    why: str
    action: str
    url: str
    due_on: datetime.date | None = None
    risk: str = ""  # the risk class of the page, where the row is about one: "A" harms most

    @property
    def is_late(self) -> bool:
        """Whether the day has passed."""
        return self.due_on is not None and self.due_on < timezone.localdate()


@dataclass(frozen=True)
class WorkQueue:
    """Rows of one kind, under one heading."""

    title: str
    rows: list[WorkItem]


def by_risk(row: WorkItem) -> tuple[str, datetime.date]:
    """The order within a pile: what could harm readers most, then what is due first."""
    return row.risk or "Z", row.due_on or datetime.date.max


def page_of(revision: Revision, page: str) -> str:
    """The address of one of a revision's pages."""
    return reverse(f"admin:education_revision_{page}", args=[revision.pk])
