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


@pytest.mark.parametrize("words", ["GMFM66", "GMFM-66", "gmfm 66", "GMFM^66"])
def test_letters_and_figures_together_or_apart(words):
    page("Measuring movement", "We use the GMFM-66 every year, and 66 children took part.")

    assert titles(words) == ["Measuring movement"]


@pytest.mark.parametrize(
    ("words", "title"),
    [("stemcell", "Stem cells"), ("exosome", "Stem cells"), ("干细胞", "Stem cells"),
     ("SDR", "Selective dorsal rhizotomy"), ("SPR", "Selective dorsal rhizotomy"),
     ("hemiplegia", "Cerebral palsy"), ("diplegia", "Cerebral palsy"),
     ("quadriplegia", "Cerebral palsy"), ("脑瘫", "Cerebral palsy"),
     ("parálisis cerebral", "Cerebral palsy"), ("AFO", "An ankle splint"),
     ("Bobath", "Physiotherapy"), ("conductive education", "Physiotherapy"),
     ("banking", "Cord blood"), ("GMFCS 5", "Cerebral palsy")],
)  # fmt: skip
def test_what_parents_type_finds_the_page_on_it(words, title):
    bodies = {
        "Stem cells": "Cells from blood.", "Selective dorsal rhizotomy": "An operation.",
        "Cerebral palsy": "GMFCS level 5 is explained.", "An ankle splint": "It is worn.",
        "Physiotherapy": "Exercise.", "Cord blood": "It is stored.",
    }  # fmt: skip
    page(title, bodies[title])

    assert titles(words) == [title]
