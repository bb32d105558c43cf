"""What is written: articles, their revisions, and the evidence each revision cites."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from education.evidence.models import Certainty, EvidenceItem
from education.people.models import User
from education.topics.models import Topic


class Article(models.Model):
    """
    What keeps its address: a question families ask, answered in one or more languages.

    The text is in its revisions; what the public reads is in its publications.
    """

    class Kind(models.TextChoices):
        ARTICLE = "article", _("Article")
        COMPARISON = "comparison", _("Comparison of options")
        CLAIMS = "claims", _("Claim checks")
        GLOSSARY = "glossary", _("Glossary")
        POLICY = "policy", _("Editorial policy")
        FINDINGS = "findings", _("Table of findings")

    class RiskClass(models.TextChoices):
        """What a wrong word could do to a reader; decides who must approve (rule 2)."""

        A = "A", "A: effects of treatments, comparisons"
        B = "B", "B: what to expect from one treatment"
        C = "C", "C: practical"

    slug = models.SlugField(
        unique=True, max_length=80, help_text="The address; it never changes once published."
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="articles")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ARTICLE)
    risk_class = models.CharField(max_length=1, choices=RiskClass, default=RiskClass.A)
    review_every_months = models.PositiveSmallIntegerField(
        "review cycle in months",
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(36)],
        help_text="12 for stem cells, 24 for surgery, 36 at most.",
    )
    class_set_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        help_text="Whose judgement the risk class is; empty for shipped articles.",
    )  # fmt: skip
    class_confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(
                condition=Q(review_every_months__range=(1, 36)),
                name="education_article_cycle_is_36_months_at_most",
                violation_error_message="The review cycle is between 1 and 36 months.",
            ),
            models.CheckConstraint(
                condition=Q(risk_class__in=["A", "B", "C"]),
                name="education_article_risk_class_is_known",
            ),
            models.CheckConstraint(
                condition=Q(class_confirmed_by=None)
                | Q(class_set_by__isnull=False) & ~Q(class_confirmed_by=models.F("class_set_by")),
                name="education_article_class_is_confirmed_by_another",
                violation_error_message="A second person confirms the risk class.",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def class_waits(self) -> bool:
        """Whether the risk class still is the judgement of one person."""
        return bool(self.class_set_by_id) and not self.class_confirmed_by_id


class RevisionQuerySet(models.QuerySet["Revision"]):
    """What we ask of a set of revisions."""

    def open(self) -> "RevisionQuerySet":
        """Revisions still on their way: not published, not put aside."""
        return self.filter(state__in=Revision.OPEN_STATES)

    def in_review(self) -> "RevisionQuerySet":
        """Revisions that wait for reviewers."""
        return self.filter(state=Revision.State.IN_REVIEW)

    def editable(self) -> "RevisionQuerySet":
        """Revisions whose text may change now."""
        return self.filter(state__in=Revision.EDITABLE_STATES)


class Revision(models.Model):
    """
    One numbered version of an article's text in one language: the unit of review.

    The text is locked while it is in review and for ever once it is published. What a reviewer
    approves is bound to the hash of all of it and of the evidence it cites.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        APPROVED = "approved", "Approved"
        PUBLISHED = "published", "Published"
        DISCARDED = "discarded", "Put aside"

    EDITABLE_STATES = (State.DRAFT, State.CHANGES_REQUESTED)
    OPEN_STATES = (State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED)

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="revisions")
    language = models.CharField(max_length=12, default="en")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT, editable=False)
    round = models.PositiveSmallIntegerField(
        default=1, editable=False, help_text="Counts the times the text was sent to review."
    )
    version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Counts saves, so that a stale save is noticed."
    )
    dialect = models.PositiveSmallIntegerField(
        db_default=1,
        editable=False,
        help_text="Of the Markdown in which the text was last saved.",
    )
    title = models.CharField(max_length=200)
    short_answer = models.TextField(
        "one-sentence answer", blank=True, help_text="Answers the title, with its citation."
    )
    body = models.TextField(blank=True, help_text="Markdown; cite with [@key, p. 3].")
    unknowns = models.TextField("what we do not know", blank=True)
    questions = models.TextField("questions to ask", blank=True)
    funding = models.TextField(
        "who paid for this text", blank=True, help_text="And who had a say in it."
    )
    what_changed = models.TextField(
        "what changed, for readers", blank=True, help_text="Required from version 2 on."
    )
    correction = models.TextField(
        blank=True,
        help_text="Only where an error is corrected: what was wrong, and what is right.",
    )
    minor = models.BooleanField(
        "change of wording alone",
        default=False,
        db_default=False,
        editable=False,
        help_text="Proposed by a writer; what it may be is decided by text.major_changes.",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="submitted_revisions",
        editable=False,
    )
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ("article", "language", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["article", "language", "number"], name="education_revision_is_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["article", "language"],
                condition=Q(state__in=["draft", "in_review", "changes_requested", "approved"]),
                name="education_revision_one_is_open",
                violation_error_message="Another revision of this article is still open.",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "draft",
                        "in_review",
                        "changes_requested",
                        "approved",
                        "published",
                        "discarded",
                    ]
                ),
                name="education_revision_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"])
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="education_revision_submission_is_signed",
            ),
        ]

    def __str__(self) -> str:
        language = "" if self.language == "en" else f" ({self.language})"
        return f"{self.article.slug} r{self.number}{language}"

    @property
    def is_editable(self) -> bool:
        """Whether the text may change now."""
        return self.state in self.EDITABLE_STATES

    def contributors(self) -> models.QuerySet[User]:
        """Everyone who wrote or submitted this revision, or words that still stand in it."""
        return User.objects.filter(contributions__revision=self).order_by("contributions__pk")

    def at_work(self) -> models.QuerySet[User]:
        """Those of them who changed or submitted this revision themselves."""
        return User.objects.filter(
            contributions__revision=self, contributions__inherited=False
        ).order_by("contributions__pk")


