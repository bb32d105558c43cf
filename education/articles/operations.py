"""Writing: starting a revision, saving its text, rendering and hashing it."""

from dataclasses import asdict
from typing import Any

from education.articles.models import (
    Article,
    Citation,
    ClaimCheck,
    ComparisonCell,
    ComparisonOption,
    ComparisonRow,
    Contribution,
    GlossaryTerm,
    KeyMessage,
    Revision,
)
from education.articles.rules import may_write
from education.articles.text import Draft, Rendered, Source, render
from education.audit.operations import operation, record
from education.canonical import digest
from education.errors import EditorialError, StaleError
from education.evidence.models import EvidenceItem
from education.evidence.references import reference_html, reference_text
from education.people.models import User
from education.topics.models import Topic


class MayNotWriteError(EditorialError):
    """The person may not write here."""


class LockedTextError(EditorialError):
    """The text is in review, approved or published, and can't be changed."""

    def __init__(self, revision: Revision) -> None:
        super().__init__(
            f"The text of {revision} is {revision.get_state_display().lower()} and can't be "
            "changed. Nothing was saved."
        )
