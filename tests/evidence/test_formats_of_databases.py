"""What PubMed, EndNote and Web of Science save, through the form of the desk."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from education.evidence.formats import guess_format, parse
from education.evidence.models import EvidenceItem
from tests.factories import make_item, make_writer

NBIB = """
PMID- 12345
OWN - NLM
DCOM- 20180401
IS  - 2157-6564 (Print)
VI  - 6
IP  - 12
DP  - 2017 Dec 5
TI  - Cells at 1 x 10<sup>6</sup> per kg for a very long
      title.
PG  - 2071-2078
LID - 10.1000/wild.1 [doi]
AB  - An abstract
      that runs on.
FAU - Example, Anna B
AU  - Example AB
AD  - Somewhere.
FAU - Sample, Carl D Jr
AU  - Sample CD Jr
CN  - Wild Study Group
LA  - eng
PT  - Journal Article
TA  - J Wild
JT  - Journal of wild inputs
MH  - *Cells
PMC - PMC54321
AID - wild1 [pii]
SO  - J Wild. 2017 Dec 5;6(12):2071-2078.

PMID- 12346
TI  - Another work.
DP  - 2016 Nov-Dec
AU  - van der Muster LM
JT  - Journal of wild inputs
PT  - Retracted Publication
RIN - J Wild. 2018 Jan;7(1):9. doi: 10.1000/notice. PMID: 12347
"""

XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://example.org/p.dtd">
<PubmedArticleSet><PubmedArticle>
<MedlineCitation Status="MEDLINE"><PMID Version="1">12345</PMID>
<Article><Journal><ISSN>2157-6564</ISSN><JournalIssue><Volume>6</Volume><Issue>12</Issue>
<PubDate><Year>2017</Year><Month>Dec</Month><Day>5</Day></PubDate></JournalIssue>
<Title>Journal of wild inputs</Title><ISOAbbreviation>J Wild</ISOAbbreviation></Journal>
<ArticleTitle>Cells at 1 x 10<sup>6</sup> per kg for a very long title.</ArticleTitle>
<Pagination><MedlinePgn>2071-2078</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.1000/wild.1</ELocationID>
<Abstract><AbstractText>An abstract.</AbstractText></Abstract>
<AuthorList CompleteYN="Y">
<Author ValidYN="Y"><LastName>Example</LastName><ForeName>Anna B</ForeName>
<AffiliationInfo><Affiliation>Somewhere.</Affiliation></AffiliationInfo></Author>
<Author ValidYN="N"><LastName>Exmaple</LastName><ForeName>Anna</ForeName></Author>
<Author ValidYN="Y"><LastName>Sample</LastName><ForeName>Carl D</ForeName>
<Suffix>Jr</Suffix></Author>
<Author ValidYN="Y"><CollectiveName>Wild Study Group</CollectiveName></Author></AuthorList>
<Language>eng</Language><PublicationTypeList><PublicationType>Journal Article</PublicationType>
</PublicationTypeList></Article><MeshHeadingList><MeshHeading/></MeshHeadingList>
</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pmc">PMC54321</ArticleId>
</ArticleIdList><ReferenceList><Reference><ArticleIdList>
<ArticleId IdType="doi">10.1000/cited</ArticleId></ArticleIdList></Reference></ReferenceList>
</PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>12346</PMID><Article><Journal><JournalIssue><PubDate>
<MedlineDate>2016 Nov-Dec</MedlineDate></PubDate></JournalIssue>
<Title>Journal of wild inputs</Title></Journal><ArticleTitle>Another work.</ArticleTitle>
<AuthorList CompleteYN="Y"><Author><LastName>van der Muster</LastName><Initials>LM</Initials>
</Author></AuthorList></Article><CommentsCorrectionsList>
<CommentsCorrections RefType="RetractionIn"><RefSource>J Wild. doi: 10.1000/notice</RefSource>
</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle>
</PubmedArticleSet>
"""

ENW = """%0 Journal Article
%A Example, Anna B
%A Sample, Carl D, Jr
%? Wild Study Group
%D 2017
%T Cells at 1 x 10<sup>6</sup> per kg for a very long title
%J Journal of wild inputs
%V 6
%N 12
%P 2071-2078
%8 Dec 5
%G English
%R 10.1000/wild.1
%M 12345
%~ PubMed
%2 PMC54321
%X An abstract
that runs on.
%K cells

%0 Journal Article
%A van der Muster, L. M.
%T RETRACTED: Another work
%J Journal of wild inputs
%D 2016
%8 Nov-Dec
"""

CIW = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Example, AB
   Sample, CD
AF Example, Anna B
   Sample, Carl D, Jr
CA Wild Study Group
TI Cells at 1 x 10<sup>6</sup> per kg for a very long
   title
SO Journal of wild inputs
LA English
DT Article
AB An abstract.
JI J Wild
PD DEC 5
PY 2017
VL 6
IS 12
BP 2071
EP 2078
DI 10.1000/wild.1
PM 12345
UT WOS:000001
ER

PT J
AU van der Muster, LM
TI Another work
SO Journal of wild inputs
DT Article; Retracted Publication
PD NOV-DEC
PY 2016
ER

