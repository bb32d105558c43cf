"""Who did what, when: append-only, each event chained to the one before."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from education.canonical import digest


class Event(models.Model):
    """
    One thing somebody did.

    An event is never changed or deleted: the database refuses both by trigger, and each event
    holds the hash of the one before it, so that a change made behind the database's back is found
    by ``manage.py verify_audit``.
    """

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty when a command did it.",
    )
    by_name = models.CharField(max_length=200, help_text="The name at that moment.")
    action = models.CharField(max_length=60, help_text="In the past tense: revision.submitted.")
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    subject = models.CharField(max_length=300, help_text="What it was called at that moment.")
    article_id = models.BigIntegerField(
        null=True, blank=True, help_text="The article it belongs to, for the article's timeline."
    )
    data = models.JSONField(default=dict, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("sequence",)
        indexes = [
            models.Index(fields=["article_id", "sequence"], name="education_event_article"),
            models.Index(fields=["subject_type", "subject_id"], name="education_event_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sequence__gte=1), name="education_event_sequence_starts_at_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject}"

    def computed_hash(self) -> str:
        """The hash this event must carry, from everything it says and the hash before it."""
        content: dict[str, Any] = {
            "sequence": self.sequence,
            "at": self.at.isoformat(),
            "by": self.by_id,
            "by_name": self.by_name,
            "action": self.action,
            "subject_type": self.subject_type,
            "subject_id": self.subject_id,
            "subject": self.subject,
            "article_id": self.article_id,
            "data": self.data,
            "previous_hash": self.previous_hash,
        }
        return digest(content)


class EventHead(models.Model):
    """
    The end of the chain: one row, locked by every operation.

    The lock makes operations take turns, so each one sees what the one before it did. Editorial
    work is a few writes a minute; being obviously right is worth more than doing two at once.
    """

    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    last_seen_outside = models.PositiveBigIntegerField(
        default=0, help_text="The last event that may change what readers see."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="education_event_head_is_one_row"),
        ]

    def __str__(self) -> str:
        return f"head at {self.sequence}"


class JobRun(models.Model):
    """When a command of the timers last came to its end; one row each. No part of the record."""

    name = models.CharField(max_length=60, primary_key=True)
    ended_at = models.DateTimeField()
    failure = models.CharField(max_length=300, blank=True, help_text="Why it failed; else empty.")

    def __str__(self) -> str:
        return self.name
