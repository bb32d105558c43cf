"""Load the articles that ship with the project, as drafts."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from education.articles.files import BadArticleFileError, read_article
from education.articles.models import Article
from education.articles.operations import render_draft, start_article, start_revision
from education.errors import EditorialError
from education.search.synonyms import load_synonyms
from education.topics.files import load_topics
from education.topics.models import Topic

CONTENT = Path(__file__).resolve().parents[2] / "content"


class Command(BaseCommand):
    """Make a draft of every shipped article that is not here yet; all of them or none."""

    help = "Load the shipped articles as drafts; nothing is public until it was reviewed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A folder of one's own may be given."""
        parser.add_argument("folder", nargs="?", type=Path, default=CONTENT / "articles")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Say each article; stop at the first bad one and leave nothing half loaded."""
        try:
            with transaction.atomic():
                self.load(folder)
        except (EditorialError, OSError) as error:
            raise CommandError(f"{error} Nothing was loaded.") from error

    def load(self, folder: Path) -> None:
        """Make the drafts; raises ``BadFileError`` with file, line and reason."""
        load_topics(CONTENT / "topics.yaml")
        load_synonyms()
        paths = sorted(folder.glob("*.md"))
        if not paths:
            raise BadArticleFileError(f"{folder}: there are no articles here.")
        for path in paths:
            file = read_article(path)
            slug = file.fields["slug"]
            if Article.objects.filter(slug=slug).exists():
                self.stdout.write(f"kept   {slug}")
                continue
            topic = Topic.objects.filter(slug=file.fields["topic"]).first()
            if topic is None:
                raise BadArticleFileError(f"{path}: there is no topic {file.fields['topic']}.")
            problems = [p.message for p in render_draft(file.draft).problems if p.blocking]
            if problems:
                raise BadArticleFileError(f"{path}: {' '.join(problems)}")
            try:
                article = start_article(by=None, **file.fields | {"topic": topic})
                start_revision(article=article, draft=file.draft, by=None)
            except (ValidationError, TypeError, KeyError) as error:
                reason = "; ".join(error.messages) if isinstance(error, ValidationError) else error
                raise BadArticleFileError(f"{path}: {reason}") from error
            self.stdout.write(f"draft  {slug}")
