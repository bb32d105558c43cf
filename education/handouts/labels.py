"""The words that paper adds to a text, by language; the rest are those of the page."""

from datetime import date

from django.utils.translation import gettext_noop as _

from education.languages import language_override, plain_date, plain_month, translated_labels
from education.text.labels import LABELS

_PAPER = {
    "version": _("Version {}"),
    "reviewed": _("Reviewed {}"),
    "do_not_use_after": _("Do not use after {}"),
    "printed": _("Printed {}"),
    "code": _("Code {}"),
    "page": _("Page {} of {}"),
    "telephone": _("Telephone: {}"),
    "open_hours": _("Open: {}"),
    "please_note": _("Please note"),
    "see_notice": _("Please read the notice on page 1."),
    "contents": _("In this pack"),
    "own_words": _("A note from {}, in the clinic’s own words"),
    "being_checked": _("Being checked again"),
    "words_explained": _("Words explained"),
    "funding_title": _("Who paid for this text"),
    "changed": _("What has changed since the last version"),
    "about": _("About this copy"),
    "check": _("Is this copy still good? Scan the square on any page, or type the code {} at {}."),
    "numbered_at": _("The numbers in square brackets are listed with their studies at {}."),
    "listed_at": _("The studies behind this text are listed at {}."),
    "our_words": _("Were we clear?"),
    "teach_back": _(
        "We want to be sure that we explained this well. Please tell us in your own words."
    ),
    "in_your_words": _("In your own words, what does this mean for your child?"),
    "notes": _("Your notes"),
    "box": _("Empty box to tick"),
    "like_yours": _("Children like yours: {}"),
    "written_by_hand": _("Written by hand for your child"),
    "note_for_you": _("A note for you from {}"),
    "not_reviewed": _("This note is not part of the reviewed text."),
    "people_drawn": _("A drawing of {1} people, {0} of them filled in."),
}


def paper_labels(language: str) -> dict[str, str]:
    """The words of the page and of paper in a language; English where it is not offered."""
    return translated_labels(language, LABELS | _PAPER)


def date_in(day: date, language: str) -> str:
    """A date that can be read in one way only, and stays on one line: 2 March 2026."""
    with language_override(language):
        return plain_date(day).replace(" ", "\u00a0")


def month_in(day: date, language: str) -> str:
    """The month of a day, on one line: March 2026."""
    with language_override(language):
        return plain_month(day).replace(" ", "\u00a0")
