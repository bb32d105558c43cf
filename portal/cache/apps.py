"""Makes the caches hear of what is done."""

from django.apps import AppConfig


class CacheConfig(AppConfig):
    """The cache of readers' pages."""

    name = "portal.cache"

    def ready(self) -> None:
        """Tell the caches of each step that may change a page, in whatever process it is done."""
        from education.audit.operations import when_seen
        from portal.cache import purge, version

        when_seen += [lambda event: version.turn_link(event.hash), purge.purge]
