"""Clinics, the packs they put together, and the copies they printed."""

import datetime
import functools
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from education.handouts.logos import Logo, check_logo
from education.people.models import User
from education.publishing.models import Publication

# More on one day is a print shop's run, or a slip of the finger.
MOST_COPIES = 1_000
# Copies that one answer to a recall can count: paper that was printed again is among them.
MOST_ANSWERED = 10_000
# A logo is read twice for each print, once of these under the lock.
_stored_logo = functools.lru_cache(maxsize=8)(check_logo)


class Clinic(models.Model):
    """Who hands paper to families: the block at the head of every page it prints."""

    name = models.CharField(max_length=120, unique=True)
    telephone = models.CharField(max_length=60, blank=True)
    opening_hours = models.CharField(
        max_length=160, blank=True, help_text="As families read it: Monday to Friday, 9 to 5."
    )
    address = models.CharField(
        max_length=200,
        blank=True,
        help_text="Stands on the lists you print here. The head of a handout has no room for it.",
    )
    logo = models.BinaryField(blank=True, default=b"", editable=False)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    paper = models.CharField(
        max_length=10, default="a4", db_default="a4", help_text="Chosen beforehand when printing."
    )
    size = models.CharField("letters", max_length=10, default="clear", db_default="clear")
    ink = models.CharField(max_length=10, default="colour", db_default="colour")
    recall_key = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text="Names the clinic's feed of recalls; who has it can read that feed and no more.",
    )
    receipt_key_hash = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        editable=False,
        help_text="SHA-256 of the key with which the clinic’s own system answers recalls.",
    )
    mailbox = models.EmailField(
        blank=True,
        editable=False,
        help_text="Shared address that recalls are mailed to; somebody opened it and agreed.",
    )
    mailbox_asked = models.EmailField(
        blank=True, editable=False, help_text="An address that nobody has agreed to yet."
    )
    recalls_from = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="Recalls from before this moment count as told and answered.",
    )

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="education_clinic_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def checked_logo(self) -> Logo | None:
        """The logo as it may be printed and served, if there is one."""
        return _stored_logo(bytes(self.logo)) if self.logo_type else None


