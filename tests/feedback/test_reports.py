"""What readers report: taken in, answered, blanked, and never more than can be read."""

import datetime

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.utils import timezone

from education.audit.models import Event
from education.feedback import operations
from education.feedback.models import Answer, Clarity, Report, SenderMark
from education.feedback.operations import (
    MayNotAnswerError,
    TooManyError,
    answer_report,
    blank_report,
    count_clarity,
    dismiss_report,
    forget_senders,
)
from education.feedback.rules import MOST_REPORTS_OF_ONE, may_answer
from education.handouts.codes import parse_code
from education.people.models import Role
from tests.factories import (
    make_editor,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_writer,
)
from tests.feedback.reports import make_report

pytestmark = pytest.mark.django_db


def later(monkeypatch, **time):
    moment = timezone.now() + datetime.timedelta(**time)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def test_take_report_gives_a_random_number_that_people_can_type():
    first, second = make_report(), make_report()

    assert parse_code(first.number) == first.number
    assert first.number != second.number


def test_take_report_takes_one_form_once():
    publication = make_publication()
    first = make_report(publication, form="form-1", words="First words.")
    again = make_report(publication, form="form-1", words="Other words.")

    assert again == first
    assert Report.objects.get().words == "First words."


def test_take_report_sets_a_day_for_the_answer():
    today = timezone.localdate()

    assert make_report(kind="safety").due_on == today + datetime.timedelta(days=1)
    assert make_report(kind="unclear").due_on == today + datetime.timedelta(days=14)


def test_take_report_of_safety_mails_the_editors_and_never_the_words(
    django_capture_on_commit_callbacks,
):
    publication = make_publication(publisher=make_editor(email="editor@portal.example"))
    with django_capture_on_commit_callbacks(execute=True):
        make_report(publication, kind="unclear")
        report = make_report(publication, kind="safety", words="My child Private Name had a fit.")

    (sent,) = mail.outbox
    assert sent.to == ["editor@portal.example"]
    assert f"/admin/education/report/{report.pk}/change/" in sent.body
    assert "Private Name" not in sent.body


def test_take_report_refuses_a_flood_from_one_sender_for_a_day(monkeypatch):
    publication = make_publication()
    for _ in range(MOST_REPORTS_OF_ONE):
        make_report(publication, sender="192.0.2.1")

    with pytest.raises(TooManyError, match="your connection"):
        make_report(publication, sender="192.0.2.1")
    make_report(publication, sender="192.0.2.2")
    later(monkeypatch, days=1)
    make_report(publication, sender="192.0.2.1")


def test_take_report_counts_a_household_with_many_addresses_once():
    publication = make_publication()
    for number in range(MOST_REPORTS_OF_ONE):
        make_report(publication, sender=f"2001:db8::{number + 1:x}")

    with pytest.raises(TooManyError):
        make_report(publication, sender="2001:db8::ffff")
    make_report(publication, sender="2001:db8:0:1::1")


def test_take_report_refuses_more_than_can_be_read(monkeypatch):
    monkeypatch.setattr(operations, "MOST_REPORTS_OF_ALL", 2)
    publication = make_publication()
    make_report(publication, sender="192.0.2.1")
    make_report(publication, sender="192.0.2.2")

    with pytest.raises(TooManyError, match="So many"):
        make_report(publication, sender="192.0.2.3")
    assert Report.objects.count() == 2


def test_nothing_kept_holds_the_senders_address(monkeypatch):
    publication = make_publication()
    make_report(publication, sender="198.51.100.77")
    count_clarity(publication=publication, is_clear=True, sender="198.51.100.77")

    tables = (Report, SenderMark, Clarity, Event)
    kept = [row for table in tables for row in table.objects.values()]
    assert "198.51.100.77" not in str(kept)
    before = set(SenderMark.objects.values_list("mark", flat=True))
    later(monkeypatch, days=1)
    make_report(publication, sender="198.51.100.77")
    after = set(SenderMark.objects.values_list("mark", flat=True))
    assert not before & after
    assert len(after) == 1


def test_forget_senders_keeps_today(monkeypatch):
    make_report(sender="192.0.2.1")
    assert forget_senders() == 0
    later(monkeypatch, days=1)
    assert forget_senders() == 1


