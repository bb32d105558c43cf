"""A file of references becomes evidence: through the pages, in Chromium."""

import json

import pytest
from playwright.sync_api import Page, expect

from education.evidence.models import EvidenceItem
from tests.factories import PASSWORD, make_item, make_writer

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_a_writer_imports_a_file_and_chooses_whose_word_stands(page: Page, live_server):
    make_writer(username="writer")
    make_item("here2020", title="Here already", doi="10.1000/here", volume="6", page="1")
    works = [
        {"id": "new2021", "type": "article-journal", "title": "A new study", "volume": "1"},
        {"id": "not2021", "type": "article-journal", "title": "Not wanted"},
        {"type": "article-journal", "title": "Here already", "DOI": "10.1000/HERE",
         "volume": "7", "page": "2"},
        {"id": "broken2021"},
    ]  # fmt: skip
    page.goto(f"{live_server.url}/admin/education/evidenceitem/")
    page.get_by_label("Username").fill("writer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    page.get_by_role("link", name="Import by DOI, PubMed id or file").click()
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_text("Type a DOI or a PubMed id, or choose a file.")).to_be_visible()
    page.get_by_label("Or a file").set_input_files(
        {"name": "w.json", "mimeType": "application/json", "buffer": json.dumps(works).encode()}
    )
    page.get_by_role("button", name="Show what it would do").click()

    expect(page.get_by_text("Record 4 (broken2021): it has no title.")).to_be_visible()
    expect(page.get_by_text("2 new, 1 here but different")).to_be_visible()
    page.get_by_label("Enter as not2021").uncheck()
    page.get_by_role("row", name="Volume").get_by_role("checkbox").check()
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_text("1 entered, 1 changed.")).to_be_visible()
    assert set(EvidenceItem.objects.values_list("key", "volume", "page")) == {
        ("here2020", "7", "1"),
        ("new2021", "1", ""),
    }
