"""Works that a Word file cites by a reference manager are offered, not flattened into words."""

import base64
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from education.evidence.formats import word_fields
from education.evidence.models import EvidenceImport, EvidenceItem
from tests.admin.word_files import field, run, word_file
from tests.factories import make_item, make_revision, make_writer

WORK = {
    "id": "ITEM-1",
    "type": "article-journal",
    "title": "Gait after selective dorsal rhizotomy",
    "author": [{"family": "Bolster", "given": "E. A. M."}],
    "container-title": "Dev Med Child Neurol",
    "issued": {"date-parts": [[2013, 7, 1]]},
    "DOI": "10.1000/gait.10",
    "volume": "55",
}
CITATION = json.dumps({"citationItems": [{"id": 1, "itemData": WORK}], "schema": "x"})
RECORD = (
    '<record><rec-number>7</rec-number><ref-type name="Journal Article">17</ref-type>'
    "<contributors><authors><author><style face='normal'>Bolster, E. A. M.</style></author>"
    "</authors></contributors><titles><title><style>Gait after selective </style>"
    "<style face='italic'>dorsal rhizotomy</style></title>"
    "<secondary-title>Dev Med Child Neurol</secondary-title></titles><volume>55</volume>"
    "<dates><year>2013</year></dates>"
    "<electronic-resource-num>10.1000/gait.10</electronic-resource-num></record>"
)
ENDNOTE = f"<EndNote><Cite><Author>Bolster</Author><Year>2013</Year>{RECORD}</Cite></EndNote>"


def in_base64(text):
    return base64.b64encode(text.encode()).decode()


def control(tag):
    return (
        f'<w:sdt><w:sdtPr><w:tag w:val="{tag}"/></w:sdtPr>'
        f"<w:sdtContent>{run('(1)')}</w:sdtContent></w:sdt>"
    )


AS_WRITTEN = {
    "Zotero": field(f" ADDIN ZOTERO_ITEM CSL_CITATION {CITATION} ", "(1)"),
    "Mendeley Desktop": field(f"ADDIN CSL_CITATION {CITATION}", "(1)"),
    "Mendeley Cite": control(f"MENDELEY_CITATION_v3_{in_base64(CITATION)}"),
    "EndNote": field(f" ADDIN EN.CITE {ENDNOTE}", "(1)"),
    "EndNote, long": field(" ADDIN EN.CITE ", "(1)", in_base64(ENDNOTE)),
}


def send(client, body, by=None):
    revision = make_revision(by=by)
    client.force_login(by or make_writer())
    form = {
        "file": SimpleUploadedFile(
            "chapter.docx", word_file(f"<w:p>{run('It walked ')}{body}</w:p>")
        ),
        "expected_version": revision.version,
    }
    address = reverse("admin:education_revision_word", args=[revision.pk])
    return client.post(address, form, follow=True).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("citation", AS_WRITTEN.values(), ids=AS_WRITTEN)
def test_a_cited_work_waits_as_an_import_that_a_person_confirms(client, citation):
    shown = send(client, citation)

    batch = EvidenceImport.objects.get()
    page = reverse("admin:education_evidenceimport_change", args=[batch.pk])
    assert "The file cites 1 work by a reference manager." in shown
    assert f'href="{page}"' in shown
    assert "“Gait after selective dorsal rhizotomy”" in shown
    assert not EvidenceItem.objects.filter(title__startswith="Gait").exists()

    preview = client.get(page)
    [proposal] = preview.context["found"].proposals
    client.post(page, {"seen": preview.context["found"].seen, "enter": ["1"]})
    item = EvidenceItem.objects.get(key=proposal.key)
    assert (item.key, item.title, item.doi, item.volume, item.issued_year) == (
        "bolster2013", WORK["title"], WORK["DOI"], "55", 2013,
    )  # fmt: skip
    assert item.authors == [{"family": "Bolster", "given": "E. A. M."}]


@pytest.mark.django_db
def test_a_work_that_is_here_is_named_by_its_key(client):
    make_item("here2013", title=WORK["title"], doi=WORK["DOI"])

    send(client, AS_WRITTEN["Zotero"] + AS_WRITTEN["EndNote"])

    page = reverse("admin:education_evidenceimport_change", args=[EvidenceImport.objects.get().pk])
    proposals = client.get(page).context["found"].proposals
    assert {proposal.key for proposal in proposals} == {"here2013"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "code", ["ADDIN CitaviPlaceholder{eyJ9}", "ADDIN REFMGR.CITE x", " CITATION Bol13 \\l 1033 "]
)
def test_a_citation_that_keeps_no_work_is_still_told(client, code):
    shown = send(client, field(code, "(1)"))

    assert "A citation of a reference manager came along as words" in shown
    assert not EvidenceImport.objects.exists()


@pytest.mark.django_db
def test_a_file_without_citations_offers_nothing(client):
    send(client, field(' HYPERLINK "https://example.org/" ', "here") + control("Title"))

    assert not EvidenceImport.objects.exists()


@pytest.mark.parametrize(
    "code",
    ["{", "[]", "{}", '{"citationItems": 5}', '{"citationItems": [5, {"itemData": null}]}',
     "<EndNote>", "<EndNote/>", '<!DOCTYPE a [<!ENTITY b "c">]><EndNote>&b;</EndNote>',
     "[" * 100_000, "<a>" * 5_000],
)  # fmt: skip
def test_damaged_codes_hold_no_work_and_break_nothing(code):
    assert word_fields.parse([code]) == []
