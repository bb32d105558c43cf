"""Files as other programs write them."""

import pytest

from education.evidence.formats import bibtex, csl, parse, ris


def only(records):
    [record] = records
    assert not record.error
    return record.csl


def test_ris_reads_a_record_as_reference_managers_export_it():
    file = (
        b"\xef\xbb\xbf\r\nProvider: Some Publisher\r\n\r\n"
        b"TY  - JOUR\r\n"
        b"A1  - Sun, Jessica M.\r\n"
        b"AU  - Cox, Charles S., Jr.\r\n"
        b"AU  - Duke Team\r\n"
        b"T1  - Effect of cord blood: a trial\r\n"
        b"JF  - Stem Cells Translational Medicine\r\n"
        b"JA  - Stem Cells Transl Med\r\n"
        b"Y1  - 2017/12/05/\r\n"
        b"VL  - 6\r\nIS  - 12\r\nSP  - 2071\r\nEP  - 2078\r\n"
        b"AB  - An abstract\r\nthat runs on\r\n"
        b"DO  - 10.1002/sctm.17-0102\r\n"
        b"UR  - internal-pdf://local.pdf\r\n"
        b"UR  - https://doi.org/10.1002/sctm.17-0102\r\n"
        b"AN  - 29080265\r\nDB  - PubMed\r\nLA  - eng\r\n"
        b"ER  - \r\n\r\n"
    )

    assert only(ris.parse(file)) == {
        "type": "article-journal",
        "title": "Effect of cord blood: a trial",
        "container-title": "Stem Cells Translational Medicine",
        "container-title-short": "Stem Cells Transl Med",
        "author": [
            {"family": "Sun", "given": "Jessica M."},
            {"family": "Cox", "given": "Charles S.", "suffix": "Jr."},
            {"literal": "Duke Team"},
        ],
        "issued": {"date-parts": [[2017, 12, 5]]},
        "volume": "6",
        "issue": "12",
        "page": "2071-2078",
        "DOI": "10.1002/sctm.17-0102",
        "PMID": "29080265",
        "URL": "https://doi.org/10.1002/sctm.17-0102",
        "language": "en",
    }


def test_ris_takes_an_accession_number_for_a_pubmed_id_only_from_pubmed():
    file = b"TY  - JOUR\nTI  - T\nDB  - Embase\nAN  - 623456789\nER  - \n"

    assert "PMID" not in only(ris.parse(file))


def test_ris_says_where_a_record_without_a_type_begins():
    [record] = ris.parse(b"\n\nTI  - Orphan\nER  - \n")

    assert record.error == "Record 1 (line 3): it has no TY line."


def test_ris_writes_one_line_for_every_value():
    item = {"type": "webpage", "id": "a1", "title": "T", "publisher": "P"}

    assert ris.write([item]) == ("TY  - ELEC\r\nID  - a1\r\nTI  - T\r\nPB  - P\r\nER  - \r\n")


def test_bibtex_reads_an_entry_as_people_write_them():
    file = rb"""
        % a comment, and a macro
        @string{dmcn = "Developmental Medicine \& Child Neurology"}
        @Comment{ignored}
        @ARTICLE{ mcintyre:2022 ,
          Author  = "Sarah McIntyre and {Goldsmith}, Shona and Ludwig van der Berg and others",
          title   = {{Global} prevalence of \emph{brain} palsy -- {\'{E}}tude \c{c}a \& $\alpha$},
          journal = dmcn,
          year    = 2022, month = aug # " 11",
          volume = 64, number = {12},
          pages   = {1494--1506},
          doi = {10.1111/dmcn\_15346},
          url = "https://example.org/a_b%20c",
          abstract = {left out},
        }
    """

    assert only(bibtex.parse(file)) == {
        "type": "article-journal",
        "id": "mcintyre:2022",
        "title": "Global prevalence of brain palsy – Étude ça & α",
        "container-title": "Developmental Medicine & Child Neurology",
        "author": [
            {"family": "McIntyre", "given": "Sarah"},
            {"family": "Goldsmith", "given": "Shona"},
            {"family": "van der Berg", "given": "Ludwig"},
        ],
        "authors_complete": False,
        "issued": {"date-parts": [[2022, 8, 11]]},
        "volume": "64",
        "issue": "12",
        "page": "1494-1506",
        "DOI": "10.1111/dmcn_15346",
        "URL": "https://example.org/a_b%20c",
    }