class Contribution(models.Model):
    """
    A person changed or submitted this revision, and so may neither review nor publish it.

    ``inherited`` when they did neither, but wrote a sentence that stands in it, wherever it came
    from (``articles.inheritance``). Such a row ends when their last words are gone.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="contributions")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contributions")
    inherited = models.BooleanField(db_default=False, default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "person"], name="education_contribution_counts_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.revision}"


class OpenEditor(models.Model):
    """A person has the text of a revision open in the form; see ``presence``."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="open_editors")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "person"], name="education_open_editor_is_seen_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.revision}"


class SavedText(models.Model):
    """The text of a revision as it was saved once; kept, so that no save ever loses a word."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="saved_texts")
    version = models.PositiveIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    draft = models.JSONField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "version"], name="education_saved_text_is_kept_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision}, save {self.version}"


class WrittenSentence(models.Model):
    """
    Who first wrote a sentence in an article; derived from the saved texts, and never shown.

    By nobody where it came with the content that we ship. ``opening`` and ``ending`` find it again
    when a word of it changed (``text.copied_words``).
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.TextField()
    digest = models.CharField(max_length=32)
    opening = models.CharField(max_length=32, blank=True)
    ending = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["article", "digest"], name="education_written_sentence_is_kept_once"
            ),
        ]
        indexes = [
            models.Index(fields=[name], name=f"education_written_{name}")
            for name in ("digest", "opening", "ending")
        ]

    def __str__(self) -> str:
        return self.words[:60]