EF
"""
FILES = {"nbib": NBIB, "pubmed-xml": XML, "enw": ENW, "ciw": CIW}


@pytest.fixture
def desk(client):
    client.force_login(make_writer())
    return client


def upload(desk, content, name="references"):
    content = content if isinstance(content, bytes) else content.encode()
    data = {"file": SimpleUploadedFile(name, content)}
    return desk.post(reverse("admin:education_evidenceimport_add"), data, follow=True)


@pytest.mark.parametrize("name", FILES)
def test_each_format_says_the_same(name):
    first, second = (record.csl for record in parse(FILES[name].encode()))

    assert guess_format(FILES[name].encode()) == name
    assert first["title"] == "Cells at 1 x 10^6 per kg for a very long title"
    assert [
        " ".join(person.get(part, "") for part in ("family", "given", "suffix", "literal")).split()
        for person in first["author"]
    ] == [["Example", "Anna", "B"], ["Sample", "Carl", "D", "Jr"], ["Wild", "Study", "Group"]]
    wanted = {
        "type": "article-journal", "container-title": "Journal of wild inputs", "volume": "6",
        "issue": "12", "page": "2071-2078", "issued": {"date-parts": [[2017, 12, 5]]},
        "DOI": "10.1000/wild.1", "PMID": "12345", "language": "en",
    }  # fmt: skip
    assert {field: first.get(field) for field in wanted} == wanted
    assert second["issued"] == {"date-parts": [[2016, 11], [2016, 12]]}
    assert second["author"][0]["family"] == "van der Muster"


@pytest.mark.django_db
@pytest.mark.parametrize("name", FILES)
def test_the_preview_tells_what_is_left_out_and_what_fell(desk, name):
    make_item("muster2016", title="Another work", issued_year=2016)

    response = upload(desk, FILES[name])

    shown = response.content.decode()
    assert "1 new, 1 here but different" in shown
    assert "Not taken over: " in shown
    assert "abstract" in shown
    assert "The record says of muster2016: ret" in shown
    desk.post(
        response.redirect_chain[0][0], {"seen": response.context["found"].seen, "enter": ["1"]}
    )
    item = EvidenceItem.objects.get(doi="10.1000/wild.1")
    assert item.title == "Cells at 1 x 10^6 per kg for a very long title"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (XML[:1900], "breaks off or is damaged at line"),
        (XML.replace('"https://example.org/p.dtd"', '"p" [<!ENTITY a "aaa">]'), "declares entit"),
        (CIW.rsplit("ER\n", 1)[0], "Record 2 (line 27, Another work): it has no ER line"),
        (NBIB.replace("TI  - Another work.\n", ""), "Record 2 (line 30, PMID 12346): it has no ti"),
        (ENW.replace("10.1000/wild.1", "none"), "“none” is not a DOI"),
    ],
)
def test_a_damaged_file_says_where(desk, content, said):
    assert said in upload(desk, content).content.decode()


def test_numbers_in_a_title_of_pubmed_never_join():
    title = "<ArticleTitle>10<sup><b>6</b></sup> &lt;5 H<sub>2</sub>O</ArticleTitle>"
    start, end = XML.index("<ArticleTitle>"), XML.index("</ArticleTitle>") + len("</ArticleTitle>")

    first, _ = parse((XML[:start] + title + XML[end:]).encode())

    assert first.csl["title"] == "10^6 <5 H2O"


def ris_of(*titles):
    return "".join(f"TY  - JOUR\nTI  - {title}\nER  - \n" for title in titles)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("encoding", "title"),
    [("latin-1", "Spasticité chez Müller"), ("cp1252", "L’enfant – “gêné” de Jørgensen’s 5–10 µg"),
     ("utf-16", "脑瘫 Müller"), ("utf-8-sig", "Dvořák 脑瘫")],
)  # fmt: skip
def test_a_file_in_a_known_encoding_is_read(desk, encoding, title):
    response = upload(desk, ris_of(title).encode(encoding))

    assert [one.name for one in response.context["found"].proposals] == [title]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("encoding", "title"),
    [("mac_roman", "Spasticité"), ("mac_roman", "Löwing"), ("mac_roman", "“Quoted”"),
     ("mac_roman", "García"), ("mac_roman", "España"), ("gb18030", "脑瘫儿童"),
     ("cp1250", "Dvořák"), ("cp1251", "Иванов"), ("shift_jis", "脳性麻痺")],
)  # fmt: skip
def test_a_file_in_another_encoding_is_refused_record_by_record(desk, encoding, title):
    response = upload(desk, ris_of("Plain words", title).encode(encoding))

    plain, other = response.context["found"].proposals
    assert plain.name == "Plain words"
    assert "Record 2" in other.error
    assert "save it as UTF-8" in other.error


@pytest.mark.django_db
def test_one_stray_byte_costs_one_record(desk):
    content = ris_of("脑瘫", "Müller").encode() + ris_of("Löwing").encode("latin-1")

    first, second, third = upload(desk, content).context["found"].proposals

    assert (first.name, second.name) == ("脑瘫", "Müller")
    assert "Record 3" in third.error


@pytest.mark.django_db
def test_a_chapter_in_bibtex_takes_year_and_book_from_its_crossref(desk):
    content = (
        "@incollection{c, title = {Chapter}, pages = {1--9}, crossref = {P}}\n"
        "@incollection{d, title = {Lonely}, crossref = {nowhere}}\n"
        "@book{p, title = {The book}, year = 2019, publisher = {House}, editor = {Muster, A.}}\n"
    )

    chapter, lonely, _ = upload(desk, content).context["found"].proposals

    assert chapter.csl["container-title"] == "The book"
    assert chapter.csl["issued"] == {"date-parts": [[2019]]}
    assert chapter.csl["publisher"] == "House"
    assert "nowhere, which is not in the file" in lonely.note
