"""Makes the stores of readers' pages hear of what is done."""

from django.apps import AppConfig


class FrontConfig(AppConfig):
    """The stores of readers' pages: our own, and those on the way."""

    name = "portal.front"

    def ready(self) -> None:
        """Tell the stores on the way of each step that may change a page."""
        from education.audit.operations import when_seen
        from portal.front.purging import purge
        from portal.front.shown import name_anew

        if purge not in when_seen:
            when_seen += [lambda event: name_anew(event.hash), purge]
