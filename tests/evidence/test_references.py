"""References against published examples, and against whatever a record may hold."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.evidence.references import reference_html, reference_text

GOLDEN = Path(__file__).parent / "golden"
PUBLISHED = json.loads((GOLDEN / "citing_medicine.json").read_text("utf-8"))
OURS = json.loads((GOLDEN / "house.json").read_text("utf-8"))


def by_name(example):
    return example["name"]


def text_of_html(html):
    """What a reader sees: tags away, entities back; fails on a tag the printer never writes."""
    tags = re.findall(r"<[^>]*>", html)
    for tag in tags:
        assert re.fullmatch(r'</?(?:a|span)>|<a href="[^"<>]*">|<span lang="[a-z]{2,3}">', tag), tag
    plain = re.sub(r"<[^>]*>", "", html)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        plain = plain.replace(entity, character)
    return plain.replace("&amp;", "&")


@pytest.mark.parametrize("example", PUBLISHED, ids=by_name)
def test_reference_text_prints_the_published_example_to_the_letter(example):
    assert reference_text(example["csl"]) == example["text"]


@pytest.mark.parametrize("example", OURS, ids=by_name)
def test_reference_text_prints_our_own_works_as_agreed(example):
    assert reference_text(example["csl"]) == example["text"]


@pytest.mark.parametrize("example", PUBLISHED + OURS, ids=by_name)
def test_reference_html_says_the_same_words_as_the_text(example):
    assert text_of_html(reference_html(example["csl"])) == example["text"]


def test_every_published_example_says_where_it_is_from():
    assert len(PUBLISHED) >= 30
    assert all(example["from"] and example["seen"] for example in PUBLISHED)


@pytest.mark.parametrize(
    ("given_name", "family", "printed"),
    [
        # Citing Medicine, "Other surname rules" (NBK7271, box 132)
        ("Lama", "Al Bassit", "Al Bassit L"),
        ("Jiddeke M.", "van de Kamp", "van de Kamp JM"),
        ("Gerard", "de Pouvourville", "de Pouvourville G"),
        ("Sergio", "Lopez Moreno", "Lopez Moreno S"),
        ("Jaime", "Mier y Teran", "Mier y Teran J"),
        ("Virginie", "Halley des Fontaines", "Halley des Fontaines V"),
        # two initials at most, however the given names were written
        ("K K H", "Yu", "Yu KK"),
        ("RWR", "Dudley", "Dudley RW"),
        ("Jun-Hyun", "Kim", "Kim JH"),
        ("MinYoung", "Kim", "Kim M"),
        ("Lars-Göran", "Strömblad", "Strömblad LG"),
        ("Édouard", "Martin", "Martin É"),
        ("", "Sukarno", "Sukarno"),
        # Chinese names: romanised like any other, whole when written in characters
        ("Min", "Wei", "Wei M"),
        ("敏", "魏", "魏敏"),
    ],
)
def test_reference_text_writes_names_as_the_guide_does(given_name, family, printed):
    csl = {"type": "book", "title": "T", "author": [{"family": family, "given": given_name}]}

    assert reference_text(csl).startswith(f"{printed}. T.")


def test_reference_text_prints_six_of_seven_authors_and_et_al():
    authors = [{"family": name, "given": "A"} for name in "ABCDEFG"]
    csl = {"type": "book", "title": "T", "author": authors}

    assert reference_text(csl).startswith("A A, B A, C A, D A, E A, F A, et al. T.")
    assert reference_text({**csl, "author": authors[:6]}).startswith(
        "A A, B A, C A, D A, E A, F A. T."
    )


@pytest.mark.parametrize(
    "where", [{"authors_complete": False}, {"custom": {"authors_complete": False}}]
)
def test_reference_text_says_et_al_when_the_list_is_known_to_be_cut_short(where):
    csl = {"type": "book", "title": "T", "author": [{"family": "Gu", "given": "Jiaowei"}], **where}

    assert reference_text(csl) == "Gu J, et al. T. [date unknown]."


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("284-287", "284-7"),
        ("998-1004", "998-1004"),
        ("1285–1312", "1285-312"),
        ("e1285-e1312", "e1285-312"),
        ("123A-125A", "123A-125A"),
        ("iii-v", "iii-v"),
        ("60--61, 68--70", "60-1, 68-70"),
        ("e0236783", "e0236783"),
        ("20-20", "20-20"),
        ("30-20", "30-20"),
        ("S93-T99", "S93-T99"),
        ("1-2-3", "1-2-3"),
    ],
)
def test_reference_text_shortens_pages_as_the_guide_does(page, printed):
    csl = {"type": "article-journal", "title": "T", "container-title": "J", "page": page}

    assert reference_text(csl) == f"T. J. [date unknown]:{printed}."


@pytest.mark.parametrize(
    ("issued", "printed"),
    [
        (None, "[date unknown]"),
        ({"date-parts": [[2012]]}, "2012"),
        ({"date-parts": [["2012", "8"]]}, "2012 Aug"),
        ({"date-parts": [[2012, 8, 11]]}, "2012 Aug 11"),
        ({"date-parts": [[2012, 21]]}, "2012 Spring"),
        ({"date-parts": [[2012, 99, 4]]}, "2012"),
        ({"date-parts": [[2006, 11], [2007, 1]]}, "2006 Nov-2007 Jan"),
        ({"date-parts": [[2006, 11, 3], [2006, 11, 5]]}, "2006 Nov 3-5"),
        ({"date-parts": [[2005]], "circa": True}, "[2005?]"),
        ({"date-parts": [[None]]}, "[date unknown]"),
        ({"literal": "c1995-2002"}, "c1995-2002"),
        ("2012", "[date unknown]"),
    ],
)
def test_reference_text_writes_dates(issued, printed):
    assert reference_text({"type": "book", "title": "T", "issued": issued}) == f"T. {printed}."


def test_reference_text_marks_a_retracted_work_even_without_a_note():
    csl = {"type": "book", "title": "T", "custom": {"status": "retracted"}}

    assert reference_text(csl).endswith(" Retracted.")


def test_reference_text_keeps_notes_for_editors_to_itself():
    csl = {"type": "book", "title": "T", "note": "Check the second author before verifying."}

    assert "Check" not in reference_text(csl)


def test_reference_html_links_the_doi_pubmed_and_the_address():
    html = reference_html(
        {
            "type": "article-journal",
            "title": "T",
            "DOI": "10.1002/(SICI)1097<1::AID>3.0.CO;2-2",
            "PMID": "123",
            "PMCID": "PMC77",
            "URL": "https://example.org/a?b=1&c=2",
            "accessed": {"date-parts": [[2024, 1, 2]]},
        }
    )

    assert 'href="https://doi.org/10.1002/(SICI)1097%3C1::AID%3E3.0.CO;2-2"' in html
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/123/"' in html
    assert 'href="https://pmc.ncbi.nlm.nih.gov/articles/PMC77/"' in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "//example.org/",
        "ftp://example.org/",
        "https://",
        "https://[",
        'https://example.org/"onclick="x',
        "java\nscript:alert(1)",
    ],
)
def test_reference_html_never_links_an_unsafe_address(url):
    assert "href" not in reference_html({"type": "webpage", "title": "T", "URL": url})


def test_reference_html_never_links_what_is_not_a_doi():
    html = reference_html({"type": "book", "title": "T", "DOI": '"><script>', "PMID": "../x"})

    assert "href" not in html
    assert "<script>" not in html


def test_reference_html_says_in_which_language_the_words_are():
    html = reference_html({"type": "book", "title": "改良选择 (Improved choice)", "language": "zh"})

    assert html.startswith('<span lang="zh">改良选择</span> [Improved choice].')


def test_reference_text_drops_characters_that_turn_writing_around():
    csl = {"type": "book", "title": "Safe\u202e\x00 title\n\n here"}

    assert reference_text(csl) == "Safe title here. [date unknown]."


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["type", "title", "author", "editor", "container-title", "issued", "accessed", "volume",
     "issue", "page", "publisher", "publisher-place", "DOI", "PMID", "PMCID", "URL", "language",
     "number", "edition", "note", "custom", "original-date", "number-of-pages", "section"]
)  # fmt: skip
TYPES = st.sampled_from(
    ["article-journal", "article-newspaper", "article", "chapter", "book", "report", "webpage",
     "legislation", "dataset", "nonsense"]
)  # fmt: skip
MARKUP = st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=x>',
        "&lt;b&gt;",
        "{{ x }}",
        "]]>",
        "' or 1",
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(FIELDS, ANY_JSON | MARKUP), TYPES)
def test_reference_survives_any_record(record, kind):
    csl = {"type": kind, **record}

    text = reference_text(csl)

    assert text.strip()
    assert "\n" not in text
    assert text_of_html(reference_html(csl)) == text
