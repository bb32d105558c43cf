"""What must be done, by a day, because evidence is not what it was."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from education.evidence.models import EvidenceItem, StatusEvent
from education.people.models import User
from education.publishing.models import Publication

# Rule 1: an emergency note is shown for 30 days.
NOTE_LASTS = datetime.timedelta(days=30)


class TaskQuerySet(models.QuerySet["Task"]):
    """What we ask of a set of tasks."""

    def open(self, at: datetime.datetime | None = None) -> "TaskQuerySet":
        """
        Tasks nobody has closed, about what the public sees at a moment, the most pressing first.

        A page that was replaced by a new version or withdrawn needs no one to tick it off.
        """
        current = Publication.objects.current(at).values("pk")
        return self.filter(
            Q(publication=None) | Q(publication__in=current), closed_at=None
        ).order_by("due_on", "pk")


class Task(models.Model):
    """
    Something an editor must do, by a day, because a cited work is not what it was.

    Either a page rests on a work whose status changed (``publication`` and ``cause`` are set), or
    a registry reports a change that nobody has recorded yet (``reference`` names the report).
    """

    class Kind(models.TextChoices):
        REVISE = "revise", "Revise the page"
        CHECK = "check", "Check a report"

    class Outcome(models.TextChoices):
        """How it ended; a new version or a withdrawal ends it without a word of anybody."""

        LIFTED = "lifted", "A false alarm: the status was lifted"
        OVERTAKEN = "overtaken", "Overtaken by a further change of status"
        NO_CHANGE = "no_change", "Checked: the text may stay as it is"
        RECORDED = "recorded", "The reported change was recorded"
        DISMISSED = "dismissed", "Checked: the report changes nothing here"

    item = models.ForeignKey(EvidenceItem, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(
        max_length=20, choices=StatusEvent.Status, help_text="What the work is, or is said to be."
    )
    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    cause = models.ForeignKey(
        StatusEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    reference = models.CharField(
        max_length=300, blank=True, help_text="Names the report, so that it is made once."
    )
    report = models.TextField(blank=True, help_text="What the registry says.")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    note = models.TextField("how it was settled", blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="revise", publication__isnull=False, cause__isnull=False, reference=""
                )
                | (Q(kind="check", publication=None, cause=None) & ~Q(reference="")),
                name="education_task_is_about_a_page_or_a_report",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="", closed_by=None)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")),
                name="education_task_closing_is_signed_and_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["no_change", "dismissed"]) | ~Q(note=""),
                name="education_task_judgement_is_explained",
                violation_error_message="Say what you checked.",
            ),
            models.UniqueConstraint(
                fields=["cause", "publication"],
                condition=Q(closed_at=None),
                name="education_task_is_open_once",
            ),
            models.UniqueConstraint(
                fields=["item", "reference"],
                condition=~Q(reference=""),
                name="education_task_reports_once",
            ),
        ]

    def __str__(self) -> str:
        about = self.publication if self.publication_id else self.item
        return f"{about}: {self.get_kind_display().lower()}"

    def days_left(self, on: datetime.date | None = None) -> int:
        """Days until it is due, today unless given; negative when it is late."""
        return (self.due_on - (on or timezone.localdate())).days


class RegistryCheck(models.Model):
    """When the registry was last asked about a work, so that a long check can be gone on with."""

    item = models.OneToOneField(
        EvidenceItem, on_delete=models.CASCADE, related_name="registry_check"
    )
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.item}, {self.asked_at:%Y-%m-%d}"


class EmergencyNoteQuerySet(models.QuerySet["EmergencyNote"]):
    """What we ask of a set of notes."""

    def shown(self, at: datetime.datetime | None = None) -> "EmergencyNoteQuerySet":
        """Those that readers see at a moment, now unless given."""
        since = (at or timezone.now()) - NOTE_LASTS
        notes = self.filter(approved_at__gt=since, ended_at=None)
        # What is approved is shown, also by a clock that is behind.
        return notes.filter(approved_at__lte=at) if at else notes


class EmergencyNote(models.Model):
    """
    A text above a page for readers, when waiting for a new version would be unsafe (rule 1).

    It adds and never changes text: written by an editor-in-chief, shown once an independent
    medical reviewer approved it, for 30 days or until it is ended.
    """

    slug = models.SlugField(max_length=80, help_text="The page's address.")
    language = models.CharField(max_length=12, default="en")
    text = models.TextField(help_text="Plain words; no Markdown.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = EmergencyNoteQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="education_emergency_note_says_something"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | (Q(approved_at__isnull=False) & ~Q(approved_by=models.F("by"))),
                name="education_emergency_note_is_approved_by_another",
                violation_error_message="Somebody else must approve the note.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.text[:60]}"

    @property
    def approved_on(self) -> datetime.date | None:
        """The day it was approved; None while nobody has approved it."""
        return timezone.localdate(self.approved_at) if self.approved_at else None
