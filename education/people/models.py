"""Who writes and reviews: credentials, interests, roles."""

import datetime
from types import MappingProxyType

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from education.people.public_words import FIELDS, problems_of
from education.topics.models import Topic

# A declaration of interests is good for a year, as ICMJE and NICE ask of their panels.
DECLARATION_LASTS = datetime.timedelta(days=365)


class Role(models.TextChoices):
    """What a person may do here; each is a group of Django's, made by a migration."""

    WRITER = "writer", "Writer"
    MEDICAL_REVIEWER = "medical_reviewer", "Medical reviewer"
    PLAIN_LANGUAGE_REVIEWER = "plain_language_reviewer", "Plain-language reviewer"
    EDITOR_IN_CHIEF = "editor_in_chief", "Editor-in-chief"
    CLINIC = "clinic", "Clinic"
    AUDITOR = "auditor", "Auditor"


class User(AbstractUser):
    """A person with an account: editor, reviewer, auditor, or a clinic's member of staff."""

    display_name = models.CharField(
        max_length=120,
        blank=True,
        help_text="The name readers see beside what this person reviewed.",
    )
    specialty = models.CharField(
        max_length=120,
        blank=True,
        help_text="A medical reviewer's field, for example Paediatric neurology.",
    )
    credentials = models.CharField(
        max_length=200, blank=True, help_text="Qualification and registration, as readers see them."
    )
    credentials_expire_on = models.DateField(
        null=True, blank=True, help_text="The last day the registration is known to be valid."
    )
    interests = models.TextField(
        blank=True, help_text="Declaration of interests, as readers see it. Write None if none."
    )
    interests_declared_on = models.DateField(
        null=True, blank=True, help_text="A declaration is good for one year."
    )

    # Its password was printed, and nobody stands behind what it approves. Set by
    # load_demonstration alone and never taken away.
    made_for_demonstration = models.BooleanField(default=False, editable=False)

    class Meta(AbstractUser.Meta):
        verbose_name = "person"
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.display_name or self.get_full_name() or self.username

    def clean(self) -> None:
        """Refuse new words about a person that may not be public; old ones wait to be mended."""
        super().clean()
        stored = User.objects.filter(pk=self.pk).first()
        problems = {
            field: found
            for field in FIELDS
            if getattr(self, field) != getattr(stored, field, "")
            and (found := problems_of(field, getattr(self, field)))
        }
        if problems:
            raise ValidationError(problems)

    @property
    def roles(self) -> set[Role]:
        """The roles held now."""
        by_label = {role.label: role for role in Role}
        names = self.groups.values_list("name", flat=True)
        return {by_label[name] for name in names if name in by_label}

    def has_role(self, role: Role) -> bool:
        """Whether an active account holds the role; being a superuser gives none."""
        return self.is_active and self.groups.filter(name=role.label).exists()

    def interests_are_current(self, on: datetime.date | None = None) -> bool:
        """Whether interests were declared within the last year."""
        day = on or timezone.localdate()
        declared = self.interests_declared_on
        return bool(self.interests and declared and declared <= day <= declared + DECLARATION_LASTS)

    def credentials_are_current(self, on: datetime.date | None = None) -> bool:
        """Whether credentials are given and have not expired."""
        day = on or timezone.localdate()
        expiry = self.credentials_expire_on
        return bool(self.credentials and expiry and day <= expiry)


class AbstractProposal(models.Model):
    """What one person asks for and a second one agrees to or refuses."""

    UNDECIDED = models.Q(decided_by=None, decided_at=None, accepted=None)

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-pk",)


