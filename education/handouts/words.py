"""The words that paper adds to a text, by language; the rest are those of the page."""

from datetime import date

from education.articles.html import LABELS

# As on the page: another language comes with a qualified reader's approval.
_PAPER = {
    "en": {
        "version": "Version {}",
        "reviewed": "Reviewed {}",
        "do_not_use_after": "Do not use after {}",
        "printed": "Printed {}",
        "code": "Code {}",
        "page": "Page {} of {}",
        "telephone": "Telephone: {}",
        "open_hours": "Open: {}",
        "please_note": "Please note",
        "see_notice": "Please read the notice on page 1.",
        "contents": "In this pack",
        "own_words": "A note from {}, in the clinic’s own words",
        "being_checked": "Being checked again",
        "words_explained": "Words explained",
        "funding_title": "Who paid for this text",
        "changed": "What has changed since the last version",
        "about": "About this copy",
        "check": "Is this copy still good? Scan the square on any page, or type the code {} at {}.",
        "numbered_at": "The numbers in square brackets are listed with their studies at {}.",
        "listed_at": "The studies behind this text are listed at {}.",
        "our_words": "Were we clear?",
        "teach_back": (
            "We want to be sure that we explained this well. Please tell us in your own words."
        ),
        "in_your_words": "In your own words, what does this mean for your child?",
        "notes": "Your notes",
        "people_drawn": "A drawing of {1} people, {0} of them filled in.",
    },
}
WORDS = {language: LABELS[language] | words for language, words in _PAPER.items()}

_MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip


def spoken(language: str) -> str:
    """The language paper speaks beside a text in ``language``: the same, or English."""
    return language if language[:2].lower() in WORDS else "en"


def words_in(language: str) -> dict[str, str]:
    """The words of a language tag such as ``en-gb``; English where we have none."""
    return WORDS[spoken(language)[:2].lower()]


def date_in(day: date, language: str) -> str:
    """A date that can be read in one way only, and stays on one line: 2 March 2026."""
    if spoken(language)[:2] == "en":
        return f"{day.day}\u00a0{_MONTHS[day.month - 1]}\u00a0{day.year}"
    return day.isoformat()
