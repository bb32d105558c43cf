"""Write the search index anew."""

from typing import Any

from django.core.management.base import BaseCommand

from education.publishing.indexing import rebuild


class Command(BaseCommand):
    """Index every publication and evidence item again; readers meet the old index or the new."""

    help = "Write the search index anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how much can be found now."""
        pages, works = rebuild()
        self.stdout.write(f"{pages} publications and {works} evidence items can be found.")
