"""A Word file beside a draft: nothing is replaced that nobody ticked, nothing is dropped unsaid."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from education.articles.models import Revision
from education.evidence.models import EvidenceImport
from tests.admin.test_word_citations import AS_WRITTEN
from tests.admin.word_files import paragraph, run, word_file
from tests.factories import (
    edit,
    make_draft,
    make_medical_reviewer,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db

DRAFT = (
    "## Here\n\nA dose of 5 mg is given.\n\nThe hip is looked at.\n\nStretching goes on at home.\n"
)
FILE = (
    paragraph("Here", "Heading2")
    + paragraph("A dose of 50 mg is given.")
    + paragraph("The hip is looked at.")
    + paragraph("Only in the file.")
)


@pytest.fixture
def revision(client):
    writer = make_writer()
    client.force_login(writer)
    return make_revision(by=writer, draft=make_draft(title="A title", body=DRAFT))


def address(revision):
    return reverse("admin:education_revision_word", args=[revision.pk])


def compare(client, revision, content=FILE, **typed):
    """The page after a file was chosen."""
    sent = {
        "file": SimpleUploadedFile("text.docx", word_file(content)),
        "how": "compare",
        "expected_version": Revision.objects.get(pk=revision.pk).version,
        **typed,
    }
    return client.post(address(revision), sent, follow=True).content.decode()


def rows(page):
    """What each row says, with the key of its tick."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return {
        re.search(r'name="take" value="(\w+)"', row)[1]: " ".join(
            re.sub("<[^>]+>", "", row).split()
        )
        for row in body.split("<tr>")[1:]
    }


def key_of(page, words):
    return next(key for key, row in rows(page).items() if words in row)


