"""On the page of a draft, each number of its text stands with the work that holds it."""

import html
import re

import pytest
from django.urls import reverse

from education.articles.files import read_article
from education.articles.shipped_texts import ARTICLES
from tests.factories import make_article, make_draft, make_item, make_revision, make_writer

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_item(
        "trial2002",
        finding="Of 38 children 21 had surgery; pain fell in 57%.",
        sample_size=38,
        findings=[
            {
                "outcome": "movement",
                "option": "rhizotomy",
                "measure": "gmfm-66",
                "contrast": "between",
                "effect": "4.2",
                "as_reported": "4.2 points more with surgery",
            }
        ],
    )


def rows_of(client, revision):
    """What the panel says of each number: number, sentence, where it is from."""
    page = client.get(reverse("admin:education_revision_change", args=[revision.pk]))
    text = html.unescape(page.content.decode())
    panel = re.search(r'<details class="desk-numbers".*?</details>', text, re.DOTALL)
    if panel is None:
        return []
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", panel[0], re.DOTALL)[1:]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in row] for row in cells]


def draft_with(client, key, body):
    writer = make_writer()
    client.force_login(writer)
    return make_revision(draft=make_draft(key, body=body), by=writer)


@pytest.mark.parametrize(
    ("sentence", "number", "source"),
    [
        ("Scores rose 4.2 points more", "4.2", "trial2002, finding 1: "),
        ("It was 21 of 38 children", "21 of 38", "trial2002, what was found: Of 38 children"),
        ("Pain fell in 57 out of 100", "57 of 100", "trial2002, what was found"),
        ("Scores rose 4.4 points more", "4.4", "To look at: not found in trial2002."),
    ],
)
def test_a_number_stands_with_what_its_sentence_cites(client, item, sentence, number, source):
    revision = draft_with(client, item.key, f"## Results\n\n{sentence} [@{item.key}].\n")

    rows = rows_of(client, revision)

    [row] = [row for row in rows if sentence in row[1]]
    assert row[0] == number
    assert row[2].startswith(source)


def test_a_number_without_a_work_is_advice_and_saving_goes_on(client, item):
    revision = draft_with(client, item.key, "## Results\n\nAbout 12 children were asked.\n")

    [row] = [row for row in rows_of(client, revision) if "12 children" in row[1]]

    assert row[2] == "To look at: the sentence cites no work."
    page = client.get(reverse("admin:education_revision_change", args=[revision.pk]))
    gates = [gate.name for gate in page.context["gates"] if "number" in str(gate).lower()]
    assert gates == []


def test_of_text_that_ships_the_ledger_says_why_a_number_is_in_no_work(client):
    draft = read_article(ARTICLES / "harms-of-cells-and-surgery.md").draft
    writer = make_writer()
    client.force_login(writer)
    make_item(
        "eap2021",
        finding="464 had 494 infusions. Forty-one unwanted events (9%); eight children had a "
        "serious event.",
    )
    article = make_article(slug="harms-of-cells-and-surgery")
    body = "## Results\n\nThat is about 2 out of 100 [@eap2021].\n"
    assert "That is about 2 out of 100\n  [@eap2021]" in draft.body
    revision = make_revision(article=article, draft=make_draft("eap2021", body=body), by=writer)

    [row] = [row for row in rows_of(client, revision) if "That is about 2" in row[1]]

    assert row[2].startswith("In no work: 8 of 464 children")


def test_a_text_without_numbers_has_no_panel(client, item):
    assert rows_of(client, draft_with(client, item.key, "## Results\n\nChildren grow.\n")) == []
