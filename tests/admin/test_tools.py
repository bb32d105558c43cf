"""What helps while a text is written: evidence to cite, who else writes, a Word file."""

import datetime
import html
import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from education.articles.models import OpenEditor
from education.people.models import Role
from education.safety.operations import record_status
from education.text.word_import import (
    LARGEST_FILE,
    MOST_CHARACTERS,
    MOST_ELEMENTS,
    WordError,
    read_word,
)
from tests.admin.word_files import W, paragraph, run, word_file
from tests.factories import (
    edit,
    make_draft,
    make_editor,
    make_item,
    make_person,
    make_revision,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db


def read(body: str, **parts: str):
    return read_word(io.BytesIO(word_file(body, **parts)))


# Evidence


def find(client, words):
    response = client.get(reverse("admin:education_revision_find_evidence"), {"q": words})
    assert response.status_code == 200
    return response.json()


def keys(client, words):
    return [found["key"] for found in find(client, words)["results"]]


def test_evidence_is_found_by_author_year_title_doi_and_key(client):
    make_item(
        "sun2017", title="Cord blood in children", issued_year=2017, doi="10.1002/sctm.17",
        authors=[{"family": "Sún", "given": "J"}],
    )  # fmt: skip
    make_item("other2001", issued_year=2001)
    client.force_login(make_writer())

    for words in ("sun2017", "blood cord", "CHILDREN 2017", "10.1002/sctm.17", "cord  2017,"):
        assert keys(client, words) == ["sun2017"], words
    assert set(keys(client, "")) == {"sun2017", "other2001"}
    assert keys(client, "nothing like it") == []


def test_any_words_have_an_answer(client):
    make_item()
    client.force_login(make_writer())

    for words in ("%", "_", "'", '"', "\x00", "²", "x" * 5000, "a " * 500, "[@", "１９９９"):
        find(client, words)


def test_a_work_that_may_not_be_cited_is_shown_as_such(client):
    make_item("promotion", verified=False, usable=False, unusable_reason="A promotion.")
    fallen = make_item("fallen")
    record_status(
        item=fallen, status="retracted", occurred_on=timezone.localdate(), reason="Made up.",
        by=make_editor(),
    )  # fmt: skip
    client.force_login(make_writer())

    found = {entry["key"]: entry for entry in find(client, "")["results"]}

    assert not found["promotion"]["may_be_cited"]
    assert "may not be cited" in found["promotion"]["about"]
    assert not found["fallen"]["may_be_cited"]
    assert "retracted" in found["fallen"]["about"]


def test_only_people_of_the_desk_find_evidence_there(client):
    address = reverse("admin:education_revision_find_evidence")

    assert client.get(address).status_code == 302
    client.force_login(make_person(Role.CLINIC, is_staff=False))
    assert client.get(address).status_code == 302


# Who else


def test_each_sees_who_else_has_the_text_open(client):
    revision = make_revision()
    address = reverse("admin:education_revision_writing", args=[revision.pk])
    one, other = make_writer(display_name="One writer"), make_writer(display_name="Other writer")
    client.force_login(one)
    assert client.post(address).json() == {"others": []}

    client.force_login(other)
    assert client.post(address).json() == {"others": ["One writer"]}
    page = client.get(reverse("admin:education_revision_change", args=[revision.pk]))
    assert "One writer" in page.content.decode()


def test_who_closed_the_text_is_forgotten_after_a_minute(client):
    revision = make_revision()
    OpenEditor.objects.create(
        revision=revision,
        person=make_writer(),
        seen_at=timezone.now() - datetime.timedelta(seconds=61),
    )
    client.force_login(make_writer())

    address = reverse("admin:education_revision_writing", args=[revision.pk])

    assert client.post(address).json() == {"others": []}


def test_who_only_reads_does_not_count_as_writing(client):
    revision = make_revision()
    client.force_login(make_person(Role.AUDITOR))

    client.post(reverse("admin:education_revision_writing", args=[revision.pk]))

    assert not OpenEditor.objects.exists()


# Beside the preview


def typed(revision, **changed):
    """What the form of a text without structured parts sends."""
    return {
        "title": "Is it a cure?", "short_answer": "About 12 children walked.", "body": "Text.",
        "unknowns": "", "questions": "", "funding": "", "what_changed": "", "correction": "",
        "expected_version": revision.version, "key_messages-TOTAL_FORMS": 0,
        "key_messages-INITIAL_FORMS": 0,
    } | changed  # fmt: skip


def test_the_preview_tells_words_grade_and_what_to_mend(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    client.force_login(writer)

    address = reverse("admin:education_revision_preview", args=[revision.pk])
    answer = client.post(address, typed(revision), headers={"Accept": "application/json"})
    drawn = json.loads(answer.content)

    assert "number without a citation" in drawn["beside"]
    assert 'data-where="short_answer"' in drawn["beside"]
    assert "words" in drawn["beside"]
    revision.refresh_from_db()
    assert revision.title != "Is it a cure?"


def test_the_preview_is_a_page_where_there_is_no_script(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    client.force_login(writer)
    address = reverse("admin:education_revision_preview", args=[revision.pk])

    page = client.post(address, typed(revision), headers={"Accept": "text/html,*/*;q=0.8"})

    shown = page.content.decode()
    assert page.headers["Content-Type"].startswith("text/html")
    assert "number without a citation" in shown
    assert "It is not saved yet" in shown
    page_of_readers = html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])
    assert "<h1>Is it a cure?</h1>" in page_of_readers
    assert "About 12 children walked." in page_of_readers


def test_a_refused_save_draws_what_was_typed(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    client.force_login(writer)
    address = reverse("admin:education_revision_change", args=[revision.pk])

    page = client.post(address, typed(revision, title="", body="## Typed\n\nNot saved.\n"))

    assert '<h2 id="typed">Typed</h2>' in page.content.decode()
    revision.refresh_from_db()
    assert "Not saved" not in revision.body


def test_a_stale_save_shows_every_part_that_differs_whole_on_both_sides(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    client.force_login(writer)
    mine = typed(revision, body="My words. " * 100, funding="Nobody paid.")
    edit(revision, make_writer(), body="Their words. " * 100)
    address = reverse("admin:education_revision_change", args=[revision.pk])

    page = client.post(address, mine)

    parts = {part.label: part for part in page.context["clash"]["parts"]}
    assert {part.label: part.changed_by for part in parts.values()}["Text"] == "both"
    assert "".join(piece.text for piece in parts["Text"].mine) == ("My words. " * 100).strip()
    assert "".join(piece.text for piece in parts["Text"].theirs) == ("Their words. " * 100).strip()
    assert parts["Who paid for this text"].changed_by == "you"


# A Word file


def send(client, revision, data, version=None):
    address = reverse("admin:education_revision_word", args=[revision.pk])
    file = SimpleUploadedFile("text.docx", data)
    form = {"file": file, "expected_version": version or revision.version}
    return client.post(address, form, follow=True)


def test_the_text_of_a_word_file_comes_below_what_is_there(client):
    writer = make_writer()
    revision = make_revision(by=writer, draft=make_draft(body="## Here\n\nAlready written.\n"))
    client.force_login(writer)

    page = send(client, revision, word_file(paragraph("From Word.")))

    revision.refresh_from_db()
    assert revision.body == "## Here\n\nAlready written.\n\nFrom Word.\n"
    assert "2 words came along" in page.content.decode()


def test_headings_lists_and_emphasis_come_along_and_signs_stay_signs():
    brought = read(
        paragraph("The title", "Title")
        + paragraph("First part", "Heading1")
        + paragraph("Five * three [and] &lt;b&gt;")
        + paragraph("strong", run="<w:rPr><w:b/></w:rPr>")
    )

    assert brought.title == "The title"
    assert brought.body == ("## First part\n\nFive \\* three \\[and\\] \\<b\\>\n\n**strong**")
    assert any("Headings were moved" in said for said in brought.left_behind)


def test_what_does_not_come_along_is_told_at_the_desk(client):
    revision = make_revision()
    client.force_login(make_writer())
    struck = run("do not use", more="<w:strike/>")
    raised = run("6", raised="superscript")

    page = send(
        client, revision, word_file(f"<w:p>{run('1 × 10')}{raised}{run(' cells ')}{struck}</w:p>")
    )

    revision.refresh_from_db()
    assert "106" not in revision.body
    assert "do not use" not in revision.body
    assert "Struck-out text was left out: “do not use”" in page.content.decode()


def test_a_title_that_has_no_place_is_told(client):
    revision = make_revision()
    client.force_login(make_writer())

    page = send(client, revision, word_file(paragraph("Dose of 5 mg", "Title") + paragraph("Text")))

    assert "“Dose of 5 mg”" in page.content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no Word document"),
        (b"\xd0\xcf\x11\xe0 an old .doc", "saved as .docx"),
        (b"PK\x03\x04 half a zip", "no Word document"),
        (word_file("<w:p><w:r>"), "damaged"),
        (word_file(""), "no text"),
        (word_file(paragraph("x" * (LARGEST_FILE + 1))), None),
    ],
    ids=["empty", "old", "half", "damaged", "blank", "long"],
)
def test_a_file_that_can_not_be_read_is_refused_and_says_why(data, said):
    if said is None:
        with pytest.raises(WordError, match="more than 5 MB"):
            read_word(io.BytesIO(data))
        return
    with pytest.raises(WordError, match=said):
        read_word(io.BytesIO(data))


def test_a_decompression_bomb_is_refused_before_it_is_opened():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * 60_000_000)

    assert bomb.tell() < LARGEST_FILE
    with pytest.raises(WordError, match="unpacks to far more"):
        read_word(bomb)


