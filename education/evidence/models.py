"""Published works we rely on: what they are, what they found, and whether they still stand."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from education.canonical import digest
from education.people.models import User
from education.topics.models import Topic


class Certainty(models.TextChoices):
    """
    How sure the evidence makes us: the four words of GRADE, and where none applies.

    Source: Guyatt GH et al., GRADE: an emerging consensus on rating quality of evidence. The fixed
    wording for readers is in ``articles.language``.
    """

    HIGH = "high", _("High certainty")
    MODERATE = "moderate", _("Moderate certainty")
    LOW = "low", _("Low certainty")
    VERY_LOW = "very_low", _("Very low certainty")
    NOT_GRADED = "not_graded", _("Not graded")


def check_gmfcs_levels(value: Any) -> None:
    """Raise ``ValidationError`` unless the value is levels of the GMFCS, 1 to 5, in order."""
    is_list = isinstance(value, list) and all(type(level) is int for level in value)
    if not is_list or value != sorted({*value} & {1, 2, 3, 4, 5}):
        raise ValidationError("GMFCS levels are a list of numbers from 1 to 5 in order: [2, 3].")


class EvidenceItemQuerySet(models.QuerySet["EvidenceItem"]):
    """What we ask of a set of evidence items."""

    def verified(self) -> "EvidenceItemQuerySet":
        """Items whose details, as they stand, two people have verified, one a medical reviewer."""
        standing = Verification.objects.filter(
            item=OuterRef("pk"),
            details_hash=OuterRef("details_hash"),
            details_sequence=OuterRef("details_sequence"),
        )
        if not settings.DEMO:  # nobody stands behind what these accounts say
            standing = standing.filter(by__made_for_demonstration=False)
        people = (
            standing.order_by().values("item").annotate(n=Count("by", distinct=True)).values("n")
        )
        return (
            self.filter(Exists(standing.filter(as_medical_reviewer=True)))
            .alias(people=Coalesce(Subquery(people), 0))
            .filter(people__gte=2)
        )

    def with_status(self) -> "EvidenceItemQuerySet":
        """Annotate ``standing``: the status each item has now."""
        latest = StatusEvent.objects.standing().filter(item=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            standing=Coalesce(Subquery(latest.values("status")[:1]), models.Value("current"))
        )

    def web_sources(self) -> "EvidenceItemQuerySet":
        """
        Works that may be cited and that only an address leads to, and laws and pages without one:
        what stands there may change or go.
        """
        nowhere_else = Q(doi="", pmid="", pmcid="")
        return self.filter(nowhere_else & (~Q(url="") | Q(csl_type__in=WEB_TYPES)), usable=True)


# Kinds of works, as CSL names them, that are web sources also where no address is on record.
WEB_TYPES = ("webpage", "post", "post-weblog", "legislation")

# Fields of an item that say what a study found: readers are not told them of a retracted work.
FOUND = ("finding", "findings")


class EvidenceItem(models.Model):
    """
    A published work: where to find it, what was studied, in whom, what was found.

    The bibliographic part follows CSL-JSON, so it goes in and out without loss; what CSL knows and
    we have no column for is kept in ``csl_extra``.
    """

    class Design(models.TextChoices):
        META_ANALYSIS = "meta-analysis", _("Meta-analysis")
        IPD_META_ANALYSIS = "ipd-meta-analysis", _("Meta-analysis of individual participants' data")
        SYSTEMATIC_REVIEW = "systematic-review", _("Systematic review")
        GUIDELINE = "guideline", _("Guideline")
        HTA = "health-technology-assessment", _("Health technology assessment")
        RANDOMISED_TRIAL = "randomised-trial", _("Randomised trial")
        CONTROLLED_TRIAL = "controlled-trial", _("Controlled trial, not randomised")
        COHORT = "cohort", _("Cohort study")
        REGISTRY = "registry", _("Register study")
        CASE_SERIES = "case-series", _("Case series")
        CASE_REPORT = "case-report", _("Case report")
        NARRATIVE_REVIEW = "narrative-review", _("Narrative review")
        POSITION_STATEMENT = "position-statement", _("Position statement")
        LABORATORY = "laboratory", _("Laboratory study")
        OTHER = "other", _("Other")

    class Level(models.TextChoices):
        """How much of the work has been read by the person who entered or verified it."""

        MEMORY = "memory", "Recalled, not seen"
        BIBLIOGRAPHIC = "bibliographic", "Reference seen"
        ABSTRACT = "abstract", "Abstract read"
        FULL_TEXT = "full-text", "Full text read"

    key = models.SlugField(
        max_length=80, unique=True, help_text="What editors write in a citation: sun2017."
    )
    # CSL-JSON
    csl_type = models.CharField("type", max_length=40, default="article-journal")
    title = models.TextField()
    authors = models.JSONField(
        default=list,
        blank=True,
        help_text='CSL names: [{"family": "Sun", "given": "Jessica M"}] or [{"literal": "…"}].',
    )
    authors_complete = models.BooleanField(
        default=True, help_text="Switch off when the list is known to be cut short: prints et al."
    )
    container_title = models.CharField("journal or site", max_length=300, blank=True)
    publisher = models.CharField(max_length=300, blank=True)
    issued_year = models.PositiveSmallIntegerField("year", null=True, blank=True)
    issued_month = models.PositiveSmallIntegerField("month", null=True, blank=True)
    issued_day = models.PositiveSmallIntegerField("day", null=True, blank=True)
    volume = models.CharField(max_length=40, blank=True)
    issue = models.CharField(max_length=40, blank=True)
    page = models.CharField("pages", max_length=60, blank=True)
    number = models.CharField(max_length=80, blank=True)
    doi = models.CharField("DOI", max_length=200, blank=True)
    pmid = models.CharField("PubMed id", max_length=20, blank=True)
    pmcid = models.CharField("PubMed Central id", max_length=20, blank=True)
    url = models.URLField("address", max_length=600, blank=True)
    language = models.CharField(max_length=20, default="en", blank=True)
    csl_extra = models.JSONField(
        "other CSL fields", default=dict, blank=True, help_text="Kept as they came, for export."
    )
    # Appraisal
    design = models.CharField("study design", max_length=40, choices=Design, default=Design.OTHER)
    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence_items"
    )
    population = models.TextField("who was studied", blank=True)
    age_from_months = models.PositiveSmallIntegerField(
        "youngest, in months",
        null=True,
        blank=True,
        help_text="When studied, or when treated if that was earlier; 24 is two years.",
    )
    age_to_months = models.PositiveSmallIntegerField("oldest, in months", null=True, blank=True)
    ages_of_most = models.BooleanField(
        "these ages hold for most, not for all",
        default=False,
        db_default=False,
        help_text="Switch on where the work says “most under 8”.",
    )
    gmfcs_levels = models.JSONField(
        "GMFCS levels",
        default=list,
        blank=True,
        validators=[check_gmfcs_levels],
        help_text="Every level that took part, [2, 3]; [] when that is not reported.",
    )
    levels_of_most = models.BooleanField(
        "these levels hold for most, not for all",
        default=False,
        db_default=False,
        help_text="Switch on where the work says “26 of 35 at levels III to V”.",
    )
    sample_size = models.PositiveIntegerField("number of participants", null=True, blank=True)
    intervention = models.TextField("what was given", blank=True)
    comparator = models.TextField("compared with", blank=True)
    follow_up = models.CharField(max_length=200, blank=True)
    finding = models.TextField("what was found, in plain words", blank=True)
    limitations = models.TextField("what it can't tell", blank=True)
    funding_or_conflicts = models.TextField("who paid, and who has a stake", blank=True)
    registration = models.CharField(
        max_length=120, blank=True, help_text="In a register of trials: NCT01147653."
    )
    # How it came here
    dossier_level = models.CharField(
        "read when entered", max_length=20, choices=Level, default=Level.BIBLIOGRAPHIC
    )
    dossier_note = models.TextField(
        "to check before verifying", blank=True, help_text="Doubts of the person who entered it."
    )
    seen_at = models.JSONField("pages seen", default=list, blank=True)
    usable = models.BooleanField("may be cited", default=True)
    unusable_reason = models.CharField(max_length=300, blank=True)
    details_hash = models.CharField(max_length=64, blank=True, editable=False)
    details_sequence = models.PositiveIntegerField(
        db_default=0,
        default=0,
        editable=False,
        help_text="Counts changes of the details, so that going back revives nothing.",
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        help_text="Who last changed the details; empty when a command did.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = EvidenceItemQuerySet.as_manager()

    class Meta:
        ordering = ("key",)
        constraints = [
            models.CheckConstraint(
                condition=Q(usable=True) | ~Q(unusable_reason=""),
                name="education_evidence_unusable_has_a_reason",
                violation_error_message="Say why this item may not be cited.",
            ),
            models.UniqueConstraint(
                fields=["doi"],
                condition=~Q(doi=""),
                name="education_evidence_doi_is_entered_once",
                violation_error_message="An item with this DOI is here already.",
            ),
            models.UniqueConstraint(
                fields=["pmid"],
                condition=~Q(pmid=""),
                name="education_evidence_pmid_is_entered_once",
                violation_error_message="An item with this PubMed id is here already.",
            ),
            models.CheckConstraint(
                condition=Q(issued_month=None) | Q(issued_month__range=(1, 12)),
                name="education_evidence_month_is_a_month",
            ),
            models.CheckConstraint(
                condition=Q(issued_day=None) | Q(issued_day__range=(1, 31)),
                name="education_evidence_day_is_a_day",
            ),
            models.CheckConstraint(
                condition=Q(age_from_months=None)
                | Q(age_to_months=None)
                | Q(age_from_months__lte=F("age_to_months")),
                name="education_evidence_ages_are_in_order",
                violation_error_message="The youngest can't be older than the oldest.",
            ),
        ]
        # The orders of the library, so that a page is found without sorting all of it.
        indexes = [
            models.Index(fields=["-issued_year", "key"], name="education_evidence_newest"),
            models.Index(fields=["-sample_size", "key"], name="education_evidence_largest"),
        ]

    def __str__(self) -> str:
        return self.key

    # What an approval rests on: any change to one of these lapses it.
    DETAILS = (
        "csl_type", "title", "authors", "authors_complete", "container_title", "publisher",
        "issued_year", "issued_month", "issued_day", "volume", "issue", "page", "number", "doi",
        "pmid", "pmcid", "url", "language", "csl_extra", "design", "population", "sample_size",
        "intervention", "comparator", "follow_up", "finding", "limitations",
        "funding_or_conflicts", "usable", "unusable_reason",
    )  # fmt: skip
    # What we began to ask later counts only where it says something: an item that says nothing of
    # it is the item that was verified and approved before.
    LATER_DETAILS: ClassVar[dict[str, Any]] = {
        "age_from_months": None,
        "age_to_months": None,
        "ages_of_most": False,
        "gmfcs_levels": [],
        "levels_of_most": False,
        "registration": "",
        "findings": [],
    }

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What was found, as data, in the order editors gave it; see ``Finding.data``."""
        return [finding.data() for finding in self.found.all()] if self.pk else []

    def details(self) -> dict[str, Any]:
        """Everything a verification and an approval rest on, besides the status."""
        later = {name: getattr(self, name) for name in self.LATER_DETAILS}
        return {name: getattr(self, name) for name in self.DETAILS} | {
            name: value for name, value in later.items() if value != self.LATER_DETAILS[name]
        }

    @property
    def details_state(self) -> str:
        """Which state of the details this is: what they are, and how often they changed."""
        return f"{self.details_sequence}-{self.details_hash}"

    def computed_details_hash(self) -> str:
        """The hash ``details_hash`` must hold; operations that change an item set it."""
        return digest(self.details())

    @property
    def status(self) -> str:
        """
        What became of the work since: a value of ``StatusEvent.Status``.

        Asks, unless ``with_status`` asked for many at once.
        """
        if "standing" in self.__dict__:
            return str(self.__dict__["standing"])
        event = self.status_events.standing().order_by("-pk").first()
        return event.status if event else StatusEvent.Status.CURRENT

    @property
    def shown_finding(self) -> str:
        """What it found as readers may be told: nothing of a work that was retracted."""
        return "" if self.status == StatusEvent.Status.RETRACTED else self.finding

    def fingerprint(self) -> str:
        """Numbers, words and status in one hash: what an approval is sealed to."""
        return digest({"details": self.details(), "status": self.status})

    def is_verified(self) -> bool:
        """Whether two people, one a medical reviewer, verified exactly what is here now."""
        return EvidenceItem.objects.verified().filter(pk=self.pk).exists()

    def csl(self) -> dict[str, Any]:
        """The bibliographic record as CSL-JSON."""
        date = [part for part in (self.issued_year, self.issued_month, self.issued_day) if part]
        record: dict[str, Any] = {
            **self.csl_extra,
            "id": self.key,
            "type": self.csl_type,
            "title": self.title,
            "author": self.authors,
            "container-title": self.container_title,
            "publisher": self.publisher,
            "issued": {"date-parts": [date]} if date else None,
            "volume": self.volume,
            "issue": self.issue,
            "page": self.page,
            "number": self.number,
            "DOI": self.doi,
            "PMID": self.pmid,
            "PMCID": self.pmcid,
            "URL": self.url,
            "language": self.language,
        }
        if not self.authors_complete:
            record["authors_complete"] = False
        return {name: value for name, value in record.items() if value not in (None, "", [])}


