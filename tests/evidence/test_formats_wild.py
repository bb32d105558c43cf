"""References as the world writes them: each row once lost or changed what it says."""

import pytest

from education.evidence.formats import WRITERS, parse
from education.evidence.formats.record import cleaned
from education.evidence.reference_elements import initials, people
from education.evidence.references import reference_text


def read(text: str):
    return [record.csl or record.error for record in parse(text.encode())]


def bibtex(**fields: str):
    inside = ", ".join(f"{name} = {{{value}}}" for name, value in fields.items())
    return read(f"@article{{k, {inside}}}")[0]


def ris(*lines: str):
    return read("\n".join(["TY  - JOUR", *lines, "ER  - "]))[0]


@pytest.mark.parametrize(
    "text",
    ["@article{a, title={One}}@article{b, title={Two}}",
     "@article{a, title={One}\n}, @article{b, title={Two}}",
     "@article{a, title={One}} @article{b, title={Two}}"],
)  # fmt: skip
def test_two_entries_on_a_line_are_two(text):
    assert [one["title"] for one in read(text)] == ["One", "Two"]


def test_an_address_inside_a_value_begins_no_entry():
    assert [one["title"] for one in read("@article{a, title={Mail a{b}@article{c}}}")] == [
        "Mail ab@articlec"
    ]


@pytest.mark.parametrize(
    ("latex", "title"),
    [(r"{\textless}5 years", "<5 years"), (r"IQ \textless{} 70", "IQ < 70"),
     (r"$\ge$ 3 and $\le$ 5", "≥ 3 and ≤ 5"), (r"$\sim$12", "∼12"),
     (r"10\textsuperscript{6} cells", "10^6 cells"), (r"H\textsubscript{2}O", "H2O"),
     (r"$10^{6}$ cells", "10^6 cells"), (r"2\textsuperscript{nd} year", "2nd year")],
)  # fmt: skip
def test_signs_of_latex_are_kept(latex, title):
    assert bibtex(title=latex)["title"] == title


@pytest.mark.parametrize(
    ("marked", "title"),
    [("1 × 10<sup>6</sup> cells", "1 × 10^6 cells"), ("10<sup>6</sup>5", "10^6^5"),
     ("H<sub>2</sub>O", "H2O"), ("10<sub>2</sub>", "10_2"), ("2<sup>nd</sup>", "2nd"),
     (('<mml:math xmlns:mml="x"><mml:msup>'
      '<mml:mn>10</mml:mn><mml:mn>6</mml:mn></mml:msup></mml:math>'),
      "10^6"),
     (("<math><msup><mrow><mn>10</mn></mrow><mrow><mo>-</mo><mn>3</mn></mrow></msup>"
       "<mfrac><mn>1</mn><mn>2</mn></mfrac><mn>4</mn><mn>5</mn></math>"),
      "10^-3^1/2 4 5"),
     ("10<sup><b>6</b></sup>", "10^6"), ("<i>10<sup>6</sup></i> cells", "10^6 cells"),
     ('<jats:italic toggle="yes">In vitro</jats:italic> work', "In vitro work"),
     ("One<br/>two", "One two"), ("<inline-formula>x</inline-formula> y", "x y"),
     ("p <0.05 and q> 2", "p <0.05 and q> 2")],
)  # fmt: skip
def test_markup_of_registries_leaves_the_words(marked, title):
    assert cleaned({"title": marked})["title"] == title


@pytest.mark.parametrize(
    ("written", "names"),
    [("A, J. AND B, M.", ["A", "B"]), ("Smith, J. and ", ["Smith"]),
     ("{Anderson AND Sons} and Smith, J.", ["Anderson AND Sons", "Smith"])],
)  # fmt: skip
def test_authors_are_divided(written, names):
    authors = bibtex(title="T", author=written)["author"]
    assert [name.get("family") or name["literal"] for name in authors] == names


