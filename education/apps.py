"""The app: one label, one migration history, packages in the order information flows."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class EducationConfig(AppConfig):
    """Patient education: evidence, articles, review, publication, handouts."""

    name = "education"
    verbose_name = "Patient education"

    def ready(self) -> None:
        """Register the system checks, what must follow an operation, and the triggers."""
        from education import checks  # noqa: F401
        from education.articles.operations import findings_tables, glossaries
        from education.audit import triggers
        from education.audit.operations import post_operation_hooks
        from education.evidence.operations import after_change
        from education.handouts.operations import recall_after
        from education.publishing.desk_index import index_after
        from education.publishing.findings import live_rows
        from education.publishing.glossary import live_glossary
        from education.publishing.operations import recheck_schedules
        from education.safety.operations import queue_lapsed_approvals

        if live_glossary not in glossaries:
            glossaries.append(live_glossary)
        if live_rows not in findings_tables:
            findings_tables.append(live_rows)
        if recheck_schedules not in post_operation_hooks:
            post_operation_hooks.append(recheck_schedules)
        if recall_after not in post_operation_hooks:
            post_operation_hooks.append(recall_after)
        if index_after not in post_operation_hooks:
            post_operation_hooks.append(index_after)
        if queue_lapsed_approvals not in after_change:
            after_change.append(queue_lapsed_approvals)
        pre_migrate.connect(triggers.remove_before_migrating, sender=self)
        post_migrate.connect(triggers.install_after_migrating, sender=self)