def hidden(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def save(client, revision, page, *keys, **typed):
    sent = {**hidden(page), "take": keys, **typed}
    return client.post(address(revision), sent, follow=True).content.decode()


def body_of(revision):
    revision.refresh_from_db()
    return revision.body


def test_a_file_beside_a_draft_changes_nothing_by_being_read(client, revision):
    page = compare(client, revision)

    assert body_of(revision) == DRAFT
    assert "Nothing is saved yet" in page
    assert [" ".join(row.split()[:3]) for row in rows(page).values()] == [
        "1 of 3", "2 of 3", "3 of 3",
    ]  # fmt: skip
    assert "checked" not in page.partition("<tbody>")[2]
    assert "The hip is looked at" not in page.partition("<tbody>")[2]
    assert "Under “Here”" in page


def test_what_is_ticked_comes_from_the_file_and_what_is_not_is_listed(client, revision):
    page = compare(client, revision)

    saved = save(client, revision, page, key_of(page, "50 mg"))

    assert body_of(revision) == DRAFT.replace("5 mg", "50 mg")
    assert "1 passage came from the file." in saved
    assert "Not taken from the file: <ul><li>“Only in the file.”</li></ul>" in saved


def test_a_passage_that_only_one_side_has_is_taken_or_left_out_by_its_own_tick(client, revision):
    page = compare(client, revision)
    save(client, revision, page, key_of(page, "Only in the file"))
    assert "Stretching goes on at home." in body_of(revision)
    assert "Only in the file." in revision.body
    assert "5 mg" in revision.body

    page = compare(client, revision)
    save(client, revision, page, key_of(page, "Stretching"))
    assert "Stretching goes on at home." not in body_of(revision)


def test_a_save_with_no_tick_is_refused_and_the_file_stays(client, revision):
    page = save(client, revision, compare(client, revision))

    assert "Nothing was ticked, so nothing was saved." in page
    assert len(rows(page)) == 3
    assert body_of(revision) == DRAFT


def test_what_did_not_come_along_is_told_before_and_after(client, revision):
    struck = f"<w:p>{run('do not use', more='<w:strike/>')}</w:p>"
    page = compare(client, revision, FILE + struck)
    assert "Struck-out text was left out: “do not use”" in page

    saved = save(client, revision, page, key_of(page, "50 mg"))
    assert "Struck-out text was left out: “do not use”" in saved


@pytest.mark.parametrize("title", ["Another title", "Quite other words"])
def test_the_title_of_the_file_is_a_passage_too(client, revision, title):
    page = compare(client, revision, paragraph(title, "Title") + FILE)
    save(client, revision, page, key_of(page, title))

    assert body_of(revision) == DRAFT
    assert revision.title == title


def test_a_file_that_says_the_same_changes_nothing(client, revision):
    same = "".join(map(paragraph, ("A dose of 5 mg is given.", "The hip is looked at.")))
    edit(revision, make_writer(), body="A dose of 5 mg\nis given.\n\nThe hip is looked at.\n")
    revision.refresh_from_db()
    version = revision.version

    page = compare(client, revision, same)

    revision.refresh_from_db()
    assert revision.version == version
    assert "The file says what the draft says" in page


def test_a_citation_of_the_draft_that_went_through_word_is_one_again(client, revision):
    edit(revision, make_writer(), body="It is given [@known_2020; @other2021].\n")
    sent = "It is often given [@other2021; @known_2020, table 2], not [@unknown2022]."

    page = compare(client, revision, paragraph(sent))
    save(client, revision, page, key_of(page, "often"))

    assert body_of(revision) == (
        "It is often given [@other2021; @known_2020, table 2], not \\[@unknown2022\\].\n"
    )


def test_works_that_the_file_cites_are_offered_once_something_was_taken(client, revision):
    page = compare(client, revision, FILE + f"<w:p>{AS_WRITTEN['Zotero']}</w:p>")
    assert not EvidenceImport.objects.exists()

    saved = save(client, revision, page, key_of(page, "50 mg"))

    assert EvidenceImport.objects.count() == 1
    assert "The file cites 1 work by a reference manager." in saved


def test_a_save_by_somebody_else_meanwhile_shows_the_text_as_it_is_with_the_ticks(client, revision):
    page = compare(client, revision)
    key = key_of(page, "50 mg")
    other = DRAFT.replace("Stretching goes on at home.", "Somebody else wrote this.")
    edit(revision, make_writer(), body=other)

    page = save(client, revision, page, key, key_of(page, "Stretching"))

    assert "Somebody saved the text meanwhile" in page
    assert body_of(revision) == other
    assert "Somebody else wrote this." in page
    assert page.count(" checked>") == 1
    save(client, revision, page, key)
    assert body_of(revision) == other.replace("5 mg", "50 mg")


def test_a_tick_for_a_passage_that_is_not_there_changes_nothing(client, revision):
    page = compare(client, revision)

    assert "Nothing was ticked" in save(client, revision, page, "0123456789abcdef", "")
    assert body_of(revision) == DRAFT


def test_a_text_that_did_not_come_from_this_page_is_refused(client, revision):
    page = compare(client, revision)

    answer = save(client, revision, page, key_of(page, "50 mg"), brought="forged")

    assert "please choose the file again" in answer
    assert body_of(revision) == DRAFT


def test_sentences_of_others_are_asked_about_when_they_are_taken(client, revision):
    sentence = "Somebody else wrote this long sentence about the treatment of children"
    reviewer = make_medical_reviewer(display_name="Somebody Else")
    make_revision(by=reviewer, draft=make_draft(body=f"## There\n\n{sentence}.\n"))
    page = compare(client, revision, FILE + paragraph(f"{sentence}."))
    key = key_of(page, sentence)

    save(client, revision, page, key_of(page, "50 mg"))
    assert "50 mg" in body_of(revision)
    page = compare(client, revision, FILE + paragraph(f"{sentence}."))
    asked = save(client, revision, page, key)
    assert "Sentences of Somebody Else stand in this file. Nothing was brought in yet" in asked
    assert sentence not in body_of(revision)
    save(client, revision, asked, key, others="Somebody Else")
    assert sentence in body_of(revision)


def test_who_becomes_a_writer_says_so_here_too(client, revision):
    client.force_login(make_medical_reviewer())
    page = compare(client, revision, contributing="on")
    key = key_of(page, "50 mg")
    assert "I become one of its writers, and can never review this text." in page

    assert "This field is required." in save(client, revision, page, key)
    assert body_of(revision) == DRAFT
    save(client, revision, page, key, contributing="on")
    assert body_of(revision) == DRAFT.replace("5 mg", "50 mg")


def test_an_empty_draft_has_nothing_to_compare_with(client, revision):
    assert 'name="how"' in client.get(address(revision)).content.decode()
    edit(revision, make_writer(), body="")

    assert 'name="how"' not in client.get(address(revision)).content.decode()
    compare(client, revision)
    assert "Only in the file." in body_of(revision)
