"""Children like mine: marks beside statements, by address alone."""

import re

import pytest
from django.urls import reverse

from education.evidence.models import EvidenceItem
from education.evidence.people_studied import short_name
from education.public.children import PAGE_ON_NOT_WALKING
from tests.factories import (
    make_article,
    make_draft,
    make_item,
    make_publication,
    make_topic,
)
from tests.public.reading import make_comparison

pytestmark = pytest.mark.django_db


def marks(client, address):
    html = client.get(address).content.decode()
    return re.findall(r'<span class="fit fit--(\w+)">(.*?)</span>', html)


@pytest.fixture
def address():
    make_item("young2020", age_from_months=24, age_to_months=60, gmfcs_levels=[1, 2, 3])
    make_item("old2021", age_from_months=144, age_to_months=200, gmfcs_levels=[4, 5])
    make_item("silent2022", age_from_months=None, age_to_months=None, gmfcs_levels=[])
    draft = make_draft(
        "young2020",
        short_answer="It may help.",
        key_messages=[{"text": "It may help [@young2020].", "certainty": "low"}],
        body="## Found\n\nIt helped some [@young2020]. It did not help others "
        "[@old2021; @young2020]. Nobody knows who [@silent2022].\n",
    )
    publication = make_publication(draft=draft)
    return reverse("article-detail", args=[publication.slug])


def test_a_mark_stands_only_where_the_studies_match_or_clearly_do_not(client, address):
    assert marks(client, f"{address}?age=4-5&gmfcs=2") == [
        ("included", "Included children like yours"),  # the key message
        ("included", "Included children like yours"),
        ("included", "1 of 2 studies included children like yours"),
    ]
    html = client.get(f"{address}?age=4-5&gmfcs=2").content.decode()
    assert "ot reported" not in html[html.index("<article") :]


def test_one_box_counts_the_studies_and_leads_to_those_of_such_children(client, address):
    html = client.get(f"{address}?age=4-5&gmfcs=2").content.decode()
    box = html[
        html.index('<details class="like-mine') : html.index("<form", html.index("like-mine"))
    ]

    assert "Of 3 studies on this page of <strong>Other things</strong>:" in box
    items = [" ".join(item.split()) for item in re.findall(r"<li>(.*?)</li>", box, re.DOTALL)]
    name = short_name(EvidenceItem.objects.get(key="young2020"))
    assert items == [
        f'1 had children like yours: <a href="#ref-1">{name}</a>',
        "1 had others: older children only; only children who move less easily",
        "1 don’t say",
    ]


def test_studies_of_the_page_s_treatment_are_counted_apart_from_those_of_other_things(client):
    """No study of cells had such children: that of usual care must not stand for one."""
    cells, care = make_topic("cells"), make_topic("usual-care")
    make_item("cells2020", age_from_months=144, age_to_months=200, topic=cells)
    make_item("care2021", age_from_months=24, age_to_months=80, topic=care)
    draft = make_draft(
        "cells2020", body="## Found\n\nIt helped [@cells2020]. Children grow [@care2021].\n"
    )
    publication = make_publication(article=make_article(topic=cells), draft=draft)
    address = reverse("article-detail", args=[publication.slug]) + "?age=4-5"
    html = client.get(address).content.decode()
    box = html[html.index('<details class="like-mine') :]

    of_cells, of_care = (
        box.index("<strong>Cells</strong>"),
        box.index("<strong>Usual-care</strong>"),
    )
    assert of_cells < box.index("None clearly had children like yours") < of_care
    assert of_cells < box.index("1 had others: older children only") < of_care
    assert box.count("None clearly had children like yours") == 1
    assert of_care < box.index("1 had children like yours")
    assert ("partly", "Included children of this age, in studies of: Usual-care") in marks(
        client, address
    )
    assert "included" not in {match for match, _words in marks(client, address)}


def test_who_asks_about_a_child_that_does_not_walk_is_led_to_the_page_for_it(client, address):
    assert "Read on:" not in client.get(f"{address}?gmfcs=5").content.decode()
    make_publication(
        article=make_article(slug=PAGE_ON_NOT_WALKING),
        draft=make_draft("young2020", title="A child who sits"),
    )

    assert "A child who sits" in client.get(f"{address}?gmfcs=5").content.decode()
    assert "Read on:" not in client.get(f"{address}?gmfcs=3").content.decode()


@pytest.mark.parametrize("query", ["", "?age=&gmfcs=", "?age=9999&gmfcs=9", "?age=<b>&gmfcs=%00"])
def test_nothing_is_marked_for_no_child(client, address, query):
    assert marks(client, address + query) == []


def test_the_words_of_the_text_stay_as_they_were_approved(client, address):
    plain = client.get(address).content.decode()
    asked = client.get(f"{address}?age=4-5").content.decode()

    without = re.sub(r' <span class="fit.*?</span>', "", asked)
    text = re.compile(r'<div class="text">.*?</div>', re.DOTALL)
    assert without != asked
    assert text.findall(without) == text.findall(plain)


def test_asking_stores_nothing(client, address):
    response = client.get(f"{address}?age=4-5")

    assert not response.cookies
    assert not client.cookies


def test_a_mark_stands_behind_the_stop_of_its_sentence(client, address):
    html = client.get(f"{address}?age=4-5").content.decode()

    assert re.search(r'</sup>\. <span class="fit', html)
    assert not re.search(r"</span>\s*\.", html[html.index("<article") :])


def test_the_grid_keeps_the_child_and_the_child_keeps_the_grid(client):
    make_item("young2020", age_from_months=24, age_to_months=60)
    publication = make_comparison(key="young2020")
    address = reverse("article-detail", args=[publication.slug])
    html = client.get(f"{address}?age=4-5&option=cells").content.decode()

    assert 'name="age" value="4-5"' in html
    assert 'type="hidden" name="option" value="cells"' in html
    assert 'type="hidden" name="option" value="surgery"' not in html


def test_an_evidence_item_says_it_too(client, address):
    assert marks(client, reverse("evidence-detail", args=["old2021"]) + "?gmfcs=1") == [
        ("others", "Only children who move less easily")
    ]
    assert marks(client, reverse("evidence-detail", args=["old2021"])) == []
