"""The app: one label, one migration history, packages in the order information flows."""

from django.apps import AppConfig


class EducationConfig(AppConfig):
    """Patient education: evidence, articles, review, publication, handouts."""

    name = "education"
    verbose_name = "Patient education"

    def ready(self) -> None:
        """Register the system checks, and what must follow in or at the end of an operation."""
        from education import checks  # noqa: F401
        from education.audit.operations import post_operation_hooks
        from education.evidence.operations import after_change
        from education.handouts.operations import recall_after
        from education.publishing.operations import recheck_schedules
        from education.safety.operations import queue_lapsed_approvals

        if recheck_schedules not in post_operation_hooks:
            post_operation_hooks.append(recheck_schedules)
        if recall_after not in post_operation_hooks:
            post_operation_hooks.append(recall_after)
        if queue_lapsed_approvals not in after_change:
            after_change.append(queue_lapsed_approvals)
