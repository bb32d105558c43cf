"""A work entered by hand: authors and CSL variables in rows, levels as ticks, no JSON."""

import lxml.html
import pytest
from django.urls import reverse

from education.evidence.models import EvidenceItem
from tests.factories import make_item, make_writer

pytestmark = pytest.mark.django_db

# A particle, an identifier and two things that no row can show.
NAME = {"family": "Berg", "given": "A", "non-dropping-particle": "van den", "ORCID": "0"}
EXTRA = {"ISSN": "1234-5678", "custom": {"a": [1, None]}, "note": "two\nlines"}


def change_page(item):
    return reverse("admin:education_evidenceitem_change", args=[item.pk])


def fields(client, address, **changed):
    """What a browser sends of the form, with some fields changed."""
    page = lxml.html.fromstring(client.get(address).content.decode())
    sent = dict(page.get_element_by_id("evidenceitem_form").form_values())
    return {**sent, **changed}


@pytest.fixture
def item(client):
    client.force_login(make_writer())
    return make_item("trial2020", authors=[NAME, {"literal": "The Study Group"}], csl_extra=EXTRA)


def test_names_and_variables_that_no_row_shows_stay_as_they_came(client, item):
    data = fields(client, change_page(item), **{"authors-1-literal": "The Other Group"})

    assert client.post(change_page(item), data).status_code == 302

    item.refresh_from_db()
    assert item.authors == [NAME, {"literal": "The Other Group"}]
    assert item.csl_extra == EXTRA


def test_a_name_that_is_corrected_keeps_its_particle_and_identifier(client, item):
    client.post(change_page(item), fields(client, change_page(item), **{"authors-0-given": "Ann"}))

    item.refresh_from_db()
    assert item.authors[0] == NAME | {"given": "Ann"}


def test_a_work_is_entered_with_authors_levels_month_and_variables(client):
    client.force_login(make_writer())
    add = reverse("admin:education_evidenceitem_add")
    data = fields(
        client,
        add,
        **{
            "key": "byhand2020", "title": "A work", "issued_year": "2020", "issued_month": "3",
            "authors-0-family": " Sun ", "authors-0-given": "J", "authors-2-literal": "A Group",
            "gmfcs_levels": ["2", "3"], "csl_extra-0-variable": "edition",
            "csl_extra-0-text": "2nd",
        },
    )  # fmt: skip

    assert client.post(add, data).status_code == 302

    item = EvidenceItem.objects.get(key="byhand2020")
    assert item.authors == [{"family": "Sun", "given": "J"}, {"literal": "A Group"}]
    assert (item.gmfcs_levels, item.issued_month) == ([2, 3], 3)
    assert item.csl_extra == {"edition": "2nd"}


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ({"authors-2-given": "Ann"}, "Give each author a family name"),
        ({"authors-0-literal": "A Group"}, "a person or an organisation"),
        ({"csl_extra-1-text": "2nd"}, "Choose what each text is"),
        (
            {"csl_extra-1-variable": "ISSN", "csl_extra-1-text": "1"},
            "ISSN stands here already",
        ),
    ],
)
def test_a_row_that_says_nothing_is_refused_and_kept_as_typed(client, item, typed, refusal):
    answer = client.post(change_page(item), fields(client, change_page(item), **typed))

    shown = answer.content.decode()
    assert refusal in shown
    assert f'value="{next(iter(typed.values()))}"' in shown or "selected" in shown
    item.refresh_from_db()
    assert item.authors[0] == NAME
    assert item.csl_extra == EXTRA