class RightsProposal(AbstractProposal):
    """
    Rights that one person wants to give to somebody, until a second person agrees.

    Taking rights away needs nobody else: that must never wait.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rights_proposals")
    roles = models.JSONField("roles to give", default=list, help_text="Names of roles.")
    flags = models.JSONField(
        "switches to turn on", default=list, help_text="Such as is_active and is_superuser."
    )

    class Meta(AbstractProposal.Meta):
        constraints = [
            models.CheckConstraint(
                condition=AbstractProposal.UNDECIDED
                | (
                    models.Q(decided_at__isnull=False, accepted__isnull=False)
                    & ~models.Q(decided_by=models.F("by"))
                    & ~models.Q(decided_by=models.F("person"))
                ),
                name="education_rights_are_agreed_by_another",
                violation_error_message="Somebody else must agree.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.in_words}"

    @property
    def in_words(self) -> str:
        """What it gives, as people say it."""
        flags = {"is_active": "account on", "is_staff": "desk", "is_superuser": "administrator"}
        return ", ".join([*self.roles, *(flags[flag] for flag in self.flags)])


class ProfileProposal(AbstractProposal):
    """
    What is on record of a person and lets them do more, until the second of two people agrees.

    The two are the person and an administrator or editor-in-chief. ``changes`` holds what is on
    record and what is proposed, by field; for ``conflicts`` the topics of those taken back.
    """

    NAMES = MappingProxyType(
        {
            "specialty": "Specialty",
            "credentials": "Credentials",
            "credentials_expire_on": "Credentials are valid until",
            "interests": "Interests",
            "interests_declared_on": "Interests declared on",
            "conflicts": "Conflicts on",
        }
    )

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="profile_proposals")
    changes = models.JSONField(default=dict)

    class Meta(AbstractProposal.Meta):
        constraints = [
            models.CheckConstraint(
                condition=AbstractProposal.UNDECIDED
                | (
                    models.Q(
                        decided_by__isnull=False, decided_at__isnull=False, accepted__isnull=False
                    )
                    & ~models.Q(decided_by=models.F("by"))
                    & (models.Q(by=models.F("person")) | models.Q(decided_by=models.F("person")))
                ),
                name="education_profile_is_agreed_by_the_person_and_another",
                violation_error_message="The person and somebody else must agree.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.in_words}"

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """What would change: its name, what it is now, what it would be."""
        return [
            (self.NAMES[name], _in_words(before), _in_words(after))
            for name, (before, after) in self.changes.items()
        ]

    @property
    def in_words(self) -> str:
        """What would change, on one line."""
        return "; ".join(f"{name}: {after}" for name, _, after in self.differences)


def _in_words(value: str | list[str]) -> str:
    return (", ".join(value) if isinstance(value, list) else value) or "none"


class TopicProposal(AbstractProposal):
    """
    What one person wants readers to be told of a topic, until a second person agrees.

    ``before`` and ``after`` hold title, summary, parent, place and codes; before is empty where
    the topic is new.
    """

    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    slug = models.SlugField(max_length=80)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta(AbstractProposal.Meta):
        constraints = [
            models.CheckConstraint(
                condition=AbstractProposal.UNDECIDED
                | (
                    models.Q(decided_at__isnull=False, accepted__isnull=False)
                    & ~models.Q(decided_by=models.F("by"))
                ),
                name="education_topic_words_are_agreed_by_another",
                violation_error_message="Somebody else must agree.",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=models.Q(decided_at=None),
                name="education_topic_proposal_waits_once",
                violation_error_message="A change of this topic waits already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.after['title']}"

    @property
    def differences(self) -> list[tuple[str, object, object]]:
        """What would change: its name, what it is now, what it would be."""
        return [
            (name, self.before.get(name, ""), value)
            for name, value in self.after.items()
            if self.before.get(name) != value
        ]


class ConflictOfInterest(models.Model):
    """A person's stake in a topic; who has one does not review that topic or what is below it."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="conflicts")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="conflicts")
    description = models.CharField(max_length=300, blank=True)
    declared_on = models.DateField(default=timezone.localdate)

    class Meta:
        verbose_name = "conflict of interest"
        verbose_name_plural = "conflicts of interest"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "topic"], name="education_conflict_is_declared_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.topic}"


