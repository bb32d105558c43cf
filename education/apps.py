"""The app: one label, one migration history, packages in the order information flows."""

from django.apps import AppConfig


class EducationConfig(AppConfig):
    """Patient education: evidence, articles, review, publication, handouts."""

    name = "education"
    verbose_name = "Patient education"

    def ready(self) -> None:
        """Register the system checks and the editors' desk."""
        from education import checks  # noqa: F401, PLC0415
