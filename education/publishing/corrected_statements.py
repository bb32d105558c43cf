"""
Public pages with statements of released texts that are known to be wrong.

The statements are the rows of ``docs/audit-of-text.md`` whose old sentence was wrong, as
``docs/released_texts.py`` writes them to ``education/content/corrected.json``.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from education.publishing.models import Publication

CORRECTED = Path(__file__).resolve().parents[1] / "content" / "corrected.json"


@dataclass(frozen=True)
class CorrectedStatement:
    """A statement of a released text that was wrong, and what that text says in its place."""

    row: str
    slug: str
    old: str
    new: str


@cache
def corrected_statements() -> dict[str, list[CorrectedStatement]]:
    """Every such statement, by the address of the article it stood in."""
    statements: dict[str, list[CorrectedStatement]] = {}
    for row in json.loads(CORRECTED.read_text(encoding="utf-8")):
        statements.setdefault(row["slug"], []).append(CorrectedStatement(**row))
    return statements


def pages_to_correct() -> Iterator[tuple[Publication, list[CorrectedStatement]]]:
    """Each page that is public now and says such a statement, with those it says."""
    statements = corrected_statements()
    pages = Publication.objects.current().filter(slug__in=statements, language="en")
    for page in pages.select_related("revision").defer("html", "content"):
        words = _words(page.search_text)
        # Where the new statement begins as the old one did, it says the old one too.
        wrong = [
            statement
            for statement in statements[page.slug]
            if _words(statement.old) in words.replace(_words(statement.new) or "\n", "\n")
        ]
        if wrong:
            yield page, wrong


def _words(text: str) -> str:
    return re.sub(r"\W+", " ", text).casefold().strip()
