"""What search keeps: the texts it looks through, the words in them, editors' synonyms."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchEntry(models.Model):
    """
    A text that search may find: a page, a claim check, a glossary word or a study.

    Written by the operation that publishes or changes it. Whether readers may see it is not known
    here: that is asked of what it is a part of, whenever somebody searches.
    """

    class Kind(models.TextChoices):
        PAGE = "page", _("Pages")
        CLAIM = "claim", _("Claim checks")
        WORD = "word", _("Words explained")
        STUDY = "study", _("Studies")

    subject = models.CharField(max_length=20, help_text="The model it is a part of.")
    subject_id = models.PositiveBigIntegerField()
    part = models.CharField(max_length=100, blank=True, help_text="The slug within the subject.")
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.TextField()
    lead = models.TextField(blank=True, help_text="What an excerpt shows first.")
    text = models.TextField(blank=True)
    sections = models.JSONField(
        default=list,
        blank=True,
        help_text="What is told of a page: [place, heading, words] of each.",
    )
    certainty = models.CharField(max_length=20, blank=True)
    title_terms = models.TextField(help_text="Stems, a space before and after each.")
    lead_terms = models.TextField(blank=True)
    terms = models.TextField(
        help_text="The stems of lead and text, then of each section, its heading first, on a line."
    )

    class Meta:
        verbose_name_plural = "search entries"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id", "kind", "part"],
                name="education_search_entry_is_there_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word that some text holds, so that a typing mistake can be told from a word."""

    word = models.CharField(max_length=40, primary_key=True)
    stem = models.CharField(max_length=40, db_index=True)

    def __str__(self) -> str:
        return self.word


class SynonymGroup(models.Model):
    """Words that readers use for the same thing; looking for one finds all."""

    words = models.CharField(
        max_length=300,
        unique=True,
        help_text=(
            "With commas between: FSPR, SDR, selective dorsal rhizotomy. After an arrow stands "
            "what is meant too, one way only: banking, storing -> cord blood. Beside your groups, "
            "search knows those that ship with the site."
        ),
    )

    class Meta:
        ordering = ("words",)
        verbose_name = "group of synonyms"
        verbose_name_plural = "synonyms for search"

    def __str__(self) -> str:
        return self.words


class DeskEntry(models.Model):
    """
    A text that the desk's own search may find: a draft, a published copy, a work, a remark.

    It stands apart from ``SearchEntry``, so that no search of readers can ever meet a draft.
    Written after every operation (``publishing.desk_index``); what state its subject is in, and
    who may see it, is asked whenever somebody searches.
    """

    subject = models.CharField(max_length=20, help_text="The model it is a part of.")
    subject_id = models.PositiveBigIntegerField()
    title = models.TextField()
    text = models.TextField(blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "desk entries"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id"], name="education_desk_entry_is_there_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title