class Finding(models.Model):
    """
    One result of a study as data: what was measured, how much it moved, in how many, how sure.

    A number that the work does not give, or that nobody has read, is left out and never worked out
    from others. Findings are details of their item: they change only through its operations.
    """

    class Outcome(models.TextChoices):
        MOVEMENT = "movement", _("Gross motor function")
        HAND_USE = "hand-use", _("Hand use and fine movement")
        STIFFNESS = "stiffness", _("Stiff muscles")
        SPEECH = "speech", _("Speech")
        DAILY_LIFE = "daily-life", _("Daily life and care")
        PAIN = "pain", _("Pain")
        QUALITY_OF_LIFE = "quality-of-life", _("Quality of life")
        SERIOUS_HARM = "serious-harm", _("Serious unwanted effects")
        OTHER_HARM = "other-harm", _("Other unwanted effects")
        SPINE = "spine", _("Changes of the spine")
        HIPS = "hips", _("Hips")
        BLADDER = "bladder", _("Bladder and bowel")
        LATER_SURGERY = "later-surgery", _("Operations later")
        COST = "cost", _("Cost")

    class Option(models.TextChoices):
        CELLS = "cells", _("Stem cell therapy")
        RHIZOTOMY = "rhizotomy", _("Rhizotomy (FSPR, SDR)")
        STANDARD_CARE = "standard-care", _("Standard care")
        OTHER = "other", _("Another treatment")

    class Measure(models.TextChoices):
        """Scales that mean one thing each: results on two of them never share an axis."""

        GMFM_66 = "gmfm-66", _("GMFM-66")
        GMFM_PERCENT = "gmfm-percent", _("GMFM, older percentage score")
        MOTOR_SMD = "motor-smd", _("Gross motor scores, standardised difference")
        ASHWORTH = "ashworth", _("Ashworth grade of stiffness")
        TORQUE = "torque", _("Stiffness measured by machine")
        PEOPLE = "people", _("Number of people")
        SHARE = "share", _("Share of people")
        EVENTS = "events", _("Number of events")
        MONEY = "money", _("Money")
        OTHER = "other", _("Another measure")

    class Contrast(models.TextChoices):
        BETWEEN = "between", _("Difference between groups")
        WITHIN = "within", _("Change over time in one group")
        GROUP = "group", _("In one group")

    item = models.ForeignKey(EvidenceItem, on_delete=models.CASCADE, related_name="found")
    position = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=20, choices=Outcome)
    option = models.CharField("about", max_length=20, choices=Option)
    given = models.CharField(
        "what was given, in short",
        max_length=80,
        blank=True,
        help_text="What it is, then how: Cord blood, donor, by vein. Only results of what stands "
        "before the first comma are compared with a pooled one.",
    )
    measure = models.CharField("measured by", max_length=20, choices=Measure)
    contrast = models.CharField("kind of number", max_length=10, choices=Contrast)
    effect = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    low = models.DecimalField(
        "interval from", max_digits=12, decimal_places=4, null=True, blank=True
    )
    high = models.DecimalField(
        "interval to", max_digits=12, decimal_places=4, null=True, blank=True
    )
    unit = models.CharField(max_length=60, blank=True)
    time_point = models.CharField("when", max_length=80, blank=True)
    number_analysed = models.PositiveIntegerField(null=True, blank=True)
    pooled = models.BooleanField(
        "pooled", default=False, help_text="Worked out by this review from several studies."
    )
    certainty = models.CharField(
        max_length=20,
        choices=Certainty,
        default=Certainty.NOT_GRADED,
        help_text="As the work or its graders give it.",
    )
    as_reported = models.TextField(help_text="The words of the work, or of who read it.")
    locator = models.CharField("where in the work", max_length=80, blank=True)

    class Meta:
        ordering = ("item", "position")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "position"], name="education_finding_has_one_place"
            ),
            models.CheckConstraint(
                condition=Q(low=None, high=None)
                | Q(low__isnull=False, high__isnull=False, low__lte=F("high")),
                name="education_finding_interval_has_two_ends",
                violation_error_message="An interval needs both ends, the lower one first.",
            ),
            models.CheckConstraint(
                condition=Q(low=None) | Q(effect__isnull=False),
                name="education_finding_interval_is_around_an_effect",
                violation_error_message="An interval needs the effect it is around.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.get_measure_display()}"

    # What a finding is, apart from whose it is and where it stands.
    PARTS = (
        "outcome", "option", "given", "measure", "contrast", "effect", "low", "high", "unit",
        "time_point", "number_analysed", "pooled", "certainty", "as_reported", "locator",
    )  # fmt: skip

    def data(self) -> dict[str, Any]:
        """The parts that say something, decimals as text: 8.1, wherever they are stored."""
        parts = {name: getattr(self, name) for name in self.PARTS}
        return {
            name: plain_number(value) if isinstance(value, Decimal) else value
            for name, value in parts.items()
            if value is not False and value not in (None, "")
        }

    @property
    def amount(self) -> str:
        """The number and its interval as readers write them; empty where no number is given."""
        if self.effect is None:
            return ""
        number = with_minus(self.effect)
        unit = f" {self.unit}" if self.unit else ""
        if self.low is None or self.high is None:
            return f"{number}{unit}"
        return f"{number}{unit} (95% CI {with_minus(self.low)} to {with_minus(self.high)})"

    def in_words(self) -> str:
        """The finding in one line, without the words of the work."""
        parts = [
            self.get_outcome_display(),
            self.get_option_display(),
            self.given,
            self.get_measure_display(),
            self.get_contrast_display(),
            self.amount or "no number",
            "" if self.effect is not None or not self.unit else f"in {self.unit}",
            "pooled" if self.pooled else "",
            self.time_point,
            "" if self.number_analysed is None else f"{self.number_analysed} analysed",
            self.get_certainty_display(),
        ]
        return ", ".join(str(part) for part in parts if part)

    def in_full(self) -> str:
        """All its ``PARTS`` in one line, for who judges it: whatever changes, the line changes."""
        where = f" ({self.locator})" if self.locator else ""
        return f"{self.in_words()}. “{self.as_reported}”{where}"


def with_minus(value: Decimal) -> str:
    """A decimal for readers, with the sign that type has for less than nothing: −0.4."""
    return plain_number(Decimal(value)).replace("-", "−")


def plain_number(value: Decimal) -> str:
    """A decimal without zeros that say nothing and without an exponent: 8.1, 40, -0.4."""
    return format(value.normalize() + 0, "f")


def new_findings(rows: Iterable[dict[str, Any]]) -> list[Finding]:
    """
    Unsaved findings of the rows, in order; each maps names of ``Finding.PARTS`` to values.

    Raises ``ValidationError`` that says which row is wrong and why.
    """
    findings, problems = [], []
    for position, row in enumerate(rows, start=1):
        unknown = sorted(set(row) - set(Finding.PARTS))
        try:
            if unknown:
                raise ValidationError(f"{', '.join(unknown)}: not a part of a finding.")
            # As text, a number is what was written: 8.1, not the binary fraction next to it.
            given = {
                name: str(value) if isinstance(value, float) else value
                for name, value in row.items()
                if value not in (None, "")
            }
            finding = Finding(position=position, **given)
            finding.clean_fields(exclude={"item"})
            finding.validate_constraints(exclude={"item"})
        except ValidationError as error:
            problems += [f"Finding {position}: {message}" for message in _messages_of(error)]
        else:
            findings.append(finding)
    if problems:
        raise ValidationError(problems)
    return findings


def _messages_of(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        message if name == "__all__" else f"{name}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]


class Verification(models.Model):
    """
    One person's word that an item's details are right, as they were at that moment.

    An item is verified when two people have verified the same details, one of them a medical
    reviewer; an edit changes the details, and the item waits for verification again.
    """

    item = models.ForeignKey(EvidenceItem, on_delete=models.CASCADE, related_name="verifications")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="verifications")
    as_medical_reviewer = models.BooleanField()
    level = models.CharField("what was read", max_length=20, choices=EvidenceItem.Level)
    details_hash = models.CharField(max_length=64)
    details_sequence = models.PositiveIntegerField(db_default=0, default=0)
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-at",)
        constraints = [
            models.UniqueConstraint(
                fields=["item", "by", "details_hash", "details_sequence"],
                name="education_verification_counts_once",
                violation_error_message="This person has verified these details already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} by {self.by}"


class SourceCheck(models.Model):
    """
    What is known of the page behind a web source: who last saw it, and what the weekly command got.

    No detail of the item: no verification and no approval rests on it. It is about one address, and
    says nothing of an item whose address was changed since.
    """

    class Problem(models.TextChoices):
        DEAD = "dead", "Dead"
        NO_ANSWER = "no-answer", "No answer"
        NOT_READ = "not-read", "Not read by programs"

    item = models.OneToOneField(EvidenceItem, on_delete=models.CASCADE, related_name="source_check")
    address = models.URLField(max_length=600, blank=True)
    seen_on = models.DateField(null=True, blank=True)
    seen_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    look_again_on = models.DateField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=20, choices=Problem, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    problem_since = models.DateTimeField(null=True, blank=True)
    title_seen = models.CharField(
        max_length=300,
        blank=True,
        help_text="The page’s title when somebody last saw it, or when it was first read.",
    )
    title_now = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_on=None, seen_by=None, look_again_on=None)
                | Q(seen_on__isnull=False, seen_by__isnull=False, look_again_on__isnull=False),
                name="education_source_seen_has_person_and_next_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}, {self.address}"


class StatusEventQuerySet(models.QuerySet["StatusEvent"]):
    """What we ask of a set of status events."""

    def standing(self, at: datetime.datetime | None = None) -> "StatusEventQuerySet":
        """
        Events that were not lifted as a false alarm and don't lift another, at a moment or now.

        What is recorded has happened: without a moment no clock is asked, so one that is behind
        hides no retraction.
        """
        happened = Q(at__lte=at) if at else Q()
        lifting = StatusEvent.objects.filter(happened, lifts__isnull=False)
        return self.filter(happened, lifts=None).exclude(pk__in=lifting.values("lifts"))


class StatusEvent(models.Model):
    """
    Something happened to a published work: a correction, a concern, a retraction.

    Never changed or deleted. A false alarm is lifted by an event of its own, by a second person,
    and both stay visible.
    """

    class Status(models.TextChoices):
        CURRENT = "current", _("Current")
        CORRECTED = "corrected", _("Corrected")
        CONCERN = "concern", _("Expression of concern")
        RETRACTED = "retracted", _("Retracted")
        SUPERSEDED = "superseded", _("Superseded")

    item = models.ForeignKey(EvidenceItem, on_delete=models.PROTECT, related_name="status_events")
    status = models.CharField(max_length=20, choices=Status)
    lifts = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="lifted_by"
    )
    occurred_on = models.DateField(help_text="When the publisher announced it.")
    source_url = models.URLField(max_length=600, blank=True)
    reason = models.TextField(help_text="What happened, in words for readers.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = StatusEventQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="education_status_event_has_a_reason",
                violation_error_message="Say what happened.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.status}"


class EvidenceImport(models.Model):
    """
    Records that came in from a file or a service, and what became of them.

    They wait here until somebody has looked through them and confirmed; one that is never confirmed
    changes nothing. Showing them again asks nobody.
    """

    source = models.CharField("from", max_length=300, help_text="A file, or who was asked.")
    records = models.JSONField(
        default=list, help_text="What was read, or why it can't be used; emptied on confirmation."
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict, help_text="Keys entered and changed, and refusals.")

    class Meta:
        ordering = ("-pk",)
        verbose_name = "import of evidence"
        verbose_name_plural = "imports of evidence"

    def __str__(self) -> str:
        return f"{self.source}, {self.at:%Y-%m-%d}"