class Absence(models.Model):
    """Somebody is away for some days; a substitute is told in their place, without their rights."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    substitute = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When they were back early.")

    class Meta:
        ordering = ("-first_day", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")),
                name="education_absence_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=models.Q(substitute=None) | ~models.Q(substitute=models.F("person")),
                name="education_absence_substitute_is_another",
                violation_error_message="Nobody stands in for themselves.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.first_day} to {self.last_day}"

    @property
    def until_when(self) -> str:
        """Until when the person is away and who stands in, for lists that name the person."""
        stands_in = f"; {self.substitute} stands in" if self.substitute else ""
        return f"away until {date_format(self.last_day)}{stands_in}"


class MailTopic(models.TextChoices):
    """
    What a person may have by mail in another way than at once.

    Only mail that names its topic is here. All other mail goes out at once to everybody: recalls,
    retractions and concerns, reports of harm, rights, sign-ins.
    """

    REQUESTS = "requests", "Requests to review"
    TEXTS = "texts", "What became of texts you work on"
    COMMENTS = "comments", "Comments and answers"
    REMINDERS = "reminders", "What is due or late"


class MailChoice(models.Model):
    """How a person wants the mail of one topic; at once where there is no row."""

    class Pace(models.TextChoices):
        AT_ONCE = "at_once", "At once"
        DAILY = "daily", "Once a day, in one mail"
        NEVER = "never", "No mail; I look at the desk"

    # Others wait for an answer to the rest, so that may come later but not never.
    MAY_BE_OFF = frozenset({MailTopic.TEXTS, MailTopic.COMMENTS})

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mail_choices")
    topic = models.CharField(max_length=20, choices=MailTopic)
    pace = models.CharField(max_length=20, choices=Pace)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "topic"], name="education_mail_choice_is_made_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(pace="never") | models.Q(topic__in=["texts", "comments"]),
                name="education_mail_choice_keeps_requests",
                violation_error_message="Somebody waits for your answer to this mail.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_topic_display()}: {self.get_pace_display()}"


class Message(models.Model):
    """
    A mail to one person, or to the shared mailbox of a clinic: written with the step that caused
    it, sent after it.

    A mail that fails never fails the step; it stays here with its error, is shown at the desk and
    is sent again by ``manage.py send_mail_queue``.
    """

    to = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
    mailbox = models.EmailField(blank=True, help_text="Of a clinic; empty for mail to a person.")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    about = models.CharField(
        max_length=120, blank=True, help_text="Names the cause, so that it is written once."
    )
    is_daily = models.BooleanField(
        "waits for the day's mail", default=False, db_default=False, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["to", "about"],
                condition=~models.Q(about=""),
                name="education_message_is_written_once",
            ),
            models.UniqueConstraint(
                fields=["mailbox", "about"],
                condition=~models.Q(about="") & ~models.Q(mailbox=""),
                name="education_message_is_written_to_a_mailbox_once",
            ),
            models.CheckConstraint(
                condition=models.Q(to=None) & ~models.Q(mailbox="")
                | models.Q(to__isnull=False, mailbox=""),
                name="education_message_is_to_a_person_or_a_mailbox",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def address(self) -> str:
        """Where it is sent."""
        return self.to.email if self.to else self.mailbox

    @property
    def recipient(self) -> str:
        """Who reads it, for people who look after the mail."""
        return str(self.to or self.mailbox)


class BouncedAddress(models.Model):
    """
    An address at which mail does not arrive: a server refused it, or reported that it gave up.

    Nothing else of such a report is kept. Whose address it is follows from people and clinics, so
    a row no longer matters when they have another (``education.handouts.bounces``).
    """

    address = models.EmailField(unique=True, help_text="In lower case.")
    status = models.CharField(max_length=12, help_text="The server's code, such as 5.1.1.")
    at = models.DateTimeField()
    is_reported = models.BooleanField(
        default=False, help_text="A report came afterwards; the first server had taken the mail."
    )
    resent_at = models.DateTimeField(
        null=True, blank=True, help_text="When a later mail was taken that has not come back."
    )

    class Meta:
        verbose_name_plural = "bounced addresses"

    def __str__(self) -> str:
        return f"{self.address}: {self.status}"


class MailTest(models.Model):
    """The last test mail, and whether somebody typed the code that stood in it: it arrived."""

    address = models.EmailField()
    code = models.CharField(max_length=12)
    sent_by = models.CharField(
        max_length=64, help_text="Hash of the settings of mail that it was sent with."
    )
    sent_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.address}, {self.sent_at:%Y-%m-%d}"
