"""Write the search index anew."""

from typing import Any

from django.core.management.base import BaseCommand

from education.publishing.indexing import rebuild
from education.search.synonyms import load_synonyms


class Command(BaseCommand):
    """Index every publication and evidence item again; readers meet the old index or the new."""

    help = "Write the search index anew, and the shipped synonyms where there are none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how much can be found now."""
        pages, works = rebuild()
        added = load_synonyms()
        self.stdout.write(f"{pages} publications and {works} evidence items can be found.")
        if added:
            self.stdout.write(f"{added} groups of synonyms were added.")