@pytest.mark.parametrize(
    ("lines", "page"),
    [(("SP  - 45", "EP  - 45"), "45"), (("SP  - n/a", "EP  - n/a"), None),
     (("SP  - 1123–1130", "EP  - 1130"), "1123-1130"), (("SP  - 1", "EP  - 9"), "1-9")],
)  # fmt: skip
def test_pages(lines, page):
    assert ris("TI  - T", *lines).get("page") == page
    assert cleaned({"title": "T", "page": "n/a-n/a"}).get("page") is None


@pytest.mark.parametrize(
    ("lines", "date"),
    [(("PY  - 2016", "Y1  - 2016/10/19"), [2016, 10, 19]), (("DA  - 20180315",), [2018, 3, 15]),
     (("PY  - 2018", "DA  - 2018/03/15/"), [2018, 3, 15]), (("PY  - 2016",), [2016])],
)  # fmt: skip
def test_the_most_exact_date_counts(lines, date):
    assert ris("TI  - T", *lines)["issued"]["date-parts"] == [date]


def test_a_day_beside_the_month_in_bibtex():
    csl = read('@article{k, title={T}, year=2012, month = jan # "~15"}')[0]
    assert csl["issued"]["date-parts"] == [[2012, 1, 15]]


def test_entities_in_ris():
    assert ris("TI  - gait &lt;5 years &amp; pain")["title"] == "gait <5 years & pain"
    assert ris("TI  - R&D; rest")["title"] == "R&D; rest"


@pytest.mark.parametrize(
    "csl",
    [cleaned({"title": "T", "volume": "3", "article-number": "e123"}),
     ris("TI  - T", "VL  - 3", "C7  - e123"),
     bibtex(title="T", volume="3", articleno="e123")],
)  # fmt: skip
def test_article_numbers_are_printed(csl):
    assert ";3:e123." in reference_text(csl | {"type": "article-journal"})


def test_names():
    assert initials("Jean\u2010Louis") == initials("Jean\u2011Louis") == "JL"
    for particle, family, written in (
        ("d'", "Alembert", "d'Alembert"), ("de l’", "Isle", "de l’Isle"),
        ("al-", "Ghazali", "al-Ghazali"), ("van", "Dyck", "van Dyck"),
    ):  # fmt: skip
        name = {"family": family, "given": "A", "non-dropping-particle": particle}
        csl = cleaned({"title": "T", "author": [name]})
        assert people(csl["author"]) == people([name]) == f"{written} A."


@pytest.mark.parametrize("key", ["smith(2012)", "two words", "a:b"])
def test_any_key_of_bibtex_is_read(key):
    assert [one["title"] for one in read(f"@article{{{key}, title={{T}}}}")] == ["T"]


@pytest.mark.parametrize(
    ("latex", "title", "left_out"),
    [(r"5 \micro g", "5 µg", ""), (r"5 \SI{7}{mg}", "5 7mg", r"\SI"),
     (r"$\frac{1}{2}$ dose", "1/2 dose", ""), (r"$\frac{10^{6}}{2}$", "10^62", r"\frac"),
     (r"\emph{Not} \textbf{5} \mathrm{mg}", "Not 5 mg", ""), (r"5 \unheard 7", "5 7", r"\unheard")],
)  # fmt: skip
def test_a_command_of_latex_that_is_left_out_is_told(latex, title, left_out):
    [record] = parse(f"@article{{k, title={{{latex}}}}}".encode())

    assert record.csl["title"] == title
    assert left_out in record.note
    assert bool(record.note) == bool(left_out)


@pytest.mark.parametrize(
    ("author", "told"),
    [("Institute for Health and Ward, A.", "“Institute for Health”"),
     ("{Institute for Health}", ""), ("van der Berg, A. and Charles de la Tour", ""),
     ("Centre of {Care}", "")],
)  # fmt: skip
def test_an_institution_without_its_braces_is_told(author, told):
    (record,) = parse(f"@book{{k, title={{T}}, author={{{author}}}}}".encode())

    assert ("Read as people" in record.note) is bool(told)
    assert told in record.note


