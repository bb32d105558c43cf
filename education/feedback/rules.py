"""How soon a report is answered and by whom; reads, never writes."""

import datetime

from education.feedback.models import Report
from education.people.models import Role, User
from education.people.rules import conflicts_on

# Days until an answer is due. What could harm a child is looked at by the next day.
DAYS_FOR_SAFETY = 1
DAYS_OTHERWISE = 14

# How long the words of a closed report are kept.
KEEP_WORDS = datetime.timedelta(days=365)

LONGEST_WORDS = 4_000  # characters of a report
LONGEST_ANSWER = 8_000

# What one sender, and all together, may send in a day. A family writes once or twice; the whole
# may be written by many, and must be read by few.
MOST_REPORTS_OF_ONE = 10
MOST_REPORTS_OF_ALL = 500


def due_on(kind: Report.Kind | str, today: datetime.date) -> datetime.date:
    """By what day a report of this kind should be answered."""
    days = DAYS_FOR_SAFETY if kind == Report.Kind.SAFETY else DAYS_OTHERWISE
    return today + datetime.timedelta(days=days)


def may_answer(person: User, report: Report, held: set[Role] | None = None) -> bool:
    """
    Whether this person may answer a report and close it: of safety, those who judge evidence.

    ``held`` saves looking up the person's roles again.
    """
    roles = {Role.EDITOR_IN_CHIEF, Role.MEDICAL_REVIEWER}
    if not report.is_about_safety:
        roles |= {Role.WRITER, Role.PLAIN_LANGUAGE_REVIEWER}
    return person.is_active and bool((person.roles if held is None else held) & roles)


def reasons_against_closing(report: Report, outcome: Report.Outcome | str, by: User) -> list[str]:
    """Why this person may not close the report in this way, as sentences; empty when they may."""
    if report.closed_at:
        return ["This report is closed already."]
    if outcome in {Report.Outcome.CHANGED, Report.Outcome.WILL_CHANGE}:
        return []
    return _own_text(report, by, "say that it may stay")


def reasons_against_blanking(report: Report, by: User) -> list[str]:
    """
    Why this person may not take the reader's words away, as sentences; empty when they may.

    What a reader says against a text is not taken away by who wrote it, or has a conflict on its
    topic, before others answered.
    """
    return [] if report.closed_at else _own_text(report, by, "take the reader's words away")


def _own_text(report: Report, by: User, step: str) -> list[str]:
    if report.publication.revision.contributions.filter(person=by).exists():
        return [f"{by} contributed to this text; someone else must {step}."]
    return conflicts_on(by, report.publication.topic)
