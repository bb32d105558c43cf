"""Saved questions to registers of works and trials, and the candidates that answered them."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from education.evidence.models import EvidenceImport
from education.people.models import User
from education.topics.models import Topic


class Register(models.TextChoices):
    """Who is asked."""

    PUBMED = "pubmed", "PubMed"
    CROSSREF = "crossref", "Crossref"
    CLINICAL_TRIALS = "clinicaltrials", "ClinicalTrials.gov"


class WatchQuestion(models.Model):
    """A search about a topic that a register is asked again and again; only what is new is read."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="watch_questions")
    register = models.CharField("ask", max_length=20, choices=Register)
    query = models.CharField(
        "search for",
        max_length=1000,
        help_text="As you would type it in the register’s own search box: PubMed and "
        "ClinicalTrials.gov take AND, OR and quotation marks, Crossref words only.",
        validators=[RegexValidator(r"\w", "Type what to search for.")],
    )
    words = models.CharField(
        "words that matter",
        max_length=500,
        blank=True,
        help_text="With commas: cerebral palsy, rhizotomy. A title that has them stands higher in "
        "the list.",
    )
    since = models.DateField(
        "first asked for what is newer than",
        help_text="Afterwards only what is new since the last answer is asked for.",
    )
    active = models.BooleanField("ask every week", default=True)
    answered_at = models.DateTimeField("last answer", null=True, blank=True, editable=False)
    failure = models.CharField(
        "why there was no answer", max_length=300, blank=True, editable=False
    )

    class Meta:
        ordering = ("topic__position", "topic__title", "register", "pk")
        verbose_name = "question of the evidence watch"
        verbose_name_plural = "questions of the evidence watch"
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "register", "query"],
                name="education_watch_question_is_saved_once",
                violation_error_message="This question is saved already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.get_register_display()}"

    @property
    def words_listed(self) -> list[str]:
        """The words that matter, one by one, in small letters."""
        return [word.strip().lower() for word in self.words.split(",") if word.strip()]


class EvidenceCandidateQuerySet(models.QuerySet["EvidenceCandidate"]):
    """What we ask of a set of candidates."""

    def waiting(self) -> "EvidenceCandidateQuerySet":
        """Those somebody should decide on now, with those whose day has come again."""
        states = EvidenceCandidate.State
        put_off = Q(state=states.LATER, look_again_on__lte=timezone.localdate())
        return self.filter(Q(state=states.WAITING) | put_off)


class EvidenceCandidate(models.Model):
    """
    A work or a registered trial that a saved question brought and that is not held yet.

    It is no evidence: accepting it starts an import, which people look through and confirm.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a decision"
        LATER = "later", "Decide later"
        ACCEPTED = "accepted", "Accepted"
        DISMISSED = "dismissed", "Dismissed"
        HELD = "held", "Held already"

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="candidates")
    registers = models.JSONField(default=list, help_text="Who named it.")
    title = models.TextField()
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    doi = models.CharField("DOI", max_length=200, blank=True)
    pmid = models.CharField("PubMed id", max_length=20, blank=True)
    registration = models.CharField(max_length=120, blank=True)
    record = models.JSONField(help_text="What the register says of it, as CSL-JSON.")
    kind = models.CharField(
        max_length=200, blank=True, help_text="What kind of work it is, in the register’s words."
    )
    relevance = models.SmallIntegerField(default=0)
    reasons = models.JSONField(default=list, help_text="Why it stands where it stands.")
    found_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)
    look_again_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    evidence_import = models.ForeignKey(
        EvidenceImport, on_delete=models.SET_NULL, null=True, blank=True, related_name="candidates"
    )

    objects = EvidenceCandidateQuerySet.as_manager()

    class Meta:
        ordering = ("-relevance", "-year", "pk")
        verbose_name = "candidate of the evidence watch"
        verbose_name_plural = "candidates of the evidence watch"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(reason=""),
                name="education_candidate_dismissed_has_a_reason",
                violation_error_message="Say why it is of no use here.",
            ),
            models.CheckConstraint(
                condition=~Q(state="later") | Q(look_again_on__isnull=False),
                name="education_candidate_put_off_has_a_day",
                violation_error_message="Say when to look again.",
            ),
            models.UniqueConstraint(
                fields=["doi"], condition=~Q(doi=""), name="education_candidate_doi_is_listed_once"
            ),
            models.UniqueConstraint(
                fields=["pmid"],
                condition=~Q(pmid=""),
                name="education_candidate_pmid_is_listed_once",
            ),
            models.UniqueConstraint(
                fields=["registration"],
                condition=~Q(registration=""),
                name="education_candidate_registration_is_listed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-relevance"], name="education_candidate_waiting"),
        ]

    def __str__(self) -> str:
        return self.title[:200]

    @property
    def address(self) -> str:
        """Where the work or the trial can be read."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        return f"https://clinicaltrials.gov/study/{self.registration}" if self.registration else ""

    @property
    def identifiers(self) -> list[str]:
        """What it is known by, in words."""
        named = (("DOI", self.doi), ("PubMed", self.pmid), ("Register", self.registration))
        return [f"{name} {value}" for name, value in named if value]
