"""Steps of the work, named as a test tells them to a process of its own."""

import datetime
import itertools
import os

from django.db import transaction
from django.utils import timezone

from education.articles.operations import draft_of
from education.audit.operations import record
from education.evidence.models import EvidenceItem, StatusEvent
from education.people.models import User
from education.publishing.models import Publication
from education.publishing.operations import publish, withdraw  # noqa: F401 - a test says it
from education.safety.models import EmergencyNote
from education.safety.notes import approve_note, end_note, write_note
from education.safety.operations import lift_status, record_status
from education.topics.models import Topic
from tests import factories
from tests.factories import make_approved_revision, make_next_publication, replace  # noqa: F401

# The test has made people and works of its own, and so has each step before.
factories._numbers = itertools.count(1_000_000 + os.getpid() * 1000)


def person(name):
    return User.objects.get(username=name)


def page():
    return Publication.objects.current().get(slug="page")


def fall(status):
    record_status(
        item=EvidenceItem.objects.get(key="fallen2020"), status=status,
        occurred_on=page().reviewed_on, reason="Counted twice.", by=person("editor"),
        source_url="https://example.org/notice",
    )  # fmt: skip


def lift():
    event = StatusEvent.objects.latest("pk")
    lift_status(event=event, by=person("second"), reason="It was another study.")


def note():
    written = write_note(slug="page", text="Read this first.", by=person("editor"))
    approve_note(note=written, by=person("reviewer"))


def end():
    end_note(note=EmergencyNote.objects.latest("pk"), by=person("reviewer"))


def rename():
    with transaction.atomic():
        topic = Topic.objects.get(slug="rhizotomy")
        topic.title = "Another name"
        topic.save()
        record("topic.changed", topic, by=person("editor"))


def schedule(title, days):
    last = page().revision
    revision = make_approved_revision(
        article=last.article, draft=replace(draft_of(last), title=title, what_changed="Better.")
    )
    at = timezone.now() + datetime.timedelta(days=days)
    publish(revision=revision, by=person("editor"), goes_live_at=at)
