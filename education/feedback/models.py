"""What readers told us of a page, and what we answered."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from education.people.models import User
from education.publishing.models import Publication


class ReportQuerySet(models.QuerySet["Report"]):
    """What we ask of a set of reports."""

    def open(self) -> "ReportQuerySet":
        """Reports nobody has closed, the most pressing first."""
        return self.filter(closed_at=None).order_by("due_on", "pk")

    def about_safety(self) -> "ReportQuerySet":
        """Reports of what could harm a child."""
        return self.filter(kind=Report.Kind.SAFETY)

    def with_pages(self) -> "ReportQuerySet":
        """With what a list says of the page, without its text."""
        texts = [f"publication__{name}" for name in ("content", "html", "search_text")]
        return self.select_related("publication").defer(*texts)


class Report(models.Model):
    """
    What a reader found wrong with one version of a page, in their own words.

    It names nobody: the reader keeps the number, and whoever has it can read the answer. Words are
    never shown to other readers, so they may be blanked when they hold what should not be kept.
    """

    class Kind(models.TextChoices):
        WRONG = "wrong", _("Something is wrong or out of date")
        UNCLEAR = "unclear", _("Something is hard to understand")
        BROKEN = "broken", _("Something does not work")
        SAFETY = "safety", _("Something could harm a child")
        OTHER = "other", _("Something else")

    class Outcome(models.TextChoices):
        """How it ended, in words for the reader."""

        CHANGED = "changed", _("We changed the page")
        WILL_CHANGE = "will_change", _("The next version of the page will be different")
        NO_CHANGE = "no_change", _("We checked, and the page may stay as it is")
        ELSEWHERE = "elsewhere", _("We can’t answer this here")
        EMPTY = "empty", _("There was nothing in it that we could answer")

    number = models.CharField(max_length=9, unique=True, help_text="Random; shown in threes.")
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="reports")
    section = models.CharField(max_length=200, blank=True, help_text="Its place on the page.")
    section_title = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=Kind)
    words = models.TextField(blank=True)
    form = models.CharField(
        max_length=40, unique=True, help_text="Of the form it was sent with, which counts once."
    )
    reported_at = models.DateTimeField()
    due_on = models.DateField()
    blanked_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(words="") | Q(blanked_at__isnull=False),
                name="education_report_says_something",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="", closed_by=None)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")),
                name="education_report_closing_is_signed_and_has_an_outcome",
            ),
        ]
        indexes = [models.Index(fields=["reported_at"], name="education_report_at")]

    def __str__(self) -> str:
        return f"{self.publication}: {self.get_kind_display().lower()}"

    @property
    def is_about_safety(self) -> bool:
        """Whether it says that something could harm a child."""
        return self.kind == self.Kind.SAFETY

    def days_left(self, on: datetime.date | None = None) -> int:
        """Days until an answer is due, today unless given; negative when it is late."""
        return (self.due_on - (on or timezone.localdate())).days


class Answer(models.Model):
    """What we wrote back, for whoever has the number of the report; insert-only."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="answers")
    words = models.TextField(help_text="Plain words; the reader sees them under the number.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="education_answer_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.report}: {self.words[:60]}"


class Clarity(models.Model):
    """How many readers found one version of a page clear, and how many did not: counts only."""

    publication = models.OneToOneField(
        Publication, on_delete=models.PROTECT, related_name="clarity"
    )
    clear = models.PositiveIntegerField(default=0)
    unclear = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "count of “was this clear?”"
        verbose_name_plural = "counts of “was this clear?”"
        ordering = ("publication",)

    def __str__(self) -> str:
        return f"{self.publication}: {self.clear} clear, {self.unclear} not"

    @property
    def answers(self) -> int:
        """How many readers said either."""
        return self.clear + self.unclear


class SenderMark(models.Model):
    """
    That somebody has sent something today, without who: a keyed hash that changes every day.

    Kept for a day, to refuse a flood from one sender; rows of days before are deleted whenever one
    is written, and by ``manage.py send_reminders``.
    """

    mark = models.CharField(max_length=64)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mark", "day"], name="education_sender_mark_is_counted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"