@pytest.mark.parametrize(
    ("dates", "parts"),
    [
        ("year = 2022, month = aug", [[2022, 8]]),
        ("year = {2022}, month = {August}, day = 11", [[2022, 8, 11]]),
        ("date = {2022-08-11}", [[2022, 8, 11]]),
        ("date = {2006-11/2006-12}", [[2006, 11], [2006, 12]]),
    ],
)
def test_bibtex_reads_dates_in_both_spellings(dates, parts):
    file = f"@book{{a, title={{T}}, {dates}}}".encode()

    assert only(bibtex.parse(file))["issued"] == {"date-parts": parts}


def test_bibtex_keeps_the_entries_around_an_unclosed_one():
    first, second, third = bibtex.parse(
        b"@book{a, title={One}}\n@book{b, title={Two}\n@book(c, title={Three})\n"
    )

    assert first.csl["title"] == "One"
    assert second.error == "Record 2 (line 2, b): “@book(c, title={Thre” is not a field."
    assert third.csl["title"] == "Three"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("@book{a, title={x", "its title is not closed."),
        ('@book{a, title="x}"}', "its title has a closing brace too many."),
        ("@book{a, title=}", "its title has no value."),
        ("@book{a, title={x}", "it does not end."),
        ("@book{a, title=" + "{" * 200, "its title is too long or nested too deeply."),
        ("@book{a, year=2012}", "it has no title."),
    ],
)
def test_bibtex_says_what_is_wrong_with_an_entry(entry, reason):
    [record] = bibtex.parse(entry.encode())

    assert record.error == f"Record 1 (line 1, a): {reason}"


def test_bibtex_macros_can_not_grow_without_end():
    bomb = (
        "@string{a0 = {"
        + "x" * 1000
        + "}}\n"
        + "".join(f"@string{{a{n} = a{n - 1} # a{n - 1}}}\n" for n in range(1, 60))
    )

    [record] = bibtex.parse((bomb + "@book{b, title = a59}").encode())

    assert record.error or len(record.csl["title"]) < 100_000


def test_bibtex_escapes_what_latex_would_not_print():
    written = bibtex.write(
        [{"type": "book", "id": "a", "title": r"50% of {x} & y_z #1 \ $ ~ ^ --"}]
    )

    assert written == (
        "@book{a,\n  title = {{50\\% of \\textbraceleft{}x\\textbraceright{} \\& y\\_z \\#1 "
        "\\textbackslash{} \\$ \\textasciitilde{} \\textasciicircum{} -{}-}},\n}\n"
    )


def test_csl_keeps_the_records_around_a_break_and_says_where_it_is():
    first, second, third = csl.parse(
        b'[{"id": "a", "title": "One"},\n {"id": "b", "title": },\n {"id": "c", "title": "Three"}]'
    )

    assert first.csl["title"] == "One"
    assert second.error == "Record 2 (line 2): it is not valid JSON at line 2, column 23."
    assert third.csl["title"] == "Three"


def test_csl_says_when_the_file_ends_too_early():
    first, second = csl.parse(b'[{"id": "a", "title": "One"}')

    assert first.csl["title"] == "One"
    assert second.error == "The file ends before the list of records does; it may be cut short."


@pytest.mark.parametrize(
    "file", [b'{"title": "T"}', b'{"items": [{"title": "T"}]}', b' [ {"title": "T"} ] ']
)
def test_csl_reads_one_record_a_list_and_an_object_with_items(file):
    assert only(parse(file))["title"] == "T"


def test_csl_survives_a_nest_without_end_and_numbers_without_end():
    assert all(record.error for record in csl.parse(b"[" * 100_000))
    assert all(record.error for record in csl.parse(b'[{"title": ' + b"9" * 10_000 + b"}]"))


def test_csl_refuses_a_custom_part_nested_too_deeply():
    deep = b'{"title": "T", "custom": ' + b'{"a": ' * 30 + b"1" + b"}" * 31

    [record] = csl.parse(deep)

    assert record.error == "Record 1 (T): its custom part is nested too deeply."