class RevisionPart(models.Model):
    """A structured part of a revision, in its place."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ("position", "pk")


class Direction(models.TextChoices):
    """
    Which way an outcome went; the words are those of pages (``text.labels``).

    Without a comparison group it is better or worse than before, never better or worse.
    """

    BETTER = "better", _("Better")
    BETTER_THAN_BEFORE = "better_than_before", _("Better than before")
    WORSE = "worse", _("Worse")
    WORSE_THAN_BEFORE = "worse_than_before", _("Worse than before")
    NO_DIFFERENCE = "no_difference", _("No clear difference")
    DISAGREE = "disagree", _("Studies disagree")
    NONE_SEEN = "none_seen", _("None seen")
    NOT_KNOWN = "not_known", _("Not known")


class StatementOfRow(models.Model):
    """A statement that may name the row of the table of findings that it tells of."""

    finding = models.CharField(
        "row of the table of findings", max_length=120, blank=True, db_default="", default="",
        help_text="The id of the row that this tells of, as movement-1y/rhizotomy-1; a fact that "
        "is no effect needs none.",
    )  # fmt: skip
    direction = models.CharField(
        "which way it goes", max_length=20, blank=True, db_default="", default="",
        choices=Direction, help_text="As this statement tells it; the row must say the same.",
    )  # fmt: skip

    class Meta:
        abstract = True


class KeyMessage(StatementOfRow, RevisionPart):
    """One thing the evidence says, with how sure it makes us."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="key_messages")
    text = models.TextField()
    certainty = models.CharField(max_length=20, choices=Certainty)

    class Meta(RevisionPart.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(certainty__in=Certainty.values),
                name="education_key_message_certainty_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class ComparisonOption(RevisionPart):
    """One of the choices a comparison sets side by side."""

    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="comparison_options"
    )
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)

    class Meta(RevisionPart.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "slug"], name="education_comparison_option_is_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ComparisonRow(RevisionPart):
    """A question that is asked of every option."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="comparison_rows")
    slug = models.SlugField(max_length=60)
    question = models.CharField(max_length=200)

    class Meta(RevisionPart.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "slug"], name="education_comparison_row_is_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.question


class ComparisonCell(StatementOfRow):
    """The answer to one question for one option: cited, or said to be unknown."""

    row = models.ForeignKey(ComparisonRow, on_delete=models.CASCADE, related_name="cells")
    option = models.ForeignKey(ComparisonOption, on_delete=models.CASCADE, related_name="cells")
    text = models.TextField(blank=True)
    certainty = models.CharField(max_length=20, choices=Certainty, default=Certainty.NOT_GRADED)
    unknown = models.BooleanField("nothing is known", default=False)

    class Meta:
        ordering = ("row__position", "option__position")
        constraints = [
            models.UniqueConstraint(
                fields=["row", "option"], name="education_comparison_cell_answers_once"
            ),
            models.CheckConstraint(
                condition=Q(certainty__in=Certainty.values),
                name="education_comparison_cell_certainty_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row} / {self.option}"


class ClaimCheck(StatementOfRow, RevisionPart):
    """Something families are told, judged."""

    class Verdict(models.TextChoices):
        SUPPORTED = "supported", _("Supported")
        QUALIFIED = "supported_with_qualification", _("Supported, with a qualification")
        OUTDATED = "outdated", _("Out of date")
        UNSUPPORTED = "unsupported", _("Not supported")
        OVERSTATED = "overstated", _("Overstated")
        UNVERIFIABLE = "cannot_be_verified", _("Cannot be verified")

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="claim_checks")
    slug = models.SlugField(max_length=80)
    said = models.TextField("what is said")
    verdict = models.CharField(max_length=40, choices=Verdict)
    certainty = models.CharField(max_length=20, choices=Certainty, default=Certainty.NOT_GRADED)
    answer = models.TextField("the fair answer")
    claim = models.CharField(
        "claim of the founding article", max_length=10, blank=True, help_text="C01 to C30."
    )

    class Meta(RevisionPart.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "slug"], name="education_claim_check_is_named_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    verdict__in=[
                        "supported",
                        "supported_with_qualification",
                        "outdated",
                        "unsupported",
                        "overstated",
                        "cannot_be_verified",
                    ]
                ),
                name="education_claim_check_verdict_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.said[:60]


class GlossaryTerm(RevisionPart):
    """A word families meet, explained in a sentence or two."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="glossary_terms")
    slug = models.SlugField(max_length=80)
    term = models.CharField(max_length=120)
    also = models.JSONField("also called", default=list, blank=True)
    definition = models.TextField()

    class Meta(RevisionPart.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "slug"], name="education_glossary_term_is_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.term


