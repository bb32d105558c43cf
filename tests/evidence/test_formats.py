"""CSL-JSON, RIS and BibTeX: what goes out comes back, and nothing that comes in breaks anything."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.evidence import formats
from education.evidence.formats import READ_FORMATS
from education.evidence.formats.record import (
    BIBLIOGRAPHIC,
    MAX_BYTES,
    MAX_RECORDS,
    TYPES,
    BadRecordError,
    cleaned,
)
from education.evidence.references import reference_html

ALL = ["csl", "ris", "bibtex"]
fuzz = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def texts(**limits):
    """Any text a field may hold, with what the formats treat as their own signs."""
    awkward = st.sampled_from(
        ["{", "}", "\\", "%", "&", "#", "$", "_", "^", "~", "--", "---", "''", "``", '"', "@x{",
         "ER  - ", "TY  - JOUR", "and", " and ", "others", ",", ";", "<i>", "<b>x</b>", "é", "脑瘫",
         "\u202e", "\u2028", "\n", "\r\n", "\x00", "\U0001f9e0", "<script>", "\\emph{x}"]
    )  # fmt: skip
    return st.lists(st.text(max_size=12) | awkward, max_size=6, **limits).map("".join)


PERSON = st.fixed_dictionaries(
    {"family": texts(), "given": texts()},
    optional={"suffix": st.sampled_from(["Jr", "III"]), "non-dropping-particle": texts()},
)
NAMES = st.lists(PERSON | st.fixed_dictionaries({"literal": texts()}), max_size=5)
YEARS = st.integers(1, 9999)
DATES = st.one_of(
    st.dates().map(lambda d: {"date-parts": [[d.year, d.month, d.day]]}),
    st.tuples(YEARS, st.integers(1, 12)).map(lambda d: {"date-parts": [list(d)]}),
    st.tuples(YEARS, st.sampled_from([13, 16, 21, 24])).map(lambda d: {"date-parts": [list(d)]}),
    YEARS.map(lambda year: {"date-parts": [[year]], "circa": True}),
    st.tuples(st.dates(), st.dates()).map(
        lambda pair: {"date-parts": [[d.year, d.month, d.day] for d in pair]}
    ),
    st.fixed_dictionaries({"literal": texts()}),
)
SUFFIX = st.text("abcXYZ019.()<>;:/-_%{}\\#&", min_size=1, max_size=20)
RECORDS = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(TYPES)), "title": texts(min_size=1)},
    optional={
        "id": st.from_regex(r"[a-z]{2,9}[0-9]{4}[a-z]?", fullmatch=True),
        "author": NAMES,
        "editor": NAMES,
        "authors_complete": st.sampled_from([False]),
        **dict.fromkeys(
            ["container-title", "container-title-short", "publisher", "publisher-place", "volume",
             "issue", "page", "number", "edition", "language", "note"],
            texts(),
        ),
        "issued": DATES,
        "accessed": DATES,
        "DOI": SUFFIX.map(lambda suffix: f"10.1000/x{suffix}x"),
        "PMID": st.integers(1, 10**8).map(str),
        "PMCID": st.integers(1, 10**7).map(lambda number: f"PMC{number}"),
        "URL": SUFFIX.map(lambda path: f"https://example.org/{path}"),
        "custom": st.dictionaries(texts(), texts() | st.integers() | st.none(), max_size=3),
    },
)  # fmt: skip


def clean_or_none(raw):
    try:
        return cleaned(raw)
    except BadRecordError:
        return None


CLEAN = RECORDS.map(clean_or_none).filter(bool)


@fuzz
@given(RECORDS)
def test_cleaned_changes_nothing_the_second_time(raw):
    once = clean_or_none(raw)

    assert once is None or cleaned(once) == once


@pytest.mark.parametrize("name", ALL)
@fuzz
@given(items=st.lists(CLEAN, min_size=1, max_size=3))
def test_parse_returns_what_write_wrote(name, items):
    expected = [
        item if name == "csl" else {key: item[key] for key in item if key in BIBLIOGRAPHIC}
        for item in items
    ]
    if name == "bibtex":  # every entry has a key there
        expected = [{"id": "item", **item} for item in expected]

    written = formats.WRITERS[name](items).encode()
    records = formats.parse(written, name)

    assert [record.error for record in records] == [""] * len(items)
    assert [record.csl for record in records] == expected
    assert formats.guess_format(written) == name


@pytest.mark.parametrize("name", [*ALL, ""])
@fuzz
@given(data=st.binary(max_size=300))
def test_parse_survives_any_bytes(name, data):
    records = formats.parse(data, name)

    assert records
    assert all(bool(record.csl) != bool(record.error) for record in records)


@pytest.mark.parametrize("name", ALL)
@fuzz
@given(
    items=st.lists(CLEAN, min_size=1, max_size=3), cut=st.floats(0, 1), noise=st.binary(max_size=9)
)
def test_parse_survives_a_file_cut_short_or_damaged(name, items, cut, noise):
    whole = formats.WRITERS[name](items).encode()
    place = int(len(whole) * cut)

    for data in (whole[:place], whole[:place] + noise + whole[place:]):
        records = formats.parse(data, name)
        assert records
        assert all(bool(record.csl) != bool(record.error) for record in records)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(sorted(BIBLIOGRAPHIC | {"custom", "ISSN", "translator", "event-date"}))


@fuzz
@given(st.lists(st.dictionaries(KEYS, ANY_JSON, max_size=6) | ANY_JSON, max_size=4))
def test_parse_csl_survives_wrong_types_and_what_passes_prints_escaped(data):
    for record in formats.csl.parse(json.dumps(data).encode()):
        if record.csl is None:
            assert record.error
        else:
            assert "<script" not in reference_html(record.csl)
            json.dumps(record.csl, allow_nan=False).encode()


# What a person is told


@pytest.mark.parametrize("name", [*ALL, ""])
def test_parse_refuses_a_file_over_the_limit_and_says_how_large_it_is(name):
    opening = {"csl": b"[", "ris": b"TY  - JOUR\n", "bibtex": b"@article{a,\n", "": b"["}[name]

    [record] = formats.parse(opening + b" " * MAX_BYTES, name)

    assert record.error == "The file is 10.0 MB; at most 10 MB can be imported. Split it."


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("csl", b'{"title": 1},'),
        ("csl", b"["),
        ("csl", b'{"a":'),
        ("csl", b"},{"),
        ("ris", b"TY  - JOUR\n"),
        ("ris", b"AU  - \n"),
        ("ris", b"TY  - JOUR\nTI  - x\nER  - \n"),
        ("bibtex", b"@a{b,t={"),
        ("bibtex", b"{"),
        ("bibtex", b"\n@a{b"),
        ("bibtex", b"@a{b,author={" + b" and " * 50),
    ],
)
def test_parse_answers_ten_megabytes_of_anything(name, one):
    opening = b"[" if name == "csl" else b""

    records = formats.parse((opening + one * (MAX_BYTES // len(one)))[:MAX_BYTES], name)

    assert 0 < len(records) <= MAX_RECORDS + 1


def test_parse_says_when_a_file_is_none_of_the_formats():
    [record] = formats.parse(b"Dear colleague,")

    assert record.error == f"The file is not {READ_FORMATS}. Export it as RIS."


@pytest.mark.parametrize("name", ALL)
def test_parse_says_when_a_file_is_empty(name):
    [record] = formats.parse(b"", name)

    assert record.error == "The file holds no records."


def test_parse_keeps_the_records_around_a_broken_one():
    broken = (
        b"TY  - JOUR\nTI  - One\nER  - \nTY  - JOUR\nTI  - Two\nTY  - JOUR\nTI  - Three\nER  - \n"
    )

    first, second, third = formats.parse(broken)

    assert first.csl["title"] == "One"
    assert second.error == ("Record 2 (line 4, Two): it has no ER line; the file may be cut short.")
    assert third.csl["title"] == "Three"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("title", {"a": 1}, "its title is not text."),
        ("title", "", "it has no title."),
        ("title", "x" * 20_001, "its title is longer than 20,000 characters."),
        ("type", 3, "its type is not text."),
        ("author", "Sun J", "its author is not a list of names."),
        ("author", [7], "one author is not a name."),
        ("issued", [2012], "its issued date is not a date."),
        ("issued", {"date-parts": [[2012, 2, 30]]}, "its issued date 2012-2-30 does not exist."),
        ("issued", {"date-parts": [["MMXII"]]}, "its issued date has “MMXII” for a number."),
        ("DOI", "see website", "“see website” is not a DOI."),
        ("PMID", "none", "“none” is not a PMID."),
        ("volume", ["a", 1], "its volume is not text."),
        ("custom", [1], "its custom part is not an object."),
    ],
)
def test_parse_names_the_record_and_what_is_wrong_with_it(field, value, reason):
    record = {"id": "sun2017", "title": "T", "type": "book", field: value}

    [result] = formats.parse(json.dumps([record]).encode())

    assert result.csl is None
    assert result.error == f"Record 1 (sun2017): {reason}"


# Encodings


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_parse_reads_the_encodings_and_line_ends_in_use(name, encoding, line_end):
    title = "Spasticité – “Löwing”" if encoding != "latin-1" else "Spasticité Löwing"
    text = formats.WRITERS[name]([{"type": "book", "id": "a2012", "title": title}])
    data = text.replace("\r\n", "\n").replace("\n", line_end).encode(encoding)

    [record] = formats.parse(data)

    assert record.csl == {"type": "book", "id": "a2012", "title": title}


# The shape


def test_cleaned_brings_fields_to_one_spelling():
    raw = {
        "type": "journal-article",
        "title": ["Effects in <i>vivo</i>\n of H<sub>2</sub>O"],
        "author": [
            {"given": "Jan", "family": "Berg", "non-dropping-particle": "van der", "ORCID": "x"},
            {"name": "Study Group,"},
            {"given": "Charles S., Jr.", "family": "Cox"},
            "et al.",
        ],
        "issued": {"date-parts": [["2012", "08", None]]},
        "page": "12 – 15",
        "DOI": "https://doi.org/10.1000/ABC",
        "PMID": 35952356,
        "PMCID": "PMC00123",
        "URL": "javascript:alert(1)",
        "language": "Chinese",
        "journalAbbreviation": "J Vivo",
        "abstract": "Somebody's text",
        "reference": [{"key": 1}],
        "ISSN": ["1234-5678", "8765-4321"],
    }

    assert cleaned(raw) == {
        "type": "article-journal",
        "title": "Effects in vivo of H2O",
        "container-title-short": "J Vivo",
        "page": "12-15",
        "language": "zh",
        "author": [
            {"family": "van der Berg", "given": "Jan"},
            {"literal": "Study Group"},
            {"family": "Cox", "given": "Charles S.", "suffix": "Jr."},
        ],
        "authors_complete": False,
        "issued": {"date-parts": [[2012, 8]]},
        "DOI": "10.1000/ABC",
        "PMID": "35952356",
        "PMCID": "PMC123",
        "ISSN": "1234-5678",
    }


def test_cleaned_takes_pubmed_ids_from_the_note_where_reference_managers_keep_them():
    raw = {"type": "book", "title": "T", "note": "PMID: 35952356 PMCID: PMC123"}

    assert cleaned(raw)["PMID"] == "35952356"
    assert cleaned(raw)["PMCID"] == "PMC123"


def test_cleaned_leaves_markup_that_is_no_formatting_for_the_printer_to_escape():
    assert cleaned({"title": "<script>x</script>"})["title"] == "<script>x</script>"
    assert cleaned({"title": "p < 0.05 <<i>i>"})["title"] == "p < 0.05 <<i>i>"
