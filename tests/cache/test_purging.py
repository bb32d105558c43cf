"""Stores on the way are told of what changed, after it did, and nobody waits or fails for it."""

import json
from fnmatch import fnmatchcase

import pytest
from django.db import transaction
from django.urls import reverse

from education.audit.models import Event
from education.audit.operations import record
from education.publishing.models import Publication
from education.publishing.operations import withdraw
from education.safety.notes import approve_note, write_note
from education.topics.models import Topic
from portal.cache import purge as purging
from tests.cache.steps import fall
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_revision,
)
from tests.local_server import local_server
from tests.public.reading import make_comparison, make_site

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


def test_a_step_is_told_after_it_is_so_and_by_name(hook):
    publication = make_publication(article=make_article(slug="page"))
    when_told()
    hook.told.clear()
    with transaction.atomic():
        withdraw(publication=publication, by=make_editor(), reason="Wrong.")
        when_told()
        withdrawn = [urls for _, urls in hook.told if f"{SITE}/articles/page/*" in urls]
        assert not withdrawn
    when_told()

    token, urls = hook.told[-1]
    assert token == "Bearer a-token"
    assert f"{SITE}/articles/page/*" in urls
    assert f"{SITE}/" in urls
    assert f"{SITE}/*" not in urls


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
    withdrawn = [urls for _, urls in hook.told if f"{SITE}/articles/{publication.slug}/*" in urls]
    assert len(withdrawn) == 3


def test_nobody_there_fails_no_step_and_is_logged(hook, settings, caplog):
    settings.PURGE_URL = "http://127.0.0.1:1/"
    assert make_publication().pk
    when_told()
    assert "was not told" in caplog.text


@pytest.mark.slow
def test_every_page_that_a_step_changed_is_told(client, settings):
    settings.SITE_URL = SITE
    addresses = [
        address for address in make_site() if not address.startswith(("/reports/", "/check/"))
    ]
    item = make_item("fallen2020")
    article = make_publication(article=make_article(slug="page"), draft=make_draft(item.key))
    make_comparison("other-options", key=item.key)
    addresses += [
        "/articles/page/", "/articles/other-options/", "/handouts/page/", "/embed/page/",
        "/evidence/fallen2020/", "/articles/page/versions/", "/sitemap.xml", "/feeds/new.xml",
        "/feeds/corrections.xml", "/api/v1/articles/", "/api/v1/articles/page/", "/api/v1/changes/",
        "/people/?page=1", "/corrections/?page=1", "/sitemap.xml?part=1",
        "/search/?q=better", reverse("handout-list"), reverse("comparison-list"),
    ]  # fmt: skip
    editor = make_editor(username="editor")

    def better():
        make_next_publication(article, title="A better title")

    def noted():
        note = write_note(slug="page", text="Read this.", by=editor)
        approve_note(note=note, by=make_medical_reviewer())

    def withdrawn():
        current = Publication.objects.current().get(slug="page")
        withdraw(publication=current, by=editor, reason="Wrong.")

    def renamed():
        topic = Topic.objects.get(slug="rhizotomy")
        topic.title = "Another name"
        with transaction.atomic():
            topic.save()
            record("topic.changed", topic, by=editor)

    shown = {address: client.get(address).content for address in addresses}
    for step in (better, noted, lambda: fall("concern"), withdrawn, renamed):
        last = Event.objects.latest("sequence").sequence
        step()
        events = Event.objects.filter(sequence__gt=last)
        patterns = {one.replace("?", "[?]") for each in events for one in purging.addresses(each)}
        before, shown = shown, {address: client.get(address).content for address in addresses}
        changed = [address for address in addresses if shown[address] != before[address]]
        assert changed
        for address in changed:
            assert any(fnmatchcase(SITE + address, one) for one in patterns), address
