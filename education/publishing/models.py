"""What the public sees: frozen copies of approved revisions, and what became of them."""

import datetime
from collections.abc import Iterable
from typing import Any, cast

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, OuterRef, Q
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from education.articles.models import Article, Revision
from education.audit.models import Event
from education.evidence.models import EvidenceItem, StatusEvent
from education.people.models import User
from education.topics.models import Topic


class PublicationQuerySet(models.QuerySet["Publication"]):
    """What we ask of a set of publications; each answer follows from the clock and the events."""

    def not_cancelled(self) -> "PublicationQuerySet":
        """All but scheduled copies that were cancelled before readers saw them."""
        return self.exclude(pk__in=_that_were(PublicationEvent.Kind.CANCELLED))

    def live(self, at: datetime.datetime | None = None) -> "PublicationQuerySet":
        """Copies whose moment has come."""
        return self.not_cancelled().filter(_has_come(at))

    def scheduled(self, at: datetime.datetime | None = None) -> "PublicationQuerySet":
        """Copies that wait for their moment."""
        return self.not_cancelled().filter(~_has_come(at))

    def newest(self, at: datetime.datetime | None = None) -> "PublicationQuerySet":
        """The last live copy of each article and language, withdrawn or not."""
        return self.live(at).filter(_has_no_newer(at))

    def current(self, at: datetime.datetime | None = None) -> "PublicationQuerySet":
        """What the public sees now: at most one copy per article and language."""
        held = RestoreHold.objects.waiting().filter(publication__isnull=False)
        return self.not_withdrawn(at).exclude(pk__in=held.values("publication"))

    def not_withdrawn(self, at: datetime.datetime | None = None) -> "PublicationQuerySet":
        """The last live copies that nobody withdrew, also those that are held after a restore."""
        kinds = PublicationEvent.Kind
        ended = _that_were(kinds.CANCELLED, kinds.WITHDRAWN)
        return self.filter(_is_due(at), _has_no_newer(at)).exclude(pk__in=ended)

    def withdrawn(self, at: datetime.datetime | None = None) -> "PublicationQuerySet":
        """The last copies of articles that were withdrawn."""
        return self.newest(at).filter(pk__in=_that_were(PublicationEvent.Kind.WITHDRAWN))

    def citing(self, keys: Iterable[str]) -> "PublicationQuerySet":
        """Copies that cite any of these works."""
        cited = PublishedCitation.objects.filter(publication=OuterRef("pk"), item__key__in=keys)
        return self.filter(Exists(cited))

    def resting_on(self, keys: Iterable[str]) -> "PublicationQuerySet":
        """Copies that cite any of these works, or explain a word whose definition does."""
        items = EvidenceItem.objects.filter(key__in=keys).values("pk")
        cited = PublishedCitation.objects.filter(publication=OuterRef("pk"), item__in=items)
        defined = DefinitionCitation.objects.filter(publication=OuterRef("pk"), item__in=items)
        return self.filter(Exists(cited) | Exists(defined))

    def naming(self, name: str) -> "PublicationQuerySet":
        """Copies that name somebody so among their writers or reviewers."""
        return self.filter(Q(_HasName("writers", name)) | Q(_HasName("reviewers", name)))


class _HasName(models.Func):
    """Whether a list of people, as a copy holds it, has somebody of a name."""

    output_field = models.BooleanField()

    def __init__(self, people: str, name: str) -> None:
        super().__init__(models.F(people), models.Value(name, output_field=models.TextField()))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> Any:
        """By SQLite's ``json_each``."""
        template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
        joiner = ") WHERE json_extract(value, '$.name') = "
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> Any:
        """By PostgreSQL's ``jsonb_array_elements``."""
        template = "EXISTS (SELECT 1 FROM jsonb_array_elements(%(expressions)s)"
        joiner = ") AS one (value) WHERE one.value ->> 'name' = "
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)


_Publications = models.Manager.from_queryset(PublicationQuerySet)


