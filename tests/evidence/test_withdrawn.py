"""What an imported record says became of a work is told, and the editors are asked to check it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from education.evidence.identifiers import normalise_doi
from education.evidence.models import EvidenceItem
from education.evidence.withdrawn import bare_title, notice_about, said_by_title
from education.safety.models import Task
from tests.factories import make_item, make_writer

pytestmark = pytest.mark.django_db


@pytest.fixture
def bring(client):
    """Import records as a person does: choose a file, look through, confirm."""
    client.force_login(make_writer())

    def bring(*works, ending=".json"):
        data = (
            works[0]
            if ending != ".json"
            else json.dumps([{"type": "article-journal"} | one for one in works])
        )
        page = client.post(
            reverse("admin:education_evidenceimport_add"),
            {"file": SimpleUploadedFile(f"works{ending}", data.encode()), "identifiers": ""},
            follow=True,
        )
        found = page.context["found"]
        address = page.request["PATH_INFO"]
        chosen = [one.number for one in found.proposals]
        client.post(address, {"seen": found.seen, "enter": chosen}, follow=True)
        return page.content.decode()

    return bring


@pytest.mark.parametrize(
    "before",
    ["RETRACTED: {}", "Retracted: {}", "WITHDRAWN: {}", "[Retracted] {}", "RETRACTED ARTICLE: {}",
     "REMOVED: {}", "(Retracted) {}", "Retracted - {}"],
)  # fmt: skip
def test_the_title_of_a_work_that_fell_is_told_and_reported(bring, before):
    item = make_item("gait2019", title="Gait after rhizotomy", issued_year=None)

    page = bring({"title": before.format("Gait after rhizotomy")})

    assert "The record says of gait2019" in page
    task = Task.objects.get(item=item)
    assert task.status == "retracted"
    assert EvidenceItem.objects.count() == 1


@pytest.mark.parametrize(
    "title",
    ["Retraction notice to “Gait after rhizotomy”", 'Retraction: "Gait after rhizotomy"',
     "Retraction note to: Gait after rhizotomy", "Withdrawal of “Gait after rhizotomy”"],
)  # fmt: skip
def test_a_notice_is_tied_to_the_work_that_is_here(bring, title):
    item = make_item("gait2019", title="Gait after rhizotomy", doi="10.1000/gait")

    page = bring({"title": title, "DOI": "10.1000/notice"})

    assert "The record says of gait2019" in page
    assert "10.1000/notice" in Task.objects.get(item=item).report


def test_a_new_work_that_fell_is_entered_and_reported(bring):
    page = bring({"id": "new2020", "title": "WITHDRAWN: Cells for all"})

    assert "The record says of new2020: withdrawn" in page
    assert Task.objects.get().item.key == "new2020"


def test_what_the_registry_says_is_told_and_reported(bring):
    item = make_item("gait2019", doi="10.1000/gait")
    updated = [{"type": "retraction", "DOI": "10.1000/Notice"}, {"type": "correction", "DOI": "x"}]

    page = bring({"title": item.title, "DOI": "10.1000/gait", "updated-by": updated})

    assert "The record says of gait2019: retraction" in page
    assert Task.objects.get().reference == "retracted 10.1000/notice"


@pytest.mark.parametrize(
    "title",
    ["Retraction of the tongue in children", "Removal of pins after hip surgery", "Gait",
     "Withdrawn children: a survey", "Expression of concern for others in autism",
     "Withdrawal of baclofen"],
)  # fmt: skip
def test_a_title_that_only_begins_alike_says_nothing_of_itself(bring, title):
    bring({"title": title})

    assert not Task.objects.exists()
    assert said_by_title(title) is None
    assert bare_title(title) == title


def test_a_notice_names_the_title_it_takes_back():
    assert notice_about("Retraction notice to “A [B] C.”") == "A [B] C"


@pytest.mark.parametrize(
    "typed",
    ["10.1000/ab\u200b-c", "10.1000/ab\u00ad-c", "10.1000/ab\u2010c", "10.1000/ab-c?utm_source=x",
     "https://doi.org/10.1000/AB-C?utm_source=x&utm_medium=y", "\ufeff10.1000/ab\u2011c",
     "doi:\u200b10.1000/ab-c", "10.1000/ab\u2212c"],
)  # fmt: skip
def test_a_doi_as_pages_and_papers_give_it_is_the_same_work(bring, typed):
    make_item("here2020", title="Something else", doi="10.1000/ab-c")

    bring({"title": "Another title", "DOI": typed})

    assert normalise_doi(typed) == "10.1000/ab-c"
    assert EvidenceItem.objects.count() == 1
