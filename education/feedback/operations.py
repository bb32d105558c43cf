"""Taking in what readers report, answering it, and counting whether a page was clear."""

import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.feedback.models import Answer, Clarity, Report, SenderMark
from education.feedback.rules import (
    KEEP_WORDS,
    LONGEST_ANSWER,
    LONGEST_WORDS,
    MOST_REPORTS_OF_ALL,
    MOST_REPORTS_OF_ONE,
    due_on,
    may_answer,
    reasons_against_blanking,
    reasons_against_closing,
)
from education.handouts.codes import format_code, new_code
from education.people.mail import notify
from education.people.models import Role, User
from education.pseudonyms import household, pseudonym
from education.publishing.models import Publication


class TooManyError(EditorialError):
    """So much was sent today that no more is taken in; the message is for the reader."""


class MayNotAnswerError(EditorialError):
    """The report can't be answered or closed by this person or in this way."""


@transaction.atomic
def take_report(
    *,
    publication: Publication,
    kind: Report.Kind | str,
    words: str,
    form: str,
    sender: str,
    section: str = "",
    section_title: str = "",
) -> Report:
    """
    Take in what a reader reports and give it a random number.

    ``form`` names the form it was sent with: the same form sent twice is one report. ``sender`` is
    the address it came from, of which nothing but a hash for a day is kept. Raises ``TooManyError``
    when this sender, or all together, sent too much today.
    """
    known = Report.objects.filter(form=form).first()
    if known:
        return known
    now = timezone.now()
    _count(sender, "report", most=MOST_REPORTS_OF_ONE)
    today = Report.objects.filter(reported_at__range=(now - datetime.timedelta(days=1), now))
    if today.count() >= MOST_REPORTS_OF_ALL:
        raise TooManyError(
            gettext(
                "So many reports came in today that we can’t take more. Please try again tomorrow."
            )
        )
    report = Report(
        number=new_code(),
        publication=publication,
        section=section,
        section_title=section_title,
        kind=Report.Kind(kind),
        words=words.strip()[:LONGEST_WORDS],
        form=form,
        reported_at=now,
        due_on=due_on(kind, timezone.localdate(now)),
    )
    report.full_clean()
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:
        # The same form at the same moment.
        return Report.objects.get(form=form)
    if report.is_about_safety:
        notify(
            _editors(),
            subject=f"A reader reports that “{publication.title}” could harm a child",
            text=f"Part of the page: {section_title or 'the whole page'}.\n\n"
            "Please read the report and answer it by tomorrow.",
            path=f"/admin/education/report/{report.pk}/change/",
            about=f"report-{report.pk}",
        )
    return report


@operation
def answer_report(
    *, report: Report, words: str, by: User, outcome: Report.Outcome | str = ""
) -> Answer:
    """
    Answer a report in words for the reader; with an outcome, that closes it.

    Who wrote a text does not decide that it may stay as it is.
    """
    report = _for_answer(report, by)
    if not words.strip():
        raise MayNotAnswerError("Write an answer; the reader will see it.")
    if len(words) > LONGEST_ANSWER:
        raise MayNotAnswerError(f"An answer has at most {LONGEST_ANSWER:,} characters.")
    if report.closed_at:
        raise MayNotAnswerError("This report is closed already.")
    if outcome:
        _close(report, Report.Outcome(outcome), by)
    answer = Answer.objects.create(report=report, words=words.strip(), by=by, at=timezone.now())
    record(
        "report.answered",
        report,
        by=by,
        article_id=report.publication.revision.article_id,
        outcome=str(outcome),
    )
    return answer


@operation
def dismiss_report(*, report: Report, by: User) -> Report:
    """Close a report that holds nothing to answer, such as advertising."""
    report = _for_answer(report, by)
    _close(report, Report.Outcome.EMPTY, by)
    record("report.dismissed", report, by=by, article_id=report.publication.revision.article_id)
    return report


@operation
def blank_report(*, report: Report, by: User) -> Report:
    """Take a reader's words away for good, when they hold what should not be kept, as a name."""
    report = _for_answer(report, by)
    if reasons := reasons_against_blanking(report, by):
        raise MayNotAnswerError(" ".join(reasons))
    if report.blanked_at is None:
        report.words = ""
        report.blanked_at = timezone.now()
        report.save(update_fields=["words", "blanked_at"])
        record("report.blanked", report, by=by, article_id=report.publication.revision.article_id)
    return report


@transaction.atomic
def count_clarity(*, publication: Publication, is_clear: bool, sender: str) -> bool:
    """
    Count that a reader found a page clear, or not; whether it was counted.

    One sender counts once a day for one version, whatever they say.
    """
    try:
        _count(sender, f"clarity {publication.pk}", most=1)
    except TooManyError:
        return False
    Clarity.objects.get_or_create(publication=publication)
    field = "clear" if is_clear else "unclear"
    Clarity.objects.filter(publication=publication).update(**{field: F(field) + 1})
    return True


def forget_senders(today: datetime.date | None = None) -> int:
    """Delete the marks of senders of the days before; how many there were."""
    before = SenderMark.objects.filter(day__lt=today or timezone.localdate())
    return before.delete()[0]


def forget_words() -> int:
    """Take away the words of reports that were closed a year ago or earlier; of how many."""
    now = timezone.now()
    old = Report.objects.filter(closed_at__lt=now - KEEP_WORDS, blanked_at=None)
    return old.update(words="", blanked_at=now)


def _count(sender: str, what: str, *, most: int) -> None:
    """Count one more from a sender today; raises ``TooManyError`` beyond the most."""
    today = timezone.localdate()
    forget_senders(today)
    mark = pseudonym("sender", today, what, household(sender))
    SenderMark.objects.get_or_create(mark=mark, day=today)
    allowed = SenderMark.objects.filter(mark=mark, day=today, count__lt=most)
    if not allowed.update(count=F("count") + 1):
        raise TooManyError(
            gettext(
                "So much came from your connection today that we can’t take more. "
                "Please try again tomorrow."
            )
        )


def _for_answer(report: Report, by: User) -> Report:
    stored = Report.objects.select_related("publication__revision").get(pk=report.pk)
    if not may_answer(by, stored):
        raise MayNotAnswerError(f"{by} may not answer report {format_code(stored.number)}.")
    return stored


def _close(report: Report, outcome: Report.Outcome, by: User) -> None:
    reasons = reasons_against_closing(report, outcome, by)
    if reasons:
        raise MayNotAnswerError(" ".join(reasons))
    report.closed_at = timezone.now()
    report.closed_by = by
    report.outcome = outcome
    report.save(update_fields=["closed_at", "closed_by", "outcome"])


def _editors() -> list[User]:
    editors = User.objects.filter(is_active=True, groups__name=Role.EDITOR_IN_CHIEF.label)
    return list(editors.order_by("pk"))
