"""Everything between a fresh checkout and a running site, in one process."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from education.articles.models import Revision
from education.canonical import digest
from education.management import demonstration
from education.publishing.models import Publication
from education.search.models import DeskEntry, SearchEntry


class Command(BaseCommand):
    """Migrate, collect the static files, and load the demonstration into an empty database."""

    help = "Bring the database and static files up to date; done already, it takes no time."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is not done yet."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Bringing the database up to date …")
            call_command("migrate", verbosity=0)
            pages = SearchEntry.objects.filter(kind=SearchEntry.Kind.PAGE)
            # None yet, from before search knew the sections of a page, or before the desk's.
            cut = pages.exclude(sections=[]).exists() or not Publication.objects.exists()
            if not cut or (Revision.objects.exists() and not DeskEntry.objects.exists()):
                call_command("rebuild_search", stdout=self.stdout)
        self.collect_static()
        if settings.DEMO and demonstration.is_empty():
            self.stdout.write("Loading the demonstration (about a minute, once) …")
            call_command("load_demonstration", stdout=self.stdout)
        elif settings.DEMO:
            accounts = settings.DATA_DIR / "demonstration-accounts.txt"
            if accounts.exists():
                self.stdout.write(f"Demonstration accounts are in {accounts}")

    def collect_static(self) -> None:
        """Collect the static files when one of them changed since the last time."""
        files = []
        for finder in finders.get_finders():
            for path, storage in finder.list([]):
                modified = storage.get_modified_time(path).isoformat()
                files.append([path, storage.size(path), modified])
        now = digest(sorted(files))
        stamp = settings.STATIC_ROOT / ".collected"
        if stamp.exists() and stamp.read_text(encoding="ascii") == now:
            return
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(now, encoding="ascii")