class ClinicStaff(models.Model):
    """A person who works at the desk of one clinic, and of no other."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="clinic_staff")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="staff")
    manages_people = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Invites colleagues to this clinic’s desk and ends their access.",
    )

    class Meta:
        verbose_name = "member of a clinic"
        verbose_name_plural = "members of clinics"

    def __str__(self) -> str:
        return f"{self.person}, {self.clinic}"


class PackQuerySet(models.QuerySet["Pack"]):
    """What we ask of a set of packs."""

    def in_use(self) -> "PackQuerySet":
        """Packs that nobody has put away."""
        return self.filter(put_away_at=None)


class Pack(models.Model):
    """
    Handouts that a clinic gives out together, in an order, under a note of its own.

    It names addresses, not versions: printing takes what is public that day. Put away, it stays
    for the sake of what was printed from it.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="packs")
    name = models.CharField(max_length=120, help_text="The title on the cover.")
    note = models.TextField(
        "note on the cover",
        max_length=3_000,
        blank=True,
        help_text=(
            "Plain text, printed as your clinic’s own words. Never a patient’s name: the pack is "
            "kept and printed again."
        ),
    )
    made_at = models.DateTimeField(default=timezone.now)
    put_away_at = models.DateTimeField(null=True, blank=True)

    objects = PackQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                condition=Q(put_away_at=None),
                name="education_pack_in_use_has_a_name_of_its_own",
                violation_error_message="You have another pack of this name.",
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="education_pack_has_a_name",
                violation_error_message="Give the pack a name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PackItem(models.Model):
    """One handout of a pack: whatever is public at an address when the pack is printed."""

    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="items")
    place = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=80)
    language = models.CharField(max_length=12, default="en")
    options = models.JSONField(
        default=dict,
        blank=True,
        help_text="Length, sources and questions of this handout alone; others are the print’s.",
    )

    class Meta:
        ordering = ("place",)
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "place"], name="education_pack_item_has_a_place_of_its_own"
            ),
            models.UniqueConstraint(
                fields=["pack", "slug", "language"], name="education_pack_item_is_in_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}. {self.slug}"


class PrintedCopy(models.Model):
    """
    What a clinic printed at one press: one code, on every page of every copy of it.

    Insert-only. It names texts, sizes and numbers, never a patient. Whether the paper may still
    be used is not stored: it follows from what became of its texts (``checking``).
    """

    code = models.CharField(max_length=9, unique=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="printed_copies")
    pack = models.ForeignKey(
        Pack, on_delete=models.PROTECT, null=True, blank=True, related_name="printed_copies"
    )
    title = models.CharField(max_length=250)
    note = models.TextField(blank=True, help_text="The note on the cover, as it was.")
    options = models.JSONField(default=dict, help_text="Paper, size, length and so on.")
    copies = models.PositiveIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_COPIES)]
    )
    printed_on = models.DateField()
    do_not_use_after = models.DateField()
    press = models.CharField(
        max_length=36,
        blank=True,
        help_text="Names the press of the button, so that it counts once.",
    )

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "printed copies"
        constraints = [
            models.CheckConstraint(
                condition=Q(copies__gte=1, copies__lte=MOST_COPIES),
                name="education_printed_copy_is_one_or_more",
            ),
            models.CheckConstraint(
                condition=Q(do_not_use_after__gte=F("printed_on")),
                name="education_printed_copy_may_be_used_the_day_it_is_printed",
            ),
            models.UniqueConstraint(
                fields=["clinic", "press"],
                condition=~Q(press=""),
                name="education_printed_copy_is_pressed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "printed_on"], name="education_copy_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.printed_on}"

    def is_past(self, on: datetime.date) -> bool:
        """Whether the last day it may be used, as printed on it, has gone by."""
        return on > self.do_not_use_after

    @property
    def size(self) -> str:
        """The size of its letters: clear, large or giant."""
        options: dict[str, Any] = self.options
        return str(options.get("size", ""))


class PrintedPart(models.Model):
    """One text on a printed copy; a pack has several. Insert-only."""

    copy = models.ForeignKey(PrintedCopy, on_delete=models.PROTECT, related_name="parts")
    place = models.PositiveSmallIntegerField()
    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, related_name="printed_parts"
    )

    class Meta:
        ordering = ("place",)
        constraints = [
            models.UniqueConstraint(
                fields=["copy", "place"], name="education_printed_part_has_a_place_of_its_own"
            ),
            models.UniqueConstraint(
                fields=["copy", "publication"], name="education_printed_part_is_in_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.copy}: {self.publication}"


class RecallAnswer(models.Model):
    """
    What a clinic says became of paper that was called back: a receipt. Insert-only.

    ``cause`` names why the paper was for the bin when it was answered
    (``education.handouts.recall_lists.cause_of``), ``state`` how bad that was. It counts paper,
    never patients.
    """

    copy = models.ForeignKey(PrintedCopy, on_delete=models.PROTECT, related_name="recall_answers")
    cause = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    binned = models.PositiveIntegerField(
        default=0, validators=[MaxValueValidator(MOST_ANSWERED)], help_text="Taken off the shelf."
    )
    given_out = models.PositiveIntegerField(
        default=0, validators=[MaxValueValidator(MOST_ANSWERED)], help_text="Families have them."
    )
    none_left = models.BooleanField("none left on the shelf", default=False)
    words = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="Empty where the clinic’s own system answered.",
    )
    by_key = models.CharField(
        max_length=12,
        blank=True,
        db_default="",
        help_text=(
            "The first digits of the hash of the key with which that system answered; “mailbox”, "
            "or “mail-” and the number of a person, where the link in a mail to them did."
        ),
    )
    answered_at = models.DateTimeField(default=timezone.now)
    press = models.CharField(
        max_length=36,
        blank=True,
        help_text="Names the press of the button, so that it counts once.",
    )

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(binned__gt=0) | Q(given_out__gt=0) | Q(none_left=True),
                name="education_recall_answer_says_something",
                violation_error_message=(
                    "Say how many were binned or given out, or that none is left."
                ),
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=False, by_key="") | Q(by__isnull=True) & ~Q(by_key=""),
                name="education_recall_answer_is_signed",
            ),
            models.UniqueConstraint(
                fields=["copy", "press"],
                condition=~Q(press=""),
                name="education_recall_answer_is_pressed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.copy}: {self.in_words}"

    @property
    def is_by_link(self) -> bool:
        """Whether it was given by the link in a mail, without signing in."""
        return self.by_key.startswith("mail")  # no hexadecimal digit

    @property
    def in_words(self) -> str:
        """The answer in a line."""
        parts = [
            f"{self.binned} binned" if self.binned else "",
            f"{self.given_out} given out to families" if self.given_out else "",
            "none left on the shelf" if self.none_left else "",
            self.words,
        ]
        return ", ".join(part for part in parts if part)


class RecallDrill(models.Model):
    """
    A recall that is none: whether a clinic's mail, feed, system and shelf list work. Insert-only.

    It names one print and never changes how that stands; whatever tells of it says DRILL.
    """

    copy = models.ForeignKey(PrintedCopy, on_delete=models.PROTECT, related_name="recall_drills")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"Drill with {self.copy}"


class RecallWebhook(models.Model):
    """
    Where a clinic's own system is told of recalls: signed as Standard Webhooks say.

    The secret is shown once, when it is made. The one before it signs too until
    ``previous_until``, so that a system can change over. ``ended_because`` says why nothing is
    sent any more; empty while it is.
    """

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="recall_webhook")
    address = models.URLField(max_length=300)
    secret = models.CharField(max_length=60)
    previous_secret = models.CharField(max_length=60, blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    ended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(previous_secret="", previous_until=None)
                | (~Q(previous_secret="") & Q(previous_until__isnull=False)),
                name="education_recall_webhook_previous_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"Webhook of {self.clinic}"


class WebhookDelivery(models.Model):
    """
    What a clinic's system is told of one print, for one cause, once; tried again until it is taken.

    It holds codes and titles, never a patient. ``next_try_at`` is empty once it was taken or given
    up; ``sent_at`` says which.
    """

    class Kind(models.TextChoices):
        OPENED = "recall.opened"
        LIFTED = "recall.lifted"
        MAJOR = "version.major"

    webhook = models.ForeignKey(RecallWebhook, on_delete=models.CASCADE, related_name="deliveries")
    name = models.CharField(max_length=40, unique=True, help_text="The same on each try.")
    kind = models.CharField(max_length=20, choices=Kind)
    cause = models.CharField(max_length=60)
    copy = models.ForeignKey(PrintedCopy, on_delete=models.PROTECT, related_name="+")
    body = models.TextField()
    written_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "kind", "cause", "copy"],
                name="education_webhook_delivery_is_written_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.copy}"
