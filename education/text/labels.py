"""
The site's own words beside a text, by name: on pages, on paper and between two versions.

They are no part of what was approved, so a copy is shown with the words of today.
"""

import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from education.languages import language_override, plain_date

LABELS = {
    "high": _("High certainty"),
    "moderate": _("Moderate certainty"),
    "low": _("Low certainty"),
    "very_low": _("Very low certainty"),
    "not_graded": _("Not graded"),
    "supported": _("Supported"),
    "supported_with_qualification": _("Supported, with a qualification"),
    "outdated": _("Out of date"),
    "unsupported": _("Not supported"),
    "overstated": _("Overstated"),
    "cannot_be_verified": _("Cannot be verified"),
    "warning": _("Warning"),
    "note": _("Note"),
    "quote": _("Quotation"),
    "question": _("Question"),
    "grid": _("The options side by side"),
    "not_known": _("Not known"),
    "evidence_says": _("What the evidence says"),
    "unknowns": _("What we do not know"),
    "questions": _("Questions to ask"),
    "references": _("Where this information comes from"),
    "reference": _("Reference {}"),
    "back": _("Back to the text:"),
    "back_to": _("Back to place {}"),
    "people": _("People studied: {:,}"),
    "follow_up": _("Followed for: {}"),
    "funding": _("Funding and interests: {}"),
    "seen_on": _("Seen on {}"),
    "free": _("Free to read"),
    "free_of": _("Free to read: reference {}"),
    "found": _("What it found"),
    "limits": _("Limits: {}"),
    "all_words": _("All words explained"),
    "also": _("Also called: {}"),
    "better": _("Better"),
    "better_than_before": _("Better than before"),
    "worse": _("Worse"),
    "worse_than_before": _("Worse than before"),
    "no_difference": _("No clear difference"),
    "disagree": _("Studies disagree"),
    "none_seen": _("None seen"),
    "not_known_direction": _("Direction not known"),
    "option": _("Option"),
    "what_it_does": _("What it does"),
    "how_sure": _("How sure"),
    "who_was_studied": _("Who was studied"),
    "effect": _("Effect"),
    "compared_with": _("Compared with: {}"),
    "time": _("Time: {}"),
    "source_grade": _("The source’s own grade: {}"),
    "why_so_sure": _("Why"),
    "with_it": _("Of {of}: {count} with it"),
    "without_it": _("{count} without it"),
    "without_not_known": _("without it: not known"),
    "people_with": _("With it: {count} of {of}"),
    "people_without": _("Without it: {count} of {of}"),
    "people_compared": _("Without it ({comparator}): {count} of {of}"),
    "nothing_checked": _("Not known: nothing we could check."),
    "open": "“",
    "close": "”",
}
VERDICTS = (
    "supported",
    "supported_with_qualification",
    "outdated",
    "unsupported",
    "overstated",
    "cannot_be_verified",
)
# Which way an outcome went, in a table of findings; ``direction_label`` has the words.
DIRECTIONS = (
    "better",
    "better_than_before",
    "worse",
    "worse_than_before",
    "no_difference",
    "disagree",
    "none_seen",
    "not_known",
)
# Each with its filled dots, of four.
CERTAINTIES = {"high": 4, "moderate": 3, "low": 2, "very_low": 1, "not_graded": 0}


def seen_on_words(day: datetime.date | str | None, language: str) -> str:
    """When somebody last saw a page that a reference leads to; empty where that is not known."""
    if not day:
        return ""
    if isinstance(day, str):
        day = datetime.date.fromisoformat(day)
    with language_override(language):
        return gettext(LABELS["seen_on"]).format(plain_date(day))
