"""Files as other programs write them, brought in by the form that a person uses."""

import json
import shutil
import subprocess

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from education.evidence.models import EvidenceImport, EvidenceItem
from tests.admin import word_programs
from tests.admin.test_importing import confirm, upload
from tests.factories import make_draft, make_revision, make_writer

pytestmark = pytest.mark.django_db


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.fixture
def bring_in(client):
    """Bring a file into an empty draft; its text, and the page that tells what did not come."""
    writer = make_writer()
    client.force_login(writer)
    revision = make_revision(by=writer, draft=make_draft(title=" ", body=""))

    def bring(content):
        sent = {
            "file": SimpleUploadedFile("text.docx", content),
            "expected_version": revision.version,
        }
        address = reverse("admin:education_revision_word", args=[revision.pk])
        page = client.post(address, sent, follow=True).content.decode()
        revision.refresh_from_db()
        return revision, page

    return bring


LOST = ("Not found again in the draft", "the order of the words is not that of the file")


def test_what_word_can_say_and_a_draft_can_comes_along(bring_in):
    revision, page = bring_in(word_programs.text_by_python_docx())

    assert revision.title == "About cells"
    assert revision.body == (
        "## Dose\n\nGive 1 × 10^6^ cells per kg with H~2~O, **not** *more.*\n\n"
        "### Steps\n\n1. Wash.\n2. Wait 5 min.\n- One sign\n- Another sign\n\n"
        "See [the leaflet](https://example.org/dose)\n\n“Keep still.”\n"
    )
    assert not any(lost in page for lost in LOST)


def test_a_table_with_merged_cells_is_kept_and_told(bring_in):
    revision, page = bring_in(word_programs.table_by_python_docx())

    assert revision.body == (
        "| Age | Dose |\n| --- | --- |\n| under 5 | \\< 5 mg |\n| 5 and over | ≥ 10 mg |\n"
        "| over 12 |  |\n"
    )
    assert "Merged cells of a table were divided" in page


def test_what_has_no_place_in_a_draft_is_told(bring_in):
    revision, page = bring_in(word_programs.marks_by_python_docx())

    assert revision.body == "Baclofen: 5 mg a day.\n\nTake 5 μg.\n\nBefore\n\nAfter\n"
    for notice in (
        "Struck-out text was left out: “do not use 30 mg”",
        "Hidden text was left out: “never tell”",
        "A comment did not come along: “Or 50 mg?”",
        "1 picture did not come along",
        "A page header did not come along: “Draft 3 of the ward”",
    ):
        assert notice in page


@pytest.mark.soak
@needs("pandoc")
def test_what_pandoc_writes_to_word_comes_along_or_is_told(bring_in):
    revision, page = bring_in(word_programs.by_pandoc(word_programs.PANDOC_TEXT))

    assert revision.title == "About cells"
    for kept in (
        "Give 1 × 10^6^ cells with H~2~O, **not** more.", "3. Three\n4. Four", "☐ Not signed",
        "☒ Signed", "| \\< 5 | ≥ 5 mg |", "x^2^ m^2^", "[the leaflet](https://example.org/dose)",
        "−3 code", "1. Never more than 3 times.",
    ):  # fmt: skip
        assert kept in revision.body
    for notice in (
        "Struck-out text was left out: “do not use”", "The automatic number “a)”",
        "An equation was written on one line: “x^2^”", "A link to “#dose” did not come along",
        "Footnotes were put at the end",
    ):  # fmt: skip
        assert notice in page
    assert not any(lost in page for lost in LOST)


@pytest.mark.soak
@needs("soffice")
def test_what_libreoffice_writes_to_word_comes_along_or_is_told(bring_in):
    revision, page = bring_in(word_programs.by_libreoffice(word_programs.LIBREOFFICE_TEXT))

    for kept in (
        "## Dose", "Give 1 × 10^6^ cells with H~2~O, as told.", "You may drink.",
        "3. Three\n4. Four", "| \\< 5 | ≥ 5 mg |", "[the leaflet](https://example.org/dose)",
        "1. No more than 3 times.",
    ):  # fmt: skip
        assert kept in revision.body
    for notice in (
        "Struck-out text was left out: “do not use”", "Hidden text was left out: “secret 7”",
        "Deleted words of a tracked change were left out: “never”",
        "A comment did not come along: “Or 50 mg?”", "Footnotes were put at the end",
    ):  # fmt: skip
        assert notice in page
    assert not any(lost in page for lost in LOST)


WORKS = [
    {
        "id": "sun2017",
        "type": "article-journal",
        "title": "Doses < 5 mg and 10<sup>6</sup> cells: IQ ≥ 70 & more",
        "author": [
            {"family": "d’Alembert", "given": "Jean-Louis"},
            {"family": "Nguyễn", "given": "Hằng"},
            {"family": "Boer", "given": "A. B.", "non-dropping-particle": "de"},
        ],
        "container-title": "Dev Med Child Neurol",
        "issued": {"date-parts": [[2016, 10, 19]]},
        "volume": "3",
        "issue": "2",
        "page": "1123-1130",
    },
    {
        "id": "wang2020",
        "type": "chapter",
        "title": "脑瘫",
        "container-title": "A book",
        "author": [{"literal": "Institute for Health"}],
        "issued": {"date-parts": [[2020, 3]]},
        "publisher": "Press",
    },
]


@pytest.mark.soak
@needs("pandoc")
@pytest.mark.parametrize(("to", "name"), [("biblatex", "a.bib"), ("csljson", "a.json")])
def test_references_as_pandoc_writes_them_come_in_whole(client, to, name):
    client.force_login(make_writer())
    command = ["pandoc", "--from=csljson", f"--to={to}"]
    written = subprocess.run(
        command, input=json.dumps(WORKS).encode(), capture_output=True, check=True
    ).stdout

    page = upload(client, content=written, name=name).content.decode()
    confirm(client, EvidenceImport.objects.get(), enter=["1", "2"])

    work = EvidenceItem.objects.get(key="sun2017")
    assert work.title.casefold() == "doses < 5 mg and 10^6 cells: iq ≥ 70 & more"
    assert [author["family"] for author in work.authors] == ["d’Alembert", "Nguyễn", "de Boer"]
    assert (work.volume, work.issue, work.page) == ("3", "2", "1123-1130")
    assert (work.issued_year, EvidenceItem.objects.get(key="wang2020").title) == (2016, "脑瘫")
    if to == "biblatex":
        assert "Read as people: “Institute for Health”" in page
