"""Write the search indexes anew, that of readers and that of the desk."""

from typing import Any

from django.core.management.base import BaseCommand

from education.publishing.desk_index import rebuild_desk
from education.publishing.indexing import rebuild


class Command(BaseCommand):
    """Index every publication and evidence item again; readers meet the old index or the new."""

    help = "Write the search indexes anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how much can be found now."""
        pages, works = rebuild()
        self.stdout.write(f"{pages} publications and {works} evidence items can be found.")
        self.stdout.write(f"{rebuild_desk()} texts, works and remarks can be found at the desk.")