class PublicationManager(_Publications["Publication"]):
    """Publications without the HTML they were frozen with: twice the text, and no page needs it."""

    def get_queryset(self) -> PublicationQuerySet:
        """Every publication; its ``html`` is read when it is asked for."""
        return cast("PublicationQuerySet", super().get_queryset()).defer("html")


def _has_come(at: datetime.datetime | None) -> Q:
    """
    That a copy's moment has come: by then, or by now.

    Now, a copy that was withdrawn was live: a clock that is behind brings no old version back in
    place of one.
    """
    return (
        _is_due(at) if at else _is_due(at) | Q(pk__in=_that_were(PublicationEvent.Kind.WITHDRAWN))
    )


def _is_due(at: datetime.datetime | None) -> Q:
    """
    That the clock has reached a copy's moment.

    Now, a copy that was published at once is live whatever the clock says: a clock that is behind
    takes nothing from readers.
    """
    if at:
        return Q(goes_live_at__lte=at)
    return Q(goes_live_at__lte=timezone.now()) | Q(goes_live_at=models.F("published_at"))


def _has_no_newer(at: datetime.datetime | None) -> Q:
    """That no later copy of the same article and language is live."""
    newer = Publication.objects.live(at).filter(
        slug=OuterRef("slug"), language=OuterRef("language"), number__gt=OuterRef("number")
    )
    return Q(~Exists(newer))


def _that_were(*kinds: str) -> models.QuerySet[Any, Any]:
    """The numbers of the copies to which one of these has happened."""
    return PublicationEvent.objects.filter(kind__in=kinds).values("publication")