def test_answer_report_answers_and_closes_with_an_outcome():
    report, editor = make_report(), make_editor()
    answer_report(report=report, words="We are looking at it.", by=editor)
    report.refresh_from_db()
    assert report.closed_at is None

    answer_report(report=report, words="It is right now.", by=editor, outcome="changed")
    report.refresh_from_db()

    assert report.closed_by == editor
    assert report.get_outcome_display() == "We changed the page"
    assert [answer.words for answer in report.answers.all()] == [
        "We are looking at it.",
        "It is right now.",
    ]
    assert Event.objects.filter(action="report.answered").count() == 2
    with pytest.raises(MayNotAnswerError, match="closed already"):
        answer_report(report=report, words="And another thing.", by=editor)


@pytest.mark.parametrize("words", ["", "   ", "x" * 8_001])
def test_answer_report_needs_words(words):
    report = make_report()
    with pytest.raises(MayNotAnswerError):
        answer_report(report=report, words=words, by=make_editor(), outcome="changed")
    report.refresh_from_db()
    assert report.closed_at is None


@pytest.mark.parametrize(
    ("role", "ordinary", "safety"),
    [
        (Role.EDITOR_IN_CHIEF, True, True),
        (Role.MEDICAL_REVIEWER, True, True),
        (Role.WRITER, True, False),
        (Role.PLAIN_LANGUAGE_REVIEWER, True, False),
        (Role.AUDITOR, False, False),
        (Role.CLINIC, False, False),
    ],
)
def test_may_answer_is_by_role(role, ordinary, safety):
    person = make_person(role)

    assert may_answer(person, make_report(kind="unclear")) == ordinary
    assert may_answer(person, make_report(kind="safety")) == safety


def test_superuser_answers_nothing():
    person = make_person(is_superuser=True)
    with pytest.raises(MayNotAnswerError, match="may not answer"):
        answer_report(report=make_report(), words="Words.", by=person)


def test_who_wrote_a_text_does_not_say_that_it_may_stay():
    report = make_report()
    writer = report.publication.revision.contributors().first()

    with pytest.raises(MayNotAnswerError, match="contributed"):
        answer_report(report=report, words="It is fine.", by=writer, outcome="no_change")
    answer_report(report=report, words="We will mend it.", by=writer, outcome="will_change")
    other = make_report(report.publication)
    answer_report(report=other, words="It is fine.", by=make_writer(), outcome="no_change")


def test_dismiss_report_closes_without_an_answer():
    report = dismiss_report(report=make_report(words="Buy now"), by=make_editor())

    assert report.outcome == Report.Outcome.EMPTY
    assert not report.answers.exists()
    with pytest.raises(MayNotAnswerError):
        dismiss_report(report=make_report(kind="safety"), by=make_writer())


def test_blank_report_takes_the_words_away_for_good():
    report = make_report(words="My child Private Name")
    blank_report(report=report, by=make_medical_reviewer())

    assert "Private Name" not in str([*Report.objects.values(), *Event.objects.values()])
    answer_report(report=report, words="Thank you.", by=make_editor(), outcome="elsewhere")


def test_an_answer_is_never_changed_or_deleted():
    answer = answer_report(report=make_report(), words="Words.", by=make_editor())

    for change in (
        lambda: Answer.objects.filter(pk=answer.pk).update(words="Others."),
        lambda: Answer.objects.filter(pk=answer.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="never"), transaction.atomic():
            change()


def test_count_clarity_counts_a_sender_once_a_day_for_one_version(monkeypatch):
    publication, other = make_publication(), make_publication()

    assert count_clarity(publication=publication, is_clear=True, sender="192.0.2.1")
    assert not count_clarity(publication=publication, is_clear=False, sender="192.0.2.1")
    assert count_clarity(publication=publication, is_clear=False, sender="192.0.2.2")
    assert count_clarity(publication=other, is_clear=True, sender="192.0.2.1")
    later(monkeypatch, days=1)
    assert count_clarity(publication=publication, is_clear=True, sender="192.0.2.1")

    clarity = Clarity.objects.get(publication=publication)
    assert (clarity.clear, clarity.unclear, clarity.answers) == (2, 1, 3)