@pytest.mark.parametrize(
    ("before", "body", "said"),
    [
        ("", "<w:p/>" * (MOST_ELEMENTS + 1), "far more than a text"),
        ("", paragraph("x" * (MOST_CHARACTERS + 1)), "far more than a text"),
        ("", f"<w:p a='{'x' * (MOST_CHARACTERS + 1)}'/>", "far more than a text"),
        ("", "<w:tbl><w:tr><w:tc>" * 5_000 + "</w:tc></w:tr></w:tbl>" * 5_000, "damaged"),
        ("<!DOCTYPE d [<!ENTITY a 'aa'>]>", paragraph("&a;"), "declares entities"),
        ("<!DOCTYPE d SYSTEM 'file:///etc/passwd'>", paragraph("x"), "declares entities"),
    ],
    ids=["elements", "words", "attribute", "deep", "entity", "file"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_small_file_that_grows_when_it_is_read_is_refused(encoding, before, body, said):
    """4 kB of a Word file made mammoth take 450 MB, and a nested entity 10 MB more."""
    xml = f'{before}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    file = packed(f'<?xml version="1.0" encoding="{encoding}"?>{xml}'.encode(encoding))

    assert len(file) < 30_000
    with pytest.raises(WordError, match=said):
        read_word(io.BytesIO(file))


def test_parts_of_any_name_are_counted():
    """The text may lie elsewhere than its usual name says."""
    whole = word_file(paragraph("x"), other=f"<x>{'<p/>' * MOST_ELEMENTS}</x>")

    with pytest.raises(WordError, match="far more than a text"):
        read_word(io.BytesIO(whole))


def test_a_zip_that_lies_about_its_size_is_damaged():
    file = packed(b"<x>" + b"0" * 60_000_000)
    size = (60_000_003).to_bytes(4, "little")

    with pytest.raises(WordError, match="damaged"):
        read_word(io.BytesIO(file.replace(size, (1_000).to_bytes(4, "little"))))


def packed(document: bytes) -> bytes:
    """A .docx around these bytes as its text."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word_file(""))) as usual,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for name in usual.namelist():
            package.writestr(name, document if name == "word/document.xml" else usual.read(name))
    return made.getvalue()


def test_a_zip_that_is_no_document_is_refused():
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("readme.txt", "Hello")

    with pytest.raises(WordError, match="no Word document"):
        read_word(other)


def test_a_file_for_a_text_saved_meanwhile_or_locked_changes_nothing(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    edit(revision, make_writer(), body="## New\n\nSaved by somebody else.\n")
    client.force_login(writer)
    stale = send(client, revision, word_file(paragraph("From Word.")), version=1)
    locked = make_revision_in_review(by=writer)
    page = send(client, locked, word_file(paragraph("From Word.")))

    revision.refresh_from_db(), locked.refresh_from_db()
    assert "From Word" not in revision.body + locked.body
    assert "Somebody saved the text meanwhile" in stale.content.decode()
    assert "in review" in page.content.decode()


def test_who_may_not_write_may_not_bring_a_file(client):
    revision = make_revision()
    client.force_login(make_person(Role.AUDITOR))

    send(client, revision, word_file(paragraph("From Word.")))

    revision.refresh_from_db()
    assert "From Word" not in revision.body