class FindingsOutcome(RevisionPart):
    """An outcome of a table of findings: what the rows under it are about."""

    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="findings_outcomes"
    )
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True, help_text="Markdown; above its rows.")

    class Meta(RevisionPart.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "slug"], name="education_findings_outcome_is_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FindingsRow(RevisionPart):
    """
    What one option does to one outcome, graded: a row of a table of findings (GRADE).

    ``words`` say it to readers; the works in ``evidence`` support them and every figure of the row.
    """

    class Frame(models.IntegerChoices):
        """Of how many people a figure is told: one for all figures of a row."""

        HUNDRED = 100, "100"
        THOUSAND = 1000, "1,000"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="findings_rows")
    outcome = models.ForeignKey(FindingsOutcome, on_delete=models.CASCADE, related_name="rows")
    option = models.ForeignKey(
        ComparisonOption, on_delete=models.CASCADE, related_name="findings_rows"
    )
    slug = models.CharField(
        "id", max_length=120, validators=[RegexValidator(r"^[a-z0-9-]+/[a-z0-9-]+\Z")],
        help_text="Outcome and option, as movement-1y/rhizotomy-1; texts name the row by it.",
    )  # fmt: skip
    about = models.CharField(
        "which form of the option", max_length=200, blank=True, help_text="As: donor, by vein."
    )
    people = models.TextField("people and studies", blank=True)
    who = models.TextField("who they were", blank=True)
    comparator = models.TextField("compared with", blank=True)
    time = models.TextField(blank=True)
    effect = models.TextField(blank=True)
    frame = models.PositiveSmallIntegerField(
        "of how many people", choices=Frame, null=True, blank=True
    )
    with_option = models.PositiveSmallIntegerField("people with it", null=True, blank=True)
    without_option = models.PositiveSmallIntegerField(
        "people without it", null=True, blank=True, help_text="Empty: not known."
    )
    direction = models.CharField(max_length=20, choices=Direction, default=Direction.NOT_KNOWN)
    direction_words = models.TextField("direction in words", blank=True)
    certainty = models.CharField(max_length=20, choices=Certainty, default=Certainty.NOT_GRADED)
    grading = models.TextField(
        "reasons for the certainty", blank=True, help_text="Where it starts, then a step on a line."
    )
    source_grade = models.TextField("the source’s own grade", blank=True)
    words = models.TextField("in plain words")
    evidence = models.JSONField(
        "works", default=list, blank=True, help_text="Keys of the evidence items it rests on."
    )
    findings = models.JSONField(
        "findings as data", default=list, blank=True,
        help_text="Findings of these works, each as key#number: sun2017#1.",
    )  # fmt: skip

    class Meta(RevisionPart.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "slug"], name="education_findings_row_is_named_once"
            ),
            models.CheckConstraint(
                condition=Q(certainty__in=Certainty.values),
                name="education_findings_row_certainty_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    direction__in=[
                        "better",
                        "better_than_before",
                        "worse",
                        "worse_than_before",
                        "no_difference",
                        "disagree",
                        "none_seen",
                        "not_known",
                    ]
                ),
                name="education_findings_row_direction_is_known",
            ),
            models.CheckConstraint(
                condition=Q(frame=None, with_option=None, without_option=None)
                | Q(frame__isnull=False)
                & Q(frame__in=[100, 1000])
                & (Q(with_option=None) | Q(with_option__lte=models.F("frame")))
                & (Q(without_option=None) | Q(without_option__lte=models.F("frame"))),
                name="education_findings_row_counts_fit_the_frame",
                violation_error_message="Say of how many people, and count no more than that.",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class Citation(models.Model):
    """
    One revision's use of an evidence item; derived from the text at every save.

    ``number`` is the reference's place in order of first use.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="citations")
    item = models.ForeignKey(EvidenceItem, on_delete=models.PROTECT, related_name="citations")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "item"], name="education_citation_names_an_item_once"
            ),
            models.UniqueConstraint(
                fields=["revision", "number"], name="education_citation_is_numbered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision} [{self.number}] {self.item}"


class Drawing(models.Model):
    """
    A drawing of the desk's library, which texts place by its name.

    The picture and its words never change under a name (triggers): a better one is another drawing.
    Texts show it once a second person approved it, and until it is retired; published copies hold
    what they showed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for approval"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        RETIRED = "retired", "Retired"

    name = models.SlugField(
        unique=True,
        max_length=60,
        help_text="By this name texts place it, such as spine-from-the-side. It never changes.",
    )
    svg = models.TextField(editable=False)
    alternative = models.TextField(
        "what it shows",
        max_length=600,
        help_text="For those who can’t see it, in one to three sentences. Texts that place the "
        "drawing begin with these words.",
    )
    source = models.CharField(
        max_length=200,
        help_text="Who made it, and where it is from. Readers see this under the drawing.",
    )
    licence = models.CharField(
        max_length=120,
        help_text="What allows us to print it, such as: CC BY 4.0; or: made for this site.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, editable=False, related_name="drawings"
    )
    uploaded_at = models.DateTimeField(editable=False)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    reason = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | Q(
                    state__in=["approved", "refused", "retired"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="education_drawing_decision_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("uploaded_by")),
                name="education_drawing_is_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "retired"]) | ~Q(reason=""),
                name="education_drawing_end_is_explained",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def credit(self) -> str:
        """Who made it and under which licence, as readers see it."""
        return f"{self.source} ({self.licence})"
