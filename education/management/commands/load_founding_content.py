"""Load the articles that ship with the project, as drafts."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from education.articles.files import ArticleFile, BadArticleFileError, read_article
from education.articles.operations import render_draft, start_article, start_revision
from education.articles.shipped_texts import (
    ARTICLES,
    CONTENT,
    ShippedState,
    ShippedText,
    shipped_text,
    start_shipped,
)
from education.errors import EditorialError
from education.evidence.shipped_changes import other_keys
from education.topics.files import load_topics
from education.topics.models import Topic

# Problems that come from what became of a work at this site: editors mend the draft.
OF_THE_SITE = {"retracted-evidence", "unusable-evidence"}


class Command(BaseCommand):
    """
    Make a draft of every shipped article that is new, or newer than the shipped text that is here.

    Nothing is approved or published. A text that editors changed, and one that somebody works on,
    stay as they are; the desk shows the shipped text beside them.
    """

    help = "Load the shipped articles as drafts; nothing is public until it was reviewed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A folder of one's own may be given."""
        parser.add_argument("folder", nargs="?", type=Path, default=ARTICLES)
        parser.add_argument(
            "--only", nargs="*", metavar="ARTICLE", default=[], help="Only those, by address."
        )

    def handle(self, *args: Any, folder: Path, only: list[str], **options: Any) -> None:
        """Say each article; stop at the first bad one and leave nothing half loaded."""
        try:
            with transaction.atomic():
                self.load(folder, set(only))
        except (EditorialError, OSError) as error:
            raise CommandError(f"{error} Nothing was loaded.") from error

    def load(self, folder: Path, only: set[str]) -> None:
        """
        Make the drafts, of all or of these addresses.

        Raises ``BadFileError`` with file, line and reason.
        """
        load_topics(CONTENT / "topics.yaml")
        paths = sorted(folder.glob("*.md"))
        if not paths:
            raise BadArticleFileError(f"{folder}: there are no articles here.")
        files = [(path, read_article(path)) for path in paths]
        if unknown := only - {file.fields["slug"] for _, file in files}:
            raise BadArticleFileError(f"{folder}: no article {', '.join(sorted(unknown))} ships.")
        keys = other_keys()
        by_hand = 0
        for path, file in files:
            if only and file.fields["slug"] not in only:
                continue
            shipped = shipped_text(file, keys)
            by_hand += shipped.state in {ShippedState.OPEN, ShippedState.CHANGED}
            try:
                self.stdout.write(self.bring(file, shipped))
            except (ValidationError, TypeError, KeyError) as error:
                reason = "; ".join(error.messages) if isinstance(error, ValidationError) else error
                raise BadArticleFileError(f"{path}: {reason}") from error
        if by_hand:
            self.stdout.write(
                f"{by_hand} left as they are; under Articles, “Texts that ship” at the desk shows "
                "each beside the shipped text."
            )

    def bring(self, file: ArticleFile, shipped: ShippedText) -> str:
        """Make the draft where that is due; a line that says what was done with the article."""
        slug = file.fields["slug"]
        if shipped.state == ShippedState.HERE:
            return f"kept   {slug}"
        if shipped.state == ShippedState.OPEN:
            return f"kept   {slug}: {shipped.last} is {_state(shipped)}; nothing was changed"
        if shipped.state == ShippedState.CHANGED:
            return f"kept   {slug}: its text was changed here; nothing was changed"
        problems = [
            problem.message
            for problem in render_draft(shipped.draft).problems
            if problem.blocking and problem.code not in OF_THE_SITE
        ]
        if problems:
            raise BadArticleFileError(f"{file.path}: {' '.join(problems)}")
        if shipped.state == ShippedState.OLD:
            revision = start_shipped(shipped, by=None)
            of = f" was the text of {shipped.release}" if shipped.release else " has no text"
            return f"draft  {slug}: {shipped.last or shipped.article}{of}; {revision} is the new"
        topic = Topic.objects.filter(slug=file.fields["topic"]).first()
        if topic is None:
            raise BadArticleFileError(f"{file.path}: there is no topic {file.fields['topic']}.")
        article = start_article(by=None, **file.fields | {"topic": topic})
        start_revision(article=article, draft=shipped.draft, by=None)
        return f"draft  {slug}"


def _state(shipped: ShippedText) -> str:
    assert shipped.last is not None
    return str(shipped.last.get_state_display()).lower()