def test_a_second_title_of_ris_is_told():
    [record] = parse(b"TY  - JOUR\nTI  - One\nT1  - Not in 5 children\nER  - \n")

    assert record.csl["title"] == "One"
    assert "“Not in 5 children”" in record.note


@pytest.mark.parametrize(
    ("lines", "left_out"),
    [("U1  - Trial 12", "U1 (“Trial 12”)"), ("VL  - 12\nVL  - 13", "VL (“13”)"),
     ("T2  - Brain\nJO  - Not Brain", "JO (“Not Brain”)"), ("UR  - here", "UR (“here”)"),
     ("DO  - 10.1000/a\nDO  - 10.1000/b", "DO (“10.1000/b”)"), ("SN  - 1234-5678", "ISSN"),
     ("PY  - 2016\nPY  - 2017", "PY (“2017”)"), ("AN  - 77", "accession number"),
     ("N1  - 5\nN1  - 6", "N1 (“6”)"), ("ZZ  - never 5", "ZZ (“never 5”)"),
     ("AU  - A, B\nAU  - C, D\nVL  - 3\nSP  - 1\nEP  - 4\nPY  - 2016\nJA  - B", ""),
     ("T2  - Same\nJO  - Same\nAB  - Long\nKW  - a\nKW  - b", "abstract, keywords."),
     ("DB  - PubMed\nAN  - 123\nC2  - PMC12\nUR  - https://x.example/", "")],
)  # fmt: skip
def test_what_a_record_of_ris_has_beside_its_reference_is_told(lines, left_out):
    [record] = parse(f"TY  - JOUR\nTI  - One\n{lines}\nER  - \n".encode())

    assert left_out in record.note
    assert bool(record.note) == bool(left_out)


@pytest.mark.parametrize(
    ("fields", "left_out"),
    [("volume={12}, volume={13}", "volume (“13”)"), ("phase={not 3}", "phase (“not 3”)"),
     ("doi={10.1000/a}, DOI={10.1000/b}", "doi (“10.1000/b”)"), ("issn={1-2}", "issn (“1-2”)"),
     ("journal={A}, journaltitle={B}", "journaltitle (“B”)"),
     ("issue={2}, number={3}", "issue (“2”)"), ("abstract={x}, keywords={y}", "abstract, keywords"),
     ("author={A, B}, author={C, D}", "author (“C, D”)"),
     ("volume={12}, volume={12}, file={z}, bdsk-url-1={y}", ""),
     ("author={A, B}, journal={J}, number={3}, pages={1--4}, year={2016}, month=jan", "")],
)  # fmt: skip
def test_what_an_entry_of_bibtex_has_beside_its_reference_is_told(fields, left_out):
    [record] = parse(f"@article{{k, title={{One}}, {fields}}}".encode())

    assert left_out in record.note
    assert bool(record.note) == bool(left_out)


@pytest.mark.parametrize("name", ["csl", "ris", "bibtex"])
def test_entities_are_resolved_in_every_format_and_come_back_as_they_were(name):
    csl = {"type": "article-journal", "title": "&lt;5 <6 R&D &amp; x", "volume": "3"}
    [back] = parse(WRITERS[name]([csl]).encode(), name)

    assert back.csl["title"] == csl["title"]
    assert read('[{"title": "IQ &lt;70 &amp; 5"}]')[0]["title"] == "IQ <70 & 5"
    assert read("%0 Book\n%T IQ &lt;70\n")[0]["title"] == "IQ <70"


def test_a_figure_below_one_above_stays_apart():
    marked = "x<sup>5</sup><sub>6</sub> SO<sub>4</sub><sup>2-</sup>"
    assert cleaned({"title": marked})["title"] == "x^5^_6 SO4^2-"
