"""The sections above every page of the desk: what each role may open, and where a person is."""

import pytest
from django.urls import reverse

from education.people.models import Role
from tests.factories import make_editor, make_person, make_revision, make_writer

pytestmark = pytest.mark.django_db


def sections(client, address: str) -> dict[str, list[str]]:
    shown = client.get(address).context["desk_sections"]
    return {section.title: [link.label for link in section.links] for section in shown}


def test_a_writer_is_offered_what_they_may_begin_and_an_auditor_is_not(client):
    client.force_login(make_writer())
    writers = sections(client, reverse("admin:index"))
    client.force_login(make_person(Role.AUDITOR))
    auditors = sections(client, reverse("admin:index"))

    assert "Begin an article" in writers["Texts"]
    assert "Enter by hand" in writers["Evidence"]
    assert "Begin an article" not in auditors["Texts"]
    assert "Drafts and reviews" in auditors["Texts"]


def test_every_page_a_section_offers_opens(client):
    client.force_login(make_editor(is_superuser=True))
    shown = client.get(reverse("admin:index")).context["desk_sections"]

    for section in shown:
        for link in section.links:
            assert client.get(link.url).status_code == 200, link.url


def test_a_page_says_in_which_section_it_is(client):
    revision = make_revision()
    client.force_login(make_editor())

    page = client.get(reverse("admin:education_revision_change", args=[revision.pk]))

    here = [section for section in page.context["desk_sections"] if section.is_here]
    assert [section.title for section in here] == ["Texts"]
    assert here[0].here == reverse("admin:education_revision_changelist")


def test_the_list_of_tables_is_under_all_records(client):
    client.force_login(make_editor())

    first = client.get(reverse("admin:index")).content.decode()
    records = client.get(reverse("admin:app_list", args=["education"])).content.decode()

    assert "Status events" not in first
    assert "Status events" in records
