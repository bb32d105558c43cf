"""Who judged a revision, and what they decided."""

from django.db import models
from django.db.models import Q

from education.articles.models import Revision
from education.people.models import User
from education.people.rules import specialty_of


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
    # Empty in decisions of before these were kept.
    reviewer_name = models.CharField(
        max_length=301, blank=True, db_default="", help_text="As it was that day."
    )
    credentials = models.CharField(
        max_length=200, blank=True, db_default="", help_text="As they were that day."
    )
    decision = models.CharField(max_length=20, choices=Decision)
    comments = models.TextField(blank=True)
    checklist = models.JSONField(
        default=dict,
        blank=True,
        help_text="Each question of ``review.checklists``, and the answer.",
    )
    content_hash = models.CharField(max_length=64)
    content_format = models.PositiveSmallIntegerField(
        db_default=1, editable=False, help_text="By which rule the hash was made."
    )
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

    @property
    def specialty_in_words(self) -> str:
        """The specialty as it was that day, and what it counts as where that reads otherwise."""
        field = specialty_of(self.specialty)
        same = field == self.specialty
        return self.specialty if same else f"{self.specialty}, counts as {field}"


class Assignment(models.Model):
    """A reviewer was asked to judge a revision by a day; ends when they decide or are released."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    reviewed_as = models.CharField("as", max_length=20, choices=Review.As)
    due_on = models.DateField()
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()

    class Meta:
        ordering = ("due_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "reviewer"], name="education_assignment_is_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision} to {self.reviewer} by {self.due_on}"


class CommentQuerySet(models.QuerySet["Comment"]):
    """What we ask of a set of comments."""

    def open(self) -> "CommentQuerySet":
        """First comments of a thread that nobody has resolved."""
        return self.filter(parent=None, resolved_at=None)

    def blocking(self) -> "CommentQuerySet":
        """Open comments that stop publication."""
        return self.open().filter(is_blocking=True)


class Comment(models.Model):
    """
    A remark on a revision, or on a passage of it; a reply has a parent.

    The passage is kept in words, so that a comment survives edits, and says so when its passage is
    gone. The words around it tell it from others that read the same: exact, prefix and suffix of a
    TextQuoteSelector (Web Annotation Data Model, W3C 2017).
    """

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="comments")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments")
    at = models.DateTimeField()
    passage = models.TextField(
        blank=True, help_text="The words it is about, as they stood; empty for the whole text."
    )
    words_before = models.CharField(max_length=80, blank=True, db_default="")
    words_after = models.CharField(max_length=80, blank=True, db_default="")
    proposal = models.TextField(
        blank=True,
        db_default="",
        help_text="Other words for the passage; a writer may take them over.",
    )
    text = models.TextField()
    is_blocking = models.BooleanField("must be resolved before publication", default=False)
    resolved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="education_comment_says_something"),
            models.CheckConstraint(
                condition=Q(resolved_by=None, resolved_at=None)
                | Q(resolved_by__isnull=False, resolved_at__isnull=False),
                name="education_comment_resolution_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | Q(is_blocking=False, resolved_at=None),
                name="education_comment_reply_is_part_of_its_thread",
            ),
            models.CheckConstraint(
                condition=Q(proposal="") | ~Q(passage=""),
                name="education_comment_proposal_is_for_a_passage",
                violation_error_message="Say which words the proposal is for.",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
