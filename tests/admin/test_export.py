"""The auditor takes the record along."""

import codecs
import csv
import io
import json

import pytest
from django.urls import reverse

from education.audit.models import Event
from education.people.models import Role
from tests.factories import (
    make_editor,
    make_person,
    make_publication,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db


def export(client, kind: str, query: str = ""):
    response = client.get(reverse("admin:education_event_export", args=[kind]) + query)
    if response.status_code != 200:
        return response
    content = b"".join(response.streaming_content)
    assert content.startswith(codecs.BOM_UTF8) == (kind == "csv")
    return content.decode("utf-8-sig")


def test_the_auditor_exports_the_whole_record(client):
    make_publication()
    client.force_login(make_person(Role.AUDITOR))

    as_json = json.loads(export(client, "json"))
    as_csv = list(csv.DictReader(io.StringIO(export(client, "csv"))))

    hashes = list(Event.objects.order_by("sequence").values_list("hash", flat=True))
    assert [event["hash"] for event in as_json] == hashes
    assert [event["hash"] for event in as_csv] == hashes


def test_the_record_of_one_article_is_exported_alone(client):
    first, _ = make_publication(), make_publication()
    client.force_login(make_person(Role.AUDITOR))

    events = json.loads(export(client, "json", f"?article={first.revision.article_id}"))

    assert {event["article_id"] for event in events} == {first.revision.article_id}


def test_a_spreadsheet_runs_nothing_from_the_record(client):
    make_revision(by=make_writer(display_name='=HYPERLINK("https://x.example")'))
    client.force_login(make_person(Role.AUDITOR))

    rows = list(csv.DictReader(io.StringIO(export(client, "csv"))))

    names = {row["by_name"] for row in rows}
    assert '\'=HYPERLINK("https://x.example")' in names
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_a_spreadsheet_reads_accents_as_they_were_written(client):
    """Excel takes a file for UTF-8 by its byte-order mark; ``export`` looks for it."""
    make_revision(by=make_writer(display_name="Zoë Müller 脑"))
    client.force_login(make_person(Role.AUDITOR))

    [header, *_] = export(client, "csv").splitlines()

    assert "Zoë Müller 脑" in export(client, "csv")
    assert header.startswith("sequence,")


def test_the_record_of_a_number_that_no_article_has_is_empty(client):
    make_publication()
    client.force_login(make_person(Role.AUDITOR))

    for number in ("9" * 20, "x", "\u0663"):
        assert json.loads(export(client, "json", f"?article={number}")) == []


def test_others_do_not_export(client):
    client.force_login(make_editor())

    assert export(client, "csv").status_code == 403


def test_another_format_is_not_known(client):
    client.force_login(make_person(Role.AUDITOR))

    assert export(client, "xls").status_code == 404


def test_the_auditor_reads_and_changes_nothing(client):
    publication = make_publication()
    client.force_login(make_person(Role.AUDITOR))

    for name, pk in (
        ("revision", publication.revision_id),
        ("publication", publication.pk),
        ("article", publication.revision.article_id),
    ):
        page = reverse(f"admin:education_{name}_change", args=[pk])
        assert client.get(page).status_code == 200
        assert client.post(page, {"title": "Mine"}).status_code == 403
    assert client.get(reverse("admin:education_event_changelist")).status_code == 200
