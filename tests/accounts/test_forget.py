"""What the page on privacy says is not kept is deleted, and nothing else."""

import datetime

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from education.accounts.models import FailedSignIn, SignIn
from education.accounts.operations import begin, note_failure
from education.feedback.models import Answer, Report, SenderMark
from education.feedback.operations import answer_report
from education.people.mail import notify
from education.people.models import Message
from tests.factories import make_editor
from tests.feedback.reports import make_report

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = datetime.timedelta(days=1)


@pytest.fixture
def kept(client):
    """One of everything that is kept for a time."""
    editor = make_editor(email="editor@portal.example")
    client.force_login(editor)
    begin(person=editor, session_key="x", browser="Firefox")
    note_failure("editor", "192.0.2.1")
    answer_report(report=make_report(), words="Yes.", by=editor, outcome="changed")
    make_report(words="This one is open.")
    notify([editor], subject="Read this", text="Words", path="/")
    Message.objects.update(sent_at=timezone.now())


def counts():
    reports = Report.objects.exclude(words="").count()
    return {
        "sessions": Session.objects.count(),
        "marks": SenderMark.objects.count(),
        "failures": FailedSignIn.objects.exists(),
        "sign-ins": SignIn.objects.count(),
        "mail": Message.objects.count(),
        "words": reports,
    }


def after(days, monkeypatch):
    moment = timezone.now() + days * DAY
    with monkeypatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: moment)
        call_command("forget", the_clock_is_right=True, verbosity=0)


def test_each_thing_goes_at_its_time_and_not_before(kept, monkeypatch):
    before = counts()
    after(0, monkeypatch)
    assert counts() == before

    after(2, monkeypatch)
    soon = counts()
    assert (soon["sessions"], soon["marks"], soon["failures"]) == (0, 0, False)
    assert (soon["sign-ins"], soon["words"]) == (1, 2)

    after(91, monkeypatch)
    assert counts()["sign-ins"] == 0
    assert counts()["mail"] == before["mail"]

    after(366, monkeypatch)
    late = counts()
    assert (late["mail"], late["words"]) == (0, 1)
    assert Report.objects.get(closed_at=None).words == "This one is open."
    assert Answer.objects.get().words == "Yes."


def test_the_page_on_privacy_names_these_times(client):
    page = client.get(reverse("privacy")).content.decode()
    for words in ("one year after we closed it", "the next day", "24 hours", "90 days", "one year"):
        assert words in page
