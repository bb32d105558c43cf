"""Stores on the way are told of what changed, after it did, and nobody waits or fails for it."""

import json
import threading

import pytest
from django.db import transaction

from education.audit.operations import record
from education.publishing.operations import withdraw
from portal.cache import purge as purging
from tests.factories import make_editor, make_publication, make_revision
from tests.local_server import local_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]
SITE = "https://portal.example.org"


class Hook:
    """Who is told: what was sent, and what it answers."""

    def __init__(self):
        self.told, self.answers = [], []

    def answer(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.told.append((request.headers["Authorization"], json.loads(body)["urls"]))
        return self.answers.pop(0) if self.answers else 204, {"Location": "/elsewhere"}, b""


def when_told():
    """Wait until nothing is left to tell."""
    purging._thread.submit(lambda: None).result(timeout=60)


@pytest.fixture
def hook(settings, monkeypatch):
    monkeypatch.setattr(purging, "PAUSES", (0, 0))
    hook = Hook()
    with local_server(hook.answer) as address:
        settings.PURGE_URL = f"{address}/purge"
        settings.PURGE_TOKEN, settings.SITE_URL = "a-token", SITE
        yield hook
        when_told()


def test_a_step_is_told_after_it_is_so(hook):
    publication = make_publication()
    when_told()
    hook.told.clear()
    with transaction.atomic():
        withdraw(publication=publication, by=make_editor(), reason="Wrong.")
        when_told()
        assert hook.told == []
    when_told()

    assert hook.told[-1] == ("Bearer a-token", [f"{SITE}/*"])


def test_what_is_done_at_once_is_told_together(hook):
    topic = make_revision().article.topic
    when_told()
    hook.told.clear()
    ready = threading.Event()
    purging._thread.submit(ready.wait, 60)  # it is still busy with something else
    for _ in range(20):
        with transaction.atomic():
            record("topic.changed", topic, by=None)
    ready.set()
    when_told()
    assert len(hook.told) == 1


def test_what_is_undone_or_changes_no_page_is_not_told(hook):
    revision = make_revision()
    when_told()
    hook.told.clear()
    with transaction.atomic():
        record("topic.changed", revision.article.topic, by=None)
        transaction.set_rollback(True)
    with transaction.atomic():
        record("comment.made", revision, by=None)
    when_told()
    assert hook.told == []


@pytest.mark.parametrize("answer", [500, 302, 404])
def test_who_fails_is_told_again_and_the_step_is_done_all_the_same(hook, answer):
    publication = make_publication()
    when_told()
    hook.told.clear()
    hook.answers = [answer, answer]
    withdraw(publication=publication, by=make_editor(), reason="Wrong.")
    when_told()

    publication.refresh_from_db()
    assert publication.withdrawal
    assert hook.answers == []
    assert len(hook.told) >= 3  # two in vain; what was done meanwhile may be told by itself


def test_nobody_there_fails_no_step_and_is_logged(hook, settings, caplog):
    settings.PURGE_URL = "http://127.0.0.1:1/"
    assert make_publication().pk
    when_told()
    assert "was not told" in caplog.text
