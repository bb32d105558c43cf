"""The app: one label, one migration history, packages in the order information flows."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class EducationConfig(AppConfig):
    """Patient education: evidence, articles, review, publication, handouts."""

    name = "education"
    verbose_name = "Patient education"

    def ready(self) -> None:
        """Register the system checks, what follows in or after every step, and the triggers."""
        from education import checks  # noqa: F401
        from education.audit import triggers
        from education.audit.operations import checks_at_the_end
        from education.evidence.operations import after_change
        from education.handouts.operations import tell_clinics
        from education.publishing.operations import recheck_schedules
        from education.safety.operations import queue_lapsed_approvals

        if recheck_schedules not in checks_at_the_end:
            checks_at_the_end.append(recheck_schedules)
        if tell_clinics not in checks_at_the_end:
            checks_at_the_end.append(tell_clinics)
        if queue_lapsed_approvals not in after_change:
            after_change.append(queue_lapsed_approvals)
        pre_migrate.connect(triggers.remove_before_migrating, sender=self)
        post_migrate.connect(triggers.install_after_migrating, sender=self)
