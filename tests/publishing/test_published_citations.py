"""What published copies cite, kept as rows beside them."""

import importlib

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from education.audit import triggers
from education.management.integrity import audit_problems
from education.publishing.models import Publication, PublishedCitation
from tests.factories import make_draft, make_item, make_next_publication, make_publication

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def kept():
    rows = PublishedCitation.objects.values_list("publication__number", "item__key")
    return sorted(rows)


def test_publish_keeps_what_each_copy_cites():
    make_item("first2020")
    make_item("second2020")
    publication = make_publication(draft=make_draft("first2020", "second2020"))
    body = "Only one is left [@second2020]."
    make_next_publication(
        publication,
        body=body,
        short_answer=body,
        key_messages=[{"text": body, "certainty": "low"}],
    )

    assert kept() == [(1, "first2020"), (1, "second2020"), (2, "second2020")]
    assert Publication.objects.citing(["first2020"]).get().number == 1


def test_the_database_refuses_to_change_what_a_copy_cites():
    make_publication()
    before = kept()

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        PublishedCitation.objects.update(item=make_item())
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        PublishedCitation.objects.all()._raw_delete(using="default")

    assert kept() == before


def test_a_change_behind_the_database_is_found():
    publication = make_publication()
    assert list(audit_problems()) == []
    triggers.remove(connection)
    PublishedCitation.objects.all().delete()
    triggers.install(connection)

    assert list(audit_problems()) == [
        f"What is kept of the works that {publication} (number {publication.pk}) cites was altered."
    ]


def test_the_migration_fills_in_what_was_published_before():
    make_publication()
    before = kept()
    triggers.remove(connection)
    PublishedCitation.objects.all().delete()
    triggers.install(connection)

    migration = importlib.import_module("education.migrations.0018_citations_of_what_is_public")
    migration.fill(apps, None)

    assert before
    assert kept() == before
