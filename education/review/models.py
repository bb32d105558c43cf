"""Who judged a revision, and what they decided."""

from django.db import models
from django.db.models import Q

from education.articles.models import Revision
from education.people.models import User


class Review(models.Model):
    """
    One reviewer's decision on one revision in one round.

    A decision never changes. A revision that was sent back returns in its next round, so the
    record shows every round; only decisions of the current round on the current hash count.
    """

    class As(models.TextChoices):
        """The part a reviewer plays; one person plays one on a revision."""

        MEDICAL = "medical", "Medical reviewer"
        PLAIN_LANGUAGE = "plain_language", "Plain-language reviewer"

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approve"
        CHANGES_REQUESTED = "changes_requested", "Ask for changes"

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")
    round = models.PositiveSmallIntegerField()
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    reviewed_as = models.CharField("as", max_length=20, choices=As)
    specialty = models.CharField(max_length=120, blank=True, help_text="As it was that day.")
    decision = models.CharField(max_length=20, choices=Decision)
    comments = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64)
    interests = models.TextField(help_text="The declaration the reviewer confirmed that day.")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("decided_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "round", "reviewer", "content_hash", "decision"],
                name="education_review_counts_once",
                violation_error_message="You have decided on this text already.",
            ),
            models.CheckConstraint(
                condition=~Q(decision="changes_requested") | ~Q(comments=""),
                name="education_review_changes_are_explained",
                violation_error_message="Say what needs to change.",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["approved", "changes_requested"]),
                name="education_review_decision_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_as="medical") | ~Q(specialty=""),
                name="education_review_medical_has_a_specialty",
            ),
            models.CheckConstraint(
                condition=~Q(interests=""), name="education_review_interests_were_confirmed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision}: {self.get_decision_display()} by {self.reviewer}"
