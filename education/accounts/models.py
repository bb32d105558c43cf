"""Who is signed in where, recovery codes, and failures of the last day."""

from django.db import models

from education.people.models import User


class SignIn(models.Model):
    """
    That a person signed in, and from what kind of browser; no address is kept.

    While it lasts it names its session, so that it can be ended from elsewhere. It is forgotten
    after 90 days.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True, null=True, blank=True)
    browser = models.CharField(max_length=120)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-seen_at",)

    def __str__(self) -> str:
        return f"{self.person}: {self.browser}"


class RecoveryCode(models.Model):
    """A code on paper that replaces the telephone once; only its mark is kept."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    mark = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "mark"], name="education_recovery_code_is_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {'used' if self.used_at else 'not used'}"


class FailedSignIn(models.Model):
    """How often a sign-in failed, by a keyed hash of whom or from where; kept for a day."""

    mark = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.count} until {self.last_at:%Y-%m-%d %H:%M}"