class Publication(models.Model):
    """
    The frozen, self-contained copy of an approved revision that the public reads.

    Insert-only: the database refuses to change or delete one. Whether it is current, scheduled,
    superseded or withdrawn follows from the other copies, its events and the clock. It carries all
    that a page needs, so that showing one never touches a draft.
    """

    class Change(models.TextChoices):
        """What a version changes in the one before it."""

        MINOR = "minor", "Wording alone"
        MAJOR = "major", "More than wording"

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="publications")
    slug = models.SlugField(max_length=80)
    language = models.CharField(max_length=12)
    number = models.PositiveIntegerField(help_text="Version for readers, from 1, per language.")
    kind = models.CharField(max_length=20, choices=Article.Kind)
    risk_class = models.CharField(max_length=1)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="publications")
    title = models.CharField(max_length=200)
    summary = models.TextField(help_text="The one-sentence answer as plain text.")
    content = models.JSONField(help_text="The tree of blocks, for paper and machines.")
    # Sealed with the copy, for its hash alone: pages are printed from the tree.
    html = models.JSONField(help_text="The page's parts as HTML, from the same rendering.")
    search_text = models.TextField(blank=True)
    what_changed = models.TextField(blank=True)
    correction = models.TextField(blank=True, help_text="What was wrong before, and what is right.")
    change = models.CharField(
        max_length=5,
        choices=Change,
        default=Change.MAJOR,
        db_default=Change.MAJOR,
        editable=False,
        help_text="Minor: wording alone. Paper of the version before stays current.",
    )
    writers = models.JSONField(default=list, help_text="Names and interests, as they were.")
    reviewers = models.JSONField(
        default=list, help_text="Names, specialties, credentials and interests, as they were."
    )
    publisher_name = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64, help_text="What the reviewers approved.")
    content_format = models.PositiveSmallIntegerField(
        db_default=1, editable=False, help_text="By which rule the content hash was made."
    )
    frozen_hash = models.CharField(max_length=64, help_text="Of this copy, so a change is found.")
    frozen_format = models.PositiveSmallIntegerField(
        db_default=1, editable=False, help_text="By which rule the frozen hash was made."
    )
    reviewed_on = models.DateField("last reviewed")
    review_due_on = models.DateField("review due")
    goes_live_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="publications")
    published_at = models.DateTimeField()

    objects = PublicationManager()

    class Meta:
        ordering = ("slug", "language", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "language", "number"],
                name="education_publication_is_numbered_once",
            ),
            models.CheckConstraint(
                condition=Q(review_due_on__gt=models.F("reviewed_on")),
                name="education_publication_is_due_after_review",
            ),
            models.CheckConstraint(
                condition=Q(change__in=["minor", "major"]),
                name="education_publication_change_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["goes_live_at"], name="education_pub_live"),
            # Lists by title, in the order of an index, so that their first leaf reads no more.
            models.Index(
                fields=["language", "title", "slug", "number", "goes_live_at", "topic"],
                name="education_pub_titles",
            ),
            models.Index(
                fields=["topic", "language", "title", "slug", "number", "goes_live_at"],
                name="education_pub_topic_titles",
            ),
            # Later versions, the newest first, for corrections.
            models.Index(
                fields=["language", "goes_live_at"],
                condition=Q(number__gt=1),
                name="education_pub_news",
            ),
            # Whether a copy is the newest, and lists by kind, without reading its long texts.
            models.Index(
                fields=["slug", "language", "number", "goes_live_at"], name="education_pub_newest"
            ),
            models.Index(
                fields=["language", "kind", "title", "slug", "number", "goes_live_at", "topic"],
                name="education_pub_lists",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} v{self.number}"

    @property
    def is_scheduled(self) -> bool:
        """Whether it waits for its moment; cancelled or not."""
        at_once = self.goes_live_at == self.published_at
        return not at_once and self.goes_live_at > timezone.now()

    @property
    def due_on(self) -> datetime.date:
        """The day the next review is due, an extension counted in."""
        moved = self.events.filter(due_on__isnull=False).order_by("-pk").first()
        return moved.due_on if moved and moved.due_on else self.review_due_on

    @property
    def cited_keys(self) -> list[str]:
        """The keys of the works it cites, in the order of its references."""
        return [reference["key"] for reference in self.content["references"]]

    @property
    def withdrawal(self) -> "PublicationEvent | None":
        """The event that took it off the site, if one did."""
        return self.events.filter(kind=PublicationEvent.Kind.WITHDRAWN).first()


class PublishedCitation(models.Model):
    """
    That a published copy cites a work: its references again, to be asked from either side.

    Insert-only, and written with the copy; ``check_integrity`` holds it against the copy.
    """

    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, related_name="published_citations"
    )
    item = models.ForeignKey(EvidenceItem, on_delete=models.PROTECT, related_name="published_in")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "item"], name="education_published_citation_is_there_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication} cites {self.item}"


