"""What families look up."""

from django.core.exceptions import ValidationError
from django.db import models


class Topic(models.Model):
    """A subject families look up; topics form a tree two deep at most."""

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300, help_text="One sentence for the list of topics.")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "title")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="education_topic_is_not_its_own_parent",
                violation_error_message="A topic can't be part of itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Keep the tree two deep."""
        if self.parent and self.parent.parent_id:
            raise ValidationError({"parent": "Topics are two deep at most."})
        if self.parent and self.pk and self.children.exists():
            raise ValidationError({"parent": "This topic has subtopics of its own."})

    def lineage(self) -> list["Topic"]:
        """The topic and the one above it, nearest first."""
        return [self, self.parent] if self.parent else [self]


class TopicCode(models.Model):
    """A code that health records use for a topic."""

    class System(models.TextChoices):
        ICD10 = "icd10", "ICD-10"
        ICD10CM = "icd10cm", "ICD-10-CM"
        ICD11 = "icd11", "ICD-11"
        SNOMED = "snomed", "SNOMED CT"
        MESH = "mesh", "MeSH"

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="codes")
    system = models.CharField(max_length=10, choices=System)
    code = models.CharField(max_length=40)
    display = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("system", "code")
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "system", "code"], name="education_topic_code_is_named_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_system_display()} {self.code}"
