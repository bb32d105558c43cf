"""Words as they are typed and copied find the page on them."""

import pytest

from education.public.site_search import find
from tests.factories import make_draft, make_publication

pytestmark = pytest.mark.django_db


def titles(words):
    return [hit.title for hit in find(words).hits]


def page(title, body):
    make_publication(draft=make_draft(title=title, body=f"## About it\n\n{body}\n"))


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff"])
def test_marks_that_nobody_sees_do_not_count(mark):
    page(f"What is rhizo{mark}tomy?", "An operation.")

    assert titles(f"rhi{mark}zotomy")
    assert titles("rhizotomy")


def test_letters_and_figures_together_or_apart():
    page("Measuring movement", "We use the GMFM-66 every year, and 66 children took part.")

    for words in ("GMFM66", "GMFM-66", "gmfm 66", "GMFM^66"):
        assert titles(words) == ["Measuring movement"], words


@pytest.mark.parametrize(
    ("title", "body", "typed"),
    [
        ("Stem cells", "Cells from blood.", ["stemcell", "exosome", "干细胞"]),
        ("Selective dorsal rhizotomy", "An operation.", ["SDR", "SPR"]),
        ("Cerebral palsy", "GMFCS level 5 is explained.",
         ["hemiplegia", "diplegia", "quadriplegia", "脑瘫", "parálisis cerebral", "GMFCS 5"]),
        ("An ankle splint", "It is worn.", ["AFO"]),
        ("Physiotherapy", "Exercise.", ["Bobath", "conductive education"]),
        ("Cord blood", "It is stored.", ["banking"]),
    ],
)  # fmt: skip
def test_what_parents_type_finds_the_page_on_it(title, body, typed):
    page(title, body)

    for words in typed:
        assert titles(words) == [title], words