class DefinitionCitation(models.Model):
    """
    That the definition of a word which a published copy explains in place cites a work.

    Insert-only, and written with the copy, by what its term nodes carry; for copies that were
    frozen before they carried it, by the glossary of the day (migration 0025).
    """

    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, related_name="definition_citations"
    )
    item = models.ForeignKey(EvidenceItem, on_delete=models.PROTECT, related_name="defines_in")
    slug = models.SlugField(max_length=80, help_text="The word, as the glossary names it.")
    statement = models.PositiveSmallIntegerField(help_text="Its place in the definition.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "slug", "statement", "item"],
                name="education_definition_citation_is_there_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication} explains {self.slug} by {self.item}"


class PublicationEvent(models.Model):
    """Something that happened to a publication after it was frozen; insert-only."""

    class Kind(models.TextChoices):
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CANCELLED = "cancelled", "Schedule cancelled"
        EXTENDED = "extended", "Review date extended"
        RECALLED = "recalled", "Paper of earlier versions recalled"
        HIDING_PROPOSED = "hiding_proposed", "Hiding its text proposed"
        HIDDEN = "hidden", "Text hidden"

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(help_text="In words for readers.")
    due_on = models.DateField(null=True, blank=True, help_text="The review date it sets.")

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="education_publication_event_has_a_reason",
                violation_error_message="Give a reason.",
            ),
            models.CheckConstraint(
                condition=Q(kind="extended", due_on__isnull=False)
                | (~Q(kind="extended") & Q(due_on=None)),
                name="education_publication_event_extension_sets_a_date",
            ),
            models.UniqueConstraint(
                fields=["publication", "kind"],
                name="education_publication_event_happens_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication}: {self.get_kind_display()}"


class MaskedPassageQuerySet(models.QuerySet["MaskedPassage"]):
    """What we ask of a set of masked passages."""

    def in_force(self, at: datetime.datetime | None = None) -> "MaskedPassageQuerySet":
        """Those that readers don't see at a moment, now unless given."""
        if at is None:
            return self.filter(lifted_at=None)
        return self.filter(Q(lifted_at=None) | Q(lifted_at__gt=at), at__lte=at)

    def unconfirmed(self) -> "MaskedPassageQuerySet":
        """Those in force that no second person has confirmed yet."""
        return self.filter(lifted_at=None, confirmed_at=None)


class MaskedPassage(models.Model):
    """
    Words of a page that readers see nowhere any more, masked by one person at once.

    They are masked wherever any version of the page says them, so a version that is scheduled
    doesn't bring them back; those of a glossary wherever they explain a word. A second person
    confirms it within a day or lifts it; until then it stays.
    """

    slug = models.SlugField(max_length=80, help_text="The page's address.")
    language = models.CharField(max_length=12)
    of_glossary = models.BooleanField(default=False, help_text="Explains words on other pages.")
    words = models.TextField(help_text="The passage as plain words on one line.")
    reason = models.TextField(help_text="In words for readers.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_because = models.TextField(blank=True)

    objects = MaskedPassageQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(words="") & ~Q(reason=""),
                name="education_masked_passage_says_what_and_why",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by=models.F("by"))),
                name="education_masked_passage_is_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by=None, lifted_at=None)
                | (
                    Q(lifted_at__isnull=False)
                    & ~Q(lifted_by=models.F("by"))
                    & ~Q(lifted_because="")
                ),
                name="education_masked_passage_is_lifted_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.words[:60]}"


class ConcernNote(models.Model):
    """
    Why a text may rest on a work under an expression of concern, in words for readers; insert-only.

    It answers one concern on one revision (rule 4); the next concern needs a reason of its own.
    """

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="concern_notes")
    event = models.ForeignKey(StatusEvent, on_delete=models.PROTECT, related_name="concern_notes")
    reason = models.TextField(help_text="In words for readers.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "event"], name="education_concern_note_is_written_once"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="education_concern_note_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision}: {self.event}"


class RestoreHoldQuerySet(models.QuerySet["RestoreHold"]):
    """What we ask of a set of holds."""

    def waiting(self) -> "RestoreHoldQuerySet":
        """Those that nobody has settled yet."""
        return self.filter(settled_at=None)


class RestoreHold(models.Model):
    """
    A page or an account that a restored backup brought back though it had ended since.

    A page that is held is shown nowhere and its paper is not to be used; an account that is held is
    switched off. An editor-in-chief who is not held, or ``manage.py confirm_restore``, settles it
    (``education.safety.restores``).
    """

    class Outcome(models.TextChoices):
        BROUGHT_BACK = "brought_back", "Brought back"
        KEPT_OFF = "kept_off", "Kept off"

    restored = models.ForeignKey(
        Event, on_delete=models.PROTECT, related_name="+", help_text="The event of the restore."
    )
    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    reasons = models.JSONField(default=list, help_text="As sentences: what had ended it.")
    held_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty when a command did it.",
    )
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)

    objects = RestoreHoldQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(publication__isnull=False, person=None)
                | Q(publication=None, person__isnull=False),
                name="education_restore_hold_is_of_a_page_or_an_account",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, outcome="")
                | (Q(settled_at__isnull=False) & ~Q(outcome="")),
                name="education_restore_hold_is_settled_with_an_outcome",
            ),
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(settled_at=None),
                name="education_restore_hold_of_a_page_waits_once",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(settled_at=None),
                name="education_restore_hold_of_an_account_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.publication or self.person)
